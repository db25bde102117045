"""Whether one configuration is better than another, in words, by the seeds of each."""

from __future__ import annotations

import streamlit as st

from fmnist_core.evaluation import SeedGroup, Spread, WelchDifference, seeds_needed, welch
from fmnist_ui.results.words import chance, points

# With fewer of each, only differences several times the spread can be told from chance.
_FEW = 5


def show(first: SeedGroup, second: SeedGroup, names: tuple[str, str]) -> None:
    """The verdict by validation accuracy, which is there to choose by; test figures to report.

    Args:
        names: Of the two, ready for Markdown.

    Raises:
        DataError: One of them has fewer than two seeds.
    """
    judged = _to_choose_by(first, second)
    reported = welch(first.spread, second.spread)
    if judged is None:
        st.markdown(_verdict(reported, names, "test images"))
        st.caption("One of them held no images back, so there is only the test figure to go by.")
        _say_if_few(first.spread, second.spread)
        _say_basis(reported)
        return
    found = welch(*judged)
    st.markdown(_verdict(found, names, "validation images"))
    _say_if_few(*judged)
    st.caption(f"To report, on the test images: {_difference(reported)}, {_likely(reported)}.")
    _say_basis(found)


def _to_choose_by(first: SeedGroup, second: SeedGroup) -> tuple[Spread, Spread] | None:
    one, two = first.validation, second.validation
    return (one, two) if one and two else None


def _verdict(found: WelchDifference, names: tuple[str, str], images: str) -> str:
    if not found.difference:
        return f"**{names[0]} and {names[1]} are equally good** on {images}, to the last digit."
    better, worse = names if found.difference > 0 else names[::-1]
    size = points(abs(found.difference)).lstrip("+")
    return (
        f"**{better} is better than {worse} by {size} points** on {images} "
        f"(95 % interval {_interval(found)}): **{_likely(found)}**."
    )


def _difference(found: WelchDifference) -> str:
    return f"{points(found.difference)} points (95 % interval {_interval(found)})"


def _interval(found: WelchDifference) -> str:
    return " to ".join(points(end) for end in found.interval)


def _likely(found: WelchDifference) -> str:
    return "more than chance" if found.more_than_chance else "may be chance"


def _say_if_few(first: Spread, second: Spread) -> None:
    """How many seeds would settle it, where these do not; that few prove little in any case."""
    found, least = welch(first, second), min(first.n, second.n)
    needed = seeds_needed(first, second)
    if not found.more_than_chance and found.difference:
        if needed is None:
            words = "More than 100 seeds of each would be needed: as good as no difference."
        elif needed > least:
            words = f"About {needed} seeds of each would settle a difference as large as this."
        else:
            words = "A few more seeds may settle it."
        st.caption(f"With {first.n} and {second.n} seeds it stays open. {words}")
    elif least < _FEW:
        st.caption(
            f"{first.n} and {second.n} seeds are few: {_FEW} or more of each make the interval "
            "one to rely on."
        )


def _say_basis(found: WelchDifference) -> None:
    st.caption(
        f"Welch's t test of the seeds' means, {found.freedom:.1f} degrees of freedom, p "
        f"{chance(found.p)}. It weighs chance in training, and on validation images also which "
        "of them each seed held back; the test images are the same for all seeds."
    )
