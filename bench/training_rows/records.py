"""What has been measured so far, kept in a file after each figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.training_rows.row import Raw, Row, summary
from fmnist_core.durable import read_json, write_json
from fmnist_core.errors import StorageError


class Records:
    """Figures of rows and seeds; the file is the list that is printed, with all `values`.

    Args:
        path: The file, taken up where it is there; None keeps nothing.
        smoke: Whether figures are those of a try, which never mix with real ones.
        commit: Of the code that is measured; kept with each figure.

    Raises:
        StorageError: The file is no such list, or one of the other size.
    """

    def __init__(
        self, rows: Sequence[Row], path: Path | None, *, smoke: bool, machine: str, commit: str = ""
    ):
        self._rows = {row.slug: row for row in rows}
        self._path, self._smoke = path, smoke
        self._machine, self._commit = machine, commit
        self._values: dict[str, dict[str, Raw]] = {}
        self._machines: dict[str, str] = {}
        self._failures: dict[str, str] = {}
        for item in _kept(path, smoke):
            self._values[item["row"]] = item["values"]
            self._machines[item["row"]] = item.get("machine", "")

    def find(self, slug: str, seed: int) -> Raw | None:
        return self._values.get(slug, {}).get(str(seed))

    def keep(self, slug: str, seed: int, raw: Raw) -> None:
        """Adds a figure and writes the file.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        self._values.setdefault(slug, {})[str(seed)] = raw | self._made_from()
        self._machines[slug] = self._machine
        self._write()

    def fail(self, slug: str, sentence: str) -> None:
        """Says why a row has no figure this time; what was measured before stays."""
        self._failures[slug] = sentence
        self._write()

    def forget(self, slugs: Sequence[str]) -> None:
        for slug in slugs:
            self._values.pop(slug, None)

    def list(self) -> list[dict[str, Any]]:
        """All rows with a figure or a reason for none, in the order of the table."""
        return [self._summary(slug) for slug in self._rows if self._is_there(slug)]

    def of_other_code(self, slugs: Sequence[str]) -> list[str]:
        """Rows among `slugs` with a kept figure that other code has made."""
        return [
            slug
            for slug in slugs
            if any(raw.get("commit", "") != self._commit for raw in self.values(slug).values())
        ]

    def values(self, slug: str) -> dict[str, Raw]:
        return self._values.get(slug, {})

    def _is_there(self, slug: str) -> bool:
        return bool(self._values.get(slug)) or slug in self._failures

    def _summary(self, slug: str) -> dict[str, Any]:
        found = summary(self._rows[slug], self.values(slug), self._failures.get(slug, ""))
        tried = {"note": f"A TRY with few images, no figure. {found['note']}"}
        return found | (tried if self._smoke else {}) | self._made_on(slug)

    def _made_on(self, slug: str) -> dict[str, str]:
        return {"machine": self._machines.get(slug, self._machine)}

    def _made_from(self) -> dict[str, str]:
        return {"commit": self._commit} if self._commit else {}

    def _write(self) -> None:
        if self._path is None:
            return
        more = {"smoke": self._smoke}
        write_json(
            self._path,
            [item | more | {"values": self.values(item["row"])} for item in self.list()],
        )


def _kept(path: Path | None, smoke: bool) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    advice = "Name another file with --json."
    value = read_json(path)
    known = isinstance(value, list) and all(map(_is_ours, value))
    if not known:
        raise StorageError(f"{path.name} holds no figures of bench.training.", advice=advice)
    if any(item["smoke"] != smoke for item in value):
        raise StorageError(f"{path.name} holds figures of another size.", advice=advice)
    return list(value)


def _is_ours(item: Any) -> bool:
    return isinstance(item, dict) and {"row", "values", "smoke"} <= set(item)
