"""The page "Inside" and its first four sections; the engine's part is played by made-up numbers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.background_job import JobState
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import CalibrationError, EngineError, LabError, NoDataError
from fmnist_core.explain.views import (
    Attribution,
    Exciting,
    Filters,
    FirstFilters,
    Imagined,
    LayerMaps,
    Occlusion,
    SeenLayer,
)
from fmnist_core.models.calibration import Answers, Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_ui.components import predictions
from fmnist_ui.explain import activation_view, attribution_view, feature_maps_view, page
from fmnist_ui.explain.pictures import Picture

pytestmark = pytest.mark.usefixtures("engine_there")
CONVOLUTION = SeenLayer("block1_conv1", "convolution", (28, 28, 40))
ANSWER = SeenLayer("answer", "answer", (10,))


@dataclass
class Engine:
    """Takes everything for a bag; notes what it was asked."""

    layers: tuple[SeenLayer, ...] = (CONVOLUTION, ANSWER)
    error: LabError | None = None
    filters: Filters | None = None
    imagined: JobState[Imagined] | None = None
    exciting: JobState[Exciting] | None = None
    asked: list[tuple] = field(default_factory=list)

    def recognise(self, model: str, images: np.ndarray, settings: object) -> Answers:
        if self.error is not None:
            raise self.error
        shares = np.full((len(images), 10), 0.05, np.float32)
        shares[:, 8] = 0.55
        some = np.ones(len(images))
        return Answers(shares, some.astype(np.float32), some.astype(bool), (model,) * len(images))

    def seen_layers(self, model: str, settings: object) -> tuple[SeenLayer, ...]:
        return self.layers

    def heat_of(
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

    def maps_of(
        self,
        model: str,
        image: np.ndarray,
        settings: object,
        *,
        layer: str = "",
        count: int = 8,
        strongest: bool = True,
    ) -> tuple[LayerMaps, ...]:
        self.asked.append(("maps", layer, count, strongest))
        shown = min(count, 40)
        maps = LayerMaps(
            "block1_conv1",
            "Conv2D",
            (28, 28, 40),
            np.arange(shown),
            np.zeros((shown, 28, 28), np.uint8),
            np.zeros(shown, np.float32),
            np.zeros(shown, np.float32),
            False,
        )
        units = LayerMaps(
            "answer",
            "Dense",
            (10,),
            np.arange(10),
            np.arange(0, 250, 25, dtype=np.uint8).reshape(10, 1, 1),
            np.arange(10, dtype=np.float32),
            np.arange(10, dtype=np.float32),
            True,
        )
        return tuple(one for one in (maps, units) if layer in ("", one.layer))

    def filters_of(self, model: str, settings: object) -> Filters:
        now = FirstFilters("block1_conv1", np.ones((40, 3, 3), np.float32))
        return self.filters or Filters(now, FirstFilters("block1_conv1", 0.5 * now.kernels))

    def imagined_image(
        self, model: str, layer: str, channel: int, settings: object, *, seed: int
    ) -> JobState[Imagined]:
        self.asked.append(("imagined", layer, channel, seed))
        return self.imagined or JobState(result=Imagined(np.zeros((28, 28), np.uint8), 7.0))

    def exciting_images(
        self, model: str, layer: str, channel: int, settings: object
    ) -> JobState[Exciting]:
        self.asked.append(("exciting", layer, channel))
        found = Exciting(
            np.arange(9),
            np.arange(9, 0, -1).astype(np.float32),
            np.full(9, 5, np.uint8),
            np.zeros((9, 28, 28), np.uint8),
            np.ones((9, 28, 28), np.float32),
            200,
        )
        return self.exciting or JobState(result=found)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine()
    monkeypatch.setattr(predictions, "recognise", played.recognise)
    questions = {
        attribution_view: ("seen_layers", "heat_of", "occlusion_of", "attribution_of"),
        feature_maps_view: ("maps_of",),
        page: ("filters_of", "maps_of"),
        activation_view: ("seen_layers", "imagined_image", "exciting_images"),
    }
    for view, names in questions.items():
        for name in names:
            monkeypatch.setattr(view, name, getattr(played, name))
    return played


@pytest.fixture
def open_section(
    open_app: Callable[..., AppTest], make_run: Callable[..., RunFolder], engine: Engine
) -> Callable[..., AppTest]:
    """Opens a section for a run that saved a network."""
    run = make_run("mine")
    run.model_path.write_bytes(b"asked for by its digest only")

    def opened(section: str, session: dict[str, object] | None = None, **query: str) -> AppTest:
        app = open_app("inside", session, **{"model": run.id, "section": section, **query})
        assert not app.exception
        return app

    return opened


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.error]
    return " ".join([part.value for part in parts] + [html_of(app)])


def html_of(app: AppTest) -> str:
    return " ".join(part.proto.body for part in app.get("html"))


def box(app: AppTest, key: str):
    return next(one for one in app.selectbox if one.key == key)


def test_a_link_names_network_image_and_section(
    open_section: Callable[..., AppTest], garments: Dataset
) -> None:
    app = open_section("Feature maps", image="7")
    assert (
        f"Test image 7 of synthetic garments · really {CLASS_NAMES[garments.test.labels[7]]}"
        in (html_of(app))
    )
    assert app.session_state["section"] == "Feature maps"
    assert "55 %" in html_of(app)


@pytest.mark.parametrize("image", ["99999", "-1", "abc", "", "9" * 40])
def test_an_address_may_name_any_image(open_section: Callable[..., AppTest], image: str) -> None:
    app = open_section("nothing of the kind", image=image)
    assert "Test image" in html_of(app)
    assert app.session_state["section"] == "Where it looked"


def test_a_run_without_a_network_is_replaced_and_said_so(
    open_app: Callable[..., AppTest], make_run: Callable[..., RunFolder], engine: Engine
) -> None:
    unsaved = make_run("stopped at once", state="stopped", epochs=0, judged=False)
    app = open_app("inside", model=unsaved.id)
    assert not app.exception
    assert "saved no network" in words(app)
    assert box(app, "inside_model").value == "shipped-catalogue"


def test_a_class_is_chosen_and_an_image_of_it_comes(
    open_section: Callable[..., AppTest], garments: Dataset
) -> None:
    app = open_section("Feature maps")
    box(app, "inside_class").select("Bag").run()
    for _ in range(3):
        number = app.session_state["inside_number"]
        assert garments.test.labels[number] == 8
        next(one for one in app.button if one.label == "Another").click().run()


def test_what_was_tried_or_brought_can_be_looked_at(open_section: Callable[..., AppTest]) -> None:
    tried = Picture(np.full((28, 28), 9, np.uint8), "<b>a drawing</b>", None)
    brought = Picture(np.zeros((28, 28), np.uint8), "an image from a cell", 3)
    session = {"inside/tried": tried, "inside/brought": brought, "inside_from": "Brought here"}
    app = open_section("Feature maps", session)
    assert "an image from a cell · really Dress" in html_of(app)
    app.session_state["inside_from"] = "From Try it"
    app.run()
    assert "&lt;b&gt;a drawing&lt;/b&gt;" in html_of(app)
    assert "image" not in app.query_params


def test_an_image_of_the_wrong_size_is_explained(open_app: Callable[..., AppTest]) -> None:
    large = Picture(np.zeros((56, 56), np.uint8), "an image of another program", None)
    session = {"inside/brought": large, "inside_from": "Brought here"}
    app = open_app("inside", session, model="shipped-catalogue", section="Feature maps")
    assert not app.exception
    assert "28x28" in " ".join(error.value for error in app.error)
    assert "56, 56)" in " ".join(error.value for error in app.error)


def test_an_engine_without_an_answer_is_asked_again(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    engine.error = EngineError("The engine gave no answer.", advice="Try again.")
    app = open_section("Feature maps")
    assert "gave no answer" in words(app)
    assert not engine.asked
    engine.error = None
    next(one for one in app.button if one.label == "Ask again").click().run()
    assert "gave no answer" not in words(app)
    assert engine.asked


def test_a_run_of_an_older_version_is_looked_into_all_the_same(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    with pytest.raises(CalibrationError) as raised:
        Calibration.from_json({"temperature": 1.2, "energy_threshold": 3.0})
    engine.error = raised.value
    app = open_section("Feature maps")
    assert "written down by another version" in words(app)
    assert app.button(key="evaluate_run").label == "Evaluate it again"
    assert engine.asked[-1] == ("maps", "", 8, True)


def test_three_reasons_stand_side_by_side(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    app = open_section("Where it looked")
    assert engine.asked == [("heat", 8, "block1_conv1"), ("occlusion", 8, 6), ("attribution", 8)]
    said = words(app)
    assert "from 55 % to 4 %" in said
    assert "3 of 3 points" in said
    engine.asked.clear()
    box(app, "where_patch").select(10).run()
    # What did not change is not asked again.
    assert engine.asked == [("occlusion", 8, 10)]
    box(app, "where_class").select("Coat").run()
    assert ("heat", 4, "block1_conv1") in engine.asked


def test_a_network_without_convolutions_has_two_reasons(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    engine.layers = (ANSWER,)
    app = open_section("Where it looked")
    assert "no convolution" in words(app)
    assert [one[0] for one in engine.asked] == ["occlusion", "attribution"]


def test_maps_of_all_layers_and_then_more_of_one(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    app = open_section("Feature maps")
    assert engine.asked[-1] == ("maps", "", 8, True)
    # A convolution is a step on the way to its activation.
    assert "block1_conv1" not in html_of(app)
    assert "Ankle boot: 9" in html_of(app)
    next(one for one in app.toggle if one.key == "maps_every_step").set_value(True).run()
    assert "8 of 40" in html_of(app)
    assert "silent" in html_of(app)
    box(app, "maps_layer").select("block1_conv1").run()
    assert engine.asked[-1] == ("maps", "block1_conv1", 32, True)
    next(one for one in app.button if one.label == "Show more").click().run()
    assert engine.asked[-1] == ("maps", "block1_conv1", 64, True)
    assert not [one for one in app.button if one.label == "Show more"]


def test_filters_with_what_they_began_as(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    app = open_section("Filters")
    assert "1.00 times its first length" in words(app)
    assert html_of(app).count(">before<") == 32
    next(one for one in app.button if one.label.startswith("Show more")).click().run()
    assert html_of(app).count(">before<") == 40


def test_a_beginning_that_is_not_known_is_said(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    now = FirstFilters("answer", np.ones((10, 28, 28), np.float32))
    engine.filters = Filters(now, None, "It began with weights of another network.")
    app = open_section("Filters")
    assert "weights of another network" in words(app)
    assert "Sandal now" in html_of(app)
    assert "reads all pixels at once" in words(app)
    assert ("maps", "answer", 1024, False) not in engine.asked


def test_a_first_layer_that_reads_no_pixels(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    engine.filters = Filters(None, None)
    assert "does not read pixels" in words(open_section("Filters"))


def test_what_excites_a_class_and_then_a_map(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    app = open_section("What excites it")
    assert engine.asked == [("imagined", "answer", 0, 0), ("exciting", "answer", 0)]
    assert "Sandal · 0" in html_of(app)
    assert "200 test images" in words(app)
    box(app, "excites_layer").select("block1_conv1").run()
    number = next(one for one in app.number_input if one.key == "excites_channel/block1_conv1")
    number.set_value(39).run()
    assert engine.asked[-1] == ("exciting", "block1_conv1", 39)
    next(one for one in app.button if one.label == "From other noise").click().run()
    assert engine.asked[-2] == ("imagined", "block1_conv1", 39, 1)


def test_what_is_still_sought_and_what_cannot_be(
    open_section: Callable[..., AppTest], engine: Engine
) -> None:
    engine.imagined = JobState(True, 0.4)
    engine.exciting = JobState(error=NoDataError("The test images are not at hand."))
    app = open_section("What excites it")
    assert "not at hand" in words(app)
    assert "uphill" in " ".join(one.proto.text for one in app.get("progress"))


def test_asking_about_networks_loads_no_keras() -> None:
    """Streamlit clears Keras' session after every rerun; only workers may have it."""
    modules = ["fmnist_ui.explain.page", "fmnist_core.engine.inference"]
    code = "import importlib, sys\nfor one in sys.argv[1:]: importlib.import_module(one)\n"
    code += 'print(sorted({"tensorflow", "keras", "jax", "sklearn"} & set(sys.modules)))'
    done = subprocess.run(
        [sys.executable, "-c", code, *modules], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stdout + done.stderr
