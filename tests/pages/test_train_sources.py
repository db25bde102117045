"""The Train form: whose weights it begins with, what and whom it learns from beside the labels."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.collections import CollectionStore
from fmnist_core.config import BackboneConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.models.backbones import IMAGENET
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests.conftest import add_strokes
from tests.pages.reading import labelled, words

pytestmark = pytest.mark.usefixtures("engine_there")


def run_called(name: str) -> str:
    """The identifier of the run with this name."""
    return next(run.id for run in list_runs(load_settings()) if run.name == name)


def at_tiny(open_app: Callable[..., AppTest]) -> AppTest:
    """The form at the preset which `make_run` uses."""
    app = open_app("train", run="new")
    return app.button(key="preset_tiny").click().run()


@pytest.fixture
def form(open_app, make_run) -> AppTest:
    """Beside a finished run with an equal network and one without; there is a collection."""
    make_run("like", saved=True)
    make_run("unlike", changes=("dense=[16]",), saved=True)
    add_strokes(CollectionStore(load_settings()), "shoes", [[[1, 9, 90], [1, 20, 200]]], 7)
    return at_tiny(open_app)


@pytest.fixture
def pupil(open_app, make_run) -> AppTest:
    """The form beside two finished runs, one of another seed, and one of other images."""
    make_run("alike", saved=True)
    make_run("other seed", changes=("seed=5",), saved=True)
    make_run("of other images", changes=("dataset=fashion-mnist",), saved=True)
    return at_tiny(open_app)


def submitted(app: AppTest) -> RunFolder:
    """Presses Train: the one run that waits then."""
    app.button(key="train_button").click().run()
    (run,) = (run for run in list_runs(load_settings()) if run.state == "queued")
    return RunFolder.open(load_settings().runs_dir, run.id)


def pictures(app: AppTest) -> list[str]:
    return [part.value for part in app.get("html") if "<figure" in part.value]


def test_each_look_in_use_is_shown_on_real_images(form):
    before = len(pictures(form))
    labelled(form.number_input, "Line drawings").set_value(0.2)
    labelled(form.number_input, "Negatives (not clothing)").set_value(0.1).run()
    assert len(pictures(form)) == before + 2
    assert "Line drawings · 20%" in words(form)
    assert "Negatives (not clothing) · 10%" in words(form)
    row = pictures(form)[-2]
    form.button(key="reshuffle_looks").click().run()
    assert pictures(form)[-2] != row


def test_looks_that_come_to_more_than_everything_are_refused(form):
    labelled(form.number_input, "Line drawings").set_value(0.7)
    labelled(form.number_input, "Background clutter").set_value(0.7).run()
    assert "add up to at most 1" in words(form)
    assert form.button(key="train_button").disabled


def test_a_preset_with_looks_is_trained_with_them(form):
    form.button(key="preset_everyday").click().run()
    wanted = preset("everyday").config.training.style_augmentation
    assert labelled(form.number_input, "Line drawings").value == wanted.line_drawings
    assert submitted(form).config.training.style_augmentation == wanted


def test_collections_and_first_weights_go_with_the_run(form):
    start = labelled(form.selectbox, "Initial weights")
    assert start.options[0] == "Random initialization"
    assert any("like, " in option for option in start.options)
    start.set_value(run_called("like"))
    labelled(form.multiselect, "Collections").set_value(["shoes"]).run()
    labelled(form.number_input, "Variants, share").set_value(0.5).run()
    folder = submitted(form)
    training = folder.config.training
    assert training.collections == ("shoes",)
    assert (training.collection_share, training.initial_weights) == (0.5, run_called("like"))
    assert folder.initial_path.read_bytes() == b"weights"


def test_what_is_gone_is_named(open_app, make_run):
    make_run("old")
    changes = ('collections=["gone"]', "initial_weights=nobody", "dataset=synthetic-garments")
    config = override(preset("tiny").config, changes)
    app = open_app("train", {"train_config": config.to_json()})
    assert "no such collection" in words(app)
    labelled(app.multiselect, "Collections").set_value([]).run()
    assert "There is no such run" in words(app)
    labelled(app.selectbox, "Initial weights").set_value("").run()
    assert not app.button(key="train_button").disabled


def test_without_collections_it_says_how_to_get_some(open_app, make_run):
    make_run("old")
    app = open_app("train", run="new")
    assert "collection import" in words(app)
    assert not any(widget.label == "Collections" for widget in app.multiselect)


def test_classes_that_count_more_go_with_the_run(form):
    assert labelled(form.number_input, "Class weight").disabled
    labelled(form.multiselect, "Weighted classes").set_value([6, 0]).run()
    labelled(form.number_input, "Class weight").set_value(3.0).run()
    weights = submitted(form).config.training.class_weights
    assert (weights.labels, weights.factor) == ((0, 6), 3.0)


def test_suspects_are_left_out_once_some_are_ticked(form, garments):
    labelled(form.toggle, "Exclude suspected label issues").set_value(True).run()
    assert "No label issue is marked" in words(form)
    assert form.button(key="train_button").disabled
    LabelIssueStore(load_settings()).tick(garments.identity.fingerprint, (), [1, 2])
    form.run()
    assert submitted(form).config.training.exclude_label_issues


def test_networks_of_which_a_part_fits_are_offered_after_those_that_fit(form):
    options = labelled(form.selectbox, "Initial weights").options
    assert [option.split(",")[0] for option in options] == [
        "Random initialization",
        "like",
        "unlike",
    ]
    labelled(form.selectbox, "Initial weights").set_value(run_called("unlike")).run()
    assert "**Copied, " in words(form)
    assert "**Randomly initialized:** answer" in words(form)


def test_of_another_network_nothing_may_fit(form):
    labelled(form.selectbox, "Initial weights").set_value(run_called("like")).run()
    assert "All layers match" in words(form)
    for filters in [one for one in form.number_input if one.label == "Filters"]:
        filters.set_value(40)
    form.run()
    labelled(form.text_input, "Dense layers").set_value("9").run()
    assert "The initial weights must match at least one layer" in words(form)
    # The browser takes another title for another choice, and would send it as one.
    options = labelled(form.selectbox, "Initial weights").options
    assert any(option.startswith("like, ") for option in options)
    assert form.button(key="train_button").disabled


def test_a_backbone_takes_the_place_of_the_blocks(form):
    labelled(form.selectbox, "Backbone").set_value("mobilenetv2").run()
    assert not any(widget.label == "Blocks" for widget in form.number_input)
    assert "MobileNetV2" in words(form)
    assert "not measured in this lab" in words(form)
    assert "ImageNet weights of MobileNetV2 are not on this machine" in words(form)
    assert form.button(key="train_button").disabled
    labelled(form.selectbox, "Backbone weights").set_value("random")
    labelled(form.selectbox, "Image size").set_value(64).run()
    folder = submitted(form)
    assert folder.config.model.backbone == BackboneConfig("mobilenetv2", "random", 64)
    assert folder.config.model.blocks == ()


def test_blocks_come_back_when_the_backbone_goes(form):
    labelled(form.selectbox, "Backbone").set_value("vgg16").run()
    labelled(form.selectbox, "Backbone").set_value("none").run()
    assert submitted(form).config.model.blocks == preset("tiny").config.model.blocks


@pytest.mark.parametrize(("weights", "rests"), [("imagenet", 2), ("random", 0)])
def test_settings_that_suit_a_backbone_are_one_press(form, monkeypatch, weights, rests):
    monkeypatch.delenv("FMNIST_OFFLINE")
    labelled(form.selectbox, "Backbone").set_value("mobilenetv2").run()
    labelled(form.selectbox, "Backbone weights").set_value(weights).run()
    form.button(key="suit_backbone").click().run()
    config = submitted(form).config
    assert (config.model.head, config.model.dense) == ("global_average", ())
    assert (config.training.epochs, config.training.frozen_epochs) == (4, rests)


def test_weights_that_are_here_are_said_to_be(form, monkeypatch, tmp_path):
    file = IMAGENET["mobilenetv2"]
    with (tmp_path / file.name).open("wb") as stream:
        stream.truncate(file.size)
    monkeypatch.setenv("FMNIST_WEIGHTS_DIR", str(tmp_path))
    labelled(form.selectbox, "Backbone").set_value("mobilenetv2").run()
    assert f"weights found: folder {tmp_path}" in words(form)
    assert not form.button(key="train_button").disabled
    (tmp_path / file.name).write_bytes(b"cut off")
    form.run()
    assert "is truncated" in words(form)
    assert form.button(key="train_button").disabled


def test_online_they_are_fetched_when_the_training_begins(form, monkeypatch):
    monkeypatch.delenv("FMNIST_OFFLINE")
    labelled(form.selectbox, "Backbone").set_value("resnet50").run()
    assert "(95 MB) are downloaded when training starts" in words(form)
    assert not form.button(key="train_button").disabled


def test_epochs_at_rest_need_something_learned(form):
    labelled(form.number_input, "Frozen epochs").set_value(2).run()
    assert "needs pretrained weights" in words(form)
    labelled(form.selectbox, "Initial weights").set_value(run_called("like")).run()
    assert not form.button(key="train_button").disabled
    labelled(form.number_input, "Frozen epochs").set_value(900).run()
    assert "must not be more than epochs" in words(form)


def test_who_knows_these_images_is_offered_and_goes_with_the_run(pupil):
    teacher = labelled(pupil.selectbox, "Teacher")
    names = [option.split(",")[0] for option in teacher.options]
    assert names[0] == "None (labels only)"
    assert set(names[1:]) == {"alike", "other seed"}
    assert labelled(pupil.number_input, "Weight of the teacher loss").disabled
    teacher.set_value(run_called("alike")).run()
    labelled(pupil.number_input, "Weight of the teacher loss").set_value(0.75)
    labelled(pupil.number_input, "Temperature").set_value(2.0).run()
    folder = submitted(pupil)
    chosen = folder.config.training.distillation
    assert (chosen.teacher, chosen.weight, chosen.temperature) == (run_called("alike"), 0.75, 2.0)
    assert folder.teacher_path.read_bytes() == b"weights"


def test_it_says_what_a_teacher_of_another_seed_means_for_validation(pupil):
    labelled(pupil.selectbox, "Teacher").set_value(run_called("alike")).run()
    assert "The teacher was not trained on the validation images of this run." in words(pupil)
    labelled(pupil.selectbox, "Teacher").set_value(run_called("other seed")).run()
    assert "slightly optimistic. The test accuracy is not affected." in words(pupil)


def test_one_that_is_gone_is_named(open_app, make_run):
    make_run("old")
    changes = ("teacher=nobody", "dataset=synthetic-garments")
    config = override(preset("tiny").config, changes)
    app = open_app("train", {"train_config": config.to_json()})
    assert "The teacher must be a run with saved weights" in words(app)
    assert app.button(key="train_button").disabled
    labelled(app.selectbox, "Teacher").set_value("").run()
    assert not app.button(key="train_button").disabled


def test_one_that_may_not_teach_any_more_keeps_its_title(pupil):
    labelled(pupil.selectbox, "Teacher").set_value(run_called("alike")).run()
    labelled(pupil.selectbox, "Data set").set_value("fashion-mnist").run()
    # The browser takes another title for another choice, and would send it as one.
    options = labelled(pupil.selectbox, "Teacher").options
    assert [option.split(",")[0] for option in options][-2:] == ["of other images", "alike"]
    assert options[-1].startswith("alike, ")
