"""Feature maps of a run's blocks: scaled to pictures, replaced whole, refused where damaged."""

import io

import numpy as np
import pytest

from fmnist_core.runs.feature_maps import read_feature_maps, scaled, write_feature_maps
from fmnist_core.runs.folder import RunFolder


def test_each_channel_of_an_image_goes_from_black_to_white():
    outputs = np.zeros((2, 2, 2, 2), np.float32)
    outputs[0, ..., 0] = [[-1, 0], [1, 3]]
    outputs[1, ..., 1] = np.nan
    maps = scaled(outputs)
    assert maps.dtype == np.uint8
    assert maps[0, ..., 0].tolist() == [[0, 64], [128, 255]]
    assert not maps[0, ..., 1].any()
    assert not maps[1].any()


def test_what_was_written_last_is_read(tmp_path):
    folder = RunFolder(tmp_path)
    assert read_feature_maps(folder) is None
    for epochs in (1.0, 2.5):
        blocks = [np.full((3, side, side, 4), side, np.uint8) for side in (28, 14)]
        write_feature_maps(folder, epochs, blocks)
    found = read_feature_maps(folder)
    assert found.epochs == 2.5
    assert [maps.shape for maps in found.blocks] == [(3, 28, 28, 4), (3, 14, 14, 4)]
    assert found.blocks[1].max() == 14


def stored(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 torn",
        stored(epochs=1.0),
        stored(epochs=1.0, other=np.zeros((1, 2, 2, 1), np.uint8)),
        stored(epochs=1.0, block1=np.zeros((1, 2, 2), np.uint8)),
        stored(epochs=1.0, block1=np.zeros((1, 400, 400, 1), np.uint8)),
        stored(epochs=1.0, block1=np.zeros((1, 2, 2, 1), np.float32)),
        stored(epochs=np.array([None], object), block1=np.zeros((1, 2, 2, 1), np.uint8)),
    ],
)
def test_a_damaged_file_shows_nothing(tmp_path, content):
    folder = RunFolder(tmp_path)
    folder.feature_maps_path.write_bytes(content)
    found = read_feature_maps(folder)
    assert found is None or found.blocks == ()
