"""Lessons: those that come with the lab, and what is said of a file with a fault."""

from pathlib import Path

import pytest
from markupsafe import escape

from fmnist_core.errors import LessonError
from fmnist_core.settings import load_settings
from fmnist_ui.lessons import Lesson, find_lesson, lessons, own_lessons_dir, read_lesson
from fmnist_ui.lessons.sheets import answer_key_html, prose, worksheet_html

SHIPPED = sorted(Path("fmnist_ui/lessons/shipped").glob("*.yaml"))

GOOD = """title: A lesson
summary: In a sentence.
minutes: 10
steps:
  - title: One
    text: Words
    page: train
    set:
      preset: quick
      training.epochs: 2
    lock: [training.epochs]
    hide: [looks]
    ask:
      text: How good?
      compare: validation_accuracy
      low: 50
      high: 100
    answer: So good.
"""


def test_eight_lessons_come_with_the_lab():
    found, faults = lessons(load_settings())
    assert faults == []
    assert [lesson.title for lesson in found] == [
        "Beat the machine",
        "Can you trust 90%?",
        "Overfitting on purpose",
        "Small data",
        "What a convolution sees",
        "What the training set leaves out",
        "Which pairs of classes are hard, and for whom",
        "Why your drawing is a Bag",
    ]
    assert all(len(lesson.steps) >= 4 and not lesson.own for lesson in found)
    assert all(lesson.notes for lesson in found)
    assert all(step.key for lesson in found for step in lesson.steps if step.task)


def test_a_lesson_is_read():
    lesson = read_lesson(GOOD, "mine.yaml", own=True)
    (step,) = lesson.steps
    assert (lesson.name, lesson.minutes, lesson.own) == ("mine", 10, True)
    assert step.set == {"preset": "quick", "training.epochs": "2"}
    assert (step.ask.compare, step.ask.high) == ("validation_accuracy", 100.0)


@pytest.mark.parametrize(
    ("low", "high", "step", "answers", "typed"),
    [
        ("0", "100", "0", "whole", False),
        ("0", "1", "0", "tenths", False),
        ("1", "1000", "0", "whole", True),
        ("0", "60000", "0", "whole", True),
        ("0", "60", "0.5", "halves", False),
        ("0.5", "20", "0", "from a half", False),
    ],
)
def test_a_count_has_whole_answers(low, high, step, answers, typed):
    range_of = f"low: {low}\n      high: {high}\n      step: {step}"
    text = GOOD.replace("low: 50\n      high: 100", range_of)
    question = read_lesson(text, "mine.yaml").steps[0].ask
    assert question.is_whole == (answers == "whole")
    assert question.is_typed == typed


def test_an_answer_is_correct_within_what_its_question_allows():
    number = "low: 0\n      high: 100\n      value: 88\n      within: 2"
    text = GOOD.replace("compare: validation_accuracy\n      low: 50\n      high: 100", number)
    question = read_lesson(text, "mine.yaml").steps[0].ask
    said = [question.is_correct(answer) for answer in (85, 86, 90, 90.5, "88")]
    assert said == [False, True, True, False, False]
    assert question.correct == "88"


@pytest.mark.parametrize("lesson", lessons(load_settings())[0], ids=lambda lesson: lesson.name)
def test_a_worksheet_asks_and_tells_nothing(lesson):
    sheet, key = worksheet_html(lesson), answer_key_html(lesson)
    for step in lesson.steps:
        if step.ask:
            assert str(escape(step.ask.text)) in sheet
        for told in (step.answer, step.key):
            assert str(prose(told)) in key
            assert not told or str(prose(told)) not in sheet
    assert str(prose(lesson.notes)) not in sheet
    # Nothing is fetched from elsewhere.
    assert "src=" not in sheet + key
    assert "href=" not in sheet + key


def test_a_sheet_holds_markdown_and_no_html():
    said = prose("**Bold** and *so*, <b>not</b>\n\n- one\n- two `x`\n  more")
    assert said == (
        "<p><b>Bold</b> and <i>so</i>, &lt;b&gt;not&lt;/b&gt;</p>\n"
        "<ul><li>one</li><li>two <code>x</code> more</li></ul>"
    )


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        (changed("page: train", "page: trian"), 7, "page must be one of"),
        (changed("    text: Words", "    txet: Words"), 6, "unknown field 'txet'"),
        (changed("minutes: 10", "minutes: soon"), 3, "minutes must be a whole number"),
        (changed("training.epochs: 2", "training.epochs: 0"), 10, "epochs must be"),
        (changed("preset: quick", "preset: quikc"), 9, "preset must be one of"),
        (changed("compare: validation_accuracy", "compare: beauty"), 15, "compare must be"),
        (changed("high: 100", "high: 10"), 17, "high must be above low"),
        (changed("hide: [looks]", "hide: [everything]"), 12, "hide may hold"),
        (changed("  - title: One", "  - title: One\n    title: Two"), 6, "is given twice"),
        (changed("lock: [training.epochs]", "lock: [training.epohcs]"), 11, "no such key"),
        (changed("title: A lesson", "title: [a, b"), 2, "this is not valid YAML"),
        (changed("text: Words", "text: !!python/object:os.system {}"), 6, "tags are not allowed"),
        (
            changed("text: Words", "text: &a Words\n    answer: *a"),
            7,
            "aliases and tags are not allowed",
        ),
        (changed("  - title: One\n    text: Words", "  - title: One"), 5, "text must not be empty"),
        (
            changed("      high: 100", "      high: 100\n      value: 90"),
            18,
            "value is for a number",
        ),
        (
            changed("      high: 100", "      high: 100\n      step: 70"),
            18,
            "step must fit between",
        ),
        (changed("    answer: So good.", "    guess: {images: 3}"), 18, "images must be a whole"),
        (changed("    answer: So good.", "    guess: {image: 9}"), 18, "unknown field 'image'"),
        (
            changed("    answer: So good.", "    guess: {images: 9}"),
            18,
            "guess and ask are two steps",
        ),
        (changed("minutes: 10", "notes: [a]"), 3, "notes must be text"),
        ("title: A\nsteps: []\n", 2, "steps must be a list"),
        ("- a\n- b\n", 1, "expected fields"),
    ],
)
def test_a_fault_is_told_with_file_line_and_rule(text, line, rule):
    with pytest.raises(LessonError) as caught:
        read_lesson(text, "mine.yaml")
    assert rule in caught.value.rule
    assert caught.value.rule.startswith(f"mine.yaml, line {line}:")


def test_locks_are_for_the_page_train_alone():
    text = "title: A\nsteps:\n  - title: B\n    text: C\n    page: data\n    lock: [epochs]\n"
    with pytest.raises(LessonError, match=r"mine\.yaml, line 6: lock is for the page train"):
        read_lesson(text, "mine.yaml")


@pytest.mark.parametrize("text", ["", "x" * 200_000, "[" * 500 + "]" * 500])
def test_what_is_no_lesson_is_refused(text):
    with pytest.raises(LessonError, match=r"mine\.yaml"):
        read_lesson(text, "mine.yaml")


LONG_NUMBERS = {
    "400 digits": "1" * 400,
    "5000 digits": "1" * 5_000,
    "hexadecimal": "0x1" + "0" * 5_000,
    "binary": "0b1" + "0" * 20_000,
    "base 60": "1" + ":11" * 3_000,
    "base 60 with a point": "1" + ":11" * 3_000 + ".5",
}


@pytest.mark.parametrize("number", LONG_NUMBERS.values(), ids=LONG_NUMBERS)
@pytest.mark.parametrize(
    ("old", "line"),
    [("training.epochs: 2", 10), ("minutes: 10", 3), ("low: 50", 16), ("preset: quick", 9)],
)
def test_a_number_of_any_length_is_told_with_its_line(number, old, line):
    with pytest.raises(LessonError) as caught:
        read_lesson(changed(old, f"{old.split(':')[0]}: {number}"), "mine.yaml")
    assert caught.value.rule.startswith(f"mine.yaml, line {line}:")
    assert len(str(caught.value)) < 300


def test_a_fault_that_nobody_foresaw_costs_one_lesson_only(home, monkeypatch):
    place = own_lessons_dir(load_settings())
    place.mkdir(parents=True)
    (place / "mine.yaml").write_text(GOOD)

    def read(text: str, name: str, *, own: bool = False) -> Lesson:
        if name == "mine.yaml":
            raise OverflowError
        return read_lesson(text, name, own=own)

    monkeypatch.setattr("fmnist_ui.lessons.library.read_lesson", read)
    found, faults = lessons(load_settings())
    assert len(found) == len(SHIPPED)
    assert [str(fault.rule) for fault in faults] == ["mine.yaml cannot be read."]


def test_a_teachers_own_lesson_comes_first_and_its_faults_do_not_hide_the_others(home):
    place = own_lessons_dir(load_settings())
    place.mkdir(parents=True)
    (place / "mine.yaml").write_text(GOOD)
    (place / "broken.yaml").write_text("title: [")
    (place / "overfitting-on-purpose.yaml").write_text(GOOD)
    (place / "Not A Name.yaml").write_text(GOOD)
    (place / "short.yml").write_text(GOOD)
    found, faults = lessons(load_settings())
    assert [lesson.name for lesson in found[:2]] == ["mine", "overfitting-on-purpose"]
    assert len(found) == len(SHIPPED) + 1
    begins = [fault.rule.split(" is ")[0].split(",")[0] for fault in faults]
    assert begins == ["Not A Name.yaml", "short.yml", "broken.yaml"]
    assert find_lesson("overfitting-on-purpose", load_settings()).own


@pytest.mark.parametrize("name", ["", "nobody", "../x", "<b>", "x" * 10_000])
def test_an_unknown_lesson_is_a_sentence(name):
    with pytest.raises(LessonError, match="no such lesson"):
        find_lesson(name, load_settings())


@pytest.mark.parametrize("sign", ["\\U00110000", "\\uD800", "\\x00"])
def test_signs_that_are_none_are_refused(sign):
    with pytest.raises(LessonError, match=r"mine\.yaml"):
        read_lesson(f'title: "{sign}"\nsteps: [{{title: One, text: Words}}]\n', "mine.yaml")


def test_only_an_earlier_question_can_be_recalled():
    asking = "{text: Which, options: [a, b], recall: 1}"
    text = f"title: A\nsteps:\n  - {{title: One, text: Words, ask: {asking}}}\n"
    with pytest.raises(LessonError, match="earlier step"):
        read_lesson(text, "mine.yaml")


def test_older_words_for_hidden_parts_are_still_read():
    text = changed("hide: [looks]", "hide: [presets, looks, teacher, own]")
    hidden = read_lesson(text, "mine.yaml").steps[0].hide
    assert hidden == ("presets", "style_augmentation", "distillation", "collections")


def test_a_picture_from_elsewhere_is_a_link_and_loads_nothing():
    picture = "![seen](http://elsewhere.example/x.png) ![by name][far]"
    lesson = read_lesson(GOOD.replace("steps:", f"notes: '{picture}'\nsteps:"), "mine.yaml")
    assert lesson.notes == picture.replace("![", "[")
