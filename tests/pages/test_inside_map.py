"""The section "Data map"; the engine's part is played by answers made up here."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.background_job import JobState
from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import DataError, LabError, NoDataError
from fmnist_core.explain.tsne_map import DataMap, MapPosition
from fmnist_core.models.calibration import CalibratedPredictions
from fmnist_ui.components import predictions
from fmnist_ui.components.pixels import pictures_html
from fmnist_ui.explain import embedding_map_view
from fmnist_ui.explain.pictures import Picture
from fmnist_ui.figures.embedding_map import Zoom
from tests.pages.played import answers
from tests.pages.reading import text

pytestmark = pytest.mark.usefixtures("engine_there")


@dataclass
class Engine:
    """Takes the first shirt for a coat and is right about all else; notes what it was asked."""

    garments: Dataset
    fingerprint: str = ""
    state: JobState[np.ndarray] = field(default_factory=JobState)
    when_begun: JobState[np.ndarray] | None = None
    error: LabError | None = None
    asked: list[str] = field(default_factory=list)

    def predict_calibrated(
        self, model: str, images: np.ndarray, settings: object
    ) -> CalibratedPredictions:
        return answers([0] * len(images))

    def data_map(self, model: str, settings: object) -> DataMap:
        if self.error is not None:
            raise self.error
        labels = self.garments.test.labels.astype(int)
        labels[np.flatnonzero(labels == 6)[0]] = 4
        identity = self.garments.identity
        plane = np.random.default_rng(0).normal(size=(len(labels), 2)).astype(np.float32)
        return DataMap(
            identity.name,
            self.fingerprint or identity.fingerprint,
            np.arange(len(labels)),
            plane,
            np.array([0.4, 0.2], np.float32),
            answers(labels),
        )

    def place_on_map(self, model: str, image: np.ndarray, settings: object) -> MapPosition:
        there = np.zeros(2, np.float32)
        tsne = None if self.state.result is None else there
        return MapPosition(there, tsne, np.arange(6), np.arange(6, dtype=np.float32))

    def tsne_map(
        self, model: str, settings: object, *, begin: bool = False
    ) -> JobState[np.ndarray]:
        self.asked.append("begin" if begin else "look")
        if begin and self.when_begun is not None:
            self.state = self.when_begun
        return self.state

    def stop_tsne(self, model: str, settings: object) -> bool:
        self.asked.append("stop")
        self.state = JobState()
        return True


@pytest.fixture
def engine(garments: Dataset, monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine(garments)
    monkeypatch.setattr(predictions, "predict_calibrated", played.predict_calibrated)
    for name in ("data_map", "place_on_map", "tsne_map", "stop_tsne"):
        monkeypatch.setattr(embedding_map_view, name, getattr(played, name))
    return played


@pytest.fixture
def open_section(open_inside) -> Callable[..., AppTest]:
    return lambda **session: open_inside("Data map", session)


def test_the_plane_is_shown_with_what_it_means(open_section, engine):
    app = open_section()
    assert not app.error
    assert len(app.get("plotly_chart")) == 1
    said = text(app)
    assert "200 test images of synthetic garments" in said
    assert "40% and 20%" in said
    assert "Nearest neighbors of your image" in said
    assert engine.asked == []


def test_a_drawing_is_the_star(open_section, engine):
    drawing = Picture(np.full((28, 28), 9, np.uint8), "My *drawing*", None)
    app = open_section(**{"inside/brought": drawing, "inside_from": "From another page"})
    assert r"The star is My \*drawing\*" in text(app)
    assert "this image" in text(app)


def test_an_image_of_a_larger_network_is_not_its_own_neighbor(open_app, make_run, engine):
    run = make_run("larger", saved=True, changes=("model.input_side=40",))
    app = open_app("explain", {"inside_number": 0}, model=run.id, section="Data map")
    assert not app.exception
    # The image is itself on the map; what else is near are the rows 1 to 5.
    test = engine.garments.test.take(np.arange(1, 6))
    shown = pictures_html(
        test.images,
        [CLASS_NAMES[label] for label in test.labels],
        columns=5,
        least_width=48,
        colours=[CLASS_COLOURS[label] for label in test.labels],
    )
    assert shown in [each.proto.body for each in app.get("html")]


def test_a_mistake_is_opened_from_the_box(open_section, engine):
    app = open_section()
    box = next(box for box in app.selectbox if box.label.startswith("Errors"))
    assert box.label == "Errors, most confident first (1)"
    (option,) = box.options
    assert option.startswith("Shirt → Coat, 91%")
    row = int(np.flatnonzero(engine.garments.test.labels == 6)[0])
    box.select(row).run()
    assert f"**Test image {row}**" in text(app)
    assert "Shirt, predicted Coat" in [caption.value for caption in app.caption]
    assert any(button.label == "Explain" for button in app.button)


def test_only_the_chosen_classes_are_counted(open_section, engine):
    app = open_section(atlas_classes=["Coat", "Bag"])
    assert any(box.label == "Errors, most confident first (0)" for box in app.selectbox)
    assert "Sneaker" not in next(
        each.proto.body for each in app.get("html") if "atlas-legend" in each.proto.body
    )


def in_view(app: AppTest) -> list[float] | None:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)["layout"]["xaxis"].get("range")


def test_the_zoom_stays_while_colours_change_and_goes_with_the_star(open_section, engine):
    app = open_section()
    assert in_view(app) is None
    app.session_state["atlas/zoom"] = Zoom((0.1, 0.5), (0.2, 0.6))
    assert in_view(app.run()) is None  # The figure is the same, so the browser's own zoom stands.
    assert in_view(app.get_by_key("atlas_colour").set_value("Confidence").run()) == [0.1, 0.5]
    assert in_view(app.get_by_key("atlas_classes").set_value(["Shirt"]).run()) == [0.1, 0.5]
    assert in_view(app.number_input(key="inside_number").set_value(3).run()) is None


def _page_with_a_zoom() -> None:
    import streamlit as st

    from fmnist_ui.explain.embedding_map_hover import remember_zoom, zoom_to_begin_with

    zoom_to_begin_with("map", "colours")
    remember_zoom(st.session_state["sent"])
    st.write(str(zoom_to_begin_with("map", "other colours")))


NOT_IN_X = ([0, "a"], [0, float("nan")], [0, 1, 2])


@pytest.mark.parametrize(
    "sent", [None, "far", {"x": [0, 1]}, *({"x": x, "y": [0, 1]} for x in NOT_IN_X)]
)
def test_a_zoom_of_another_form_shows_all(sent):
    app = AppTest.from_function(_page_with_a_zoom)
    app.session_state["sent"] = sent
    assert app.run().markdown[0].value == "None"


def test_the_unfolded_map_is_begun_waited_for_and_stopped(open_section, engine):
    engine.state = JobState(running=True, share=0.4, seconds_left=42)
    app = open_section(atlas_layout="t-SNE")
    assert engine.asked[0] == "begin"
    (bar,) = app.get("progress")
    assert bar.proto.value == 40
    assert bar.proto.text == "Finding the nearest neighbors of each image, about 42 s left"
    # Meanwhile the plane is there.
    assert "40% and 20%" in text(app)
    app.button(key="atlas_stop").click().run()
    assert "stop" in engine.asked
    assert engine.asked[-1] == "look"
    assert "begin" not in engine.asked[engine.asked.index("stop") :]
    engine.when_begun = JobState(result=np.ones((200, 2), np.float32))
    app.button(key="atlas_unfold").click().run()
    assert "t-SNE preserves neighborhoods" in text(app)


def test_why_it_could_not_be_unfolded_is_said(open_section, engine):
    engine.state = JobState(error=DataError("The network makes the same of every image."))
    app = open_section(atlas_layout="t-SNE")
    assert "the same of every image" in text(app)
    assert "40% and 20%" in text(app)


def test_without_the_images_there_is_an_explanation(open_section, engine):
    engine.error = NoDataError("The test images are not on this machine.", advice="Get them.")
    app = open_section()
    assert "Get them" in text(app)


def test_other_images_than_the_engines_are_not_mixed_up(open_section, engine):
    engine.fingerprint = "0" * 64
    app = open_section()
    assert "other images" in text(app)
    assert not app.get("plotly_chart")
