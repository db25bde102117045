"""What a file is that is no PNG, JPEG or WebP, as far as its first bytes tell."""

from __future__ import annotations

import re

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


def looks_like(content: bytes) -> tuple[str, str]:
    """What `content` seems to be and what to do about it, in words for a person.

    For advice only: whether a file is accepted is decided by opening it.
    """
    start = content[:1024]
    for pattern, kind, advice in _KINDS:
        if pattern.match(start):
            return kind, advice
    text = start.isascii() and b"\0" not in start
    return ("text" if text and start else "something else"), "Choose a PNG, JPEG or WebP file."
