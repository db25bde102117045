"""How a verdict is said."""

from __future__ import annotations

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, SHIPPED_EVERYDAY
from fmnist_ui.components.predictions import Verdict

NOT_CLOTHING = "not clothing"
_FOR = {
    SHIPPED_EVERYDAY: "drawings, icons and photos",
    SHIPPED_CATALOGUE: "catalogue images like Fashion-MNIST's",
}
_RULE = (
    "The lab has two networks, and the input decides. Images of Fashion-MNIST's own kind have a "
    "pixel near white (252 or more) and faint traces of sharpening or soft shading. "
)
_WHY = {
    SHIPPED_EVERYDAY: _RULE + "This one does not have both.",
    SHIPPED_CATALOGUE: _RULE + "This one has both.",
}


def title_of(verdict: Verdict) -> str:
    """The verdict in a few words, for a heading."""
    if not verdict.is_clothing:
        return "This does not look like clothing"
    return CLASS_NAMES[verdict.label] if verdict.sure else "I am not sure"


def sentence_of(verdict: Verdict, *, drawn: bool) -> str:
    """One sentence below it.

    Args:
        drawn: Whether it lies on the sheet, where lines can be added.
    """
    first, second = (CLASS_NAMES[number] for number in verdict.probabilities.argsort()[:-3:-1])
    if not verdict.is_clothing:
        return f"Of the ten kinds it is most like {_a(first)}."
    if not verdict.sure:
        perhaps = f"Perhaps {_a(first)}, perhaps {_a(second)}."
        return f"{perhaps} A few more lines may settle it." if drawn else perhaps
    if verdict.confidence > 0.9:
        return "Quite sure."
    return f"Rather sure; if not, {_a(second)}."


def short(verdict: Verdict) -> str:
    """The verdict below a small picture."""
    if not verdict.is_clothing:
        return NOT_CLOTHING
    return CLASS_NAMES[verdict.label] + ("" if verdict.sure else "?")


def answered_by(verdict: Verdict) -> tuple[str, str]:
    """Which shipped network gave the verdict, and why that one."""
    kind = _FOR[verdict.answered_by]
    return f"Answered by the network for {kind}.", _WHY[verdict.answered_by]


def _a(name: str) -> str:
    article = "an" if name[0] in "AEIOU" else "a"
    return f"{article} {name if name.startswith('T-') else name.lower()}"
