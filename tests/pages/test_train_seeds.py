"""Several seeds on the pages: one press, one view, one row, one verdict."""

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.engine.client import repeat
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests.pages import reading
from tests.pages.reading import metrics

pytestmark = pytest.mark.usefixtures("engine_there")


def words(app: AppTest) -> str:
    badges = [f"{label}: {value}" for label, value in metrics(app).items()]
    return "\n".join([reading.words(app), *badges])


@pytest.fixture
def three_waiting(make_run) -> RunFolder:
    """The first of seeds 5, 6 and 7 in the queue."""
    make_run("old")
    config = override(preset("tiny").config, ("dataset=synthetic-garments", "seed=5"))
    first, *_ = repeat(config, 3, name="Mine", owner="ann", settings=load_settings())
    return RunFolder.open(load_settings().runs_dir, first.run_id)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def states() -> dict[int, str]:
    return {run.seed: run.state for run in list_runs(load_settings())}


@pytest.fixture
def form(open_app, make_run) -> AppTest:
    """The form, with synthetic garments at hand and a run of another configuration."""
    make_run("old", changes=("seed=99",))
    return open_app("train", run="new")


@pytest.fixture
def seeds(make_run):
    """Two seeds that are done, one that trains, one that waits, one that failed."""

    def made(name: str = "mine", *, rate: float = 0.002, skill: float = 0.8) -> list[RunFolder]:
        def run(seed: int, state: str, **more: object) -> RunFolder:
            changes = (f"seed={seed}", "epochs=3", f"learning_rate={rate}")
            return make_run(name, state=state, changes=changes, **more)

        done = [
            run(s, "finished", skill=skill + s / 100, best_validation_accuracy=skill + s / 100)
            for s in (0, 1)
        ]
        busy = {"judged": False, "worker": "training-1"}
        return [
            *done,
            run(2, "running", epochs=3, **busy),
            run(3, "queued", epochs=0, judged=False),
            run(4, "failed", epochs=1, judged=False, error="The loss became NaN."),
        ]

    return made


def watched(open_app, folder: RunFolder, **session: object) -> AppTest:
    return open_app("train", session, run=folder.id, seeds="all")


def test_one_press_trains_several_seeds_and_shows_them_as_one(form):
    form.number_input(key="train/seeds").set_value(3)
    form.button(key="train_button").click().run()
    assert states() == {0: "queued", 1: "queued", 2: "queued", 99: "finished"}
    assert form.query_params["seeds"] == "all"
    assert {"Seed 0", "Seed 1", "Seed 2", "Stop queued runs"} <= set(labels(form))


def test_the_form_says_how_long_all_seeds_take(form):
    assert "for 3 seeds" not in words(form)
    form.number_input(key="train/seeds").set_value(3).run()
    assert "for 3 seeds" in words(form)


def test_more_seeds_than_there_are_numbers_for_are_refused_in_a_sentence(form):
    form.number_input(key="train/seeds").set_value(2)
    form.number_input(key="train/training.seed").set_value(2**32 - 1)
    form.button(key="train_button").click().run()
    assert "seed must be a whole number" in words(form)
    assert states() == {99: "finished"}


def test_what_is_counted_and_what_is_not(open_app, seeds):
    app = watched(open_app, seeds()[0])
    text = words(app)
    assert "2 of 5 seeds done" in text
    assert "Best validation, mean ± SD: 80.50 ± 0.71%" in text
    assert "Seed 4: failed, so not counted. The loss became NaN." in text
    assert "2 of 5 seeds done, about" in app.get("progress")[0].text


def test_test_figures_are_for_the_end(open_app, seeds):
    folders = seeds()
    assert "Test, mean" not in words(watched(open_app, folders[0]))
    for folder in folders[2:4]:
        folder.change_status(state="stopped")
    text = words(watched(open_app, folders[0]))
    assert "Test, mean ± SD: 80.50 ± 0.71%" in text
    assert "Seeds 2, 3: stopped, so not counted" in text


def test_before_two_have_ended_they_are_compared_at_the_same_epoch(open_app, make_run):
    busy = {"state": "running", "judged": False, "worker": "training-1"}
    first = make_run("mine", epochs=3, changes=("seed=0", "epochs=5"), **busy)
    make_run("mine", epochs=2, changes=("seed=1", "epochs=5"), **busy)
    text = words(watched(open_app, first))
    assert "Validation after epoch 2, 2 seeds, mean ± SD: 61.00 ± 0.00%" in text


def test_a_seed_that_broke_off_is_not_in_the_mean(open_app, make_run):
    busy = {"judged": False, "worker": "training-1"}
    for seed, state in enumerate(("running", "running", "failed")):
        changes = (f"seed={seed}", "epochs=5")
        first = make_run("mine", state=state, epochs=2, changes=changes, **busy)
    assert "Validation after epoch 2, 2 seeds" in words(watched(open_app, first))


def test_one_press_stops_all_that_wait(open_app, three_waiting):
    app = watched(open_app, three_waiting)
    app.button(key="stop_waiting").click().run()
    assert [states()[seed] for seed in (5, 6, 7)] == ["stopped"] * 3
    assert "stop_waiting" not in [button.key for button in app.button]
    assert "Seeds 5, 6, 7: stopped, so not counted" in words(app)


def test_stop_all_reaches_the_one_in_training_too(open_app, seeds):
    folders = seeds()
    app = watched(open_app, folders[0])
    app.button(key="stop_all").click().run()
    assert folders[2].control.read().stop


def test_from_all_seeds_to_one_and_back(open_app, seeds):
    folders = seeds()
    app = watched(open_app, folders[0])
    app.button(key=f"seed_{folders[1].id}").click().run()
    assert "seeds" not in app.query_params
    assert "Finished after 3 epochs" in words(app)
    app.button(key="all_seeds").click().run()
    assert app.query_params["seeds"] == "all"


def test_with_nothing_chosen_seeds_at_work_are_shown_as_one(open_app, seeds):
    seeds()
    app = open_app("train")
    assert app.query_params["seeds"] == "all"


def test_in_the_engine_they_are_one_line(open_app, three_waiting):
    app = open_app("train", run="new")
    assert [label for label in labels(app) if "Mine" in label] == ["Mine, 3 seeds"]
    assert "1st in line, starts" in words(app)


@pytest.mark.parametrize("page", ["train", "runs"])
def test_a_finished_run_is_repeated_with_more_seeds(open_app, make_run, page):
    folder = make_run("mine", changes=("seed=4",))
    app = open_app(page, {"run_table/ticked": [folder.id]}, run=folder.id)
    app.number_input(key=f"more_seeds_{folder.id}").set_value(2)
    app.button(key=f"train_seeds_{folder.id}").click().run()
    assert states() == {4: "finished", 5: "queued", 6: "queued"}


def test_seeds_are_one_row_that_can_be_unfolded(open_app, make_run, seeds):
    seeds()
    make_run("alone", changes=("epochs=9",))
    app = open_app("runs")
    table = app.dataframe[0].value
    assert table["Name"].tolist() == ["alone", "▸ ▶ mine"]
    assert table["Seed"].tolist() == ["0", "2 of 5 seeds"]
    assert table["State"].tolist()[1].startswith("▶ training")
    assert table["Validation"].tolist()[1] == pytest.approx(0.805)
    assert table["Test"].tolist()[1] == pytest.approx(0.805)
    assert table["SD"].tolist()[1] == "± 0.71"
    app.toggle(key="seeds_as_one").set_value(False).run()
    assert len(app.dataframe[0].value) == 6


def test_without_seeds_there_is_nothing_to_choose(open_app, make_run):
    make_run("alone")
    assert not open_app("runs").toggle


def test_two_rows_of_seeds_are_compared_by_their_means(open_app, make_run, seeds):
    weak, strong = seeds("weak", skill=0.6), seeds("strong", rate=0.004)
    lost = make_run("lost", state="failed", judged=False, changes=("epochs=7",))
    rows = [f"seeds/{folders[0].id}" for folders in (weak, strong)]
    app = open_app("runs", {"run_table/ticked": rows})
    said = words(app)
    assert "**A: strong**, 2 seeds, test 80.50 ± 0.71%" in said
    assert "**A is better than B by 20.00 points** on validation images" in said
    assert "- Learning rate: A 0.004, B 0.002" in said.replace("\\", "")
    app = open_app("runs", {"run_table/ticked": [rows[0], lost.id]})
    assert "Not counted of lost: seed 0 (failed)" in words(app)


def test_all_ticked_seeds_can_be_shown_together(open_app, seeds):
    folders = seeds()
    app = open_app("runs", {"run_table/ticked": [folder.id for folder in folders]})
    assert "Compare seeds" in labels(app)
    assert "Not counted of mine: seed 4 (failed)" in words(app)


def versus(open_app, make_run, accuracies: dict[str, tuple[float, ...]]) -> str:
    for number, (name, values) in enumerate(accuracies.items()):
        for seed, value in enumerate(values):
            changes = (f"seed={seed}", f"learning_rate={0.001 * (number + 1)}")
            last = make_run(name, skill=0.8, changes=changes, best_validation_accuracy=value)
    app = open_app("evaluate", section="Compare", run=last.id)
    return words(app)


def test_a_is_better_than_b_by_validation_and_test_is_for_the_report(open_app, make_run):
    text = versus(open_app, make_run, {"weak": (0.80, 0.81, 0.80), "strong": (0.90, 0.91, 0.90)})
    assert "**strong is better than weak by 10.00 points** on validation images" in text
    assert "**significant**" in text
    assert "On the test images: +0.00 points" in text


def test_seeds_that_scatter_leave_it_open_and_say_how_many_would_settle_it(open_app, make_run):
    text = versus(open_app, make_run, {"a": (0.90, 0.92), "b": (0.89, 0.91)})
    assert "**not significant**" in text
    assert "About 17 seeds of each would detect" in text


def test_one_seed_is_too_few_to_tell(open_app, make_run):
    text = versus(open_app, make_run, {"a": (0.90,), "b": (0.80, 0.81)})
    assert "Too few seeds to compare the configurations" in text


@pytest.mark.parametrize("typed", [0, 31, 2.5, None])
def test_no_number_of_more_seeds_is_refused_beside_its_field(home, typed):
    def page() -> None:
        from fmnist_ui.train.choice import show_repeat

        show_repeat("some-run")

    app = AppTest.from_function(page).run()
    assert not app.button(key="train_seeds_some-run").disabled
    app.number_input(key="more_seeds_some-run").set_value(typed).run()
    assert "Must be a whole number from 1 to 30." in words(app)
    assert app.button(key="train_seeds_some-run").disabled
