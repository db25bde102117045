"""The same program as a Jupyter notebook (nbformat 4.5)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fmnist_core.exchange.exporting.source_code.cells import Cell


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
