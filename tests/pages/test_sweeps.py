"""The page Sweeps: the form, and a sweep in each of its states."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.engine.client import list_sweeps, start_sweep
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepConfig, SweepEnd, SweepFolder, parse_dimension
from fmnist_core.sweeps.config import FIRST_FIELDS, suggested_dimension
from tests.pages.reading import labelled, words

pytestmark = pytest.mark.usefixtures("engine_there")

QUICK = preset("quick").config
EPOCHS = (QUICK.training.epochs + 1) // 2
RATE, FILTERS = "training.learning_rate", "model.blocks.0.filters"
OF_RATE = f"sweep/{RATE}/{QUICK.training.learning_rate}"
Open = Callable[..., AppTest]


@pytest.fixture
def form(open_app: Open) -> AppTest:
    return open_app("sweeps", sweep="new")


@pytest.fixture
def sweep(home: Path) -> SweepFolder:
    """A sweep that the engine has not touched yet."""
    base = override(preset("tiny").config, ["dataset=synthetic-garments", "epochs=4"])
    vary = "learning_rate=1e-4..1e-2:log", "model.blocks.0.filters=8,16,32"
    config = SweepConfig(base, tuple(parse_dimension(text) for text in vary), epochs=2, trials=8)
    return start_sweep(config, name="first", settings=load_settings())


def try_out(sweep: SweepFolder, number: int, score: float, run_id: str = "", **more: Any) -> None:
    values = {RATE: 0.001 * number, FILTERS: (8, 16, 32)[number % 3]}
    trial = sweep.note_trial(number, values)
    figures = {"accuracies": (score - 0.1, score), "score": score, "epochs": 2, "seconds": 20.0}
    ended = replace(trial, run_id=run_id, **figures)
    if run_id:
        sweep.write("run", number, run=run_id, own=True)
    sweep.note_end_of(ended, more.pop("state", "finished"), **more)


def table(app: AppTest) -> Any:
    return app.dataframe[0].value


def watch(open_app: Open, sweep: SweepFolder) -> AppTest:
    return open_app("sweeps", sweep=sweep.id)


def test_the_form_has_two_settings_ticked_and_can_be_pressed(form):
    assert form.multiselect(key="sweep/fields").value == [RATE, "training.batch_size"]
    assert not form.button(key="sweep_start").disabled
    assert not form.error
    assert f"12 runs of {EPOCHS} epochs, about" in words(form)


def test_pressing_begins_the_sweep_that_stands_on_the_form(form):
    form.number_input(key="sweep/trials").set_value(5)
    form.text_input(key="sweep/name").set_value("mine")
    form.number_input(key="sweep/quick/epochs").set_value(1)
    form.button(key="sweep_start").click().run()
    (found,) = list_sweeps(load_settings())
    assert (found.meta.name, found.config.total, found.config.epochs) == ("mine", 5, 1)
    offered = (suggested_dimension(QUICK, path) for path in FIRST_FIELDS)
    assert found.config.dimensions == tuple(offered)
    assert form.query_params["sweep"] == found.id
    assert "0 of 5 trials finished" in form.get("progress")[0].proto.text


def test_any_setting_can_vary_each_in_its_own_way(form):
    chosen = [FILTERS, "training.optimizer", "training.augmentation.flip", "model.dense"]
    form.multiselect(key="sweep/fields").set_value(chosen).run()
    assert not form.error
    labelled(form.text_input, "Values, separated by commas").set_value("4, 8")
    labelled(form.text_input, "Values, separated by semicolons").set_value("none; 64, 32")
    form.button(key="sweep_start").click().run()
    (found,) = list_sweeps(load_settings())
    values = {one.field: one.choices for one in found.config.dimensions}
    assert values[FILTERS] == (4, 8)
    assert values["model.dense"] == ((), (64, 32))
    assert values["training.augmentation.flip"] == (False, True)
    assert "adamw" in values["training.optimizer"]


def test_a_grid_says_how_many_runs_it_is_and_refuses_too_many(form):
    form.segmented_control(key="sweep/method").set_value("grid").run()
    assert f"16 runs of {EPOCHS} epochs" in words(form)
    assert form.number_input(key="sweep/trials").disabled
    many = ", ".join(str(number) for number in range(1, 51))
    labelled(form.number_input, "Values").set_value(5)
    labelled(form.text_input, "Values, separated by commas").set_value(many).run()
    assert "50 = 250" in words(form)
    assert "at most 200 combinations" in words(form)
    assert form.button(key="sweep_start").disabled


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no values to try"),
        ("64", "two different values"),
        ("64, lots", "whole number"),
        pytest.param("64, " + "1" * 5_000, "", id="of any length"),
    ],
)
def test_values_that_cannot_be_tried_are_refused_in_a_sentence(form, text, sentence):
    labelled(form.text_input, "Values, separated by commas").set_value(text).run()
    assert sentence in words(form)
    assert form.button(key="sweep_start").disabled


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("sweep/trials", 0, "Must be a whole number from 1 to 200."),
        ("sweep/quick/epochs", 2.5, "Must be a whole number from 1 to 1000."),
        ("sweep/quick/train_images", 1e6, "Must be a whole number from 0 to"),
        (f"{OF_RATE}/low", 0, "Must be a number from 1e-07 to 10."),
        (f"{OF_RATE}/high", None, "Must be a number from 1e-07 to 10."),
        (f"{OF_RATE}/steps", 1, "Must be a whole number from 2 to 20."),
    ],
)
def test_a_number_out_of_its_range_is_refused_beside_its_field(form, key, typed, said):
    if key.endswith("/steps"):
        form.segmented_control(key="sweep/method").set_value("grid").run()
    form.number_input(key=key).set_value(typed).run()
    assert any(part.value.startswith(f":red[:small[{said}") for part in form.markdown)
    assert form.button(key="sweep_start").disabled
    assert form.number_input(key=key).value == typed


def test_a_range_upside_down_is_refused(form):
    labelled(form.number_input, "From").set_value(0.5).run()
    assert "low end is below its high end" in words(form)
    assert form.button(key="sweep_start").disabled


def test_with_nothing_ticked_it_says_so(form):
    form.multiselect(key="sweep/fields").set_value([]).run()
    assert "may vary" in words(form)
    assert form.button(key="sweep_start").disabled


def test_what_no_network_can_be_is_said_before_it_begins(form):
    form.multiselect(key="sweep/fields").set_value(["model.blocks.0.filters"]).run()
    labelled(form.text_input, "Values, separated by commas").set_value("1024, 1025").run()
    assert "filters must be a whole number from 1 to 1024" in words(form)
    assert form.button(key="sweep_start").disabled


def test_another_base_with_fewer_blocks_drops_what_it_has_not(form):
    form.selectbox(key="sweep/base").set_value("everyday").run()
    form.multiselect(key="sweep/fields").set_value([RATE, "model.blocks.2.filters"]).run()
    form.selectbox(key="sweep/base").set_value("quick").run()
    assert form.multiselect(key="sweep/fields").value == [RATE]


def test_without_the_official_images_it_begins_with_the_synthetic_ones(form):
    assert form.selectbox(key="sweep/dataset").value == "synthetic-garments"
    form.selectbox(key="sweep/dataset").set_value("fashion-mnist").run()
    assert "not on this machine" in words(form)
    assert form.button(key="sweep_start").disabled


def test_a_sweep_that_has_just_begun_says_what_is_to_come(open_app, sweep):
    app = watch(open_app, sweep)
    said = words(app)
    assert "The best trial appears here when the first one is finished." in said
    assert "Appears after 3 trials; 0 finished." in said
    assert "Appears after 6 trials; 0 finished." in said
    assert app.button(key="sweep_stop")


def test_the_page_opens_with_the_sweep_that_runs(open_app, sweep):
    app = open_app("sweeps")
    assert "### first" in words(app)
    app.button(key="sweep_another").click().run()
    assert app.button(key="sweep_start")
    assert "0 of 8 trials" in words(app)


def test_trials_come_in_and_the_best_leads_on(open_app, sweep, make_run):
    run = make_run("first 02")
    for number, score in enumerate((0.6, 0.8, 0.7), start=1):
        try_out(sweep, number, score, run.id if number == 2 else "")
    app = watch(open_app, sweep)
    assert app.metric[0].value == "80.0%"
    assert "**Trial 2:** Learning rate 0.002 · Block 1: Filters 32" in words(app)
    assert list(table(app)["Validation"]) == [0.6, 0.8, 0.7]
    assert len(app.get("vega_lite_chart")) == 1
    assert "3 of 8 trials finished · about" in app.get("progress")[0].proto.text
    assert app.button(key="sweep_open_best")
    app.button(key="sweep_longer_best").click().run()
    assert app.session_state["train/training.epochs"] == 4
    assert app.session_state["train/training.learning_rate"] == 0.002
    assert app.button(key="train_button")


def test_a_finished_sweep_has_both_figures_and_no_stop(open_app, sweep):
    for number in range(1, 9):
        try_out(sweep, number, 0.5 + number / 100)
    sweep.set_importance({RATE: 0.7, FILTERS: 0.3})
    sweep.set_end(SweepEnd("finished"))
    app = watch(open_app, sweep)
    assert len(app.get("vega_lite_chart")) == 2
    assert "valid only within these ranges" in words(app)
    assert not app.get("progress")
    assert not [button for button in app.button if button.key == "sweep_stop"]


def test_stopping_is_asked_for_and_said(open_app, sweep):
    sweep.note_trial(1, {RATE: 0.001, FILTERS: 8})
    app = watch(open_app, sweep)
    app.button(key="sweep_stop").click().run()
    assert sweep.control.read().stop
    assert "stopping after the current step" in app.get("progress")[0].proto.text


def test_a_failed_sweep_says_why_and_what_to_do(open_app, sweep):
    try_out(sweep, 1, 0.0, state="failed", error="NaN.", advice="Lower the rate.")
    sweep.set_end(SweepEnd("failed", "All trials failed. NaN.", "Lower the rate."))
    app = watch(open_app, sweep)
    assert "All trials failed" in words(app)
    assert "Lower the rate" in words(app)


def test_a_trial_that_is_impossible_is_told_in_the_table(open_app, sweep):
    trial = sweep.note_trial(1, {RATE: 0.001, FILTERS: 8})
    sweep.note_end_of(trial, "refused", "It would not fit.", "Make it smaller.")
    app = watch(open_app, sweep)
    assert list(table(app)["State"]) == ["✗ invalid"]


def test_a_best_whose_run_was_deleted_can_still_be_trained_longer(open_app, sweep, make_run):
    run = make_run("gone")
    try_out(sweep, 1, 0.8, run.id)
    shutil.rmtree(run.path)
    app = watch(open_app, sweep)
    assert not [button for button in app.button if button.key == "sweep_open_best"]
    assert app.button(key="sweep_longer_best")


def test_a_damaged_sweep_says_so_and_can_be_deleted(open_app, sweep):
    (sweep.path / "sweep.json").write_text("{")
    app = watch(open_app, sweep)
    assert "missing or damaged" in words(app)
    app.button(key="sweep_delete").click().run()
    assert list_sweeps(load_settings()) == []
    assert app.button(key="sweep_start")


def test_an_address_of_no_sweep_leads_back_to_the_form(open_app):
    app = open_app("sweeps", sweep="nope")
    assert "no such sweep" in words(app)
    labelled(app.button, "Set up a sweep").click().run()
    assert app.button(key="sweep_start")


def test_a_name_is_shown_as_it_is(open_app, sweep):
    config, _ = sweep.read()
    other = start_sweep(config, name="*a* [b](c) $d$", settings=load_settings())
    app = watch(open_app, other)
    assert r"\*a\* \[b\](c) \$d\$" in words(app)


@pytest.mark.parametrize(
    ("points", "drawn"), [((0.8,), False), ((0.8, 0.8), False), ((0.7, 0.8), True)]
)
def test_a_curve_is_drawn_only_where_its_axis_has_a_length(open_app, sweep, points, drawn):
    trial = sweep.note_trial(1, {RATE: 0.001, FILTERS: 8})
    ended = replace(trial, accuracies=points, score=0.8, epochs=len(points), seconds=2.0)
    sweep.note_end_of(ended, "finished")
    assert ("Curve" in table(watch(open_app, sweep))) == drawn
