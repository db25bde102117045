"""What a person sets right by hand on the way from an item to the network's input."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config.rules import Flag, Number, OneOf, check_fields, ruled
from fmnist_core.errors import InputError

READINGS = ("auto", "drawing", "picture", "as is")


@dataclass(frozen=True)
class Corrections:
    """Corrections by hand; the defaults leave every step to the lab.

    Attributes:
        crop: Left, top, right and bottom of the part to use, as shares of width and height
            after turning (0 to 1).
    """

    reading: str = ruled("auto", OneOf(*READINGS), "What the item is taken for.")
    ground: str = ruled("auto", OneOf("auto", "light", "dark"), "What the item lies on.")
    threshold: float = ruled(
        0.5, Number(0.05, 0.95), "How different from the background the item must be."
    )
    rotate: float = ruled(0.0, Number(-180, 180), "Turn to the left, in degrees.")
    mirror: bool = ruled(False, Flag(), "Mirror left and right.")
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "crop", _checked_crop(self.crop))


def _checked_crop(crop: object) -> tuple[float, float, float, float]:
    share = Number(0, 1)
    if not isinstance(crop, (list, tuple)) or len(crop) != 4:
        raise InputError("crop must be four numbers.", received=repr(crop)[:80])
    left, top, right, bottom = (share.check("crop", value) for value in crop)
    if right - left < 0.02 or bottom - top < 0.02:
        raise InputError("crop must leave something of the picture.", received=repr(crop))
    return left, top, right, bottom


UNCORRECTED = Corrections()
