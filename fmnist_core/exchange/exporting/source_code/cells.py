"""Cells of a script or notebook: words, code, and the accuracy that the lab reached."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from fmnist_core.exchange.exporting.subject import Subject
from fmnist_core.runs.history import History, follow


@dataclass(frozen=True)
class Cell:
    """Either words in Markdown, or code."""

    text: str
    is_code: bool


def as_cells(text: str) -> list[Cell]:
    """Cells of a text in the percent format, which editors know too.

    `# %%` begins a cell of code, `# %% [markdown]` one of words: a docstring or comments.
    """
    _, *parts = re.split(r"^# %%(| \[markdown\])\n", text, flags=re.MULTILINE)
    return [
        Cell(_words(body.strip()) if kind else body.strip(), is_code=not kind)
        for kind, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def _words(text: str) -> str:
    if text.startswith('"""'):
        return text.removeprefix('"""').removesuffix('"""').strip()
    return "\n".join(line[2:] for line in text.splitlines())


def as_script(cells: list[Cell]) -> str:
    """One Python file: the first words are its docstring, later ones comments."""
    first, *rest = cells
    parts = [f'"""{first.text}\n"""']
    for cell in rest:
        defines = cell.is_code and cell.text.startswith(("def ", "class "))
        # Two empty lines around functions, as Python's style guide (PEP 8) has it.
        gap = "\n" if defines or _ends_a_definition(parts[-1]) else ""
        parts.append(gap + (cell.text if cell.is_code else _comment(cell.text)))
    return "\n\n".join(parts) + "\n"


def _ends_a_definition(text: str) -> bool:
    last = text.rstrip().rsplit("\n", 1)[-1]
    return last.startswith("    ") and "def " in text


def _comment(text: str) -> str:
    title, _, rest = text.partition("\n")
    if not title.startswith("# "):
        title, rest = "", text
    heading = [f"# --- {title[2:]} ---"] if title else []
    lines = [f"# {line}".rstrip() for line in rest.strip().splitlines()]
    return "\n".join([*heading, *lines])


def known(subject: Subject) -> str:
    """A sentence with the accuracies the lab reached; those it has not are left out."""
    status = subject.folder.status
    found = [f"In the lab it trained {int(status.epoch)} of {int(status.epochs)} epochs"]
    validation = validation_accuracy(subject, follow(subject.folder.events_path).history)
    if validation is not None:
        found.append(f"validation accuracy {validation:.4f}")
    if status.test_accuracy is not None:
        found.append(f"test accuracy {status.test_accuracy:.4f}")
    return ", ".join(found) + "."


def validation_accuracy(subject: Subject, history: History) -> float | None:
    """Of the epoch whose weights were kept, 0 to 1; None without validation images."""
    if subject.config.training.keep_weights == "best":
        return history.best.val_accuracy if history.best else None
    return history.epochs_done[-1].val_accuracy if history.epochs_done else None


def as_notebook(cells: list[Cell]) -> str:
    """JSON of a notebook whose cells are numbered by their contents."""
    notebook = {
        "cells": [_cell(number, cell) for number, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


def _cell(number: int, cell: Cell) -> dict[str, Any]:
    common = {
        "id": hashlib.sha256(f"{number} {cell.text}".encode()).hexdigest()[:12],
        "metadata": {},
        "source": cell.text.splitlines(keepends=True),
    }
    if not cell.is_code:
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **common}
