"""The widget of a configuration's field, by its rule."""

import pytest
from streamlit.testing.v1 import AppTest


def _form() -> None:
    import streamlit as st

    from fmnist_core.config import BackboneConfig, ClassWeightsConfig, ModelConfig, TrainConfig
    from fmnist_core.config.rules import Whole
    from fmnist_ui.components.config_field import config_field

    typed = {
        "rate": config_field(TrainConfig, "learning_rate", key="rate"),
        "few": config_field(TrainConfig, "epochs", key="few", rule=Whole(1, 20), value=5),
        "flip": config_field(TrainConfig, "test_time_flip", key="flip", locked=True),
        "optimizer": config_field(TrainConfig, "optimizer", key="optimizer"),
        "pixels": config_field(ModelConfig, "normalization", key="pixels", control="segmented"),
        "share": config_field(TrainConfig, "validation_share", key="share", control="slider"),
        "side": config_field(BackboneConfig, "image_size", key="side"),
        "classes": config_field(ClassWeightsConfig, "labels", key="classes"),
        "dense": config_field(ModelConfig, "dense", key="dense"),
        "weights": config_field(
            TrainConfig, "initial_weights", key="weights", options={"": "None", "a": "Run A"}
        ),
        "own": config_field(TrainConfig, "collections", key="own", options={"mine": "mine"}),
    }
    st.session_state["typed"] = typed


@pytest.fixture
def form() -> AppTest:
    app = AppTest.from_function(_form).run()
    assert not app.exception
    return app


def test_a_field_begins_with_its_default_and_says_what_it_is(form: AppTest) -> None:
    rate = form.number_input(key="rate")
    assert (rate.label, rate.value) == ("Learning rate", 1e-3)
    assert rate.help == "Step size of each weight update."
    typed = form.session_state["typed"]
    assert {key: each.fault for key, each in typed.items() if each.fault} == {}
    assert [typed[key].value for key in ("few", "optimizer", "pixels", "side", "dense")] == [
        *(5, "adam", "unit", 0, (64,))
    ]
    assert form.selectbox(key="optimizer").options[2] == "SGD, Nesterov"
    assert form.selectbox(key="side").options[:2] == ["Default", "32 pixels"]
    assert form.selectbox(key="weights").options == ["None", "Run A"]


def test_what_was_chosen_comes_back_in_the_type_of_the_rule(form: AppTest) -> None:
    form.multiselect(key="classes").set_value([6, 2])
    form.multiselect(key="own").set_value(["mine"])
    form.text_input(key="dense").set_value("128, 64")
    form.slider(key="share").set_value(0.25)
    form.selectbox(key="weights").set_value("a")
    typed = form.run().session_state["typed"]
    assert [typed[key].value for key in ("classes", "own", "dense", "share", "weights")] == [
        *((2, 6), ("mine",), (128, 64), 0.25, "a")
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("few", 21.0, "Must be a whole number from 1 to 20."),
        ("few", 2.5, "Must be a whole number from 1 to 20."),
        ("rate", None, "Must be a number from 1e-07 to 10."),
    ],
)
def test_a_number_out_of_its_limits_is_refused_below_its_field(
    form: AppTest, key: str, value: float | None, words: str
) -> None:
    form.number_input(key=key).set_value(value).run()
    assert form.session_state["typed"][key].fault is not None
    assert words in " ".join(part.value for part in form.markdown)


def test_text_that_is_no_list_of_numbers_is_refused_below_its_field(form: AppTest) -> None:
    form.text_input(key="dense").set_value("64, many").run()
    assert form.session_state["typed"]["dense"].fault is not None
    assert "must be a whole number from 1 to 4096" in " ".join(part.value for part in form.markdown)


def test_a_locked_field_is_disabled(form: AppTest) -> None:
    assert form.toggle(key="flip").disabled
    assert not form.number_input(key="rate").disabled
