"""The four files a data set is published as: names, sizes, hashes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """One gzipped IDX file as published.

    Attributes:
        name: File name, the same in every folder and on every mirror.
        md5: Published hash, 32 hexadecimal digits.
        size: Bytes, compressed.
        shape: Shape of the uint8 array inside.
    """

    name: str
    md5: str
    size: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Catalogue:
    """All files of one data set, and the fingerprint that follows from their hashes."""

    train_images: DataFile
    train_labels: DataFile
    test_images: DataFile
    test_labels: DataFile
    fingerprint: str

    @property
    def files(self) -> tuple[DataFile, DataFile, DataFile, DataFile]:
        """In the order in which the fingerprint is taken."""
        return self.train_images, self.train_labels, self.test_images, self.test_labels


# Hashes: https://github.com/zalandoresearch/fashion-mnist#get-the-data. The fingerprint follows
# from them (equal files, equal arrays), so verified files need not be hashed a second time.
OFFICIAL = Catalogue(
    train_images=DataFile(
        "train-images-idx3-ubyte.gz",
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        26_421_880,
        (60_000, 28, 28),
    ),
    train_labels=DataFile(
        "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515, (60_000,)
    ),
    test_images=DataFile(
        "t10k-images-idx3-ubyte.gz",
        "bef4ecab320f06d8554ea6380940ec79",
        4_422_102,
        (10_000, 28, 28),
    ),
    test_labels=DataFile(
        "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148, (10_000,)
    ),
    fingerprint="ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f",
)
