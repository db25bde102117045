"""CSV files for spreadsheets: what people typed is text there, and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What makes a spreadsheet run a cell as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def text_cell(value: str) -> str:
    """A text that a spreadsheet shows as it is."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def csv_file(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file that spreadsheets open as UTF-8; None is an empty cell."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(head)
    for row in rows:
        writer.writerow([text_cell(each) if isinstance(each, str) else each for each in row])
    return written.getvalue().encode("utf-8-sig")
