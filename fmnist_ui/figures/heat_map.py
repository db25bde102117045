"""Heat maps: signed numbers as colors, and attributions laid over the input image."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.images import thumbnail_url
from fmnist_core.preprocessing.resize import fit_to
from fmnist_ui.figures.chart import Palette, mix

# From nothing through madder to weld: lighter and redder than any grey of the input.
_WARM = np.array([[0, 0, 0], [178, 58, 50], [222, 120, 50], [250, 220, 120]], np.float32)

# Through indigo to bleached denim, for what speaks against it.
_COOL = np.array([[0, 0, 0], [60, 98, 168], [96, 150, 214], [190, 220, 250]], np.float32)

_STRONGEST = 0.78


# The root lifts small numbers off the paper; what is twice as strong is still told apart.
_POWER = 0.7


def strength(value: float, most: float) -> float:
    """-1 to 1: how far a number goes from the paper to a full colour; 0 for what is no number."""
    if not np.isfinite(value) or not most > 0:
        return 0.0
    share = min(abs(value) / most, 1.0) ** _POWER
    return float(np.copysign(share, value))


def signed_colour(value: float, most: float, palette: Palette) -> str:
    """`#RRGGBB`; numbers of size `most` and above have the full colour."""
    far = strength(value, most)
    return mix(palette.background, palette.accent if far > 0 else palette.second, abs(far))


def text_colour(value: float, most: float, palette: Palette) -> str:
    """What can be read on `signed_colour`."""
    return palette.background if abs(strength(value, most)) > 0.55 else palette.text


def signed_url(values: NDArray[np.floating], most: float, palette: Palette) -> str:
    """A map (h, w) as an address that holds its picture, a pixel a number."""
    clean = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=most, neginf=-most)
    share = np.minimum(np.abs(clean) / max(most, 1e-30), 1.0) ** _POWER
    paper, above, below = (
        _rgb(colour) for colour in (palette.background, palette.accent, palette.second)
    )
    full = np.where(clean[..., None] > 0, above, below)
    pixels = paper + (full - paper) * share[..., None]
    file = io.BytesIO()
    Image.fromarray(np.round(pixels).astype(np.uint8)).save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def largest(values: NDArray[np.floating]) -> float:
    """The largest size among them, 0 where none is a number."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max()) if sizes.size else 0.0


def _rgb(colour: str) -> NDArray[np.float64]:
    digits = colour.lstrip("#")
    return np.array([int(digits[place : place + 2], 16) for place in (0, 2, 4)], np.float64)


def heat_picture(
    image: NDArray[np.uint8], heat: NDArray[np.float32], scale: int = 8
) -> NDArray[np.uint8]:
    """The input with its heat, uint8 (side·scale, side·scale, 3); pixels hard, heat smooth.

    Args:
        image: uint8 (s, s), shown as a network of the heat's side reads it.
        heat: float32 (side, side), 0 to 1; down to -1 where something speaks against it.
    """
    image = fit_to(image, heat.shape[0])
    size = (image.shape[1] * scale, image.shape[0] * scale)
    grey = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.NEAREST), np.float32)
    full = np.asarray(Image.fromarray(heat).resize(size, Image.Resampling.BICUBIC), np.float32)
    # Between the pixels the stretched heat goes a little too far.
    full = np.clip(full, min(0.0, max(-1.0, float(heat.min()))), 1)
    alpha = (_STRONGEST * np.abs(full))[..., None]
    mixed = grey[..., None] * (1 - alpha) + _colours(full) * alpha
    return np.clip(mixed, 0, 255).astype(np.uint8)


def heat_url(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> str:
    """The same as an address that holds the picture."""
    return thumbnail_url(heat_picture(image, heat), side=224)


def _colours(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(heat[..., None] < 0, _ramp(-heat, _COOL), _ramp(heat, _WARM))


def _ramp(heat: NDArray[np.float32], stops: NDArray[np.float32]) -> NDArray[np.float32]:
    place = np.linspace(0, 1, len(stops))
    channels = [np.interp(heat, place, stops[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)
