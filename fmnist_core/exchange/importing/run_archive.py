"""A run folder as a ZIP: out of one lab and into another, verified by the hashes of its files.

manifest.json    {"format": 1, "run": ID, "files": {NAME: SHA-256}}
<files>          those of `TAKEN`, as they lie in the run folder
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import remove_leftovers, replace_file, storage_errors, write_json
from fmnist_core.classroom import check_disk
from fmnist_core.errors import ImportedFileError, LabError, RunError
from fmnist_core.exchange.importing.archive import MOST_BYTES, check_packing, opened
from fmnist_core.exchange.importing.confined_process import Limits, confined
from fmnist_core.exchange.importing.keras_file import read_by_keras
from fmnist_core.exchange.importing.vetting import vetted
from fmnist_core.permissions import check_change
from fmnist_core.runs.folder import RunFolder, is_run_id, new_id
from fmnist_core.safe_zip import read_member, unpack
from fmnist_core.settings import Settings

MANIFEST = "manifest.json"
_FORMAT = 1
# Nothing of the machine it ran on (its log), and nothing to go on training with.
TAKEN = (
    "config.json",
    "meta.json",
    "status.json",
    "events.jsonl",
    "trace.jsonl",
    "probes.json",
    "provenance.json",
    "initial.keras",
    "model.keras",
    "calibration.json",
    "evaluation.json",
    "predictions.npz",
    "validation.npz",
)
NEEDED = frozenset(("config.json", "meta.json", "status.json", "model.keras"))
MOST_INFLATED = 512 * 2**20
# What a member may unpack to, by its ending.
_MOST = {".json": 2**20, ".npz": 16 * 2**20, ".jsonl": 64 * 2**20, ".keras": MOST_BYTES}
_MOST_MANIFEST = 64 * 2**10
# Figures of 10 000 images, with room.
_LIMITS = Limits(seconds=30, memory=2 * 2**30)


def export_run(folder: RunFolder, path: Path) -> None:
    """Writes the run as a ZIP file.

    Raises:
        RunError: It has not ended, or has saved no network.
        NotAllowedError: It is somebody else's, and with it the drawings that they pinned.
        StorageError: The disk is full or cannot be written.
    """
    check_change(folder.owner, "export this whole run")
    if folder.status.active or not folder.model_path.is_file():
        raise RunError(
            "A run can be exported when it has ended and saved its network.",
            received=f"{folder.id} is {folder.status.state}",
        )
    contents = {name: folder.path / name for name in TAKEN if (folder.path / name).is_file()}

    def write(temporary: Path) -> None:
        hashes = {}
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in contents.items():
                content = file.read_bytes()
                hashes[name] = hashlib.sha256(content).hexdigest()
                archive.writestr(name, content)
            manifest = {"format": _FORMAT, "run": folder.id, "files": hashes}
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))

    replace_file(path, write)


def import_run(path: Path, settings: Settings, owner: str = "") -> RunFolder:
    """The run in a ZIP file that `export_run` wrote, as one of this lab.

    It keeps its name and figures, and gets another identifier where this one is taken.

    Raises:
        ImportedFileError: It is no such file, was changed on the way, or holds what a run has not.
        ClassError: A student would keep more on the disk than the teacher allows.
        StorageError: The disk is full or cannot be written.
    """
    home = settings.runs_dir
    with storage_errors(home):
        home.mkdir(parents=True, exist_ok=True)
        remove_leftovers(home, ".import-*")
        # Beside the runs, so that the last step is one rename; its name makes it no run.
        with tempfile.TemporaryDirectory(dir=home, prefix=".import-") as part:
            run_id = _unpacked(path, Path(part) / "run")
            # The ZIP's own size says little of what it unpacks to.
            more = sum(file.stat().st_size for file in (Path(part) / "run").iterdir())
            check_disk(settings, owner=owner, more=more)
            _check_parts(Path(part) / "run", Path(part))
            _own(Path(part) / "run", owner)
            taken = (home / run_id).exists()
            place = home / (new_id("imported") if taken else run_id)
            (Path(part) / "run").rename(place)
            return RunFolder(place)


def _own(folder: Path, owner: str) -> None:
    """Name and tags are checked as those of one's own runs; who owned it there is nobody here."""
    run = RunFolder(folder)
    before = run.meta
    write_json(folder / "meta.json", {"created": before.created, "owner": owner})
    run.describe(name=before.name, tags=before.tags)


def _unpacked(path: Path, folder: Path) -> str:
    try:
        with path.open("rb") as file, opened(file) as archive:
            entries = _entries(archive)
            manifest = _manifest(archive)
            _check_names(set(entries) - {MANIFEST}, manifest)
            folder.mkdir()
            for name, digest in manifest["files"].items():
                _take(archive, entries[name], folder / name, digest)
            return str(manifest["run"])
    except (LabError, OSError):
        raise
    except Exception as error:
        raise ImportedFileError(
            "The file is not an exported run, or it is damaged.",
            received=type(error.__cause__ or error).__name__,
            advice="Export the run again: `python -m fmnist_core runs pack RUN FILE.zip`.",
        ) from error


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries = archive.infolist()
    found = {entry.filename: entry for entry in entries}
    if len(found) != len(entries) or len(entries) > len(TAKEN) + 1:
        raise ImportedFileError("The archive holds files twice, or too many of them.")
    for entry in entries:
        if entry.filename not in (*TAKEN, MANIFEST):
            raise ImportedFileError(
                "The archive holds a file that no run has.", received=repr(entry.filename[:80])
            )
        check_packing(entry)
        if entry.file_size > _MOST[Path(entry.filename).suffix]:
            raise ImportedFileError(
                "A file in the archive is too large for a run.",
                received=f"{entry.filename}: {entry.file_size / 2**20:,.0f} MB",
            )
    inflated = sum(entry.file_size for entry in entries)
    if inflated > MOST_INFLATED:
        raise ImportedFileError(
            f"An exported run must unpack to at most {MOST_INFLATED // 2**20} MB.",
            received=f"{inflated / 2**20:,.0f} MB",
        )
    return found


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    entry = archive.getinfo(MANIFEST)
    value: dict[str, Any] = json.loads(read_member(archive, entry, _MOST_MANIFEST))
    if value["format"] != _FORMAT:
        raise ImportedFileError("The run was exported by an incompatible version of the lab.")
    if not all(isinstance(digest, str) for digest in value["files"].values()):
        raise ImportedFileError("The archive's manifest is damaged.")
    if not is_run_id(value["run"]):
        raise ImportedFileError("The archive names no run.", received=repr(value["run"])[:80])
    return value


def _check_names(there: set[str], manifest: dict[str, Any]) -> None:
    listed = set(manifest["files"])
    if there != listed or not listed >= NEEDED:
        odd = sorted((there ^ listed) | (NEEDED - listed))
        raise ImportedFileError(
            "The archive's files are not those that its manifest lists.",
            received=", ".join(odd)[:120],
        )


def _take(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, digest: str) -> None:
    hashed = hashlib.sha256()
    with path.open("wb") as file:
        for piece in unpack(archive, entry):
            hashed.update(piece)
            file.write(piece)
    if hashed.hexdigest() != digest:
        raise ImportedFileError(
            "A file in the archive was changed: its hash is another one.",
            received=entry.filename,
            advice="Get the archive again from where it comes from.",
        )


def _check_parts(folder: Path, part: Path) -> None:
    """Hashes tell of accidents, not of intent: what is in the files is checked as well."""
    confined(["fmnist_core.exchange.importing.run_parts", str(folder.resolve())], _LIMITS)
    run = RunFolder(folder)
    for path in (run.model_path, run.initial_path):
        if path.is_file():
            copied = part / "copied.keras"
            read_by_keras("copy", vetted(path, part), copied)
            copied.replace(path)
