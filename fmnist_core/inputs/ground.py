"""What an item lies on: its colour, and how far every pixel is from it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]
# The outermost part of a picture, as a share of its longest side, is taken for background.
_FRAME = 0.025
# A frame pixel this near the frame's middle colour (0 to 255, largest channel) belongs to it.
_TOLERANCE = 28
_PLAIN_SHARE = 0.72
_EVEN = 6.0


@dataclass(frozen=True, eq=False)
class Ground:
    """The background as the frame of the picture shows it.

    Attributes:
        colour: float32 (3,), the middle colour of the frame.
        plain: Whether most of the frame has that colour.
        noise: How much those pixels vary, 0 to 255.
    """

    colour: Floats
    plain: bool
    noise: float

    @property
    def even(self) -> bool:
        """Whether it is a sheet or a studio's white: no cloth, floor or wall looks like that."""
        return self.plain and self.noise <= _EVEN

    @property
    def brightness(self) -> float:
        """0 to 255."""
        return float(self.colour @ np.array([0.299, 0.587, 0.114], np.float32))


def find_ground(picture: Picture, wish: str = "auto") -> Ground:
    """The background of a picture (h, w, 3); `wish` is a person's `"light"` or `"dark"`."""
    frame = frame_pixels(picture).astype(np.float32)
    if wish != "auto":
        return _wished(frame, light=wish == "light")
    colour = np.median(frame, axis=0)
    distance = np.abs(frame - colour).max(axis=1)
    near = distance <= _TOLERANCE
    noise = float(np.percentile(distance[near], 90)) if near.any() else 0.0
    return Ground(colour.astype(np.float32), bool(near.mean() >= _PLAIN_SHARE), noise)


def _wished(frame: Floats, *, light: bool) -> Ground:
    """The light (or dark) part of the frame; white (or black) where there is hardly any."""
    fitting = frame[(frame.mean(axis=1) >= 128) == light]
    if len(fitting) < 0.1 * len(frame):
        return Ground(np.full(3, 255.0 if light else 0.0, np.float32), True, 0.0)
    colour = np.median(fitting, axis=0)
    noise = float(np.percentile(np.abs(fitting - colour).max(axis=1), 75))
    return Ground(colour.astype(np.float32), True, noise)


def frame_pixels(picture: Picture) -> Picture:
    """The pixels (n, 3) along the four edges."""
    height, width = picture.shape[:2]
    wide = max(1, round(_FRAME * max(height, width)))
    top, bottom = picture[:wide], picture[-wide:]
    left, right = picture[:, :wide], picture[:, -wide:]
    return np.concatenate([part.reshape(-1, 3) for part in (top, bottom, left, right)])


def distance_from(picture: Picture, ground: Ground) -> Floats:
    """How far each pixel is from the background: float32 (h, w), 0 to 255, largest channel."""
    return np.abs(picture.astype(np.float32) - ground.colour).max(axis=2)


def grey(picture: Picture) -> Picture:
    """Brightness, uint8 (h, w)."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
