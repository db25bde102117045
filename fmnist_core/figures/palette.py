"""The colours a figure is drawn with, handed in by whoever knows the theme."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours as `#RRGGBB`.

    Attributes:
        text: Labels and titles.
        background: What the figure lies on.
        grid: Quiet lines.
        accent: Training, and whatever there is only one of.
        second: Validation.
        good, bad: Right and wrong; never the only sign of it.
        series: One a run when several are laid over each other.
    """

    text: str
    background: str
    grid: str
    accent: str
    second: str
    good: str
    bad: str
    series: tuple[str, ...]


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from `first` to `second`."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.lstrip("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
