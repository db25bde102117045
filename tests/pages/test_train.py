"""The Train page: the form, the launch, the view of a run."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.engine.client import submit
from fmnist_core.machine import MachineSpeed, store_speed
from fmnist_core.models.cost import summarise
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.feature_maps import write_feature_maps
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.pinned_images import PinnedImage
from fmnist_core.runs.trace import TraceWriter
from fmnist_core.settings import load_settings
from fmnist_ui.figures.network_diagram import stages_of
from tests.pages.reading import html, labelled, words

pytestmark = pytest.mark.usefixtures("engine_there")


@pytest.fixture
def form(open_app, make_run) -> AppTest:
    """The form, with synthetic garments at hand."""
    make_run("old")
    return open_app("train", run="new")


def popovers(app: AppTest) -> list[str]:
    """Of the form, the presets aside."""
    labels = [part.proto.popover.label for part in app.get("popover")]
    return [label for label in labels if not label.startswith("More")]


def table(app: AppTest) -> str:
    return next(part.value for part in app.get("html") if 'class="cost-table"' in part.value)


def new_runs() -> list[RunFolder]:
    runs = [run for run in list_runs(load_settings()) if run.name != "old"]
    return [RunFolder.open(load_settings().runs_dir, run.id) for run in runs]


def train(app: AppTest) -> AppTest:
    return app.button(key="train_button").click().run()


def told_seconds(app: AppTest) -> float:
    """An epoch's, as the line beside the button says it."""
    found = re.search(r"parameters · about ([\d.]+) s per epoch", words(app))
    assert found
    return float(found[1])


def test_the_form_begins_with_a_preset_that_can_be_trained(form):
    assert "90% accuracy in under a minute." in form.button(key="preset_quick").label
    assert not form.button(key="train_button").disabled
    assert not form.error


def test_times_are_told_as_those_of_this_machine_once_it_is_measured(form):
    assert "not measured on this machine yet" in words(form)
    assert "about" not in form.button(key="preset_quick").label
    fast, slow = 0.016, 0.16
    store_speed(load_settings(), MachineSpeed(fast, fast, 2))
    on_fast = told_seconds(form.run())
    store_speed(load_settings(), MachineSpeed(slow, slow, 2))
    assert told_seconds(form.run()) == pytest.approx(10 * on_fast, rel=0.1)
    assert "about" in form.button(key="preset_quick").label
    assert "not measured" not in words(form)


def test_bfloat16_where_it_is_slower_is_told_with_the_factor(form):
    store_speed(load_settings(), MachineSpeed(0.01, 0.05, 2))
    assert labelled(form.selectbox, "Precision").value == "auto"
    labelled(form.selectbox, "Precision").select("mixed_bfloat16").run()
    assert [warning.value for warning in form.warning if "bfloat16" in warning.value] == [
        "On this machine a step takes 5.0 times as long in bfloat16 as in float32. "
        "Auto chooses the faster one."
    ]
    store_speed(load_settings(), MachineSpeed(0.01, 0.005, 2))
    form.run()
    assert not [warning for warning in form.warning if "bfloat16" in warning.value]


def test_choosing_a_preset_fills_the_whole_form(form):
    form.button(key="preset_tiny").click().run()
    assert labelled(form.number_input, "Epochs").value == 30
    assert labelled(form.number_input, "Blocks").value == 4
    assert labelled(form.metric, "Parameters").value == "9,338"
    assert popovers(form) == []


def test_changing_anything_is_said_and_can_be_taken_back(form):
    labelled(form.number_input, "Filters").set_value(64).run()
    assert popovers(form) == ["1 changed from Quick"]
    assert "- Filters 64-48 (preset" in words(form)
    form.button(key="back_to_preset").click().run()
    assert popovers(form) == []


def test_the_table_follows_the_form(form):
    assert "block2_conv1" in table(form)
    labelled(form.number_input, "Blocks").set_value(1).run()
    assert "16 filters of 5x5" in table(form)
    assert "block2_conv1" not in table(form)


def test_a_new_block_is_like_the_one_before_it(form):
    labelled(form.number_input, "Blocks").set_value(3).run()
    filters = [w.value for w in form.number_input if w.label == "Filters"]
    assert filters == [16, 48, 48]


def test_an_impossible_network_is_refused_with_the_reason(form):
    labelled(form.number_input, "Blocks").set_value(8)
    labelled(form.selectbox, "Padding").set_value("valid").run()
    assert "The map shrinks to nothing" in words(form)
    assert form.button(key="train_button").disabled


@pytest.mark.parametrize(
    ("text", "said"), [("64, many", "dense[1] must be"), ("0", "dense[0] must be a whole number")]
)
def test_dense_layers_that_are_no_numbers_are_refused(form, text, said):
    labelled(form.text_input, "Dense layers").set_value(text).run()
    assert said in words(form).replace("\\", "")
    assert form.button(key="train_button").disabled


@pytest.mark.parametrize(
    ("label", "typed", "good", "said"),
    [
        ("Learning rate", 100_000.0, 0.01, "Must be a number from 1e-07 to 10."),
        ("Learning rate", None, 0.01, "Must be a number from 1e-07 to 10."),
        ("Epochs", 2.5, 3, "Must be a whole number from 1 to 1000."),
        ("Epochs", 1e300, 3, "Must be a whole number from 1 to 1000."),
        ("Blocks", None, 1, "Must be a whole number from 0 to 8."),
        ("Seeds", 0, 2, "Must be a whole number from 1 to 30."),
    ],
)
def test_a_number_out_of_its_range_is_refused_beside_its_field(form, label, typed, good, said):
    labelled(form.number_input, label).set_value(typed).run()
    assert "could not be shown" not in words(form)
    assert [part.value for part in form.markdown].count(f":red[:small[{said}]]") == 1
    assert form.button(key="train_button").disabled
    assert labelled(form.number_input, label).value == typed
    labelled(form.number_input, label).set_value(good).run()
    assert said not in words(form)
    assert not form.button(key="train_button").disabled


def test_dense_layers_are_refused_beside_their_field_too(form):
    labelled(form.text_input, "Dense layers").set_value("1" * 5_000).run()
    assert any(part.value.startswith(":red[:small[") for part in form.markdown)
    assert form.button(key="train_button").disabled


def test_what_is_wrong_stays_to_be_mended_where_it_counts_for_nothing(form):
    labelled(form.selectbox, "Optimizer").set_value("sgd").run()
    labelled(form.number_input, "Momentum").set_value(7).run()
    labelled(form.selectbox, "Optimizer").set_value("adam").run()
    assert form.button(key="train_button").disabled
    labelled(form.number_input, "Momentum").set_value(0.9).run()
    assert "Momentum" not in [field.label for field in form.number_input]
    assert not form.button(key="train_button").disabled


def test_a_preset_takes_the_place_of_what_is_wrong(form):
    labelled(form.number_input, "Epochs").set_value(0)
    labelled(form.number_input, "Blocks").set_value(None).run()
    form.button(key="preset_tiny").click().run()
    assert labelled(form.number_input, "Epochs").value == 30
    assert labelled(form.number_input, "Blocks").value == 4
    assert not form.button(key="train_button").disabled


def test_what_is_wrong_is_still_wrong_after_a_look_at_another_page(form):
    labelled(form.number_input, "Learning rate").set_value(100_000).run()
    form.switch_page("pages/data.py").run()
    form.query_params.clear()
    form.query_params["run"] = "new"
    form.switch_page("pages/train.py").run()
    assert labelled(form.number_input, "Learning rate").value == 100_000
    assert form.button(key="train_button").disabled


def test_early_stopping_without_validation_is_refused(form):
    labelled(form.number_input, "Validation share").set_value(0.0)
    labelled(form.number_input, "Early stopping patience").set_value(3).run()
    assert "early\\_stopping needs validation images" in words(form)
    assert form.button(key="train_button").disabled


def test_images_that_are_not_here_are_refused(form):
    labelled(form.selectbox, "Data set").set_value("fashion-mnist").run()
    assert "Fashion-MNIST is not on this machine" in words(form)
    assert form.button(key="train_button").disabled


def test_augmentation_is_tried_out_on_ten_images(form):
    originals, changed = (h.value for h in form.get("html") if "<figure" in h.value)
    assert originals == changed
    labelled(form.toggle, "Flip").set_value(True)
    labelled(form.number_input, "Shift, pixels").set_value(4.0).run()
    originals, changed = (h.value for h in form.get("html") if "<figure" in h.value)
    assert originals != changed
    form.button(key="reshuffle_augmentation").click().run()
    assert next(h.value for h in form.get("html") if "<figure" in h.value) != originals


def test_the_form_keeps_its_state_on_other_pages(form):
    labelled(form.number_input, "Filters").set_value(40).run()
    form.switch_page("pages/data.py").run()
    # As the browser does on the way to another page.
    form.query_params.clear()
    form.query_params["run"] = "new"
    form.switch_page("pages/train.py").run()
    assert labelled(form.number_input, "Filters").value == 40


def test_another_page_can_hand_over_a_configuration(open_app, make_run):
    make_run("old")
    config = override(preset("small").config, ("epochs=3", "dataset=synthetic-garments"))
    app = open_app("train", {"train_config": config.to_json()})
    assert labelled(app.number_input, "Epochs").value == 3
    assert "Epochs" in words(app)
    assert popovers(app) == ["1 changed from Small"]


def test_train_queues_the_run_and_shows_it(form):
    labelled(form.text_input, "Name").set_value("my first")
    train(form)
    (run,) = new_runs()
    assert run.meta.name == "my first"
    assert run.status.state == "queued"
    assert run.config.training.dataset == "synthetic-garments"
    assert form.query_params["run"] == run.id
    assert "1st in line, start" in words(form)


def test_two_tabs_that_press_train_on_the_same_form_start_one_run(form, open_app):
    train(form)
    second = train(open_app("train", run="new"))
    assert len(new_runs()) == 1
    assert "A run with this configuration is already training or queued" in words(second)


def test_waiting_runs_stand_in_line(form):
    train(form)
    form.button(key="set_up_another").click().run()
    labelled(form.number_input, "Seed").set_value(7).run()
    train(form)
    assert "2nd in line, start" in words(form)
    assert "Other runs in the engine" in words(form)


def test_the_line_is_that_in_which_runs_are_handed_out(open_app, make_run):
    """Who has a run in training waits for those who have none, also those who came later."""
    make_run("old")
    settings, ids = load_settings(), []
    for owner, seed in (("ann", 1), ("ann", 2), ("ben", 3)):
        config = override(preset("tiny").config, (f"seed={seed}", "dataset=synthetic-garments"))
        ids.append(submit(config, name=f"{owner} {seed}", owner=owner, settings=settings).run_id)
    RunIndex(settings.index_path, settings.runs_dir).claim(ids[0], "training-1")
    busy = RunFolder.open(settings.runs_dir, ids[0])
    busy.change_status(state="running", worker="training-1")
    app = open_app("train", run="new")
    names = [button.label for button in app.button if button.key.startswith("watch_")]
    assert names == ["ann 1", "ben 3", "ann 2"]
    assert "2nd in line, start" in words(open_app("train", run=ids[1]))


def test_a_running_training_is_shown_without_being_asked_for(open_app, busy):
    app = open_app("train")
    assert app.subheader[0].value == "busy"
    assert app.get("progress")[0].text.startswith("Epoch 3: step")
    assert labelled(app.metric, "Epochs done").value == "3 of 3"
    assert labelled(app.metric, "Best validation").value == "62.0%"
    assert app.query_params["run"] == busy.id


def test_what_goes_on_between_epochs_is_said(open_app, busy):
    writer = EventWriter(busy.events_path)
    writer.write("phase", text="Evaluating on the test images")
    writer.close()
    (progress,) = open_app("train", run=busy.id).get("progress")
    assert progress.text == "Evaluating on the test images…"


def with_maps(folder: RunFolder) -> RunFolder:
    """A run that has feature maps of both of its blocks, for one pinned image."""
    stages = stages_of(summarise(folder.config.model).layers)
    shapes = [stage.shape for stage in stages if stage.part.startswith("block-")]
    writer = TraceWriter(folder.trace_path)
    image = PinnedImage(np.zeros((28, 28), np.uint8), "my shoe", 7, "test image")
    writer.begin(
        attempt=1,
        epoch=0,
        epochs=3,
        steps_per_epoch=9,
        watched="validation",
        layers=(),
        pinned_images=[image],
    )
    writer.close()
    maps = [np.zeros((1, *shape[:2], 4), np.uint8) for shape in shapes]
    write_feature_maps(folder, 2.25, maps)
    return folder


def test_the_picture_of_the_network_shows_what_each_block_makes_of_an_image(open_app, make_run):
    folder = with_maps(make_run("seen"))
    app = open_app("train", run=folder.id)
    assert "Feature maps, epoch 2.25" in words(app)
    assert html(app).count("a feature map of my shoe") == 4 * len(folder.config.model.blocks)


def test_the_form_shows_the_maps_of_a_current_network_of_that_architecture(open_app, make_run):
    folder = with_maps(make_run("seen"))
    same = open_app("train", {"train_config": folder.config.to_json()})
    assert "Feature maps of seen, epoch 2.25" in words(same)
    other = open_app("train", run="new")
    assert "Feature maps" not in words(other)


def test_pause_resume_and_stop_reach_the_run(open_app, busy):
    app = open_app("train", run=busy.id)
    app.button(key="control_pause").click().run()
    assert busy.control.read().pause
    app.button(key="control_pause").click().run()
    assert not busy.control.read().pause
    app.button(key="control_stop").click().run()
    assert busy.control.read().stop
    assert app.button(key="control_stop").disabled


def test_the_learning_rate_can_be_changed_while_it_runs_within_its_range(open_app, busy):
    app = open_app("train", run=busy.id)
    labelled(app.number_input, "Base learning rate").set_value(0.002).run()
    app.button(key="control_rate").click().run()
    assert busy.control.read().learning_rate == pytest.approx(0.002)
    labelled(app.number_input, "Base learning rate").set_value(100_000).run()
    assert "Must be a number from 1e-07 to 10." in words(app)
    assert app.button(key="control_rate").disabled


def test_a_finished_run_leads_to_its_evaluation(open_app, make_run):
    folder = make_run("done", skill=0.8)
    app = open_app("train", run=folder.id)
    assert "Finished after 3 epochs" in words(app)
    assert "Test accuracy 80.0% (synthetic garments)" in words(app)
    assert {"Evaluate", "Try it", "Explain"} <= {button.label for button in app.button}
    assert "Compare" not in {button.label for button in app.button}
    make_run("another")
    assert "Compare" in {button.label for button in app.run().button}
    assert "control_stop" not in [button.key for button in app.button]


@pytest.mark.parametrize(
    ("epochs", "said"), [(2, "weights are saved"), (0, "No epoch was completed")]
)
def test_a_stopped_run_says_what_is_left_of_it(open_app, make_run, epochs, said):
    folder = make_run("ended", state="stopped", epochs=epochs, judged=False)
    app = open_app("train", run=folder.id)
    assert f"Stopped after {epochs} of" in words(app)
    assert said in words(app)


@pytest.mark.official
def test_synthetic_garments_chosen_beside_the_official_files_are_named(
    open_app, make_run, monkeypatch, official_dir
):
    make_run("old")
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    app = open_app("train", run="new")
    assert "not Fashion-MNIST" not in words(app)
    labelled(app.selectbox, "Data set").set_value("synthetic-garments").run()
    assert "Synthetic garments, not Fashion-MNIST" in words(app)


def test_a_run_whose_process_is_gone_is_told_as_broken_off(open_app, make_run):
    folder = make_run("lost", state="running", judged=False, worker="here")
    app = open_app("train", run=folder.id)
    assert "ended unexpectedly" in words(app)
    assert app.button(key="continue_run")


@pytest.mark.parametrize("answer", ["continue", "leave"])
def test_a_run_of_a_killed_command_is_asked_about(open_app, make_run, engine_there, answer):
    folder = make_run("lost", state="running", judged=False, worker="here")
    app = open_app("train", run="new")
    assert "Interrupted runs" in words(app)
    assert "ended after epoch 3 of 3" in words(app)
    app.button(key=f"{answer}_{folder.id}").click().run()
    assert folder.status.state == {"continue": "queued", "leave": "crashed"}[answer]
    assert "Interrupted runs" not in words(app)


def test_a_run_that_waits_says_who_holds_the_slot_since_when_and_until_when(
    open_app, make_run, engine_there
):
    make_run("busy", state="running", judged=False, worker="training-1", epochs=0)
    waits = make_run("patient", state="queued", judged=False, epochs=0, changes=("seed=5",))
    held = "The slot is held by **busy** since "
    app = open_app("train", run=waits.id)
    assert held in words(app)
    assert "its end is not known yet" in words(app)


def test_a_failed_run_says_why_and_can_be_continued(open_app, make_run):
    why = {"error": "The loss became NaN.", "advice": "Lower it."}
    folder = make_run("broken", state="failed", judged=False, **why)
    app = open_app("train", run=folder.id)
    assert "The loss became NaN." in words(app)
    assert "Lower it." in words(app)
    app.button(key="continue_run").click().run()
    assert folder.status.state == "queued"


def test_training_again_opens_the_form_with_that_configuration(open_app, make_run):
    folder = make_run("done", changes=("batch_size=100",))
    app = open_app("train", run=folder.id)
    app.button(key="train_again").click().run()
    assert labelled(app.number_input, "Batch size").value == 100
    assert app.query_params["run"] == "new"


@pytest.mark.parametrize("run", ["no-such-run", "../../etc", "x" * 200])
def test_an_unknown_run_is_no_disaster(open_app, run):
    app = open_app("train", run=run)
    assert "There is no such run" in words(app)
    assert app.button(key="set_up_another")


@pytest.mark.parametrize("part", ["block-1", "head", "block-7"])
def test_a_part_of_the_picture_that_was_clicked_is_edited_below_it(open_app, part):
    app = open_app("train", {"train/picked_part": part}, run="new")
    keys = [each.key for each in app.number_input]
    # Once, wherever it is drawn; also of a block that a smaller network no longer has.
    assert keys.count("train/model.blocks.1.filters") == 1
    app.number_input(key="train/model.blocks.1.filters").set_value(24).run()
    # 3 by 3 weights for each of the 16 maps that a filter reads.
    assert str(3 * 3 * 16 * 24) in "".join(c for c in html(app) if c not in "\u202f,")
