"""A file's name as it is shown to a person, whoever chose it."""

from __future__ import annotations

import re
import unicodedata

_LENGTH = 80
_NOWHERE = ("", ".", "..")


def shown_name(name: str) -> str:
    """`name` without folders and without control characters, at most 80 characters long.

    What is left is plain text: whoever puts it into HTML or Markdown escapes it there. Never use
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
