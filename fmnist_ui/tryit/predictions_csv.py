"""Predictions as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core.classes import CLASS_NAMES
from fmnist_ui.tryit.verdicts import Verdict

# What makes a spreadsheet run a cell as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_VERDICT = ("label", "label_id", "confidence", "clothing", "is_clothing", *CLASS_NAMES)
_HEAD = ("file", *_VERDICT, "error")


@dataclass(frozen=True, eq=False)
class Line:
    """A file's name with its verdict, or with the reason why there is none."""

    name: str
    verdict: Verdict | None = None
    error: str = ""


def predictions_csv(lines: Sequence[Line]) -> bytes:
    """A CSV file in UTF-8, with the mark that spreadsheets look for; no text acts as a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_HEAD)
    writer.writerows(_row(line) for line in lines)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _row(line: Line) -> list[object]:
    verdict = line.verdict
    if verdict is None:
        return [_text(line.name), *[""] * len(_VERDICT), _text(line.error)]
    return [
        _text(line.name),
        CLASS_NAMES[verdict.label],
        verdict.label,
        f"{verdict.confidence:.4f}",
        f"{verdict.clothing:.4f}",
        verdict.is_clothing,
        *(f"{share:.4f}" for share in verdict.probabilities),
        "",
    ]


def _text(value: str) -> str:
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
