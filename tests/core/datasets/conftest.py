"""A small data set published like the official one."""

import gzip
import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.datasets.dataset import ImageSet, fingerprint_of
from fmnist_core.datasets.published_files import Catalogue, DataFile
from fmnist_core.settings import Settings

TRAIN, TEST = 300, 20


@dataclass(frozen=True)
class Published:
    """The tiny data set: its catalogue, the folder with its four good files, its arrays."""

    catalogue: Catalogue
    folder: Path
    train: ImageSet
    test: ImageSet

    def copy_to(self, folder: Path, *, but: str = "") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.catalogue.files:
            if file.name != but:
                (folder / file.name).write_bytes((self.folder / file.name).read_bytes())
        return folder


def write_idx(path: Path, array: np.ndarray) -> DataFile:
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), mtime=0))
    data = path.read_bytes()
    return DataFile(path.name, hashlib.md5(data).hexdigest(), len(data), array.shape)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("published")
    rng = np.random.default_rng(1)
    train, test = (
        ImageSet(rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n, np.uint8))
        for n in (TRAIN, TEST)
    )
    arrays = {
        "train-images-idx3-ubyte.gz": train.images,
        "train-labels-idx1-ubyte.gz": train.labels,
        "t10k-images-idx3-ubyte.gz": test.images,
        "t10k-labels-idx1-ubyte.gz": test.labels,
    }
    files = [write_idx(folder / name, array) for name, array in arrays.items()]
    return Published(Catalogue(*files, fingerprint_of(train, test)), folder, train, test)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture(autouse=True)
def _own_mirrors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FMNIST_MIRRORS", raising=False)
