"""Improve this pair: remedies, what they changed, and looks at the test figure."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.evaluation import Predictions, ValidationPredictions, store_validation_predictions
from fmnist_core.remedies import Pair, Tried, note_tried, reveal_count, tried_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.training.splits import split_indices
from tests.core.remedies.conftest import answers
from tests.pages.reading import words

pytestmark = pytest.mark.usefixtures("engine_there")
SHIRTS = Pair(6, 0)
HALF = ("validation_share=0.5",)


@pytest.fixture
def made(make_run, garments: Dataset) -> Callable[..., RunFolder]:
    """Finished runs that take a share of the shirts held back for T-shirts."""

    def made(name: str, mixed_up: float, *changes: str, **more: object) -> RunFolder:
        folder = make_run(name, changes=(*HALF, *changes), **more)
        _, choose = split_indices(garments.train.labels, folder.config.training)
        labels = garments.train.labels[choose]
        said = Predictions(answers(labels, mixed_up), labels)
        store_validation_predictions(
            folder, ValidationPredictions(said, choose, garments.identity.fingerprint)
        )
        return folder

    return made


@pytest.fixture
def opened(open_app):
    """The section Confusion matrix at a cell, the fold open."""

    def opened(folder: RunFolder, true: int = 6, predicted: int = 0) -> AppTest:
        key = f"confusion/{folder.id}"
        cell = {f"{key}/true": true, f"{key}/predicted": predicted, "improve_pair": True}
        return open_app("evaluate", cell, section="Confusion matrix", run=folder.id)

    return opened


def queued() -> list[RunFolder]:
    runs = [run.id for run in list_runs(load_settings()) if run.state == "queued"]
    return [RunFolder.open(load_settings().runs_dir, run) for run in runs]


def tried(base: RunFolder, after: RunFolder | str, title: str = "More weight") -> None:
    run_id = after if isinstance(after, str) else after.id
    note_tried(base, Tried(SHIRTS, title, title, False, run_id))


def test_remedies_are_offered_with_what_images_held_back_say(opened, made):
    app = opened(made("base", 0.8))
    assert "**80.0%** of the 30 of class Shirt are predicted as T-shirt/top" in words(app)
    starts = [button for button in app.button if button.label == "Try it"]
    assert len(starts) == 5
    assert [button.disabled for button in starts].count(True) == 1
    assert "about" in words(app)


def test_nothing_is_offered_for_what_is_recognised_or_while_it_is_folded(opened, made, open_app):
    app = opened(made("base", 0.8), 6, 6)
    assert not [button for button in app.button if button.label == "Try it"]
    app = open_app("evaluate", section="Confusion matrix", run=made("base", 0.8).id)
    assert not [button for button in app.button if button.label == "Try it"]


def test_a_remedy_is_queued_and_remembered(opened, made):
    base = made("base", 0.8)
    app = opened(base)
    app.button(key="improve_go_weight").click().run()
    (folder,) = queued()
    assert folder.config.training.class_weights.labels == (0, 6)
    assert folder.meta.name == "base: more weight on the pair"
    (found,) = tried_from(base)
    assert (found.pair, found.remedy, found.run_id) == (SHIRTS, "weight", folder.id)
    assert "Tried so far" in words(opened(base))
    assert "true Shirt, predicted T-shirt/top: 1" in words(opened(base, 4, 2))


def test_a_remedy_may_go_on_from_the_present_weights(opened, made):
    base = made("base", 0.8)
    base.model_path.write_bytes(b"weights")
    app = opened(base)
    app.segmented_control(key="improve_start").set_value("From the trained weights").run()
    app.button(key="improve_go_fine-tuning").click().run()
    (folder,) = queued()
    assert folder.config.training.initial_weights == base.id
    assert folder.initial_path.read_bytes() == b"weights"


def test_weights_that_are_gone_are_explained(opened, made):
    app = opened(made("base", 0.8))
    app.segmented_control(key="improve_start").set_value("From the trained weights").run()
    app.button(key="improve_go_fine-tuning").click().run()
    assert "initial_weights must name a run with saved weights" in words(app).replace("\\", "")
    assert queued() == []


def test_what_was_trained_already_is_not_trained_again(opened, made):
    base = made("base", 0.8)
    longer = made("longer", 0.2, "epochs=6")
    app = opened(base)
    app.button(key="improve_go_longer").click().run()
    assert queued() == []
    assert [each.run_id for each in tried_from(base)] == [longer.id]
    assert "significantly better" in words(app)


def test_suspects_can_be_left_out_once_some_are_ticked(opened, made, garments):
    base = made("base", 0.8)
    assert opened(base).button(key="improve_go_suspects").disabled
    learned = split_indices(garments.train.labels, base.config.training)[0]
    LabelIssueStore(load_settings()).tick(garments.identity.fingerprint, (), learned[:3].tolist())
    app = opened(base)
    app.button(key="improve_go_suspects").click().run()
    (folder,) = queued()
    assert folder.config.training.exclude_label_issues


def test_before_and_after_with_the_choice(opened, made):
    base = made("base", 0.8)
    tried(base, made("good", 0.1), "Good one")
    tried(base, made("idle", 0.8), "Idle one")
    app = opened(base)
    table = app.dataframe[-1].value
    assert table["Remedy"].tolist() == ["Good one", "Idle one"]
    assert table["Confused"].tolist()[0] == "40.0 → 5.0%"
    assert table["Pair"].tolist() == ["▲ better", "not significant"]
    assert "Best remedy on the validation images: Good one" in words(app)
    assert "**significantly better**" in words(app)


def test_none_is_chosen_where_none_helps(opened, made):
    base = made("base", 0.2)
    tried(base, made("bad", 0.9))
    app = opened(base)
    assert "favor the original network" in words(app)
    assert "**significantly worse**" in words(app)


def test_looks_at_the_test_figure_are_counted(opened, made):
    base, after = made("base", 0.8), made("good", 0.1)
    tried(base, after)
    app = opened(base)
    assert "was not shown yet" in words(app)
    assert "On the test images" not in words(app)
    app.button(key="improve_reveal").click().run()
    assert "On the test images" in words(app)
    assert "shown once" in words(app)
    app.run()
    assert reveal_count(after, SHIRTS) == 1
    again = opened(base)
    assert "shown once" in words(again)
    again.button(key="improve_reveal").click().run()
    assert "shown twice" in words(again)


def test_looks_at_several_remedies_add_up(opened, made):
    base = made("base", 0.8)
    for name in ("one", "two"):
        tried(base, made(name, 0.1), name)
    app = opened(base)
    app.button(key="improve_reveal").click().run()
    box = next(box for box in app.selectbox if box.label == "Details of")
    box.set_value(box.options and tried_from(base)[1].run_id).run()
    app.button(key="improve_reveal").click().run()
    assert "shown once; those of all remedies for this pair twice" in words(app)


def test_what_became_of_each_is_told(opened, made, make_run):
    base = made("base", 0.8)
    tried(base, "20260101-000000-gone-0000", "Gone one")
    failed = make_run("broken", epochs=0, state="failed", error="It was *killed*.", advice="Go.")
    tried(base, failed, "Failed one")
    older = make_run("older", changes=HALF)
    tried(base, older, "Older one")
    running = make_run("runs", state="running", epochs=1, judged=False, worker="here")
    tried(base, running, "Running one")
    with running.hold():
        app = opened(base)
    said = words(app)
    assert "Gone one: its run was deleted" in said
    assert r"Failed one: ✗ failed. It was \*killed\*." in said
    assert "Older one" in said
    assert "not stored" in said


def test_a_run_older_than_this_is_asked_once_more(opened, make_run):
    app = opened(make_run("older", changes=HALF))
    assert "made by an older version" in words(app)
    assert app.button(key="evaluate_run").label == "Evaluate on the validation images"


def test_damaged_answers_are_explained(opened, made):
    base = made("base", 0.8)
    base.validation_path.write_bytes(b"PK")
    app = opened(base)
    assert "validation.npz is damaged" in words(app).replace("\\", "")
    assert app.button(key="evaluate_run")


def test_a_run_that_held_nothing_back_can_be_trained_so(opened, make_run):
    base = make_run("all", changes=("validation_share=0", "keep_weights=last"))
    app = opened(base)
    assert "no validation images" in words(app)
    app.button(key="improve_hold_back").click().run()
    (folder,) = queued()
    assert folder.config == override(base.config, ["validation_share=0.1"])


def test_a_damaged_list_of_suspects_leaves_the_rest(opened, made, garments):
    base = made("base", 0.8)
    place = load_settings().home / "suspects"
    place.mkdir(parents=True)
    (place / f"{garments.identity.fingerprint}.json").write_text("{")
    app = opened(base)
    assert "list of ticked images is damaged" in words(app)
    assert app.button(key="improve_go_suspects").disabled
    assert not app.button(key="improve_go_weight").disabled
