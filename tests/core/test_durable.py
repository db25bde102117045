from pathlib import Path

import pytest

from fmnist_core.atomic_files import read_json, replace_file, storage_errors, write_json
from fmnist_core.errors import StorageError


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"a": 1})

    def fails(temporary: Path) -> None:
        temporary.write_text("half")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        replace_file(path, fails)
    assert read_json(path) == {"a": 1}
    assert [found.name for found in tmp_path.iterdir()] == ["value.json"]


def test_a_full_disk_is_a_storage_error_that_names_the_file():
    full = Path("/dev/full")
    with (
        full.open("wb", buffering=0) as file,
        pytest.raises(StorageError, match=r"/dev/full.*No space left"),
        storage_errors(full),
    ):
        file.write(b"x")


@pytest.mark.parametrize("below", ["a-file", "a-file/deeper/value.json"])
def test_a_home_that_is_a_file_is_a_storage_error(tmp_path, below):
    (tmp_path / "a-file").write_text("in the way")
    with pytest.raises(StorageError, match="FMNIST_HOME"):
        write_json(tmp_path / below / "x", 1)


def test_damaged_json_reads_as_nothing(tmp_path):
    (tmp_path / "x.json").write_text('{"half": ')
    assert read_json(tmp_path / "x.json") is None
    assert read_json(tmp_path / "absent.json") is None


def test_nan_never_reaches_a_json_file(tmp_path):
    write_json(tmp_path / "x.json", 1)
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"loss": float("nan")})
    assert read_json(tmp_path / "x.json") == 1
