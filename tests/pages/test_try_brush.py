"""Correct the cut-out, on the page "Try it": what the canvas tells becomes corrections."""

import io
from collections.abc import Callable

import numpy as np
import pytest
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
from tests.pages.reading import text

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
    return next(
        one.proto.body for one in app.get("html") if '<div class="chosen"' in one.proto.body
    )


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
    assert "Network input: Bag" in before
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
    app.slider(key="try_by_hand_rotate").set_value(90.0).run()
    assert made(app).brush == ()
    assert made(app).threshold == 0.6


def test_an_empty_mask_asks_for_a_stroke_that_keeps(with_photo):
    app = with_photo
    lines = [(REMOVE, [[0.0, y], [480.0, y]]) for y in range(0, 241, 12)]
    paint(app, *lines)
    assert "Nothing is left of the picture" in text(app)
    paint(app, *lines, LINE)
    assert "Network input: Bag" in shown(app)


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
