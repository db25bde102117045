"""Decodes a picture file into upright RGB of a handy size, or says why it cannot be read.

Every kind of pixel a file can hold is flattened to RGB on a plain ground.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.errors import InputError

_LENGTH = 80

_NOWHERE = ("", ".", "..")


# A pixel is seen on white when one of its colours is darker than white by so much, of 255.
_SEEN = 32

# What covers less of its own shape than this share (a few noisy pixels) cannot be made out.
_LEAST_SEEN = 0.02

# The margin around a transparent picture is one so-manieth of its longest side.
_MARGIN = 32


_AS_PNG = "Save it as PNG and try that."

_KINDS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind, advice)
    for pattern, kind, advice in (
        (rb"GIF8[79]a", "a GIF", _AS_PNG),
        (rb"(\xef\xbb\xbf)?\s*(<\?xml|<!DOCTYPE svg|<!--|<svg).*<svg|<svg", "an SVG", _AS_PNG),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript", _AS_PNG),
        (rb"%PDF", "a PDF", _AS_PNG),
        (rb"BM....\0\0\0\0", "a BMP", _AS_PNG),
        (rb"II\*\0|MM\0\*", "a TIFF", _AS_PNG),
        (rb"....ftyp(heic|heix|mif1|msf1|hevc)", "an HEIC photo", "Save it as JPEG and try that."),
        (rb"....ftypavi[fs]", "an AVIF", _AS_PNG),
        (rb"PK\x03\x04|PK\x05\x06", "a ZIP archive", "Take the pictures out of it."),
    )
)


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
    refuse_large_file(shown, len(content))
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
        kind, advice = _looks_like(content)
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
    image.draft(None, _fitted_size(image.size, LONGEST_SIDE))
    return _flatten(image, LONGEST_SIDE)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        # Damaged EXIF data is no reason to refuse a picture that is whole.
        return 1


def refuse_large_file(shown: str, size: int) -> None:
    """Raises InputError: A file of `size` bytes is more than is read."""
    if size > MOST_BYTES:
        raise _too_large(shown, f"{size / 2**20:,.0f} MB", f"{MOST_BYTES // 2**20} MB")


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


def _looks_like(content: bytes) -> tuple[str, str]:
    """A message about the probable format of `content`, with advice.

    For advice only: whether a file is accepted is decided by opening it.
    """
    start = content[:1024]
    for pattern, kind, advice in _KINDS:
        if pattern.match(start):
            return kind, advice
    text = start.isascii() and b"\0" not in start
    return ("text" if text and start else "something else"), "Choose a PNG, JPEG or WebP file."


def _flatten(image: Image.Image, longest: int) -> Image.Image:
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


def _fitted_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """`size` (width, height) with the longest side at most `longest` and none under a pixel."""
    shrink = min(1.0, longest / max(size))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    size = _fitted_size(image.size, longest)
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


def shown_name(name: str) -> str:
    """`name` without folders and without control characters, at most 80 characters long.

    What is left is plain text: escape it in HTML or Markdown. Never use
    it as a path.
    """
    last = re.split(r"[/\\]", name)[-1]
    # Class C: control, format (such as right-to-left marks), surrogates, unassigned.
    kept = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    calm = " ".join(kept.split())
    return "unnamed" if calm in _NOWHERE else _short(calm)


def _short(name: str) -> str:
    """Too long a name loses its middle, so that its ending still tells the format."""
    if len(name) <= _LENGTH:
        return name
    return f"{name[: _LENGTH - 21]}…{name[-20:]}"
