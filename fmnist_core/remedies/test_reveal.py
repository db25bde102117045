"""The test figure of a remedy: shown once, at the end; every look is counted.

    RUN/looks.jsonl     one line a look, written in one piece

The line is on the disk before the figure is handed out, so that no `kill -9` loses a look.
"""

from __future__ import annotations

from pathlib import Path

from fmnist_core.remedies.before_after import BeforeAfter, on_test_images
from fmnist_core.remedies.class_pair import Pair
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder

_KIND = "look"


def reveal(before: RunFolder, after: RunFolder, pair: Pair) -> BeforeAfter:
    """What changed on the test images. This counts as a look at the run `after`.

    Raises:
        DataError: A run has no test figures, they are damaged, or on other images; not counted.
        StorageError: The look could not be written down, so there is nothing to see.
    """
    figures = on_test_images(before, after, pair)
    _count(_path(after), before.id, pair)
    return figures


def looks_at(folder: RunFolder, pair: Pair | None = None) -> int:
    """How often test figures of this run were looked at, for one pair or in all."""
    events, _ = read_events(_path(folder))
    wanted = None if pair is None else list(pair.classes)
    return sum(event["kind"] == _KIND and wanted in (None, event.get("pair")) for event in events)


def _count(path: Path, before: str, pair: Pair) -> None:
    writer = EventWriter(path)
    try:
        writer.write(_KIND, before=before, pair=list(pair.classes))
    finally:
        writer.close()


def _path(folder: RunFolder) -> Path:
    return folder.path / "looks.jsonl"
