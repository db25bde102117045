"""A network that reads 56 pixels a side: trained, judged, asked and explained."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import fmnist_core
from fmnist_core.config import RunConfig
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.folder import RunFolder
from tests.nets import tiny, train

pytestmark = pytest.mark.training


def larger(side: int = 56, *changes: str) -> RunConfig:
    return tiny(
        *(
            "epochs=2",
            f"input_side={side}",
            "model.blocks.0.pooling=stride",
            "shift=1",
            "flip=true",
        ),
        *("synthetic_sketches=0.2", "line_drawings=0.2", "negatives=0.1", *changes),
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> dict[int, RunFolder]:
    """One run a side."""
    place, found = tmp_path_factory.mktemp("runs"), {}
    for side in (28, 40, 56):
        train(larger(side), place / str(side), data=garments)
        found[side] = RunFolder(place / str(side))
    return found


def drawing(path: Path) -> str:
    """A coat in thick lines with thin ones close to each other, as a picture file."""
    paper = np.full((448, 448, 3), 255, np.uint8)
    outline = [[60, 60], [160, 40], [288, 40], [388, 60], [388, 400], [60, 400]]
    cv2.polylines(paper, [np.array(outline)], True, (0, 0, 0), 10)
    for column in range(90, 370, 28):
        cv2.line(paper, (column, 90), (column, 380), (0, 0, 0), 10)
    Image.fromarray(paper).save(path)
    return str(path)


def test_it_is_trained_and_judged_at_its_own_side(runs, garments) -> None:
    for side, folder in runs.items():
        evaluation = fmnist_core.evaluate(folder.path, data=garments)
        assert evaluation.images == len(garments.test), side
        assert evaluation.accuracy > 0.2, side
        assert folder.config.model.input_side == side


def test_the_detail_of_a_drawing_reaches_it(runs, tmp_path) -> None:
    path = drawing(tmp_path / "coat.png")
    sheet = prepare(np.asarray(Image.open(path))).sheet
    coarse = fit_to(sheet, 28)
    # The same at 28 pixels, and no detail between them.
    assert (fit_to(fit_to(coarse, 112), 28) == coarse).all()
    for side, folder in runs.items():
        seen, in_detail, without = (
            fmnist_core.predict(folder.path, shown).probabilities[0]
            for shown in (path, sheet, coarse)
        )
        np.testing.assert_array_equal(seen, in_detail)
        same = np.abs(seen - without).max() < 1e-6
        assert same == (side == 28), side


def test_images_of_the_data_set_and_their_sheets_are_answered_alike(runs, garments) -> None:
    images = garments.test.images[:50]
    for folder in runs.values():
        own = fmnist_core.predict(folder.path, images).probabilities
        of_sheets = fmnist_core.predict(folder.path, fit_to(images, 112)).probabilities
        np.testing.assert_allclose(own, of_sheets, atol=1e-5)


def test_a_network_of_28_pixels_teaches_one_of_56(runs, garments, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path))
    teacher = RunFolder.create(tmp_path / "runs", larger(28), name="teacher")
    train(teacher.config, teacher.path, data=garments)
    student = larger(56, f"distillation={teacher.id}", "epochs=1")
    assert train(student, tmp_path / "student", data=garments).status == "finished"
