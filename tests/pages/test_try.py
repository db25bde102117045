"""The page "Try it" in all its states; the engine's part is played by answers made up here."""

import base64
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
import streamlit as st
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from fmnist_core.classes import CLASS_NAMES, OTHER_CLOTHING
from fmnist_core.collections import CollectionStore
from fmnist_core.errors import EngineError
from fmnist_core.models.calibration import CalibratedPredictions
from fmnist_core.models.prediction import PredictionExplanation
from fmnist_core.preprocessing.prepare import Corrections
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, SHIPPED_EVERYDAY, shipped_model_path
from fmnist_core.settings import load_settings
from fmnist_ui import server_memory
from fmnist_ui.components import prediction_details, predictions
from fmnist_ui.components.predictions import Verdict
from fmnist_ui.tryit import upload
from fmnist_ui.tryit.by_hand import Entry, Item
from fmnist_ui.tryit.drawing import PAPERS, is_empty, last_filled, on_other_paper, without_last
from fmnist_ui.tryit.upload import Line, camera_allowed, newest, predictions_csv
from tests.conftest import act_as
from tests.pages.reading import text

pytestmark = pytest.mark.usefixtures("engine_there")
PEN = {"type": "Path", "stroke": "#000000", "fill": None}
ERASER = {"type": "Path", "stroke": "#FFFFFF", "fill": None}
UNSURE = [0.4, 0.0, 0.1, 0.0, 0.1, 0.0, 0.35, 0.0, 0.05, 0.0]


@dataclass
class Engine:
    """Says the same about every image, or fails; notes whom it was asked about."""

    probabilities: list[float] = field(default_factory=lambda: [0.01] * 8 + [0.9, 0.02])
    is_clothing: bool = True
    is_other: bool = False
    error: EngineError | None = None
    network: str = SHIPPED_EVERYDAY
    by_model: dict[str, list[float]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def predict_calibrated(
        self, model: str, images: np.ndarray, settings: object
    ) -> CalibratedPredictions:
        self.asked.append((model, len(images)))
        if self.error is not None:
            raise self.error
        row = self.by_model.get(model, self.probabilities)
        return CalibratedPredictions(
            np.tile(np.float32(row), (len(images), 1)),
            np.full(len(images), 0.8 if self.is_clothing else 0.2, np.float32),
            np.full(len(images), self.is_clothing),
            (self.network,) * len(images),
            np.full(len(images), 0.7 if self.is_other else np.nan, np.float32),
            np.full(len(images), self.is_other),
        )

    def explain_prediction(
        self, model: str, image: np.ndarray, settings: object, *, label: int | None = None
    ) -> PredictionExplanation:
        if self.error is not None:
            raise self.error
        heat = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
        return PredictionExplanation(
            self.predict_calibrated(model, image[None], settings), 8, heat, None, False
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine()
    monkeypatch.setattr(predictions, "predict_calibrated", played.predict_calibrated)
    monkeypatch.setattr(prediction_details, "explain_prediction", played.explain_prediction)
    return played


@pytest.fixture
def open_sheet(open_app: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Opens the page with strokes on the sheet, as the browser would have told them."""

    def opened(*strokes: dict, picture: Image.Image | None = None, **session: object) -> AppTest:
        raw = {"objects": list(strokes), "background": "#FFFFFF"}
        told = {"drawing": {"raw": raw, "data": address(picture or shirt())}}
        return open_app("try", {"try_canvas": told, **session})

    return opened


def shirt() -> Image.Image:
    image = Image.new("RGB", (320, 320), "white")
    outline = [(110, 60), (30, 150), (90, 140), (90, 270), (230, 270), (230, 140), (290, 150)]
    ImageDraw.Draw(image).line([*outline, (210, 60), (110, 60)], fill="black", width=8)
    return image


def packed(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def file_of(width: int) -> bytes:
    return packed(shirt().resize((width, 150)))


def address(image: Image.Image) -> str:
    return "data:image/png;base64," + base64.b64encode(packed(image.convert("RGBA"))).decode()


def html(app: AppTest) -> list[str]:
    return [part.proto.body for part in app.get("html")]


def answer(app: AppTest) -> str:
    return "".join(body for body in html(app) if '<div class="answer"' in body)


def test_an_empty_sheet_asks_for_a_drawing_and_nobody_for_an_answer(open_app, engine):
    app = open_app("try")
    assert "The prediction appears here after each stroke." in text(app)
    assert not answer(app)
    # Only the engine is woken, with no drawing.
    assert {count for _, count in engine.asked} <= {1}
    assert app.button(key="try_undo").disabled


def test_a_drawing_is_answered_and_explained(open_sheet, engine):
    app = open_sheet(PEN)
    assert "Bag" in answer(app)
    assert "90%" in answer(app)
    assert answer(app).count('class="likely"') == 3
    assert "Grad-CAM for" in text(app)
    assert "Network input" in text(app)


def test_only_an_eraser_on_the_sheet_is_no_drawing(open_sheet, engine):
    app = open_sheet(ERASER)
    assert not answer(app)
    assert "after each stroke" in text(app)


def test_strokes_too_faint_to_see_are_said_to_be_nothing(open_sheet, engine):
    app = open_sheet(PEN, picture=Image.new("RGB", (320, 320), "white"))
    assert "No garment found" in text(app)
    assert not answer(app)


def test_it_says_when_it_is_not_sure(open_sheet, engine):
    engine.probabilities = UNSURE
    said = answer(open_sheet(PEN))
    assert "Uncertain" in said
    assert "T-shirt/top or Shirt. Adding lines may help." in said


def test_it_says_which_network_answered_and_why(open_sheet, engine):
    (said,) = [one for one in open_sheet(PEN).caption if "Predicted by" in one.value]
    assert said.value == "Predicted by the network for drawings, icons and photos."
    assert "This image does not have both." in said.help
    engine.network = SHIPPED_CATALOGUE
    (said,) = [one for one in open_sheet(PEN).caption if "Predicted by" in one.value]
    assert said.value == "Predicted by the network for catalog images like Fashion-MNIST's."
    assert "This image has both." in said.help


def test_nobody_is_asked_to_draw_on_a_picture(open_app, engine):
    engine.probabilities = UNSURE
    said = answer(open_app("try", {"try_way": "Examples", "try/example": "drawn-0-0"}))
    assert "T-shirt/top or Shirt." in said
    assert "lines may settle" not in said


def test_it_says_what_is_no_clothing(open_sheet, engine):
    engine.is_clothing = False
    said = "".join(html(open_sheet(PEN)))
    assert "Not clothing" in said
    assert "The most similar class is Bag." in said
    assert '<div class="answer faded"' in said


def test_an_engine_that_fails_is_explained_and_can_be_asked_again(open_sheet, engine):
    engine.error = EngineError("The engine did not start.", advice="Retry.")
    app = open_sheet(PEN)
    assert "The engine did not start" in text(app)
    assert not answer(app)
    engine.error = None
    app.button(key="try_again").click().run()
    assert "Bag" in answer(app)


def test_the_same_drawing_is_asked_about_once(open_sheet, engine):
    app = open_sheet(PEN)
    asked = len(engine.asked)
    app.run()
    assert len(engine.asked) == asked


def test_the_drawing_is_handed_to_the_sheet_again_after_another_page(open_sheet, engine):
    app = open_sheet(PEN)
    app.switch_page("pages/data.py").run()
    # What a browser's canvas told is forgotten with the page it was on.
    del app.session_state["try_canvas"]
    app.switch_page("pages/try.py").run()
    assert app.session_state["try/given"]["objects"] == [PEN]
    assert "Bag" in answer(app)


def test_clearing_takes_the_answer_away(open_sheet, engine):
    app = open_sheet(PEN)
    app.button(key="try_clear").click().run()
    assert app.session_state["try/given"]["objects"] == []
    assert not answer(app)


def test_corrections_belong_to_their_item_and_can_be_taken_back(open_sheet, engine):
    app = open_sheet(PEN)
    before = answer(app)
    app.slider(key="try_by_hand_rotate").set_value(90.0).run()
    turned = answer(app)
    assert turned != before
    app.segmented_control(key="try_way").set_value("Examples").run()
    assert app.session_state["try/corrections"].keys() == {"drawing"}
    app.segmented_control(key="try_way").set_value("Draw").run()
    assert answer(app) == turned
    app.button(key="try_reset").click().run()
    assert answer(app) == before


def test_what_was_said_of_a_drawing_does_not_stand_below_the_next(open_sheet, engine):
    app = open_sheet(PEN)
    app.slider(key="try_by_hand_rotate").set_value(90.0).run()
    app.selectbox(key="try_really").set_value("Dress").run()
    app.run()
    assert app.selectbox(key="try_really").value == "Dress"
    app.button(key="try_clear").click().run()
    assert app.session_state["try/corrections"] == {}
    app.session_state["try/waiting"] = False
    app.run()
    assert app.selectbox(key="try_really").value is None
    assert app.slider(key="try_by_hand_rotate").value == 0


def test_nothing_of_an_uploaded_file_is_held_but_its_small_picture(open_app, engine, monkeypatch):
    managers, usual = [], server_memory._uploads
    monkeypatch.setattr(server_memory, "_uploads", lambda: managers.append(usual()) or managers[-1])
    app = open_app("try", {"try_way": "Upload"})
    files = [
        ("good.png", file_of(100), "image/png"),
        ("bad.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ]
    app.file_uploader(key="try_files").set_value(files).run()
    assert "2 files, 1 unreadable" in text(app)
    manager, session = managers[-1]
    assert [file.data for file in manager.file_storage[session].values()] == [b"", b""]
    assert [file.getvalue() for file in app.session_state["try_files"]] == [b"", b""]
    # A traceback would hold the frames, and these the bytes.
    *_, (refused,) = app.session_state["try/opened"].values()
    assert refused.error.__traceback__ is refused.error.__cause__ is None


@pytest.mark.parametrize(
    ("limit", "value", "kept", "words"),
    [("MOST_AT_ONCE", 1, 1, "opens 1 pictures at once"), ("MOST_HELD", -1, 0, "All visitors'")],
)
def test_pictures_beyond_the_limits_are_explained_and_not_held(
    open_app, engine, monkeypatch, limit, value, kept, words
):
    monkeypatch.setattr(upload, limit, value)
    app = open_app("try", {"try_way": "Upload"})
    files = [(f"{width}.png", file_of(width), "image/png") for width in (100, 120)]
    app.file_uploader(key="try_files").set_value(files).run()
    entries = [entry for found in app.session_state["try/opened"].values() for entry in found]
    assert [entry.item is not None for entry in entries] == [kept > 0, False]
    assert words in str(entries[-1].error)


def test_prepared_sheets_are_kept_within_limits(open_app, engine, monkeypatch):
    monkeypatch.setattr(upload, "MOST_PREPARED", 2)
    app = open_app("try", {"try_way": "Upload"})
    files = [(f"{width}.png", file_of(width), "image/png") for width in (100, 110, 120)]
    app.file_uploader(key="try_files").set_value(files).run()
    assert len(app.session_state["try/inputs"]) == 2
    assert ("shipped", 3) in engine.asked
    assert not app.run().exception
    assert len(app.session_state["try/inputs"]) == 2


def test_files_are_there_again_after_another_page(open_app, engine):
    app = open_app("try", {"try_way": "Upload"})
    files = [(f"{width}.png", file_of(width), "image/png") for width in (100, 120)]
    app.file_uploader(key="try_files").set_value(files).run()
    first, *_ = app.session_state["try/opened"].values()
    app.session_state["try/chosen_file"] = first[0].id
    app.run()
    shown = answer(app)
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/try.py").run()
    assert "2 files" in text(app)
    assert answer(app) == shown
    app.file_uploader(key="try_files").set_value([("a.png", file_of(90), "image/png")]).run()
    assert "3 files" in text(app)
    app.file_uploader(key="try_files").set_value([]).run()
    assert "2 files" in text(app)
    app.button(key="try_forget_files").click().run()
    assert not answer(app)


def test_only_so_many_files_are_kept():
    picture = np.zeros((10, 10, 3), np.uint8)
    entries = [Entry(str(number), "x", Item(str(number), "x", picture)) for number in range(9)]
    assert [one.id for one in newest(entries, most=2)] == ["7", "8"]
    assert [one.id for one in newest(entries, most_bytes=900)] == ["6", "7", "8"]


def test_the_camera_is_explained_where_a_browser_will_not_give_it(open_app, engine):
    app = open_app("try", {"try_way": "Camera"})
    assert len(app.get("camera_input")) == 1
    app.context = {"url": "http://10.0.0.7:8501/try"}
    app.run()
    assert "only over https" in "".join(app.info.values)
    assert not app.get("camera_input")
    assert not camera_allowed("http://10.0.0.7:8501/try")
    assert not camera_allowed("http://localhost.example.org/try")
    for address_here in ("https://lab.example.org/try", "http://localhost:8501", "http://[::1]:1"):
        assert camera_allowed(address_here)


def test_what_is_said_to_be_right_is_kept(open_sheet, engine):
    app = open_sheet(PEN)
    assert app.button(key="try_keep").disabled
    app.selectbox(key="try_really").set_value("T-shirt/top").run()
    app.button(key="try_keep").click().run()
    kept = CollectionStore(load_settings()).items("mine")
    assert [item.label for item in kept] == [0]
    assert "1 item" in text(app)
    app.button(key="try_delete").click().run()
    assert "**mine** with 1 item" in text(app)
    assert CollectionStore(load_settings()).names() == ("mine",)


def test_a_collection_is_deleted_after_a_second_yes(home):
    CollectionStore(load_settings()).create("mine")

    def page() -> None:
        from fmnist_ui.tryit.my_collection import confirm_deletion

        confirm_deletion("mine", 0)

    app = AppTest.from_function(page).run()
    assert CollectionStore(load_settings()).names() == ("mine",)
    app.button(key="try_delete_confirm").click().run()
    assert CollectionStore(load_settings()).names() == ()


def test_an_example_is_a_line_drawing_that_takes_the_whole_way(open_app, engine):
    app = open_app("try", {"try_way": "Examples", "try/example": "drawn-0-8"})
    assert "Bag" in answer(app)
    strip = "".join(body for body in html(app) if "figcaption" in body)
    assert strip.count("<figure") > 4


def test_own_networks_are_asked_and_domain_shift_explained(open_app, open_sheet, engine, make_run):
    run = make_run("plain", saved=True)
    engine.by_model[run.id] = [0.01] * 9 + [0.91]
    app = open_sheet(PEN, try_compared=[run.id])
    compared = "".join(body for body in html(app) if '<div class="compared"' in body)
    assert "Shipped model, everyday" in compared
    assert "plain" in compared
    assert "Ankle boot" in compared
    assert "domain shift" in text(app)
    as_is = {"drawing": Corrections(reading="as is")}
    familiar = open_sheet(PEN, **{"try_compared": [run.id], "try/corrections": as_is})
    assert "domain shift" not in text(familiar)
    engine.by_model[run.id] = engine.probabilities
    assert "domain shift" not in text(open_sheet(PEN, try_compared=[run.id]))


def test_before_fine_tuning_is_the_shipped_network_it_began_with(open_sheet, engine, make_run):
    app = open_sheet(PEN)
    app.selectbox(key="try_really").set_value("T-shirt/top").run()
    app.button(key="try_keep").click().run()
    changes = ("initial_weights=shipped", 'collections=["mine"]')
    run = make_run("tuned", changes=changes, saved=True)
    run.begin_with(shipped_model_path(SHIPPED_EVERYDAY).read_bytes())
    engine.by_model[SHIPPED_EVERYDAY] = engine.by_model[run.id] = [0.91] + [0.01] * 9
    found = {metric.label: metric.value for metric in open_sheet(PEN).metric}
    assert (found["Before"], found["After"]) == ("1 of 1", "1 of 1")
    assert "Difference, points" not in found, "they were its training data"
    run.begin_with(b"the network that an earlier version came with")
    assert "is gone, so there is no comparison" in text(open_sheet(PEN))


def test_a_fine_tuning_that_failed_is_looked_at_no_more(home, make_run, monkeypatch):
    CollectionStore(load_settings()).create("mine")
    changes = ("initial_weights=shipped", 'collections=["mine"]')
    run = make_run("tuned", state="running", judged=False, changes=changes, worker="training-1")

    def page() -> None:
        from fmnist_ui.tryit.my_collection import show_fine_tuning

        show_fine_tuning("mine")

    app = AppTest.from_function(page).run()
    assert "fine_tuning_watch" in {button.key for button in app.button}
    run.change_status(state="failed", error="The loss became NaN.")
    reruns = []
    # Only a run of the whole page ends the pace of the fragment.
    monkeypatch.setattr(st, "rerun", lambda: reruns.append("page"))
    assert "The loss became NaN." in text(app.run())
    app.run()
    assert reruns == ["page"]


@pytest.mark.parametrize("typed", [0, 21, 2.5, None])
def test_fine_tuning_for_no_number_of_epochs_is_refused_beside_its_field(home, typed):
    CollectionStore(load_settings()).create("mine")

    def page() -> None:
        from fmnist_ui.tryit.my_collection import show_fine_tuning

        show_fine_tuning("mine")

    app = AppTest.from_function(page).run()
    assert not app.button(key="try_fine_tune_go").disabled
    app.number_input(key="try_epochs").set_value(typed).run()
    assert "Must be a whole number from 1 to 20." in text(app)
    assert app.button(key="try_fine_tune_go").disabled


def test_a_weak_network_is_called_weak(open_sheet, engine, make_run):
    run = make_run("plain", skill=0.5, saved=True)
    engine.by_model[run.id] = [0.07] * 9 + [0.37]
    said = text(open_sheet(PEN, try_compared=[run.id]))
    assert "domain shift" not in said
    assert "**plain** has a low accuracy" in said


def test_an_able_network_that_is_unsure_has_met_another_world(open_sheet, engine, make_run):
    run = make_run("plain", skill=0.9, saved=True)
    engine.by_model[run.id] = [0.07] * 9 + [0.37]
    assert "domain shift" in text(open_sheet(PEN, try_compared=[run.id]))


def test_clothing_that_is_none_of_the_ten_is_said_to_be_and_kept_as_such(open_sheet, engine):
    engine.is_other = True
    app = open_sheet(PEN)
    said = "".join(html(app))
    assert "Other clothing" in said
    assert "Clothing, but none of the ten classes. The most similar class is Bag." in said
    assert '<div class="answer faded"' in said
    assert app.selectbox(key="try_really").options[-2:] == ["Other clothing", "Not clothing"]
    app.selectbox(key="try_really").set_value("other clothing").run()
    app.button(key="try_keep").click().run()
    (item,) = CollectionStore(load_settings()).items("mine")
    assert item.label == OTHER_CLOTHING


def test_a_csv_runs_nothing_in_a_spreadsheet():
    said = Verdict(np.float32([0.05] * 9 + [0.55]), 0.9, True)
    names = ["=1+1.png", "@a.png", " -2.png", "plain.png", 'a,"b".png']
    lines = [Line(name, said) for name in names] + [Line("broken.png", None, "+ no picture")]
    rows = list(csv.DictReader(predictions_csv(lines).decode("utf-8-sig").splitlines()))
    assert [row["file"] for row in rows[:5]] == ["'=1+1.png", "'@a.png", "' -2.png", *names[3:]]
    assert rows[5]["error"] == "'+ no picture"
    assert rows[5]["label"] == ""
    assert rows[0]["label"] == CLASS_NAMES[9]
    assert float(rows[0]["Ankle boot"]) == pytest.approx(0.55)
    assert (rows[0]["other_clothing"], rows[0]["is_other_clothing"]) == ("", "False")


def test_undo_fill_and_other_paper():
    drawing = {"objects": [PEN, ERASER], "background": "#FFFFFF"}
    assert without_last(drawing)["objects"] == [PEN]
    assert last_filled(drawing)["objects"] == [{**PEN, "fill": "#000000"}, ERASER]
    black, white = PAPERS["Dark on white"], PAPERS["White on dark"]
    there = on_other_paper(drawing, black, white)
    assert [one["stroke"] for one in there["objects"]] == ["#FFFFFF", "#000000"]
    assert on_other_paper(there, white, black) == drawing
    assert is_empty({"objects": [ERASER], "background": "#FFFFFF"})
    assert not is_empty(drawing)


def test_an_upload_is_kept_nowhere_before_add_is_pressed(open_app, home, engine, ada):
    act_as(ada)
    app = open_app("try", {"try_way": "Upload"})
    photo = file_of(100)
    app.file_uploader(key="try_files").set_value([("me.png", photo, "image/png")]).run()
    assert "me.png" in text(app)
    pixels = np.full(784, 100, np.uint8).tobytes()
    sought = (photo[-60:], pixels[:64], base64.b64encode(pixels)[:64], b"me.png")
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in files if any(each in path.read_bytes() for each in sought)]
    assert not {"collections", "probes"} & {path.relative_to(home).parts[0] for path in files}
