"""The section "Ablation"; the engine's part is played by answers made up here."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.errors import EngineError, LabError
from fmnist_core.explain.ablation import AblatableLayer, Ablation, AblationResult, PairedAccuracy
from fmnist_core.models.calibration import CalibratedPredictions
from fmnist_ui.components import predictions
from fmnist_ui.explain import page
from tests.pages.played import answers
from tests.pages.reading import text

pytestmark = pytest.mark.usefixtures("engine_there")
PARTS = (
    AblatableLayer("conv", "convolution", 20),
    AblatableLayer("dense", "dense", 5),
    AblatableLayer("answer", "answer", 10),
)


@dataclass
class Engine:
    """Takes shirts for coats as soon as anything is broken; notes what it was asked."""

    parts: tuple[AblatableLayer, ...] = PARTS
    error: LabError | None = None
    has_images: bool = True
    asked: list[Ablation] = field(default_factory=list)

    def predict_calibrated(
        self, model: str, images: np.ndarray, settings: object
    ) -> CalibratedPredictions:
        return answers([6] * len(images))

    def ablatable_layers(self, model: str, settings: object) -> tuple[AblatableLayer, ...]:
        if self.error is not None:
            raise self.error
        return self.parts

    def ablate(
        self, model: str, image: np.ndarray, ablation: Ablation, settings: object
    ) -> AblationResult:
        self.asked.append(ablation)
        labels = np.repeat(np.arange(10, dtype=np.uint8), 100)
        after = np.where(labels == 6, 4, labels).astype(np.uint8)
        accuracy = (
            PairedAccuracy("synthetic-garments", labels, labels, after) if self.has_images else None
        )
        return AblationResult(ablation, image, answers([6]), answers([4]), accuracy)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine()
    monkeypatch.setattr(predictions, "predict_calibrated", played.predict_calibrated)
    monkeypatch.setattr(page, "ablatable_layers", played.ablatable_layers)
    monkeypatch.setattr(page, "ablate", played.ablate)
    return played


@pytest.fixture
def open_section(open_inside) -> Callable[..., AppTest]:
    return lambda **session: open_inside("Ablation", session)


def test_accuracy_and_answer_before_and_after(open_section, engine):
    app = open_section()
    assert engine.asked == [Ablation("filters", layer="conv", channels=(0,))]
    said = text(app)
    for words in ("100.0%", "90.0%", "10.0 points lost", "test images of synthetic garments"):
        assert words in said
    assert "Largest drop: Shirt, recall 100% before, 0% after" in said
    assert "**Shirt** became **Coat**" in said


def test_the_engine_is_asked_only_for_another_breakage(open_section, engine):
    app = open_section()
    app.run()
    assert len(engine.asked) == 1
    app.button(key="break_more").click().run()
    assert len(engine.asked) == 2
    assert len(engine.asked[-1].channels) == 3


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Layer", Ablation("layer", layer="conv")),
        ("Weights", Ablation("weights", strength=0.3)),
        ("Image", Ablation("noise", strength=30.0)),
    ],
)
def test_each_kind_of_breakage(open_section, engine, kind, expected):
    open_section(break_kind=kind)
    assert engine.asked == [expected]


def test_each_way_to_damage_an_image(open_section, engine):
    app = open_section(break_kind="Image")
    for way in ("Salt and pepper", "Blur", "Shift", "Rotation"):
        app.selectbox(key="break_way").set_value(way).run()
    assert [each.kind for each in engine.asked] == ["noise", "salt", "blur", "shift", "turn"]


def test_chance_can_fall_otherwise(open_section, engine):
    app = open_section(break_kind="Weights")
    app.button(key="break_again").click().run()
    first, second = engine.asked
    assert first.seed != second.seed
    assert first.strength == second.strength


@pytest.mark.parametrize("kind", ["Filters", "Layer", "Weights", "Image"])
def test_mending_leaves_nothing_broken(open_section, engine, kind):
    app = open_section(break_kind=kind)
    app.button(key="break_mend").click().run()
    assert "Nothing is ablated" in text(app)
    assert len(engine.asked) == 1


def test_mending_mends_what_is_not_shown_too(open_section, engine):
    app = open_section()
    app.session_state["break_kind"] = "Image"
    app.run()
    app.button(key="break_mend").click().run()
    app.session_state["break_kind"] = "Filters"
    app.run()
    assert "Nothing is ablated" in text(app)
    assert len(engine.asked) == 2


def test_without_test_images_the_answer_is_still_told(open_section, engine):
    engine.has_images = False
    said = text(open_section())
    assert "is not on this machine" in said
    assert "**Shirt** became **Coat**" in said


def test_a_network_of_one_layer_has_only_weights_and_image(open_section, engine):
    engine.parts = PARTS[-1:]
    open_section()
    assert engine.asked == [Ablation("weights", strength=0.3)]


def test_choices_that_a_smaller_network_lacks_are_put_right(open_section, engine):
    open_section(**{"break/0/filters/conv": [3, 99], "break_layer": "gone", "break_noisy": "gone"})
    assert engine.asked == [Ablation("filters", layer="conv", channels=(0,))]


def test_an_engine_that_does_not_answer_is_explained(open_section, engine):
    engine.error = EngineError("The engine gave no answer.", advice="Try again.")
    app = open_section()
    assert "The engine gave no answer" in text(app)
