"""A lab in which a run has learned something already."""

from pathlib import Path

import pytest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from tests.nets import small, train


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings()


@pytest.fixture(scope="session")
def _taught(
    tmp_path_factory: pytest.TempPathFactory, garments: Dataset
) -> tuple[RunFolder, Settings]:
    settings = Settings(home=tmp_path_factory.mktemp("lab"), offline=True)
    folder = RunFolder.create(settings.runs_dir, small("epochs=5"), name="taught")
    train(folder.config, folder.path, data=garments)
    return folder, settings


@pytest.fixture
def taught(_taught: tuple[RunFolder, Settings], monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The run called "taught", whose home is the lab's."""
    folder, settings = _taught
    monkeypatch.setenv("FMNIST_HOME", str(settings.home))
    return folder
