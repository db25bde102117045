"""The page "Inside" and its first four sections; the engine's part is played by made-up numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.background_job import JobState
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import CalibrationError, EngineError, LabError, NoDataError
from fmnist_core.explain.views import (
    Attribution,
    Filters,
    FirstFilters,
    LayerMaps,
    MaximizedActivation,
    Occlusion,
    TappedLayer,
    TopActivations,
)
from fmnist_core.models.calibration import CalibratedPredictions, Calibration
from fmnist_ui.components import predictions
from fmnist_ui.explain import activation_view, attribution_view, feature_maps_view, page
from fmnist_ui.explain.pictures import Picture
from tests.pages.played import answers
from tests.pages.reading import html, text, words

pytestmark = pytest.mark.usefixtures("engine_there")
CONVOLUTION = TappedLayer("block1_conv1", "convolution", (28, 28, 40))
ANSWER = TappedLayer("answer", "answer", (10,))


@dataclass
class Engine:
    """Takes everything for a bag; notes what it was asked."""

    layers: tuple[TappedLayer, ...] = (CONVOLUTION, ANSWER)
    error: LabError | None = None
    filters: Filters | None = None
    imagined: JobState[MaximizedActivation] | None = None
    exciting: JobState[TopActivations] | None = None
    asked: list[tuple] = field(default_factory=list)

    def predict_calibrated(
        self, model: str, images: np.ndarray, settings: object
    ) -> CalibratedPredictions:
        if self.error is not None:
            raise self.error
        return answers([8] * len(images), 0.55)

    def tapped_layers(self, model: str, settings: object) -> tuple[TappedLayer, ...]:
        return self.layers

    def grad_cam_of(
        self, model: str, image: np.ndarray, label: int, settings: object, *, layer: str
    ) -> np.ndarray:
        self.asked.append(("heat", label, layer))
        return np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)

    def occlusion_of(
        self, model: str, image: np.ndarray, label: int, settings: object, *, patch: int
    ) -> Occlusion:
        self.asked.append(("occlusion", label, patch))
        return Occlusion(np.zeros((28, 28), np.float32), 0.55, 0.04, 3, 4, patch)

    def attribution_of(
        self, model: str, image: np.ndarray, label: int, settings: object
    ) -> Attribution:
        self.asked.append(("attribution", label))
        return Attribution(np.full((28, 28), 3 / 784, np.float32), 3.0, 0.001, 64)

    def feature_maps_of(
        self, *_: object, layer: str = "", count: int = 8, strongest: bool = True
    ) -> tuple[LayerMaps, ...]:
        self.asked.append(("maps", layer, count, strongest))
        shown = min(count, 40)
        silent, sure = np.zeros(shown, np.float32), np.arange(10, dtype=np.float32)
        pictures = np.zeros((shown, 28, 28), np.uint8)
        size, bars = (28, 28, 40), np.arange(0, 250, 25, dtype=np.uint8).reshape(10, 1, 1)
        facts = (size, np.arange(shown), pictures, silent, silent, False)
        maps = LayerMaps("block1_conv1", "Conv2D", *facts)
        units = LayerMaps("answer", "Dense", (10,), np.arange(10), bars, sure, sure, True)
        return tuple(one for one in (maps, units) if layer in ("", one.layer))

    def filters_of(self, model: str, settings: object) -> Filters:
        now = FirstFilters("block1_conv1", np.ones((40, 3, 3), np.float32))
        return self.filters or Filters(now, FirstFilters("block1_conv1", 0.5 * now.kernels))

    def activation_maximization_of(
        self, model: str, layer: str, channel: int, settings: object, *, seed: int
    ) -> JobState[MaximizedActivation]:
        self.asked.append(("imagined", layer, channel, seed))
        return self.imagined or JobState(
            result=MaximizedActivation(np.zeros((28, 28), np.uint8), 7.0)
        )

    def top_activations(
        self, model: str, layer: str, channel: int, settings: object
    ) -> JobState[TopActivations]:
        self.asked.append(("exciting", layer, channel))
        values, images = np.arange(9, 0, -1).astype(np.float32), np.zeros((9, 28, 28), np.uint8)
        facts = (values, np.full(9, 5, np.uint8), images, np.ones((9, 28, 28), np.float32), 200)
        found = TopActivations(np.arange(9), *facts)
        return self.exciting or JobState(result=found)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine()
    monkeypatch.setattr(predictions, "predict_calibrated", played.predict_calibrated)
    questions = {
        attribution_view: ("tapped_layers", "grad_cam_of", "occlusion_of", "attribution_of"),
        feature_maps_view: ("feature_maps_of",),
        page: ("filters_of", "feature_maps_of"),
        activation_view: ("tapped_layers", "activation_maximization_of", "top_activations"),
    }
    for view, names in questions.items():
        for name in names:
            monkeypatch.setattr(view, name, getattr(played, name))
    return played


@pytest.fixture
def open_section(open_inside, engine) -> Callable[..., AppTest]:
    return open_inside


def box(app: AppTest, key: str):
    return next(one for one in app.selectbox if one.key == key)


def test_a_link_names_network_image_and_section(open_section, garments):
    app = open_section("Feature maps", image="7")
    really = CLASS_NAMES[garments.test.labels[7]]
    assert f"Test image 7 of synthetic garments · true class {really}" in html(app)
    assert app.session_state["section"] == "Feature maps"
    assert "55%" in html(app)


def test_a_section_opens_by_its_older_name(open_section):
    app = open_section("Where it looked", image="7")
    assert app.session_state["section"] == "Attribution"
    assert app.query_params["section"] == "Attribution"
    assert "could not be followed" not in words(app)


@pytest.mark.parametrize("image", ["99999", "-1", "abc", "", "9" * 40])
def test_an_address_may_name_any_image(open_section, image):
    app = open_section("nothing of the kind", image=image)
    assert "Test image" in html(app)
    assert app.session_state["section"] == "Attribution"


def test_a_run_without_a_network_is_replaced_and_said_so(open_app, make_run, engine):
    unsaved = make_run("stopped at once", state="stopped", epochs=0, judged=False)
    app = open_app("explain", model=unsaved.id)
    assert "nothing to show here" in text(app)
    assert box(app, "inside_model").value == "shipped-catalogue"


def test_a_class_is_chosen_and_an_image_of_it_comes(open_section, garments):
    app = open_section("Feature maps")
    box(app, "inside_class").select("Bag").run()
    for _ in range(3):
        number = app.session_state["inside_number"]
        assert garments.test.labels[number] == 8
        next(one for one in app.button if one.label == "Another").click().run()


def test_what_was_tried_or_brought_can_be_looked_at(open_section):
    tried = Picture(np.full((28, 28), 9, np.uint8), "<b>a drawing</b>", None)
    brought = Picture(np.zeros((28, 28), np.uint8), "an image from a cell", 3)
    session = {"inside/tried": tried, "inside/brought": brought, "inside_from": "From another page"}
    app = open_section("Feature maps", session)
    assert "an image from a cell · true class Dress" in html(app)
    app.session_state["inside_from"] = "From Try it"
    app.run()
    assert "&lt;b&gt;a drawing&lt;/b&gt;" in html(app)
    assert "image" not in app.query_params


def test_an_image_of_the_wrong_size_is_explained(open_app):
    large = Picture(np.zeros((60, 60), np.uint8), "an image of another program", None)
    session = {"inside/brought": large, "inside_from": "From another page"}
    app = open_app("explain", session, model="shipped-catalogue", section="Feature maps")
    assert "28x28" in " ".join(error.value for error in app.error)
    assert "60, 60)" in " ".join(error.value for error in app.error)


def test_an_engine_without_an_answer_is_asked_again(open_section, engine):
    engine.error = EngineError("The engine gave no answer.", advice="Try again.")
    app = open_section("Feature maps")
    assert "gave no answer" in text(app)
    assert not engine.asked
    engine.error = None
    next(one for one in app.button if one.label == "Retry").click().run()
    assert "gave no answer" not in text(app)
    assert engine.asked


def test_a_change_of_section_shows_a_skeleton_and_another_choice_does_not(open_section):
    app = open_section("Feature maps")
    assert app.session_state["explain/drawn"] == "Feature maps"
    app.session_state["section"] = "Filters"
    app.run()
    assert app.session_state["explain/drawn"] == "Filters"


def test_commands_in_an_advice_are_shown_as_code(open_section, engine):
    engine.error = EngineError(
        "It *timed* out.", advice="Stop it with `engine stop`, then *retry*."
    )
    app = open_section("Feature maps")
    assert r"Stop it with `engine stop`, then \*retry\*." in app.error[0].value
    assert r"It \*timed\* out." in app.error[0].value


def test_a_run_of_an_older_version_is_looked_into_all_the_same(open_section, engine):
    with pytest.raises(CalibrationError) as raised:
        Calibration.from_json({"temperature": 1.2, "energy_threshold": 3.0})
    engine.error = raised.value
    app = open_section("Feature maps")
    assert "was written by another version" in text(app)
    assert app.button(key="evaluate_run").label == "Evaluate it again"
    assert engine.asked[-1] == ("maps", "", 8, True)


def test_three_reasons_stand_side_by_side(open_section, engine):
    app = open_section("Attribution")
    assert engine.asked == [("heat", 8, "block1_conv1"), ("occlusion", 8, 6), ("attribution", 8)]
    said = text(app)
    assert "from 55% to 4%" in said
    assert "Attributions sum to 3" in said
    engine.asked.clear()
    box(app, "where_patch").select(10).run()
    # What did not change is not asked again.
    assert engine.asked == [("occlusion", 8, 10)]
    box(app, "where_class").select("Coat").run()
    assert ("heat", 4, "block1_conv1") in engine.asked


def test_a_network_without_convolutions_has_two_reasons(open_section, engine):
    engine.layers = (ANSWER,)
    app = open_section("Attribution")
    assert "no convolution" in text(app)
    assert [one[0] for one in engine.asked] == ["occlusion", "attribution"]


def test_maps_of_all_layers_and_then_more_of_one(open_section, engine):
    app = open_section("Feature maps")
    assert engine.asked[-1] == ("maps", "", 8, True)
    # A convolution is a step on the way to its activation.
    assert "block1_conv1" not in html(app)
    assert "Ankle boot: 9" in html(app)
    next(one for one in app.toggle if one.key == "maps_every_step").set_value(True).run()
    assert "8 of 40" in html(app)
    assert "silent" in html(app)
    box(app, "maps_layer").select("block1_conv1").run()
    assert engine.asked[-1] == ("maps", "block1_conv1", 32, True)
    next(one for one in app.button if one.label == "Show more").click().run()
    assert engine.asked[-1] == ("maps", "block1_conv1", 64, True)
    assert not [one for one in app.button if one.label == "Show more"]


def test_filters_with_what_they_began_as(open_section, engine):
    app = open_section("Filters")
    assert "1.00 times its initial norm" in text(app)
    assert html(app).count(">before<") == 32
    next(one for one in app.button if one.label.startswith("Show more")).click().run()
    assert html(app).count(">before<") == 40


def test_a_beginning_that_is_not_known_is_said(open_section, engine):
    now = FirstFilters("answer", np.ones((10, 28, 28), np.float32))
    engine.filters = Filters(now, None, "It began with weights of another network.")
    app = open_section("Filters")
    assert "weights of another network" in text(app)
    assert "Sandal now" in html(app)
    assert "is dense" in text(app)
    assert ("maps", "answer", 1024, False) not in engine.asked


def test_a_first_layer_that_reads_no_pixels(open_section, engine):
    engine.filters = Filters(None, None)
    assert "does not read pixels" in text(open_section("Filters"))


def test_what_excites_a_class_and_then_a_map(open_section, engine):
    app = open_section("Activation maximization")
    assert engine.asked == [("imagined", "answer", 0, 0), ("exciting", "answer", 0)]
    assert "Sandal · 0" in html(app)
    assert "200 test images" in text(app)
    box(app, "excites_layer").select("block1_conv1").run()
    number = next(one for one in app.number_input if one.key == "excites_channel/block1_conv1")
    number.set_value(39).run()
    assert engine.asked[-1] == ("exciting", "block1_conv1", 39)
    next(one for one in app.button if one.label == "New random start").click().run()
    assert engine.asked[-2] == ("imagined", "block1_conv1", 39, 1)


def test_what_is_still_sought_and_what_cannot_be(open_section, engine):
    engine.imagined = JobState(True, 0.4)
    engine.exciting = JobState(error=NoDataError("The test images are not at hand."))
    app = open_section("Activation maximization")
    assert "not at hand" in text(app)
    assert "Gradient ascent" in " ".join(one.proto.text for one in app.get("progress"))
