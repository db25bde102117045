"""The Runs page, with none, one, many and broken runs."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.evaluation import (
    Predictions,
    ValidationPredictions,
    store_validation_predictions,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepConfig, SweepFolder
from fmnist_core.sweeps.config import parse_dimension
from tests.pages.reading import words

pytestmark = pytest.mark.usefixtures("engine_there")


def ticked(open_app, *folders: RunFolder) -> AppTest:
    """The page with these runs ticked, as the table remembers them."""
    return open_app("runs", {"run_table/ticked": [folder.id for folder in folders]})


# Every run has a row of its own.
UNFOLDED = {"seeds_as_one": False}


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_without_runs_there_is_one_next_step(open_app):
    app = open_app("runs")
    assert "No runs yet" in words(app)
    assert not app.dataframe


def test_the_table_shows_every_run(open_app, make_run):
    make_run("first")
    make_run("second", state="stopped", epochs=2, error="", judged=False)
    table = open_app("runs").dataframe[0].value
    assert table["Name"].tolist() == ["■ second", "first"]
    assert table["Seed"].tolist() == ["0", "0"]
    assert table.columns.tolist()[:4] == ["Name", "Test", "Seed", "Created"]
    assert table["State"].tolist() == ["■ stopped", "✓ finished"]
    assert table["Data"].tolist() == ["Synthetic", "Synthetic"]
    assert table["Parameters"].tolist() == [9338, 9338]
    assert table["Test"].tolist()[1] == pytest.approx(0.8)


def test_one_run_can_be_acted_on(open_app, make_run):
    folder = make_run("mine")
    app = ticked(open_app, folder)
    keys = {button.key for button in app.button}
    assert {"run_evaluate", "run_again", "run_edit", "run_delete"} <= keys
    assert "run_continue" not in keys
    assert "Configuration" in [expander.label for expander in app.expander]


@pytest.mark.parametrize("state", ["stopped", "failed", "crashed"])
def test_what_ended_early_can_be_continued_and_says_why(open_app, make_run, state):
    folder = make_run(state=state, error="It broke.", advice="Try again.")
    app = ticked(open_app, folder)
    assert "It broke." in words(app)
    assert "Try again." in words(app)
    assert "run_continue" in {button.key for button in app.button}


def test_a_crash_without_a_word_is_noticed(open_app, make_run):
    folder = make_run(state="running", worker="here", judged=False)
    app = ticked(open_app, folder)
    assert app.dataframe[0].value["State"].tolist() == ["✗ crashed"]
    assert "ended unexpectedly" in words(app)


def test_several_runs_are_compared(open_app, make_run):
    runs = [make_run("slow"), make_run("fast", changes=("learning_rate=0.05",))]
    app = ticked(open_app, *runs)
    assert [expander.label for expander in app.expander] == ["Configurations: 1 setting differs"]
    rows = app.dataframe[1].value
    assert rows.to_numpy().tolist() == [["Learning rate", "≠", "0.05", "0.1"]]
    assert not app.warning[1:]


def test_two_ticks_show_the_paired_comparison(open_app, make_run):
    one, other = make_run("one", skill=0.7), make_run("two", changes=("head_dropout=0.2",))
    app = ticked(open_app, one, other)
    said = words(app)
    assert "**A: two** :small[:gray[seed 0]]" in said
    assert "**Test images: A is significantly better than B.**" in said
    assert "A 80.00%, B 70.00%, difference +10.00 points (95% interval" in said
    assert "McNemar's test: p < 0.0001" in said
    assert "- Head dropout: A 0.2, B 0" in said.replace("\\", "")
    assert app.button(key="run_delete").label == "Delete 2 runs"


def test_both_validation_sets_are_compared_where_they_are_the_same(open_app, make_run, garments):
    folders = [make_run(name) for name in ("one", "two")]
    for folder, right in zip(folders, (30, 20), strict=True):
        labels = garments.train.labels[:40]
        said = np.eye(10, dtype=np.float32)[(labels + (np.arange(40) >= right)) % 10]
        validation = ValidationPredictions(
            Predictions(said, labels), np.arange(40), garments.identity.fingerprint
        )
        store_validation_predictions(folder, validation)
    said = words(ticked(open_app, *folders))
    assert "**Validation images: B is significantly better than A.**" in said
    assert "A 50.00%, B 75.00%" in said
    assert "Test images: no difference" in said


@pytest.mark.parametrize("count", [1, 2, 3])
def test_networks_without_blocks_can_be_ticked(open_app, make_run, count):
    dense = ("model.blocks=[]", "model.head=flatten", "model.dense=[32]")
    runs = [make_run(f"dense {n}", changes=(*dense, f"seed={n}")) for n in range(count)]
    app = ticked(open_app, *runs)
    assert "dense 0" in words(app)
    assert not app.error


def test_a_clicked_row_comes_before_the_ticked_ones_and_leads_back(open_app, make_run):
    one, other = make_run("one"), make_run("two")
    session = {"run_table/ticked": [one.id, other.id], "run_table/looking": True}
    app = open_app("runs", {**session, "run_table/in_view": one.id})
    assert "run_evaluate" in {button.key for button in app.button}
    app = press(app, "run_compare")
    assert "Test images: no difference" in words(app)


def test_a_run_lists_what_was_changed_with_both_values(open_app, make_run):
    app = ticked(open_app, make_run("mine", changes=("head_dropout=0.2", "optimizer=adam")))
    assert "Optimizer Adam (preset: SGD, Nesterov)" in words(app).replace("\\", "")
    assert "Head dropout 0.2 (preset: 0)" in words(app).replace("\\", "")


def test_trials_of_a_sweep_are_one_row_with_the_best(open_app, make_run):
    base = override(preset("tiny").config, ["dataset=synthetic-garments"])
    config = SweepConfig(base, (parse_dimension("learning_rate=0.1,0.05"),))
    sweep = SweepFolder.create(load_settings().sweeps_dir, config, name="rates")
    for number, (skill, held) in enumerate(((0.8, 0.7), (0.6, 0.9)), start=1):
        changes = (f"learning_rate={0.1 / number}",)
        more = {"skill": skill, "changes": changes, "best_validation_accuracy": held}
        run = make_run(f"rates 0{number}", **more)
        sweep.note_trial(number, {"training.learning_rate": 0.1 / number})
        sweep.write("run", number, run=run.id, own=True)
    table = open_app("runs").dataframe[0].value
    assert table["Name"].tolist() == ["▸ rates, best trial"]
    assert table["Seed"].tolist() == ["2 trials"]
    # Chosen by the images held back.
    assert table["Test"].tolist() == pytest.approx([0.6])
    assert table["Configuration"].tolist()[0].startswith("Tiny, learning rate 0.05")
    opened = open_app("runs", {"run_table/opened": {f"sweep/{sweep.id}"}}).dataframe[0].value
    names = ["▾ rates, best trial", "\u2003rates 01", "\u2003rates 02"]
    assert opened["Name"].tolist() == names


def test_a_run_in_training_shows_how_far_it_is(open_app, make_run, busy):
    app = ticked(open_app, busy)
    assert "Epoch 3 of 3" in app.get("progress")[0].proto.text
    assert app.button(key="run_watch")


def test_runs_on_different_data_are_not_compared_in_silence(open_app, make_run, garments):
    ours = make_run("drawn")
    other = make_run("other")
    provenance = other.path / "provenance.json"
    provenance.write_text(provenance.read_text().replace(garments.identity.fingerprint, "0" * 64))
    app = ticked(open_app, ours, other)
    assert "their accuracies cannot be compared" in words(app)


def test_a_damaged_run_is_listed_and_explained(open_app, make_run):
    make_run("good")
    bad = make_run("bad")
    (bad.path / "config.json").write_text("{")
    app = ticked(open_app, bad)
    assert sorted(app.dataframe[0].value["State"]) == ["? damaged", "✓ finished"]
    assert "config.json" in words(app)


def test_train_again_fills_the_form_of_the_train_page(open_app, make_run):
    folder = make_run(changes=("learning_rate=0.05",))
    app = press(ticked(open_app, folder), "run_again")
    assert "Train" in [title.value.split(": ")[-1].split(" ")[-1] for title in app.title]
    assert app.session_state["train/training.learning_rate"] == 0.05


def dialog_for(opens: str) -> AppTest:
    """A page that opens one dialog for all runs at every rerun, as a browser keeps it open."""

    def page(opens: str) -> None:
        from fmnist_core.runs.library import list_runs
        from fmnist_core.settings import load_settings
        from fmnist_ui.results import runs_page

        runs = list_runs(load_settings())
        if opens == "edit":
            runs_page.edit(runs[0])
        elif runs:
            runs_page.delete(runs[:1])

    return AppTest.from_function(page, args=(opens,), default_timeout=30).run()


def test_renaming_and_tagging(make_run):
    folder = make_run("before")
    app = dialog_for("edit")
    app.text_input(key="edit_name").set_value("after")
    app.text_input(key="edit_tags").set_value("good, small,, good")
    press(app, "edit_save")
    assert (folder.meta.name, folder.meta.tags) == ("after", ("good", "small"))


def test_an_empty_name_brings_the_automatic_one_back(make_run):
    folder = make_run("before", changes=("optimizer=adam",))
    app = dialog_for("edit")
    app.text_input(key="edit_name").set_value("  ")
    press(app, "edit_save")
    assert folder.name == list_runs(load_settings())[0].name
    assert folder.name.startswith("Tiny, optimizer Adam")


def test_deleting_asks_first(open_app, make_run):
    folder = make_run()
    app = press(ticked(open_app, folder), "run_delete")
    assert app.button(key="delete_confirm").label == "Delete"
    assert folder.path.exists()


def test_deleting_takes_one_run_and_leaves_the_others(make_run):
    keep, gone = make_run("keep"), make_run("gone")
    press(dialog_for("delete"), "delete_confirm")
    assert [run.id for run in list_runs(load_settings())] == [keep.id]
    assert not gone.path.exists()


def test_keeping_deletes_nothing(make_run):
    folder = make_run()
    press(dialog_for("delete"), "delete_keep")
    assert folder.path.exists()


def test_what_cannot_be_deleted_says_why(make_run):
    folder = make_run(state="running", worker="here")
    with folder.hold():
        app = press(dialog_for("delete"), "delete_confirm")
    assert "is being trained" in words(app)
    assert folder.path.exists()


def test_ticked_seeds_of_one_configuration_are_one_entry(open_app, make_run):
    folders = [
        make_run("mine", skill=skill, changes=(f"seed={seed}",))
        for seed, skill in enumerate((0.80, 0.82))
    ]
    app = open_app("runs", {"run_table/ticked": [folder.id for folder in folders], **UNFOLDED})
    assert "Seeds of one configuration" in words(app)
    entry = next(table.value for table in app.dataframe if "Seeds" in table.value)
    assert entry["Seeds"].tolist() == [2]
    assert entry["Mean"].tolist() == ["81.00%"]
    alone = open_app("runs", {"run_table/ticked": [folders[0].id], **UNFOLDED})
    assert "Seeds of one configuration" not in words(alone)
