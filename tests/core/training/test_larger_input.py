"""A network that reads 56 pixels a side: trained, judged, asked and explained."""

import json
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
from fmnist_core.settings import Settings
from tests.nets import tiny, train

pytestmark = pytest.mark.training


def larger(side: int = 56, *changes: str) -> RunConfig:
    return tiny(
        *(
            "epochs=12",
            "batch_size=25",
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


def test_images_are_enlarged_once_and_not_in_every_epoch(tmp_path, garments, monkeypatch) -> None:
    resized: list[int] = []
    usual = cv2.resize

    def counted(*asked: object, **more: object) -> np.ndarray:
        resized.append(1)
        return usual(*asked, **more)

    monkeypatch.setattr(cv2, "resize", counted)
    counts = []
    for epochs in (1, 3):
        resized.clear()
        config = tiny(f"epochs={epochs}", "input_side=40", "validation_share=0.2", "shift=1")
        train(config, tmp_path / str(epochs), data=garments)
        counts.append(len(resized))
    assert counts[0] >= len(garments.train)
    assert counts[0] == counts[1]


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


def test_explanations_have_the_side_that_the_network_reads(runs, tmp_path, garments) -> None:
    path, image = drawing(tmp_path / "coat.png"), garments.test.images[0]
    for side, folder in runs.items():
        for picture in (path, image):
            heat = fmnist_core.explain.grad_cam_map(folder.path, picture, 4)
            assert heat.shape == (side, side)
            hidden = fmnist_core.explain.occlusion_map(folder.path, picture, 4)
            assert (hidden.loss.shape, hidden.patch) == ((side, side), round(6 * side / 28))
            shares = fmnist_core.explain.integrated_gradients_map(folder.path, picture, 4)
            assert shares.shares.shape == (side, side)
            assert shares.shares.sum() == pytest.approx(shares.difference, rel=0.02, abs=0.05)


def test_other_explanations_take_a_sheet(runs, garments) -> None:
    from fmnist_core.explain.activation_maximization import maximize_activation
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic
    from fmnist_core.explain.convolution_step import Place
    from fmnist_core.explain.feature_maps import feature_maps, first_filters
    from fmnist_core.explain.max_activations import rank
    from fmnist_core.models.build import load_model

    sheet = fit_to(garments.test.images[0], 112)
    for side, folder in runs.items():
        network = load_model(folder.model_path)
        assert feature_maps(network, sheet)[0].shape[:2] == (side, side)
        assert first_filters(network).kernels.shape[1:] == (3, 3)
        step = step_arithmetic(network, sheet, Place("block1_conv1", 0, 3, 3))
        assert step.inputs.shape == (side, side, 1)
        made = maximize_activation(network, "block2_conv1", 0)
        assert made.image.shape == (side, side)
        assert len(rank(network, garments.test.images[:20]).indices)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Settings:
    """A home with a run of 40 pixels and one of 56."""
    settings = Settings(home=tmp_path_factory.mktemp("lab"), offline=True)
    for side in (40, 56):
        folder = RunFolder.create(settings.runs_dir, larger(side, "epochs=1"), name=f"{side}")
        train(folder.config, folder.path, data=garments)
    return settings


@pytest.mark.parametrize("kind", ["onnx", "tflite", "tflite-int8", "keras", "page"])
def test_its_files_take_the_right_size(kind, lab, tmp_path, monkeypatch) -> None:
    from fmnist_core.exchange.exporting.exporting import export
    from fmnist_core.exchange.exporting.formats import FORMATS
    from fmnist_core.exchange.exporting.subject import subject_of

    monkeypatch.setenv("FMNIST_HOME", str(lab.home))
    for place in sorted(lab.runs_dir.iterdir()):
        subject = subject_of(place.name, lab)
        done = export(subject, FORMATS[kind], tmp_path / place.name, lab)
        # It was read back by another program, which answered as the network does.
        assert done.check is not None
        assert done.check.images > 0
        card, side = done.card_path.read_text(), subject.side
        assert f"{side} x {side} gray values" in card
        if kind != "page":
            assert f"reshape(1, {side}, {side}, 1)" in card


def test_the_exported_page_prepares_a_drawing_at_its_side() -> None:
    """The page's JavaScript and the lab make the same of a sheet."""
    from importlib.resources import files

    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    part = files("fmnist_core.exchange.exporting.page") / "preparing.js"
    engine.eval(part.read_text("utf-8"))
    rng = np.random.default_rng(0)
    sheet = cv2.GaussianBlur(rng.integers(0, 256, (112, 112), np.uint8), (0, 0), 2)
    for source in (sheet, fit_to(sheet, 28)):
        for side in (28, 40, 56):
            pixels = source.ravel().tolist()
            found = engine.eval(f"JSON.stringify(Array.from(fit_to({pixels}, {side})))")
            page = np.array(json.loads(str(found))).reshape(side, side)
            wrong = np.abs(page - fit_to(source, side))
            assert wrong.max() <= (1 if side == 40 else 0), (len(source), side)
            assert (wrong > 0).mean() < 0.01
