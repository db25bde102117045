"""`predict` as a person or a script runs it."""

import json
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core.atomic_files import write_json
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.cli.main import main
from fmnist_core.config import override
from fmnist_core.models.calibration import Calibration, calibrated_predictions
from fmnist_core.preprocessing.files import prepare_file
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.core.cli.conftest import importable, lab
from tests.nets import PLAIN

pytestmark = pytest.mark.training
KEYS = [
    *("path", "label", "label_id", "confidence", "probabilities"),
    *("clothing", "is_clothing", "other_clothing", "is_other_clothing", "error"),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A network that has learned nothing: what it says does not matter here, only that it does."""
    from fmnist_core.models.build import build_model

    path = tmp_path_factory.mktemp("network") / "model.keras"
    build_model(PLAIN.model).save(path)
    return path


@pytest.fixture
def run(network):
    folder = RunFolder.create(load_settings().runs_dir, PLAIN, name="mine")
    folder.model_path.write_bytes(network.read_bytes())
    return folder


@pytest.fixture
def pictures(tmp_path):
    """A folder of three pictures, one of them blank and one no picture at all."""
    folder = tmp_path / "pictures"
    (folder / "deeper").mkdir(parents=True)
    trousers = Image.new("L", (90, 120), 255)
    ImageDraw.Draw(trousers).polygon([(30, 10), (60, 10), (65, 110), (45, 40), (25, 110)], 40)
    trousers.save(folder / "b.png")
    Image.new("L", (50, 50), 255).save(folder / "deeper" / "blank.png")
    (folder / "a.png").write_bytes(b"I am text.")
    (folder / "labels.csv").write_text("b.png,1")
    return folder


def lines(capsys, *arguments, status=0):
    assert main(["predict", *map(str, arguments), "--jsonl"]) == status
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_holds_all_there_is_to_say(capsys, run, pictures):
    (row,) = lines(capsys, pictures / "b.png", "--model", run.id)
    assert list(row) == KEYS
    assert row["path"] == str(pictures / "b.png")
    assert row["label"] == CLASS_NAMES[row["label_id"]]
    assert row["probabilities"][row["label_id"]] == row["confidence"] == max(row["probabilities"])
    assert len(row["probabilities"]) == 10
    assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert 0 <= row["clothing"] <= 1
    assert row["is_clothing"] is True
    # This network has no output for other clothing.
    assert (row["other_clothing"], row["is_other_clothing"]) == (None, False)
    assert row["error"] is None


def test_clothing_that_is_none_of_the_ten_is_said_to_be(capsys, home, pictures):
    from fmnist_core.models.build import build_model

    config = override(PLAIN, ["model.other_clothing=true"])
    folder = RunFolder.create(load_settings().runs_dir, config)
    build_model(config.model).save(folder.model_path)
    always = Calibration(other_clothing_threshold=0.0, images=1, source="test")
    write_json(folder.calibration_path, always.to_json())
    row, blank = lines(capsys, pictures / "b.png", pictures / "deeper", "--model", folder.id)
    assert len(row["probabilities"]) == 10
    assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert 0 < row["other_clothing"] < 1
    assert row["is_other_clothing"] is True
    assert (blank["other_clothing"], blank["is_other_clothing"]) == (0, False)
    assert main(["predict", str(pictures / "b.png"), "--model", folder.id]) == 0
    assert "other clothing" in capsys.readouterr().out


def test_a_bad_file_gets_a_line_and_stops_no_other(capsys, run, pictures):
    missing = pictures / "missing.jpg"
    rows = lines(capsys, missing, pictures, "--model", "mine", status=1)
    names = [row["path"].removeprefix(str(pictures)) for row in rows]
    assert names == ["/missing.jpg", "/a.png", "/b.png", "/deeper/blank.png"]
    assert all(list(row) == KEYS for row in rows)
    for row in rows[:2]:
        assert row["path"].rsplit("/")[-1] in row["error"]
        assert [row[key] for key in KEYS[1:-1]] == [None] * 8
    assert rows[2]["error"] is None


def test_on_a_blank_sheet_there_is_no_clothing(capsys, run, pictures):
    (row,) = lines(capsys, pictures / "deeper", "--model", run.id)
    assert (row["is_clothing"], row["clothing"], row["error"]) == (False, 0, None)


def test_answers_are_those_of_the_network_and_its_calibration(capsys, run, pictures):
    from fmnist_core.models.build import load_model
    from fmnist_core.models.features import scores

    strict = Calibration(temperature=0.1, clothing_threshold=1.0, images=1, source="test")
    write_json(run.calibration_path, strict.to_json())
    image = prepare_file(str(pictures / "b.png")).sheet
    expected = calibrated_predictions(scores(load_model(run.model_path), image[None]), strict)
    (row,) = lines(capsys, pictures / "b.png", "--model", run.id)
    assert np.allclose(row["probabilities"], expected.probabilities[0], atol=1e-5)
    assert row["is_clothing"] is False


def test_many_files_keep_their_order_over_all_batches(capsys, run, pictures):
    paths = [pictures / ("a.png" if number % 50 == 7 else "b.png") for number in range(300)]
    rows = lines(capsys, *paths, "--model", run.id, status=1)
    assert [row["path"] for row in rows] == [str(path) for path in paths]
    assert len({row["label_id"] for row in rows if row["error"] is None}) == 1


def test_for_people_there_is_a_table(capsys, run, pictures):
    (pictures / "\x1b[31mred.png").write_bytes((pictures / "b.png").read_bytes())
    assert main(["predict", str(pictures), "--model", "mine"]) == 1
    red, bad, good, blank = capsys.readouterr().out.splitlines()
    assert "\x1b" not in red
    assert bad.strip().startswith("-  cannot be read")
    assert "PNG, JPEG and WebP" in bad
    assert any(name in good for name in CLASS_NAMES)
    assert "not clothing" in blank


@pytest.fixture
def catalogue_image(pictures):
    """A picture like those of the data set: 28x28, bright and faint pixels on black."""
    image = np.zeros((28, 28), np.uint8)
    image[4:26, 8:20], image[3, 8:20] = 255, 2
    Image.fromarray(image).save(pictures / "catalogue.png")
    return pictures / "catalogue.png"


def test_of_the_shipped_model_each_picture_gets_its_network(capsys, pictures, catalogue_image):
    both = [pictures / "b.png", catalogue_image]
    routed = lines(capsys, *both)
    assert [list(row) for row in routed] == [KEYS, KEYS]
    networks = ("shipped-everyday", "shipped-catalogue")
    pairs = zip(both, networks, strict=True)
    alone = [lines(capsys, one, "--model", network)[0] for one, network in pairs]
    for row, expected in zip(routed, alone, strict=True):
        assert np.allclose(row["probabilities"], expected["probabilities"], atol=1e-5)
    assert main(["predict", *map(str, both)]) == 0
    everyday, catalogue = capsys.readouterr().out.splitlines()
    assert "network" not in everyday
    assert catalogue.endswith("catalogue.png  [catalog network]")


def test_an_unknown_or_unfinished_run_is_refused_in_one_line(refusal, pictures):
    assert "There is no such run" in refusal("predict", pictures, "--model", "nobody")
    RunFolder.create(load_settings().runs_dir, PLAIN, name="young")
    assert "no network yet" in refusal("predict", pictures, "--model", "young")


def test_a_folder_without_pictures_is_told(capsys, run, pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    (alone,) = lines(capsys, tmp_path / "empty", "--model", run.id, status=1)
    assert "no pictures" in alone["error"]
    picture = pictures / "b.png"
    among = lines(capsys, picture, tmp_path / "empty", "--model", run.id, status=1)
    assert [row["error"] for row in among] == [None, alone["error"]]


def test_the_command_works_from_a_shell(run, pictures):
    done = lab("predict", "b.png", "--model", "latest", "--jsonl", cwd=pictures)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["path"] == "b.png"
    assert "Traceback" not in done.stderr


def test_a_name_that_the_terminal_has_no_signs_for_is_printed_all_the_same(run, pictures):
    (pictures / "b.png").rename(pictures / "hät.png")
    ascii_only = {**importable(), "PYTHONIOENCODING": "ascii"}
    done = lab("predict", "hät.png", "--model", "latest", cwd=pictures, env=ascii_only)
    assert done.returncode == 0, done.stderr
    assert r"h\xe4t.png" in done.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_an_error_in_a_sentence(unbuffered):
    streams = {"capture_output": False, "stderr": subprocess.PIPE}
    environment = {**importable(), "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = lab("presets", env=environment, stdout=full, **streams)
    assert done.returncode == 1
    assert done.stderr == "The output cannot be written: No space left on device.\n"
