"""`bench.everyday`: what it measures with, and the table it prints."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.everyday import (
    Item,
    class_shares,
    class_table,
    items_in,
    keep_on_card,
    kind_figures,
    main,
    official_figures,
    table,
)
from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.classes import OTHER_CLOTHING
from fmnist_core.errors import CollectionError
from fmnist_core.evaluation import Predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.nets import PLAIN


@pytest.fixture
def material(tmp_path):
    for place in ("icons/0", "icons/Ankle-boot", "icons/other", "photos/t-shirt_top", "photos/9"):
        folder = tmp_path / "material" / place
        folder.mkdir(parents=True)
        Image.effect_noise((40, 40), 90).save(folder / "one.png")
    (tmp_path / "material" / "icons" / "9").mkdir()
    (tmp_path / "material" / "icons" / "9" / "broken.png").write_bytes(b"text")
    return tmp_path / "material"


def test_folders_say_kind_and_class(material):
    found = [(item.kind, item.label, Path(item.path).name) for item in items_in(material)]
    assert found == [
        ("icons", 0, "one.png"),
        ("icons", 9, "broken.png"),
        ("icons", 9, "one.png"),
        ("icons", None, "one.png"),
        ("photos", 9, "one.png"),
        ("photos", 0, "one.png"),
    ]


@pytest.mark.parametrize(
    ("name", "label"),
    [("9", 9), ("T-shirt", 0), ("t-shirt_top", 0), ("trousers", 1), ("Other", None)]
    + [(name, OTHER_CLOTHING) for name in ("other_clothes", "other-clothing", "Other clothes")],
)
def test_classes_are_named_as_in_collections(material, name, label):
    (material / "drawings").mkdir()
    (material / "icons" / "0").rename(material / "drawings" / name)
    found = [item.label for item in items_in(material) if item.kind == "drawings"]
    assert found == [label]


@pytest.mark.parametrize("name", ["10", "hat", "-1", "²"])
def test_a_folder_that_is_no_class_is_refused(material, name):
    (material / "icons" / name).mkdir()
    with pytest.raises(CollectionError, match="named after a class"):
        items_in(material)


def answered(label, said, clothing=0.9, other=None):
    row = {"label_id": said, "clothing": clothing, "other_clothing": other}
    return Item("k", label, "x.png", row)


def test_an_unread_picture_is_a_mistake_and_no_clothing():
    answers = [answered(2, 2), answered(2, None, None), answered(None, 4, 0.5)]
    accuracy, auroc = kind_figures("k", answers)
    assert (accuracy.value, accuracy.images, accuracy.classes) == (0.5, 2, 1)
    assert (auroc.value, auroc.images) == (0.5, 3)
    assert class_shares(answers) == {2: 0.5}


def test_other_clothes_are_told_by_their_own_score_or_by_uncertainty():
    ten, clothes, thing = answered(2, 2, 0.9), answered(OTHER_CLOTHING, 4, 0.6), answered(None, 1)
    accuracy, clothing, other = kind_figures("k", [ten, clothes, thing])
    assert (accuracy.images, clothing.images) == (1, 2)
    # No network of these has an output for it: other clothes are those it is less sure of.
    assert (other.measure, other.value, other.images) == ("other-clothing AUROC", 1, 2)
    assert 0 < other.low < other.high <= 1
    assert class_shares([ten, clothes, thing]) == {2: 1.0}
    # With that output, its score decides, however sure the network is.
    ten, clothes = answered(2, 2, 0.5, 0.2), answered(OTHER_CLOTHING, 4, 0.9, 0.7)
    assert kind_figures("k", [ten, clothes])[-1].value == 1
    assert kind_figures("k", [ten, answered(OTHER_CLOTHING, 4, 0.9, 0.1)])[-1].value == 0
    # An unread picture is a mistake in either kind.
    unread = answered(OTHER_CLOTHING, None, None)
    assert kind_figures("k", [ten, unread])[-1].value == 0
    assert kind_figures("k", [answered(2, None, None), clothes])[-1].value == 0


def test_without_other_things_there_is_no_auroc():
    assert [one.measure for one in kind_figures("k", [answered(1, 1)])] == ["mean class accuracy"]
    assert kind_figures("k", [answered(None, 1)]) == []


def test_the_official_images_give_accuracy_and_calibration():
    said = Predictions(np.eye(10, dtype=np.float32), np.arange(10, dtype=np.uint8))
    accuracy, error = official_figures(said)
    assert (accuracy.value, accuracy.images, error.value) == (1, 10, 0)


def test_the_tables_are_markdown():
    printed = table(kind_figures("icons", [answered(1, 1), answered(2, 1)]))
    assert printed.splitlines()[2].startswith("| icons | mean class accuracy | 0.500 | 0.")
    assert printed.splitlines()[2].endswith("| 2 | 2 |")
    assert "| icons | - | 1.00 | 0.00 | - |" in class_table({"icons": {1: 1.0, 2: 0.0}})


def test_figures_on_the_card_replace_older_ones_of_their_kind(tmp_path):
    old = [{"kind": "icons", "value": 0.1}, {"kind": "drawings", "value": 0.2}]
    write_json(tmp_path / "everyday.json", {"recipe": {}, "measured": old})
    keep_on_card([{"kind": "icons", "value": 0.9}], tmp_path)
    card = read_json(tmp_path / "everyday.json")
    assert card == {
        "recipe": {},
        "measured": [{"kind": "drawings", "value": 0.2}, {"kind": "icons", "value": 0.9}],
    }


def test_a_folder_without_pictures_is_refused_in_a_sentence(tmp_path, capsys):
    run = RunFolder.create(load_settings().runs_dir, PLAIN)
    run.model_path.write_bytes(b"never loaded")
    assert main([str(tmp_path / "none"), "--model", run.id]) == 1
    assert "no such folder" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(tmp_path, capsys):
    wrong = tmp_path / "none" / "figures.json"
    assert main([str(tmp_path), "--model", "nobody", "--json", str(wrong)]) == 1
    assert "figures.json cannot be written: No such file" in capsys.readouterr().err
    assert main([str(tmp_path), "--model", "nobody", "--json", str(tmp_path / "new.json")]) == 1
    assert "no such run" in capsys.readouterr().err
    assert list(tmp_path.glob("*.json")) == []


def test_drawings_become_pictures_of_one_kind(tmp_path):
    file, kind = tmp_path / "some.ndjson", tmp_path / "material" / "human-drawings"
    strokes = [[[0, 255, 255], [0, 0, 255]]]
    lines = [
        {"word": word, "key_id": key, "label": label, "drawing": strokes, "recognized": True}
        for word, key, label in (("t-shirt", "1", 0), ("t-shirt", "2", 0), ("cat", "3", None))
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main([str(kind), "--draw", str(file)]) == 0
    found = items_in(tmp_path / "material")
    assert [(item.kind, item.label) for item in found] == [
        ("human-drawings", 0),
        ("human-drawings", 0),
        ("human-drawings", None),
    ]
    picture = np.asarray(Image.open(found[0].path).convert("L"))
    # Black on white, from margin to margin.
    assert (picture.shape, picture[10, 128], picture[128, 128]) == ((256, 256), 0, 255)


@pytest.mark.training
def test_a_run_is_measured_from_pictures_to_file(material, tmp_path, capsys):
    from fmnist_core.models.build import build_model

    run = RunFolder.create(load_settings().runs_dir, PLAIN)
    build_model(run.config.model).save(run.model_path)
    written = tmp_path / "figures.json"
    assert main([str(material), "--model", run.id, "--json", str(written)]) == 0
    captured = capsys.readouterr()
    assert "broken.png" in captured.err
    found = json.loads(written.read_text())
    assert [(one["kind"], one["measure"], one["images"]) for one in found["figures"]] == [
        ("icons", "mean class accuracy", 3),
        ("icons", "clothing AUROC", 4),
        ("photos", "mean class accuracy", 2),
    ]
    assert set(found["classes"]["icons"]) == {"0", "9"}
    assert captured.out.count("| icons |") == 3
