"""The Train form: who else is learned from than the labels."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests.pages.reading import labelled, words
from tests.pages.train_form import form_beside_runs, run_called

pytestmark = pytest.mark.usefixtures("engine_there")


@pytest.fixture
def form(open_app, make_run) -> AppTest:
    """The form at the preset Tiny, beside two finished runs, one of another seed."""
    make_run("alike")
    make_run("other seed", changes=("seed=5",))
    make_run("of other images", changes=("dataset=fashion-mnist",))
    return form_beside_runs(open_app)


def test_who_knows_these_images_is_offered_and_goes_with_the_run(form):
    teacher = labelled(form.selectbox, "Teacher")
    names = [option.split(",")[0] for option in teacher.options]
    assert names[0] == "None: labels alone"
    assert set(names[1:]) == {"alike", "other seed"}
    assert labelled(form.number_input, "Weight of the teacher loss").disabled
    teacher.set_value(run_called("alike")).run()
    labelled(form.number_input, "Weight of the teacher loss").set_value(0.75)
    labelled(form.number_input, "Temperature").set_value(2.0).run()
    form.button(key="train_button").click().run()
    (queued,) = (run for run in list_runs(load_settings()) if run.state == "queued")
    folder = RunFolder.open(load_settings().runs_dir, queued.id)
    chosen = folder.config.training.distillation
    assert (chosen.teacher, chosen.weight, chosen.temperature) == (run_called("alike"), 0.75, 2.0)
    assert folder.teacher_path.read_bytes() == b"weights"


def test_it_says_what_a_teacher_of_another_seed_means_for_validation(form):
    labelled(form.selectbox, "Teacher").set_value(run_called("alike")).run()
    assert "It never saw the images that this run holds back." in words(form)
    labelled(form.selectbox, "Teacher").set_value(run_called("other seed")).run()
    assert "flatters a little then. The test accuracy does not." in words(form)


def test_one_that_is_gone_is_named(open_app, make_run):
    make_run("old")
    changes = ("teacher=nobody", "dataset=synthetic-garments")
    config = override(preset("tiny").config, changes)
    app = open_app("train", {"train_config": config.to_json()})
    assert not app.exception
    assert "The teacher must be a run with saved weights" in words(app)
    assert app.button(key="train_button").disabled
    labelled(app.selectbox, "Teacher").set_value("").run()
    assert not app.button(key="train_button").disabled


def test_one_that_may_not_teach_any_more_keeps_its_title(form):
    labelled(form.selectbox, "Teacher").set_value(run_called("alike")).run()
    labelled(form.selectbox, "Images").set_value("fashion-mnist").run()
    # The browser takes another title for another choice, and would send it as one.
    options = labelled(form.selectbox, "Teacher").options
    assert [option.split(",")[0] for option in options][-2:] == ["of other images", "alike"]
    assert options[-1].startswith("alike, ")
