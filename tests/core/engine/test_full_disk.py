"""A disk that takes nothing more: said to the person, and not taken for a lack of memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from fmnist_core.cli.main import main
from fmnist_core.engine import client
from fmnist_core.engine.worker import child
from fmnist_core.errors import StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from tests.core.engine.conftest import make_lab

# Loaded by every Python process of the engine: the worker's copy of a run is on a full disk.
_FULL_DISK = """
import errno, os, pathlib, re
replace = pathlib.Path.replace
def refuse(self, target):
    if re.search(r"/runs/[0-9]+/", str(target)) and re.search(r"{names}", str(target)):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    return replace(self, target)
pathlib.Path.replace = refuse
"""


@pytest.mark.engine
@pytest.mark.parametrize(
    "names", [r"/checkpoints/", r"/checkpoints/|status\\.json|checkpoint\\.json"]
)
def test_a_full_disk_ends_the_training_with_a_sentence_about_the_disk(
    tmp_path, garments, monkeypatch, names
):
    (tmp_path / "sitecustomize.py").write_text(_FULL_DISK.replace("{names}", names))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    lab = make_lab(tmp_path / "home", garments)
    try:
        folder = lab.submit("epochs=2", "batch_size=32")
        lab.wait_until(folder, "failed")
    finally:
        client.stop_engine(lab.settings)
    assert "disk" in folder.status.error
    assert "memory" not in folder.status.advice
    assert "Free some space" in folder.status.advice


def test_a_training_that_cannot_even_say_so_has_an_exit_status_for_it(tmp_path, config):
    folder = RunFolder.create(tmp_path, config)
    (folder.path / "status.json").unlink()
    (folder.path / "status.json").symlink_to("nowhere/status.json")
    program = (
        "import errno, pathlib, sys\n"
        "def full(*_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "pathlib.Path.replace = full\n"
        "from fmnist_core.engine.worker import child\n"
        f"child.main({str(folder.path)!r}, 1, 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=120, check=False)
    assert done.returncode == child.DISK_STATUS


@pytest.fixture
def unwritable(home: Path) -> Settings:
    """A home below a file: root, too, can write nothing there."""
    home.parent.mkdir(parents=True, exist_ok=True)
    home.write_text("a file where the lab's folder should be")
    return Settings(home=home, slots=1, offline=True)


def test_a_home_that_cannot_be_written_is_told_at_submission(unwritable, config):
    with pytest.raises(StorageError, match="The disk does not take") as caught:
        client.submit(config, settings=unwritable)
    assert "FMNIST_HOME" in caught.value.advice
    with pytest.raises(StorageError):
        client.ensure_engine(unwritable)


def test_and_on_the_command_line(unwritable, capsys):
    assert main(["train", "--preset", "quick"]) == 1
    said = capsys.readouterr()
    assert "FMNIST_HOME" in said.err
    assert "Traceback" not in said.err
