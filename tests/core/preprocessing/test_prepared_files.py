"""Many files at once: found in folders, prepared beside, in order, none stopping another."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core.preprocessing.files import picture_files, prepare_file, preparing
from tests.core.preprocessing.picture_makers import encoded


def shirt(shade=60, ground=255):
    image = Image.new("L", (120, 120), ground)
    ImageDraw.Draw(image).polygon(
        [(30, 20), (90, 20), (115, 50), (95, 60), (90, 105), (30, 105), (25, 60), (5, 50)], shade
    )
    return encoded(image)


def test_folders_are_walked_in_order_and_files_come_as_they_are_named(tmp_path):
    for name in ("b/2.PNG", "b/1.jpg", "a.webp", "c.txt", ".hidden.png", "b/.x/y.png", "b.svg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    root = str(tmp_path)
    found = list(picture_files([f"{root}/c.txt", root, f"{root}/none.png"]))
    names = [os.path.relpath(path, root) for path in found]
    assert names == ["c.txt", "a.webp", "b/1.jpg", "b/2.PNG", "b.svg", "none.png"]


def test_a_named_folder_without_pictures_comes_itself(tmp_path):
    for name in ("empty", "deep/empty", "full"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "full" / "a.png").write_bytes(b"")
    (tmp_path / "deep" / "notes.txt").write_bytes(b"")
    named = [f"{tmp_path}/{name}" for name in ("empty", "full", "deep")]
    found = list(picture_files(named))
    assert found == [named[0], f"{tmp_path}/full/a.png", named[2]]
    assert "empty cannot be read: there are no pictures" in prepare_file(named[0]).error


def test_a_folder_that_links_to_itself_ends(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert list(picture_files([str(tmp_path)])) == [str(tmp_path / "a.png")]


def test_thirty_files_come_back_in_order_with_their_errors(tmp_path):
    good = shirt()
    for number in range(30):
        (tmp_path / f"{number:02}.png").write_bytes(b"text" if number % 7 == 3 else good)
    paths = [str(tmp_path / f"{number:02}.png") for number in range(30)]
    with preparing(paths) as prepared:
        found = list(prepared)
    assert [file.path for file in found] == paths
    assert [n for n, file in enumerate(found) if file.error] == [3, 10, 17, 24]
    assert all(f"{n:02}.png" in found[n].error for n in (3, 10, 17, 24))
    assert all((file.sheet is None) == bool(file.error) for file in found)
    image = found[0].sheet
    assert (image.shape, image.dtype) == ((112, 112), np.uint8)
    assert image[56, 56] > 100 > image[0, 0]
    assert np.array_equal(image, prepare_file(paths[0]).sheet)


def test_leaving_early_ends_the_work(tmp_path):
    (tmp_path / "a.png").write_bytes(shirt())
    with preparing([str(tmp_path / "a.png")] * 1000) as prepared:
        assert next(prepared).error == ""


_CTRL_C = """
import os, signal, time
from fmnist_core.preprocessing.files import preparing

try:
    with preparing(["none.png"] * 40) as prepared:
        time.sleep(0.15)  # they are importing
        os.killpg(0, signal.SIGINT)
        list(prepared)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_is_heard_once_and_not_by_the_starting_processes():
    command = [sys.executable, "-c", _CTRL_C]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True)
    assert (done.stdout, done.stderr, done.returncode) == ("interrupted\n", "", 0)


@pytest.mark.timeout(20)
def test_a_pipe_called_a_picture_is_refused_and_nobody_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "x.png")
    assert "x.png cannot be read: it is no file" in prepare_file(f"{tmp_path}/x.png").error
    assert "null cannot be read: it is no file" in prepare_file("/dev/null").error


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (2, 2), (28, 28)])
def test_pictures_of_any_proportion_are_prepared(tmp_path, size):
    for name, image in (
        ("plain", Image.new("RGB", size, "white")),
        ("noise", Image.effect_noise(size, 120)),
        ("clear", Image.new("RGBA", size)),
    ):
        path = tmp_path / f"{name}.png"
        path.write_bytes(encoded(image))
        file = prepare_file(str(path))
        assert (file.error, file.sheet.shape) == ("", (112, 112)), name


@pytest.mark.parametrize("shade", [0, 40, 255])
def test_a_blank_sheet_is_blank(tmp_path, shade):
    (tmp_path / "blank.png").write_bytes(encoded(Image.new("L", (300, 200), shade)))
    file = prepare_file(str(tmp_path / "blank.png"))
    assert file.blank
    assert not file.sheet.any()


def test_a_white_garment_on_white_is_found(tmp_path):
    (tmp_path / "white.png").write_bytes(shirt(shade=236, ground=255))
    file = prepare_file(str(tmp_path / "white.png"))
    assert not file.blank
    assert file.sheet[56, 56] > 60


@pytest.mark.parametrize("name", ["missing.png", "folder", "bad\0name.png", "x" * 300 + ".png"])
def test_a_path_that_cannot_be_read_is_an_error_of_its_own(tmp_path, name):
    (tmp_path / "folder").mkdir()
    file = prepare_file(f"{tmp_path}/{name}")
    assert file.sheet is None
    assert "cannot be read" in file.error
    assert "\0" not in file.error


def test_a_file_that_is_too_large_is_told_its_own_size(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    said = prepare_file(str(path)).error
    assert "at most 32 MB" in said
    assert "100 MB" in said
