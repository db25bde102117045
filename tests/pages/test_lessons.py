"""Lessons: the shelf, the panel on other pages, and what a step locks."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.atomic_files import write_json
from fmnist_core.settings import load_settings
from fmnist_ui.lessons import Step, lessons
from fmnist_ui.lessons.place import KEYS
from fmnist_ui.links import PAGES
from tests.pages.reading import labelled, words

HERE = {"lesson": "which-pairs-are-hard", "step": "1"}
FIRST = {"lesson": "overfitting-on-purpose", "step": "1", "pupil": "0123abcd"}


def on_train(open_app: Callable[..., AppTest], **session: object) -> AppTest:
    numbers = {"training.train_images": "1000", "training.epochs": "30"}
    return open_app("train", session, run="new", preset="quick", **numbers, **FIRST)


@pytest.fixture
def own_lessons(home: Path) -> Path:
    (home / "lessons").mkdir(parents=True)
    return home / "lessons"


def test_the_shelf_shows_all_lessons_and_how_to_write_one(open_app):
    app = open_app("lessons")
    said = words(app)
    assert "Overfitting on purpose" in said
    assert "Why your drawing is a Bag" in said
    assert [button.label for button in app.button].count("Start") == len(
        lessons(load_settings())[0]
    )


def test_a_broken_lesson_is_told_with_its_line(open_app, own_lessons):
    (own_lessons / "mine.yaml").write_text("title: Mine\nsteps:\n  - titel: One\n")
    said = words(open_app("lessons"))
    assert "mine.yaml, line 3" in said.replace("\\", "")
    assert "Overfitting on purpose" in said


def test_a_number_that_no_machine_can_hold_costs_one_lesson(open_app, own_lessons):
    lesson = "title: M\nsteps:\n- {title: A, text: B, page: train, set: {learning_rate: %s}}\n"
    (own_lessons / "long.yaml").write_text(lesson % ("1" * 400))
    (own_lessons / "hex.yaml").write_text(lesson % ("0x" + "1" * 6_000))
    app = open_app("lessons")
    said = words(app).replace("\\", "")
    assert "long.yaml, line 3: this number is too long" in said
    assert "hex.yaml, line 3: this number is too long" in said
    assert "Overfitting on purpose" in said


def test_a_step_sets_up_its_page_and_locks_what_it_names(open_app):
    app = on_train(open_app)
    assert "Train on 500 images only" in words(app)
    epochs = app.number_input(key="train/training.epochs")
    assert (epochs.value, epochs.disabled) == (30, True)
    assert not app.number_input(key="train/training.learning_rate").disabled
    assert "Architecture" not in [expander.label for expander in app.expander]


def test_an_answer_is_kept_and_compared_with_what_happened(open_app, make_run):
    app = on_train(open_app)
    app.slider[0].set_value(20.0)
    labelled(app.button, "Submit answer").click().run()
    said = words(app)
    assert "Your answer: **20 points**" in said
    assert "appears here when your training run ends" in said
    assert "memorized" not in said
    time.sleep(0.01)
    make_run("Somebody else's")
    assert not on_train(open_app).metric
    mine = make_run("Overfitted")
    write_json(mine.path / "meta.json", asdict(mine.meta) | {"owner": "ann"})
    again = on_train(open_app, owner="ann")
    assert "Your answer: **20 points**" in words(again)
    assert "Overfitted" in again.metric[0].label
    assert "memorized" in words(again)


def arriving(page: str, **choices: str) -> dict[str, object]:
    """A session on its way to a step that sets its page so."""
    return {"lesson/arriving": Step(title="One", text="Words", page=page, set=choices)}


@pytest.mark.parametrize("key", ["dataset", "training.dataset"])
def test_a_step_chooses_the_images_by_either_name(open_app, make_run, key):
    make_run()
    app = open_app("train", arriving("train", **{key: "fashion-mnist"}), run="new", **HERE)
    assert app.selectbox(key="train/training.dataset").value == "fashion-mnist"


@pytest.mark.parametrize("key", ["dataset", "training.dataset"])
def test_a_link_chooses_the_images_by_either_name(open_app, make_run, key):
    make_run()
    app = open_app("train", run="new", **{key: "fashion-mnist"})
    assert app.selectbox(key="train/training.dataset").value == "fashion-mnist"


def test_a_step_sets_every_choice_of_the_page_data(open_app, make_run):
    make_run()
    app = open_app("data", arriving("data", share="0.25", normalisation="standard"), **HERE)
    assert app.slider(key="counts_share").value == 0.25
    assert "mean about 0" in words(app)


def test_a_lesson_may_say_the_older_words(open_app, make_run):
    make_run()
    sets = arriving("evaluate", section="Matrix", cells="Per cent of the true class", cell="6-0")
    app = open_app("evaluate", sets, section="Matrix", **HERE)
    assert app.session_state["section"] == "Confusion matrix"
    assert app.session_state["confusion_cells"] == "% of the true class"


def test_a_step_sets_the_matrix_and_its_cell(open_app, make_run):
    run = make_run()
    sets = arriving("evaluate", section="Confusion matrix", cells="% of the true class", cell="6-0")
    app = open_app("evaluate", sets, section="Confusion matrix", **HERE)
    assert app.session_state["confusion_cells"] == "% of the true class"
    assert app.selectbox(key=f"confusion/{run.id}/true").value == 6
    # It is a beginning: what is chosen afterwards counts.
    app.selectbox(key=f"confusion/{run.id}/true").set_value(2).run()
    assert app.selectbox(key=f"confusion/{run.id}/true").value == 2


def test_a_step_sets_the_threshold(open_app, make_run):
    run = make_run()
    sets = arriving("evaluate", section="Calibration", threshold="85")
    app = open_app("evaluate", sets, section="Calibration", **HERE)
    assert app.slider(key=f"calibration/{run.id}/threshold").value == 85


@pytest.mark.parametrize("page", sorted(PAGES.keys() - {"evaluate"}))
def test_every_choice_of_a_page_can_be_set_by_a_step(page):
    assert KEYS[page].keys() == PAGES[page].keys()


@pytest.mark.parametrize("lesson", ["nobody", "../../etc/passwd", "<script>"])
def test_an_address_with_nonsense_is_a_sentence(open_app, lesson):
    assert "no such lesson" in words(open_app("data", lesson=lesson, step="x", pupil="<b>"))


def test_a_step_beyond_the_last_is_the_last(open_app):
    app = open_app("data", lesson="which-pairs-are-hard", step="999")
    assert any("Step 4 of 4" in expander.label for expander in app.expander)


def test_on_another_page_the_panel_leads_to_the_steps_own(open_app):
    assert "This step uses another page." in words(open_app("runs", **FIRST))


def test_any_field_is_locked_and_a_block_that_only_the_preset_has(open_app, own_lessons):
    (own_lessons / "mine.yaml").write_text(
        "title: Mine\nsteps:\n  - title: One\n    text: Words\n    page: train\n"
        "    set: {preset: strong}\n"
        "    lock: [augmentation.shift, model.blocks.3.filters, schedule, initial_weights]\n"
    )
    app = open_app("train", run="new", preset="strong", lesson="mine", step="1")
    assert app.number_input(key="train/training.augmentation.shift").disabled
    assert app.number_input(key="train/model.blocks.3.filters").disabled
    assert not app.number_input(key="train/model.blocks.0.filters").disabled
    assert app.selectbox(key="train/training.schedule.kind").disabled
    assert app.selectbox(key="train/training.initial_weights").disabled


def test_an_earlier_answer_is_shown_beside_a_later_one(open_app):
    here = {"lesson": "why-your-drawing-is-a-bag", "pupil": "0123abcd"}
    for page, step, place in (("train", "1", 0), ("try", "2", 2)):
        app = open_app(page, **here, step=step)
        radio = next(radio for radio in app.radio if "T-shirt" in radio.options)
        radio.set_value(radio.options[place])
        labelled(app.button, "Submit answer").click().run()
    assert "In step 1 you predicted: **T-shirt**" in words(app)
    assert "Your answer: **Bag**" in words(app)


def test_a_count_is_a_whole_number_that_begins_empty_where_a_slider_has_too_many_stops(open_app):
    here = {"lesson": "what-a-convolution-sees", "pupil": "0123abcd", "step": "4"}
    app = open_app("explain", **here)
    number = labelled(app.number_input, "Your answer, multiplications")
    assert (number.value, number.min, number.max, number.step) == (None, 1, 1000, 1)
    labelled(app.button, "Submit answer").click().run()
    assert "Choose an answer first" in words(app)
    labelled(app.number_input, "Your answer, multiplications").set_value(10).run()
    labelled(app.button, "Submit answer").click().run()
    assert "Your answer: **10 multiplications**" in words(app)


def test_an_answer_can_be_changed_until_it_is_revealed(open_app, make_run):
    make_run()
    here = {"lesson": "which-pairs-are-hard", "pupil": "0123abcd", "step": "1"}
    app = open_app("data", **here)
    radio = next(radio for radio in app.radio if "Shirt and T-shirt" in radio.options)
    radio.set_value("Dress and Trouser")
    labelled(app.button, "Submit answer").click().run()
    assert "hardest class by far" not in words(app)
    labelled(app.button, "Change").click().run()
    radio = next(radio for radio in app.radio if "Shirt and T-shirt" in radio.options)
    assert radio.value == "Dress and Trouser"
    radio.set_value("Shirt and T-shirt")
    labelled(app.button, "Submit answer").click().run()
    assert "Your answer: **Shirt and T-shirt**" in words(app)
    labelled(app.button, "Show the answer").click().run()
    assert "Correct." in words(app)
    assert "hardest class by far" in words(app)
    assert "Change" not in [button.label for button in app.button]


def test_an_answer_that_only_a_later_step_shows_again_is_open_until_then(open_app):
    here = {"lesson": "why-your-drawing-is-a-bag", "pupil": "0123abcd"}
    for page, step in (("train", "1"), ("try", "2")):
        app = open_app(page, **here, step=step)
        next(radio for radio in app.radio if "T-shirt" in radio.options).set_value("Bag")
        labelled(app.button, "Submit answer").click().run()
    assert "Change" in [button.label for button in open_app("train", **here, step="1").button]
    labelled(app.button, "Show the answer").click().run()
    assert "Change" not in [button.label for button in open_app("train", **here, step="1").button]


def test_what_a_step_sets_is_as_before_once_the_lesson_is_left(open_app):
    mine = {"gallery_class": "Sandal", "gallery_seed": 5}
    app = open_app("data", mine | arriving("data", **{"class": "Bag"}), **HERE)
    assert app.session_state["gallery_class"] == "Bag"
    labelled(app.button, "Leave").click().run()
    assert app.session_state["gallery_class"] == "Sandal"
    assert app.session_state["gallery_seed"] == 5
    assert not app.expander or all("Step" not in expander.label for expander in app.expander)


def test_a_threshold_of_a_step_is_gone_once_the_lesson_is_left(open_app, make_run):
    run = make_run()
    mine = {"section": "Calibration"}
    sets = arriving("evaluate", section="Calibration", threshold="85")
    app = open_app("evaluate", mine | sets, section="Calibration", **HERE)
    key = f"calibration/{run.id}/threshold"
    assert app.session_state[key] == 85
    labelled(app.button, "Leave").click().run()
    assert app.session_state["section"] == "Calibration"
    assert app.session_state[key] != 85


def test_a_finished_lesson_has_a_summary_and_a_tick_and_can_be_begun_anew(open_app):
    here = {"lesson": "can-you-trust-90-percent", "pupil": "0123abcd", "step": "5"}
    app = open_app("try", **here)
    labelled(app.slider, "Your answer, %").set_value(40)
    labelled(app.button, "Submit answer").click().run()
    labelled(app.button, "Finish").click().run()
    shelf = open_app("lessons", finished="can-you-trust-90-percent", pupil="0123abcd")
    said = words(shelf).replace("\\", "")
    assert "Finished: Can you trust 90%?" in said
    assert "| 40% | Correct answer: 91% |" in said
    assert "· finished" in said
    labelled(shelf.button, "Close").click().run()
    assert "Finished:" not in words(shelf)
    shelf.button(key="begin_can-you-trust-90-percent").click().run()
    assert "Your answer" not in words(open_app("try", **here))
    # Ticked all the same.
    assert "· finished" in words(open_app("lessons", pupil="0123abcd"))


def test_a_lesson_that_was_begun_goes_on_where_one_was(open_app):
    here = {"lesson": "why-your-drawing-is-a-bag", "pupil": "0123abcd"}
    app = open_app("train", **here, step="1")
    next(radio for radio in app.radio if "T-shirt" in radio.options).set_value("Bag")
    labelled(app.button, "Submit answer").click().run()
    open_app("try", **here, step="2")
    shelf = open_app("lessons", pupil="0123abcd")
    assert "Continue at step 2" in [button.label for button in shelf.button]


def test_teachers_get_notes_key_and_sheets_and_students_do_not(open_app):
    app = open_app("lessons")
    assert "Goal." not in words(app)
    app.button(key="teach_beat-the-machine").click().run()
    said = words(app)
    assert "**Goal.**" in said
    assert "→ **Shirt**" in said
    assert {"Worksheet", "Answer key"} <= {one.label for one in app.get("download_button")}
    here = {"lesson": "beat-the-machine", "pupil": "0123abcd", "step": "4"}
    assert "The diagonal of the matrix" not in words(open_app("evaluate", **here))


@pytest.mark.official
def test_images_are_classified_one_after_the_other_then_the_score_is_shown(
    open_app, monkeypatch, official_dir
):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    here = {"lesson": "beat-the-machine", "pupil": "0123abcd", "step": "2"}
    app = open_app("data", **here)
    for number in range(20):
        assert f"Image {number + 1} of 20" in words(app)
        app.button(key="lesson_class_3").click().run()
    app.button(key="lesson_undo").click().run()
    # A reload finds them again.
    app = open_app("data", **here)
    assert "Image 20 of 20" in words(app)
    app.button(key="lesson_class_9").click().run()
    assert "Network:" not in words(app)
    labelled(app.button, "Show the score").click().run()
    said = words(app)
    assert "**Network:** 19 of 20 correct (95%, 95% interval 76 to 99%)" in said
    assert "83.5%" in said


def test_without_fashion_mnist_its_images_cannot_be_classified(open_app, make_run):
    make_run()
    here = {"lesson": "beat-the-machine", "pupil": "0123abcd", "step": "2"}
    assert "needs the test images of Fashion-MNIST" in words(open_app("data", **here))
