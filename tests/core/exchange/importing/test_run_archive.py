"""Runs from one lab to another: whole, checked, and nothing but runs."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fmnist_core.errors import ImportedFileError, LabError, RunError
from fmnist_core.evaluation import load_evaluation, load_predictions
from fmnist_core.exchange.importing import export_run, import_file
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings, load_settings

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def packed(trained_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "run.zip"
    export_run(trained_run, path)
    return path


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def without(files: dict[str, bytes], gone: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != gone}


def with_manifest(files: dict[str, bytes], **more: Any) -> dict[str, bytes]:
    """As an attacker would: the hashes are right for what is in the archive."""
    listed = without(files, "manifest.json").items()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in listed}
    manifest = json.loads(files["manifest.json"]) | {"files": hashes} | more
    return files | {"manifest.json": json.dumps(manifest).encode()}


def test_a_run_goes_from_one_lab_into_another(packed):
    settings = load_settings()
    taken = import_file(packed, settings)
    folder = RunFolder.open(settings.runs_dir, taken.run_id)
    original = contents(packed)
    assert folder.predictions_path.read_bytes() == original["predictions.npz"]
    evaluation, said = load_evaluation(folder), load_predictions(folder)
    assert said is not None
    assert evaluation.agrees_with(said)
    (row,) = list_runs(settings)
    assert (row.id, row.state, row.evaluated) == (taken.run_id, "finished", True)
    again = import_file(packed, settings)
    assert again.run_id != taken.run_id
    assert len(list_runs(settings)) == 2


def test_a_run_that_goes_on_is_not_packed(trained_run, tmp_path):
    folder = RunFolder.create(tmp_path, trained_run.config)
    with pytest.raises(RunError, match="when it has ended"):
        export_run(folder, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def spoiled(files: dict[str, bytes]) -> dict[str, bytes]:
    return files | {"evaluation.json": files["evaluation.json"].replace(b"1", b"2", 1)}


PICKLE = b"\x80\x04cos\nsystem\n(S'id'\ntR."
HOSTILE: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "a changed file": spoiled,
    "a path upwards": lambda files: with_manifest(files | {"../../evil.json": b"{}"}),
    "an absolute path": lambda files: with_manifest(files | {"/tmp/evil.json": b"{}"}),
    "a file no run has": lambda files: with_manifest(files | {"run.sh": b"rm -rf /"}),
    "a file that is not listed": lambda files: files | {"initial.keras": b"x"},
    "a listed file that is not there": lambda files: without(files, "predictions.npz"),
    "no network": lambda files: with_manifest(without(files, "model.keras")),
    "a name that leads elsewhere": lambda files: with_manifest(files, run="../../x"),
    "another format": lambda files: with_manifest(files, format=99),
    "a manifest that is none": lambda files: files | {"manifest.json": b"[1, 2"},
    "a pickle for predictions": lambda files: with_manifest(files | {"predictions.npz": PICKLE}),
    "an unknown key in the configuration": lambda files: with_manifest(
        files | {"config.json": b'{"evil": 1}'}
    ),
    "a network that is a pickle": lambda files: with_manifest(files | {"model.keras": PICKLE}),
    "a run that has not ended": lambda files: with_manifest(
        files | {"status.json": b'{"state": "queued"}'}
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(what, packed, tmp_path, home):
    path = written(tmp_path / "run.zip", HOSTILE[what](contents(packed)))
    with pytest.raises(LabError):
        import_file(path, load_settings())
    assert list_runs(load_settings()) == []
    assert list((home / "runs").rglob("*")) == []


def test_a_link_in_an_archive_is_refused(packed, tmp_path):
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents(packed).items():
            info = zipfile.ZipInfo(name)
            if name == "status.json":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                content = b"/etc/passwd"
            archive.writestr(info, content)
    with pytest.raises(ImportedFileError, match="link"):
        import_file(path, load_settings())


def test_ten_gigabytes_of_zeros_are_refused_at_once(packed, tmp_path):
    path = written(tmp_path / "run.zip", without(contents(packed), "trace.jsonl"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("trace.jsonl", "w", force_zip64=True) as bomb:
            bomb.write(bytes(2**20))
        # What the directory claims, which is written last.
        archive.getinfo("trace.jsonl").file_size = 10 * 2**30
    with pytest.raises(ImportedFileError, match="too large for a run"):
        import_file(path, load_settings())


def test_a_full_home_is_a_sentence(packed, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(LabError, match="disk does not take"):
        import_file(packed, Settings(home=blocked / "home"))
