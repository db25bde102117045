"""A network is written in a format, read back by another program, and only then handed out.

exports/<network>/<format>/     in the lab's home, or any folder
    <network>.<ending>          the file
    model-card.md               what it is and how it is asked
    state.json                  how far it is, and how its check went (see `job`)
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.data import load_dataset
from fmnist_core.data.dataset import Dataset
from fmnist_core.durable import remove_leftovers, storage_errors, write_bytes
from fmnist_core.export.card import card
from fmnist_core.export.checking import Check, Heard
from fmnist_core.export.formats import PAGE, REPORT, Format
from fmnist_core.export.subject import Subject
from fmnist_core.settings import Settings

CARD = "model-card.md"
# To be handed out, from a folder that a class may read.
FOR_ALL = 0o644


@dataclass(frozen=True)
class Exported:
    """A file that was handed out.

    Attributes:
        path: Where it lies.
        size: In bytes.
        check: How it compares with the network; None where it holds no network.
    """

    path: Path
    size: int
    check: Check | None


def export(
    subject: Subject,
    wanted: Format,
    folder: Path,
    settings: Settings,
    heard: Heard = lambda share, what: None,
) -> Exported:
    """Writes the file and its card into `folder`, after it was checked.

    Raises:
        ExportError: The format cannot hold this network, or the file answers otherwise.
        ConfigError: The training cannot be written as a script.
        NoDataError: The images to check by are not here.
        StorageError: The disk is full or cannot be written.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder, ".part-*")
    path = folder / f"{subject.id}{wanted.ending}"
    with storage_errors(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
        temporary = Path(part) / path.name
        check = _made(subject, wanted, temporary, settings, heard)
        # The card first: a file without one should not lie about.
        card_path, there = _card_of(subject, folder)
        write_bytes(card_path, card(subject, wanted, path.name, check, there).encode())
        for each in (card_path, temporary):
            each.chmod(FOR_ALL)
        temporary.replace(path)
    return Exported(path, path.stat().st_size, check)


def _card_of(subject: Subject, folder: Path) -> tuple[Path, str]:
    """Where the card belongs, and what it says already: one of something else stays whole."""
    for path in (folder / CARD, folder / f"{subject.id}-{CARD}"):
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        if not text or f"`{subject.id}`" in text:
            break
    return path, text


def _made(
    subject: Subject, wanted: Format, path: Path, settings: Settings, heard: Heard
) -> Check | None:
    if wanted.is_network:
        data = load_dataset(subject.config.training.dataset, settings)
        return _network(subject, wanted, path, data, settings, heard)
    if wanted.name == REPORT:
        from fmnist_core.export.report import report

        path.write_text(report(subject, settings), "utf-8")
        return None
    from fmnist_core.export.written import written

    path.write_text(written(subject, wanted.name), "utf-8")
    return None


def _network(
    subject: Subject, wanted: Format, path: Path, data: Dataset, settings: Settings, heard: Heard
) -> Check:
    if wanted.name == PAGE:
        from fmnist_core.export.page import export_page

        return export_page(subject, path, data, settings, heard)
    # Keras takes seconds to import, and only workers may.
    from fmnist_core.export.network_file import export_network

    return export_network(subject, wanted, path, data, heard)
