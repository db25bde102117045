"""Pieces of HTML. Whatever comes from outside is plain text here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def text(value: object) -> str:
    """Plain text; nothing in it is taken for HTML."""
    return html.escape(str(value))


def section(title: str, *parts: str) -> str:
    inside = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{text(title)}</h2>\n{inside}\n</section>" if inside else ""


def paragraph(words: str) -> str:
    return f"<p>{text(words)}</p>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns of numbers are set right."""
    listed = [list(row) for row in rows]
    top = "".join(f"<th>{text(name)}</th>" for name in head)
    body = "\n".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in listed)
    return f"<div class='wide'><table><tr>{top}</tr>\n{body}</table></div>"


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Names with their values; those without one are left out."""
    pairs = ((name, value) for name, value in rows if value not in (None, ""))
    lines = [f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs]
    return f"<dl>{''.join(lines)}</dl>" if lines else ""


def pictures(rows: Iterable[tuple[str, str, str]]) -> str:
    """Images by their addresses, each with a line in bold and one below it."""
    found = [
        f"<figure><img src='{text(address)}' alt=''><figcaption><b>{text(bold)}</b><br>"
        f"{text(below)}</figcaption></figure>"
        for address, bold, below in rows
    ]
    return f"<div class='pictures'>{''.join(found)}</div>" if found else ""


def _cell(value: object) -> str:
    number = isinstance(value, (int, float)) or str(value)[:1].isdigit()
    return f"<td class='number'>{text(value)}</td>" if number else f"<td>{text(value)}</td>"
