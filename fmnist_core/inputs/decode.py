"""A picture file becomes upright RGB of a handy size, or a sentence about why not."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.errors import InputError
from fmnist_core.inputs.flatten import fitted_size, flatten
from fmnist_core.inputs.foreign import looks_like
from fmnist_core.inputs.shown_name import shown_name

# In megapixels. The largest photos phones take are 8160 x 6120, and JPEG is decoded small at once;
# the others are decoded whole, which takes 10 to 20 bytes a pixel for a moment.
MOST_MEGAPIXELS = {"JPEG": 50, "PNG": 25, "WEBP": 16}
MOST_BYTES = 32 * 1024 * 1024

LONGEST_SIDE = 512

_ORIENTATION = 0x0112
# TIFF 6.0 / EXIF 2.3, tag 0x0112: what undoes each value.
_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow warns of 89 megapixels, where the lab has refused already, and of damaged EXIF data, which
# no picture here depends on: lines on the error stream that nobody can act upon.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True, eq=False)
class Opened:
    """A picture as the lab works on it.

    Attributes:
        name: The file's name, fit to be shown as plain text.
        picture: uint8 (h, w, 3), RGB, upright, longest side at most 512.
        size: Width and height in pixels as the file has them, before turning.
        turned: Whether its EXIF data asked for turning or mirroring, which was done.
    """

    name: str
    picture: NDArray[np.uint8]
    size: tuple[int, int]
    turned: bool


def open_picture(content: bytes, name: str) -> Opened:
    """Opens a PNG, JPEG or WebP file; of an animated one, its first picture.

    What the file is tells its content alone, never its name. Sizes are checked in the header,
    before anything is decoded.

    Raises:
        InputError: Another format, too large, cut off or damaged.
    """
    shown = shown_name(name)
    if len(content) > MOST_BYTES:
        raise _too_large(shown, f"{len(content) / 2**20:.0f} MB", f"{MOST_BYTES // 2**20} MB")
    image = _recognised(content, shown)
    size = image.size
    limit = MOST_MEGAPIXELS[image.format or ""]
    if size[0] * size[1] > limit * 1_000_000:
        raise _too_large(shown, f"{size[0]} x {size[1]} pixels", f"{limit} megapixels")
    try:
        small = _decoded(image)
        orientation = _orientation(image)
    except Exception as error:
        # Pillow's readers answer damage with OSError, SyntaxError, ValueError, struct.error, …
        raise _damaged(shown) from error
    upright = small.transpose(_UNDO[orientation]) if orientation in _UNDO else small
    return Opened(shown, np.array(upright), size, orientation in _UNDO)


def _recognised(content: bytes, shown: str) -> Image.Image:
    """The image with nothing but its header read."""
    try:
        return Image.open(io.BytesIO(content), formats=tuple(MOST_MEGAPIXELS))
    except Image.DecompressionBombError as error:
        limit = max(MOST_MEGAPIXELS.values())
        raise _too_large(shown, "many more", f"{limit} megapixels") from error
    except Image.UnidentifiedImageError as error:
        if not content:
            raise InputError(f"{shown} is empty.", advice="Choose another file.") from error
        if begins_as_picture(content):
            raise _damaged(shown) from error
        kind, advice = looks_like(content)
        raise InputError(
            f"{shown} is no picture the lab reads: it reads PNG, JPEG and WebP.",
            received=kind,
            advice=advice,
        ) from error
    except Exception as error:
        raise _damaged(shown) from error


def begins_as_picture(content: bytes) -> bool:
    """Whether the first 16 bytes are those of a format the lab reads."""
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return webp or content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def _decoded(image: Image.Image) -> Image.Image:
    """RGB, with the longest side at most 512; small pictures keep every pixel."""
    # JPEG only, elsewhere without effect: decodes at 1/2, 1/4 or 1/8, yet no smaller than asked.
    image.draft(None, fitted_size(image.size, LONGEST_SIDE))
    return flatten(image, LONGEST_SIDE)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        # Damaged EXIF data is no reason to refuse a picture that is whole.
        return 1


def _too_large(shown: str, received: str, limit: str) -> InputError:
    return InputError(
        f"{shown} is too large: a picture has at most {limit}.",
        received=received,
        advice="Make it smaller first; the lab needs no more than 512 pixels a side.",
    )


def _damaged(shown: str) -> InputError:
    return InputError(
        f"{shown} is cut off or damaged.", advice="Save or send it again, then try that copy."
    )
