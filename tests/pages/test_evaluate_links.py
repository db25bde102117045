"""What is chosen on the page Evaluate stands in its address, and comes back from it."""

from __future__ import annotations

import pytest

from fmnist_ui.explain.page import SECTIONS as INSIDE
from fmnist_ui.links import EVALUATE_SECTIONS, INSIDE_SECTIONS
from fmnist_ui.results.evaluate_page import SECTIONS as EVALUATE
from tests.pages.reading import words

pytestmark = pytest.mark.usefixtures("engine_there")


def test_a_link_may_name_every_section_and_no_other() -> None:
    assert tuple(name for name, _ in EVALUATE) == EVALUATE_SECTIONS
    assert tuple(section.title for section in INSIDE) == INSIDE_SECTIONS


def test_a_cell_and_how_it_is_shown_come_from_the_link(open_app, make_run):
    run = make_run()
    choices = {"matrix": "This run", "cells": "Per cent of the true class", "cell": "6-2"}
    app = open_app("evaluate", run=run.id, section="Matrix", **choices)
    assert app.selectbox(key=f"confusion/{run.id}/true").value == 6
    assert app.selectbox(key=f"confusion/{run.id}/predicted").value == 2
    assert app.session_state["confusion_cells"] == "Per cent of the true class"


def test_what_is_chosen_is_told_to_the_address(open_app, make_run):
    run = make_run()
    app = open_app("evaluate", run=run.id, section="Matrix")
    app.selectbox(key=f"confusion/{run.id}/true").set_value(4).run()
    assert app.query_params["cell"].startswith("4-")


def test_temperature_and_threshold_come_from_the_link(open_app, make_run):
    run = make_run()
    app = open_app("evaluate", run=run.id, section="Calibration", temperature="1.5", threshold="80")
    values = {slider.label: slider.value for slider in app.slider}
    assert values["Temperature"] == 1.5
    assert values["Withhold answers below"] == 80


def test_the_other_run_comes_from_the_link(open_app, make_run):
    first, second, third = make_run("one"), make_run("two"), make_run("three")
    app = open_app("evaluate", run=first.id, section="Compare", other=second.id)
    assert app.selectbox(key=f"versus/{first.id}/other").value == second.id
    app.selectbox(key=f"versus/{first.id}/other").set_value(third.id).run()
    assert app.query_params["other"] == third.id


@pytest.mark.parametrize(
    "choices",
    [
        {"section": "Matrx"},
        {"section": "Matrix", "cell": "66-2"},
        {"section": "Calibration", "temperature": "1e9"},
        {"section": "Calibration", "threshold": "nan"},
    ],
)
def test_what_cannot_be_followed_is_said(open_app, make_run, choices):
    make_run()
    app = open_app("evaluate", **choices)
    assert not app.exception
    assert "could not be followed" in words(app)
