"""Correct the cut-out, on the page "Try it": what the canvas tells becomes corrections."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist_core.errors import EngineError
from fmnist_core.preprocessing import cutout
from fmnist_core.preprocessing.brush import MOST_STROKES
from fmnist_core.preprocessing.prepare import Corrections, prepare
from fmnist_core.runs.pretrained import SHIPPED_EVERYDAY
from fmnist_ui.components import prediction_details, predictions
from tests.nets import write_blue_finder
from tests.pages.played import answers
from tests.pages.reading import pickable, text

pytestmark = pytest.mark.usefixtures("engine_there", "engine", "blue_finder")
# As the page paints them.
KEEP, REMOVE = "rgba(0, 200, 170, .5)", "rgba(230, 90, 30, .5)"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_reasons(*asked: object, **more: object) -> None:
        raise EngineError("Not now.")

    def bag(model: str, images: np.ndarray, settings: object) -> object:
        return answers([8] * len(images), network=SHIPPED_EVERYDAY)

    monkeypatch.setattr(predictions, "predict_calibrated", bag)
    monkeypatch.setattr(prediction_details, "explain_prediction", no_reasons)


@pytest.fixture
def blue_finder(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cutout, "NETWORK", write_blue_finder(tmp_path / "blue.onnx"))


def photo(seed: int = 0) -> np.ndarray:
    """A blue square on a floor of all kinds of brown, uint8 (120, 240, 3)."""
    rng = np.random.default_rng(seed)
    floor = np.array([150, 110, 70]) + rng.normal(0, 25, (120, 240, 3))
    floor[30:90, 90:150] = np.array([30, 60, 170]) + rng.normal(0, 10, (60, 60, 3))
    return np.clip(floor, 0, 255).astype(np.uint8)


def file_of(picture: np.ndarray, name: str = "photo.png") -> tuple[str, bytes, str]:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return name, file.getvalue(), "image/png"


def told(*strokes: tuple[str, list[list[float]]]) -> dict:
    """What the canvas of 480 x 240 pixels tells: Fabric.js' path of a hand's way."""
    objects = []
    for colour, points in strokes:
        way = [["Q", *point, *point] for point in points[1:]]
        path = [["M", *points[0]], *way, ["L", *points[-1]]]
        objects.append({"type": "Path", "path": path, "stroke": colour, "strokeWidth": 24})
    return {"drawing": {"raw": {"objects": objects}, "data": None}, "backgroundFit": None}


REMOVED = "The brush strokes were removed: they belong to the picture as it was."
# All but a strip on the right of the square.
WIDE = [(REMOVE, [[x, 0.0], [x, 240.0]]) for x in range(160, 285, 20)]
LINE = (KEEP, [[20.0, 120.0], [100.0, 120.0], [180.0, 120.0]])
CUT = (REMOVE, [[240.0, 20.0], [240.0, 220.0]])


@pytest.fixture
def with_photo(open_app: Callable[..., AppTest]) -> AppTest:
    """The page with a photo and the brush unfolded."""
    app = open_app("try", {"try_way": "Upload", "try_brush_fold": True})
    return app.file_uploader(key="try_files").set_value([file_of(photo())]).run()


def paint(app: AppTest, *strokes: tuple[str, list[list[float]]]) -> None:
    app.session_state["try_brush_canvas"] = told(*strokes)
    app.run()


def made(app: AppTest) -> Corrections:
    (corrections,) = app.session_state["try/corrections"].values()
    return corrections


def shown(app: AppTest) -> str:
    """The network's input and its answer, beside the brush."""
    return next(one.proto.body for one in app.get("html") if '<div class="chosen' in one.proto.body)


def test_the_brush_is_folded_away_until_it_is_wanted(open_app):
    app = open_app("try", {"try_way": "Upload"})
    assert not [one for one in app.expander if one.label == "Correct the cut-out"]
    app.file_uploader(key="try_files").set_value([file_of(photo())]).run()
    (fold,) = [one for one in app.expander if one.label == "Correct the cut-out"]
    assert not fold.proto.expanded
    assert "try_brush_undo" not in {button.key for button in app.button}


def test_where_the_middle_is_taken_the_page_says_what_helps(open_app, with_photo):
    assert not with_photo.info
    nothing_blue = photo()
    nothing_blue[..., 0] |= 128
    nothing_blue[..., 2] = 0
    app = open_app("try", {"try_way": "Upload", "try_brush_fold": True})
    app.file_uploader(key="try_files").set_value([file_of(nothing_blue)]).run()
    (said,) = app.info
    assert "middle of it is used" in said.value
    assert "**Correct the cut-out**" in said.value
    assert "**Background threshold**" in said.value
    # Whoever corrects it knows.
    paint(app, LINE)
    assert made(app).brush
    assert not app.info


def test_strokes_become_corrections_and_change_input_and_answer(with_photo):
    app = with_photo
    before = shown(app)
    assert "Prediction: Bag" in before
    paint(app, LINE)
    (stroke,) = made(app).brush
    assert stroke.keep
    assert stroke.radius == pytest.approx(12 / 480)
    # Straight: nothing between its ends is needed.
    assert stroke.points == ((0.0417, 0.5), (0.375, 0.5))
    kept = shown(app)
    assert kept != before
    paint(app, LINE, CUT)
    assert [one.keep for one in made(app).brush] == [True, False]
    assert shown(app) not in (before, kept)
    mask = prepare(photo(), made(app)).mask
    assert mask[60, 20]
    assert not mask[60, 120]
    # The same again is nothing new.
    app.run()
    assert len(made(app).brush) == 2


@pytest.fixture
def csv_files(monkeypatch) -> dict[str, bytes]:
    """What can be downloaded, by the button's key."""
    found: dict[str, bytes] = {}
    monkeypatch.setattr(
        st, "download_button", lambda _label, data, *_, key="", **__: found.update({key: data})
    )
    return found


def test_gallery_and_csv_count_a_stroke_at_once(open_app, monkeypatch, csv_files):
    def by_size(model: str, images: np.ndarray, settings: object) -> object:
        large = [8 if (one > 0).mean() > 0.5 else 3 for one in images]
        return answers(large, network=SHIPPED_EVERYDAY)

    monkeypatch.setattr(predictions, "predict_calibrated", by_size)
    app = open_app("try", {"try_way": "Upload", "try_brush_fold": True})
    files = [file_of(photo(1), "a.png"), file_of(photo(), "b.png")]
    app.file_uploader(key="try_files").set_value(files).run()

    def said() -> tuple[list[str], list[str]]:
        (grid,) = [json.loads(one.proto.json) for one in pickable(app) if "a.png" in one.proto.json]
        rows = csv.DictReader(csv_files["try_csv"].decode("utf-8-sig").splitlines())
        return [one["title"].split()[0] for one in grid["choices"]], [row["label"] for row in rows]

    assert said() == (["Bag", "Bag"], ["Bag", "Bag"])
    # A thin strip is left of the square.
    paint(app, *WIDE)
    assert "Dress" in shown(app)
    assert said() == (["Bag", "Dress"], ["Bag", "Dress"])


def test_undo_and_reset_take_strokes_back_whatever_the_canvas_still_shows(with_photo):
    app = with_photo
    before = shown(app)
    assert app.button(key="try_brush_undo").disabled
    paint(app, LINE)
    kept = shown(app)
    paint(app, LINE, CUT)
    app.button(key="try_brush_undo").click().run()
    assert shown(app) == kept
    given = app.session_state["try/brush_given"].drawing
    assert [one["stroke"] for one in given["objects"]] == [KEEP]
    # The canvas has not heard of it yet; then it has, and is painted on again.
    app.run()
    assert len(made(app).brush) == 1
    paint(app, LINE)
    paint(app, LINE, CUT)
    assert len(made(app).brush) == 2
    app.button(key="try_brush_reset").click().run()
    assert made(app).brush == ()
    assert shown(app) == before


def test_strokes_are_kept_for_another_visit_and_forgotten_by_a_new_picture(with_photo):
    app = with_photo
    paint(app, LINE)
    kept = shown(app)
    app.switch_page("pages/data.py").run()
    # What a browser's canvas told is forgotten with the page it was on.
    assert "try_brush_canvas" not in app.session_state
    app.switch_page("pages/try.py").run()
    app.session_state["try_brush_fold"] = True
    app.run()
    assert shown(app) == kept
    assert len(app.session_state["try/brush_given"].drawing["objects"]) == 1
    app.file_uploader(key="try_files").set_value([file_of(photo(1), "other.png")]).run()
    assert app.button(key="try_brush_undo").disabled


def test_other_corrections_keep_the_strokes_unless_the_picture_moves(with_photo):
    app = with_photo
    paint(app, LINE)
    app.slider(key="try_by_hand_threshold").set_value(0.6).run()
    assert len(made(app).brush) == 1
    assert made(app).threshold == 0.6
    assert REMOVED not in text(app)
    app.slider(key="try_by_hand_rotate").set_value(90.0).run()
    assert made(app).brush == ()
    assert made(app).threshold == 0.6
    assert REMOVED in text(app)
    # The canvas tells that it is empty, and is painted on again.
    paint(app)
    paint(app, LINE)
    assert len(made(app).brush) == 1
    assert REMOVED not in text(app)


def test_reset_to_automatic_keeps_the_strokes_unless_the_picture_moves(with_photo):
    app = with_photo
    paint(app, LINE)
    # What the brush did has a reset of its own.
    assert app.button(key="try_reset").disabled
    app.slider(key="try_by_hand_threshold").set_value(0.6).run()
    app.button(key="try_reset").click().run()
    assert made(app).threshold == 0.5
    assert len(made(app).brush) == 1
    app.toggle(key="try_by_hand_mirror").set_value(True).run()
    # The canvas tells that it is empty, and is painted on again.
    paint(app)
    paint(app, CUT)
    assert len(made(app).brush) == 1
    app.button(key="try_reset").click().run()
    assert made(app) == Corrections()
    assert REMOVED in text(app)


def test_the_next_photo_begins_with_keep(with_photo):
    app = with_photo
    app.segmented_control(key="try_brush_mode").set_value("remove").run()
    paint(app, CUT)
    assert app.segmented_control(key="try_brush_mode").value == "remove"
    app.file_uploader(key="try_files").set_value([file_of(photo(1), "other.png")]).run()
    assert app.segmented_control(key="try_brush_mode").value == "keep"


def test_what_is_not_clothing_has_faded_bars_beside_the_brush(open_app, monkeypatch):
    def nothing(model: str, images: np.ndarray, settings: object) -> object:
        said = answers([8] * len(images), network=SHIPPED_EVERYDAY)
        return replace(said, clothing=said.clothing * 0, is_clothing=~said.is_clothing)

    monkeypatch.setattr(predictions, "predict_calibrated", nothing)
    app = open_app("try", {"try_way": "Upload", "try_brush_fold": True})
    app.file_uploader(key="try_files").set_value([file_of(photo())]).run()
    assert "Prediction: Not clothing" in shown(app)
    assert '<div class="chosen faded"' in shown(app)
    assert "<figcaption>Network input</figcaption>" in shown(app)


def test_an_empty_mask_asks_for_a_stroke_that_keeps(with_photo):
    app = with_photo
    lines = [(REMOVE, [[0.0, y], [480.0, y]]) for y in range(0, 241, 12)]
    paint(app, *lines)
    assert "Nothing is left of the picture" in text(app)
    paint(app, *lines, LINE)
    assert "Prediction: Bag" in shown(app)


def test_too_many_strokes_are_refused_and_the_others_stay(with_photo):
    app = with_photo
    paint(app, LINE)
    paint(app, *[LINE] * (MOST_STROKES + 1))
    assert f"at most {MOST_STROKES} brush strokes" in text(app)
    assert len(made(app).brush) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "M 0 0", "stroke": KEEP, "strokeWidth": 4},
        {"path": [["M", 1, 2]], "stroke": KEEP, "strokeWidth": "wide"},
        {"path": [["M", float("nan"), 2]], "stroke": KEEP, "strokeWidth": 4},
        {"path": [], "stroke": KEEP, "strokeWidth": 4},
        {"type": "Rect"},
        7,
    ],
)
def test_what_no_brush_has_drawn_counts_for_nothing(with_photo, wrong):
    before = shown(with_photo)
    with_photo.session_state["try_brush_canvas"] = {"drawing": {"raw": {"objects": [wrong]}}}
    with_photo.run()
    assert shown(with_photo) == before


def test_a_drawing_has_no_brush(open_app):
    sheet = np.full((200, 200, 3), 255, np.uint8)
    sheet[50:150, 50:54] = sheet[50:54, 50:150] = 0
    app = open_app("try", {"try_way": "Upload"})
    app.file_uploader(key="try_files").set_value([file_of(sheet)]).run()
    assert not [one for one in app.expander if one.label == "Correct the cut-out"]


def test_a_missing_network_is_said_on_the_page_before_a_photo_is_there(
    open_app, tmp_path, monkeypatch
):
    monkeypatch.setattr(cutout, "NETWORK", tmp_path / "gone.onnx")
    app = open_app("try", {"try_way": "Upload"})
    assert "is missing or damaged" in text(app)
    app.file_uploader(key="try_files").set_value([file_of(photo())]).run()
    assert "is missing or damaged" in text(app)
    assert not [one for one in app.get("html") if '<div class="answer"' in one.proto.body]
