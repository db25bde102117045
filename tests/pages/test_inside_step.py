"""The section "Step through"; the engine's part is played by numbers made up here."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.errors import EngineError, LabError
from fmnist_core.explain.convolution_step import (
    Change,
    ConvolutionLayer,
    ConvolutionStep,
    Place,
    Pooling,
)
from fmnist_core.models.calibration import CalibratedPredictions
from fmnist_ui.components import predictions
from fmnist_ui.explain import convolution_view
from tests.pages.played import answers
from tests.pages.reading import text

pytestmark = pytest.mark.usefixtures("engine_there")
FIRST = ConvolutionLayer("first", (3, 3), (1, 1), "same", (28, 28, 1), (28, 28, 4))
SECOND = ConvolutionLayer("second", (3, 3), (2, 2), "valid", (14, 14, 4), (6, 6, 1))


@dataclass
class Engine:
    """Gives numbers that are easy to follow; notes what it was asked."""

    layers: tuple[ConvolutionLayer, ...] = (FIRST, SECOND)
    error: LabError | None = None
    spoilt: bool = False
    asked: list[Place] = field(default_factory=list)

    def predict_calibrated(
        self, model: str, images: np.ndarray, settings: object
    ) -> CalibratedPredictions:
        return answers([0] * len(images), 0.1)

    def convolutions(self, model: str, settings: object) -> tuple[ConvolutionLayer, ...]:
        if self.error is not None:
            raise self.error
        return self.layers

    def step_through(
        self, model: str, image: np.ndarray, place: Place, settings: object
    ) -> ConvolutionStep:
        self.asked.append(place)
        layer = next(each for each in self.layers if each.name == place.layer)
        height, width, channels = layer.reads
        rows, columns, _ = layer.gives
        results = np.zeros((rows, columns), np.float32)
        # The strongest place is not the first.
        results[2, 1] = 5.0
        kernel = np.full((*layer.kernel, channels), 0.5, np.float32)
        total = float(kernel.size)
        value = np.nan if self.spoilt else total + 1
        return ConvolutionStep(
            place,
            layer,
            (place.row - 1, place.column - 1),
            np.ones(layer.kernel, bool),
            np.full(kernel.shape, 2.0, np.float32) * (np.nan if self.spoilt else 1),
            kernel,
            (
                Change("bias", "conv", (("bias", 1.0),), value, value),
                Change("activation", "relu", (), value, value),
            ),
            Pooling("max", "pool", False, np.eye(2, dtype=np.float32), (0, 1), (0, 0), 1.0, 1.0),
            False,
            ("next",),
            np.ones((height, width, channels), np.float32),
            results,
            results,
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine()
    monkeypatch.setattr(predictions, "predict_calibrated", played.predict_calibrated)
    monkeypatch.setattr(convolution_view, "convolutions", played.convolutions)
    monkeypatch.setattr(convolution_view, "step_through", played.step_through)
    return played


@pytest.fixture
def open_section(open_inside) -> Callable[..., AppTest]:
    return lambda **session: open_inside("Step through", session)


def test_a_step_begins_at_the_strongest_place(open_section, engine):
    app = open_section()
    assert engine.asked[-1] == Place("first", 0, 2, 1)
    said = text(app)
    expected = "4 filters of 3×3", "Patch × filter", "of 9 products", "plus 1", "Next layer: next"
    assert all(words in said for words in expected)
    assert "the same" in said


def test_the_engine_is_asked_only_for_another_number(open_section, engine):
    app = open_section()
    before = len(engine.asked)
    app.run()
    assert len(engine.asked) == before
    app.slider(key="step/first/filter").set_value(3).run()
    assert engine.asked[before:] == [Place("first", 3, 2, 1)]
    app.slider(key="step/first/row").set_value(9).run()
    assert engine.asked[-1] == Place("first", 3, 9, 1)


def test_another_layer_has_a_place_of_its_own(open_section, engine):
    app = open_section()
    app.selectbox(key="step_layer").set_value("second").run()
    assert engine.asked[-1] == Place("second", 0, 2, 1)
    assert "Contribution of each channel" in text(app)
    before = len(engine.asked)
    # Another input channel is shown without asking.
    app.slider(key="step/second/channel").set_value(2).run()
    assert len(engine.asked) == before
    assert ", channel 2" in text(app)


def test_a_place_that_a_smaller_layer_lacks_is_put_right(open_section, engine):
    engine.layers = (replace(FIRST, gives=(5, 5, 2)),)
    open_section(**{"step/first/row": 27, "step/first/filter": -3, "step/first/column": "x"})
    assert engine.asked[-1] == Place("first", 0, 4, 2)


def test_a_network_without_convolutions_is_told(open_section, engine):
    engine.layers = ()
    app = open_section()
    assert "no convolution" in text(app)


def test_a_network_of_broken_numbers_is_shown_all_the_same(open_section, engine):
    engine.spoilt = True
    app = open_section()
    assert not app.error
    assert "no number" in text(app)
    assert "its training diverged" in text(app)


def test_an_engine_that_does_not_answer_is_explained(open_section, engine):
    engine.error = EngineError("The engine gave no answer.", advice="Try again.")
    app = open_section()
    assert "The engine gave no answer" in text(app)
    engine.error = None
    next(one for one in app.button if one.label == "Retry").click().run()
    assert "The engine gave no answer" not in text(app)
