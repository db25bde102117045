"""Reading IDX files, good and bad."""

import gzip
import struct

import numpy as np
import pytest

from fmnist_core.datasets.official import read_idx
from fmnist_core.errors import DataError

SHAPE = (3, 28, 28)
HEADER = bytes((0, 0, 8, 3)) + struct.pack(">3I", *SHAPE)
VALUES = bytes(range(256)) * 9 + bytes(48)


def test_a_good_file_gives_its_array(tmp_path):
    path = tmp_path / "good.gz"
    path.write_bytes(gzip.compress(HEADER + VALUES))
    array = read_idx(path, SHAPE)
    assert array.dtype == np.uint8
    assert array.shape == SHAPE
    assert array.tobytes() == VALUES


# Compressed bytes hold the time: as a test's name they would differ from worker to worker.
@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(gzip.compress(b"\1" + HEADER[1:] + VALUES), "does not begin", id="magic"),
        pytest.param(
            gzip.compress(bytes((0, 0, 13, 3)) + HEADER[4:] + VALUES), "does not begin", id="type"
        ),
        pytest.param(
            gzip.compress(bytes((0, 0, 8, 1)) + HEADER[4:] + VALUES), "does not begin", id="rank"
        ),
        pytest.param(
            gzip.compress(HEADER[:4] + struct.pack(">3I", 2**31, 28, 28) + VALUES),
            "shape",
            id="shape",
        ),
        pytest.param(gzip.compress(HEADER[:9]), "cut off", id="half a header"),
        pytest.param(gzip.compress(HEADER + VALUES[:-1]), "cut off", id="a value less"),
        pytest.param(gzip.compress(HEADER + VALUES + b"x"), "goes on", id="a value more"),
        pytest.param(gzip.compress(HEADER + VALUES)[:-30], "cut off", id="cut near the end"),
        pytest.param(gzip.compress(HEADER + VALUES)[:5], "cut off", id="cut near the beginning"),
        pytest.param(b"", "does not begin", id="empty"),
        pytest.param(b"plain text", "gzip", id="text"),
        pytest.param(HEADER + VALUES, "gzip", id="not compressed"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, content, words):
    path = tmp_path / "bad.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as error:
        read_idx(path, SHAPE)
    assert str(path) in str(error.value)


def test_a_flipped_bit_is_noticed(tmp_path):
    data = bytearray(gzip.compress(HEADER + np.random.default_rng(0).bytes(len(VALUES))))
    data[len(data) // 2] ^= 0x10
    path = tmp_path / "flipped.gz"
    path.write_bytes(data)
    with pytest.raises(DataError):
        read_idx(path, SHAPE)


def test_a_missing_file_or_a_folder_is_an_error_of_data(tmp_path):
    for path in (tmp_path / "nothing.gz", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_idx(path, SHAPE)
