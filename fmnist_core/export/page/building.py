"""The page's parts become one file that asks nobody for anything."""

from __future__ import annotations

import html
import json
from importlib.resources import files
from typing import Any

_PROGRAM = ("network.js", "preparing.js", "page.js")


def program(networks: list[dict[str, Any]], classes: list[str]) -> str:
    """The page's JavaScript: functions, and `NETWORKS` and `CLASSES`."""
    constants = f"const CLASSES = {for_script(classes)};\nconst PACKED = {for_script(networks)};"
    return "\n".join([constants, *(_part(name) for name in _PROGRAM)])


def page(
    networks: list[dict[str, Any]],
    classes: list[str],
    title: str,
    facts: str,
    identity: dict[str, Any],
) -> str:
    """The whole file.

    Args:
        identity: What other formats carry as metadata; for programs that read the page.
        title, facts: Plain text; nothing in it is taken for HTML.
    """
    # In one pass: what is put in may hold the name of another place.
    parts = {
        "TITLE": html.escape(title),
        "FACTS": html.escape(facts),
        "STYLE": _part("page.css"),
        "IDENTITY": for_script(identity),
        "PROGRAM": program(networks, classes),
    }
    shell = _part("page.html").split("{{")
    filled = [shell[0]]
    for piece in shell[1:]:
        name, rest = piece.split("}}", 1)
        filled.append(parts[name] + rest)
    return "".join(filled)


def for_script(value: Any) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _part(name: str) -> str:
    return (files("fmnist_core.export.page") / name).read_text("utf-8")
