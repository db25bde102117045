"""A name that a person has given, as one line of plain words."""

from __future__ import annotations

# Markdown's pictures and links would ask a stranger's server for something.
_INSTEAD = str.maketrans("<>[]`|", "‹›()'/")


def one_line(text: str) -> str:
    """Without what a file could take for HTML or Markdown, or a terminal for a command."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown.translate(_INSTEAD)
