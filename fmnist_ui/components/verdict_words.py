"""How a verdict is said."""

from __future__ import annotations

from fmnist_core.classes import CLASS_NAMES, OTHER_CLOTHING, OUTPUT_NAMES
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, SHIPPED_EVERYDAY
from fmnist_ui.components.predictions import Verdict

NOT_CLOTHING = "not clothing"
_FOR = {
    SHIPPED_EVERYDAY: "drawings, icons and photos",
    SHIPPED_CATALOGUE: "catalog images like Fashion-MNIST's",
}
_RULE = (
    "The lab ships two networks and chooses by the input. Images like those of Fashion-MNIST have "
    "a pixel near white (252 or more) and faint traces of sharpening or soft shading. "
)
_WHY = {
    SHIPPED_EVERYDAY: _RULE + "This image does not have both.",
    SHIPPED_CATALOGUE: _RULE + "This image has both.",
}


def title_of(verdict: Verdict) -> str:
    """The verdict in a few words, for a heading."""
    if not verdict.is_clothing:
        return NOT_CLOTHING.capitalize()
    if verdict.is_other_clothing:
        return OUTPUT_NAMES[OTHER_CLOTHING].capitalize()
    return CLASS_NAMES[verdict.label] if verdict.sure else "Uncertain"


def sentence_of(verdict: Verdict, *, drawn: bool) -> str:
    """One sentence below it.

    Args:
        drawn: Whether it lies on the sheet, where lines can be added.
    """
    first, second = (CLASS_NAMES[number] for number in verdict.probabilities.argsort()[:-3:-1])
    if not verdict.is_of_the_ten:
        which = "Clothing, but none of the ten classes. " if verdict.is_other_clothing else ""
        return f"{which}The most similar class is {first}."
    if not verdict.sure:
        perhaps = f"{first} or {second}."
        return f"{perhaps} Adding lines may help." if drawn else perhaps
    if verdict.confidence > 0.9:
        return "High confidence."
    return f"Medium confidence; second: {second}."


def short(verdict: Verdict) -> str:
    """The verdict below a small picture."""
    if not verdict.is_clothing:
        return NOT_CLOTHING
    if verdict.is_other_clothing:
        return OUTPUT_NAMES[OTHER_CLOTHING]
    return CLASS_NAMES[verdict.label] + ("" if verdict.sure else "?")


def answered_by(verdict: Verdict) -> tuple[str, str]:
    """Which shipped network gave the verdict, and why that one."""
    kind = _FOR[verdict.answered_by]
    return f"Predicted by the network for {kind}.", _WHY[verdict.answered_by]
