"""Sheets to print: how a lesson went, a worksheet without answers, and the answer key.

Each is one HTML file that needs nothing else: any browser opens and prints it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from fmnist_ui.lessons.answers import Outcome
from fmnist_ui.lessons.lesson import Lesson


def summary_html(lesson: Lesson, outcomes: Sequence[Outcome]) -> str:
    """Each question, what was answered, and what is correct or has happened."""
    return _sheet("summary", lesson, list(outcomes), time.strftime("%Y-%m-%d"))


def worksheet_html(lesson: Lesson) -> str:
    """The steps with room to write; holds no answer."""
    return _sheet("worksheet", lesson)


def answer_key_html(lesson: Lesson) -> str:
    """Notes, correct answers and what to expect; for teachers."""
    return _sheet("key", lesson)


def _sheet(macro: str, *arguments: object) -> str:
    return str(getattr(_templates(), macro)(*arguments))


@cache
def _templates() -> object:
    environment = Environment(loader=PackageLoader("fmnist_ui", "lessons"), autoescape=True)
    environment.filters["prose"] = prose
    return environment.get_template("sheets.html").module


def prose(text: str) -> Markup:
    """Paragraphs, lists, `**bold**`, `*emphasis*` and `code` of Markdown; the rest stays text."""
    parts = re.split(r"\n\s*\n", text.strip()) if text.strip() else []
    return Markup("\n").join(_block(part) for part in parts)


def _block(text: str) -> Markup:
    if text.startswith("- "):
        items = re.split(r"\n(?=- )", text)
        lines = Markup("").join(Markup("<li>{}</li>").format(_inline(item[2:])) for item in items)
        return Markup("<ul>{}</ul>").format(lines)
    return Markup("<p>{}</p>").format(_inline(text))


def _inline(text: str) -> Markup:
    found = str(escape(" ".join(text.split())))
    for sign, tag in ((r"\*\*", "b"), (r"\*", "i"), ("`", "code")):
        found = re.sub(rf"{sign}(\S(?:.*?\S)?){sign}", rf"<{tag}>\1</{tag}>", found)
    return Markup(found)
