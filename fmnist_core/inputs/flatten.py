"""Every kind of pixel a file can hold becomes RGB on a plain ground."""

from __future__ import annotations

import numpy as np
from PIL import Image

# A pixel is seen on white when one of its colours is darker than white by so much, of 255.
_SEEN = 32
# What covers less of its own shape than this share (a few noisy pixels) cannot be made out.
_LEAST_SEEN = 0.02
# The margin around a transparent picture is one so-manieth of its longest side.
_MARGIN = 32


def flatten(image: Image.Image, longest: int) -> Image.Image:
    """The image as RGB; shrunk by averaging areas where a side is longer than `longest` pixels.

    Transparent images are laid on white, or on black where white would make them vanish, with a
    small margin around.
    """
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if image.has_transparency_data:
        return _grounded(image.convert("RGBA"), longest)
    if image.mode in ("1", "P"):
        image = image.convert("RGB")
    # Shrinking first leaves less to convert; CMYK and gray are averaged as they are.
    return _shrunk(image, longest).convert("RGB")


def fitted_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """`size` (width, height) with the longest side at most `longest` and none under a pixel."""
    shrink = min(1.0, longest / max(size))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    size = fitted_size(image.size, longest)
    return image if size == image.size else image.resize(size, Image.Resampling.BOX)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit gray by its upper byte; Pillow's own conversion would cut it off at 255."""
    wide = np.asarray(image)
    gray = Image.fromarray((np.clip(wide, 0, 65535) >> 8).astype(np.uint8))
    if (clear := image.info.get("transparency")) is not None:
        gray.putalpha(Image.fromarray(np.where(wide == clear, 0, 255).astype(np.uint8)))
    return gray


def _grounded(image: Image.Image, longest: int) -> Image.Image:
    if np.asarray(image.getchannel("A")).min() > 127:
        small, margin = _shrunk(image, longest), 0
    else:
        # What is cut out exactly touches the edges; the ground is found along them.
        small = _shrunk(image, longest * (_MARGIN - 2) // _MARGIN)
        margin = -(-max(small.size) // _MARGIN)
    width, height = small.size
    ground = "white" if _seen_on_white(small) else "black"
    sheet = Image.new("RGBA", (width + 2 * margin, height + 2 * margin), ground)
    sheet.alpha_composite(small, (margin, margin))
    return sheet.convert("RGB")


def _seen_on_white(image: Image.Image) -> bool:
    """Whether it shows on white. White icons on nothing are common: they would be lost there.

    An image of which nothing can be seen on any ground counts as seen.
    """
    pixels = np.asarray(image)
    covered = pixels[..., 3] > 127
    if not covered.any():
        return True
    darker = 255 - pixels[..., :3].min(axis=2)[covered]
    return bool((darker > _SEEN).mean() >= _LEAST_SEEN)
