"""Taking home, links and lessons, in a real browser."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from fmnist_core.settings import load_settings
from fmnist_ui.lessons import find_lesson
from tests.e2e.conftest import CALM, Lab, open_at, running_lab, settle, sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.official]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    wish = ("--set", "train_images=3000", "--epochs", "1", "--json")
    home, official = tmp_path_factory.mktemp("lab") / "home", os.environ["FMNIST_DATA_DIR"]
    with running_lab(home, data_dir=official, engine=True) as lab:
        done = lab.command("train", "--preset", "quick", "--name", "Mine", *wish)
        assert done.returncode == 0, done.stderr
        yield lab


def test_a_network_is_made_checked_and_downloaded(lab, page):
    open_at(page, f"{lab.url}/export")
    card = page.locator(".st-key-card_onnx")
    card.get_by_role("button", name="Export").click()
    download = card.get_by_role("button", name=re.compile("Download"))
    download.wait_for(timeout=120_000)
    expect(card).to_contain_text("same prediction for 10,000 of 10,000 test images")
    with page.expect_download() as found:
        download.click()
    assert found.value.suggested_filename.endswith(".zip")
    expect(page.get_by_text("Comparison of the files")).to_be_visible()
    page.reload()
    settle(page)
    download.wait_for()


def test_choices_on_train_come_back_from_the_address(lab, page):
    open_at(page, f"{lab.url}/train?run=new&preset=strong&training.epochs=4&nothing=1")
    expect(page.get_by_text("Part of the link could not be followed")).to_be_visible()
    epochs = page.get_by_label("Epochs", exact=True)
    expect(epochs).to_have_value("4")
    epochs.fill("5")
    epochs.press("Enter")
    page.wait_for_url(re.compile("training.epochs=5"))
    page.reload()
    settle(page)
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("5")
    assert "preset=strong" in page.url
    page.get_by_role("button", name="Share").click()
    opened = page.get_by_role("dialog")
    expect(opened.locator("code")).to_contain_text("training.epochs=5")
    expect(opened.locator("img")).to_be_visible()


def test_a_page_opens_as_its_link_says(lab, page):
    open_at(page, f"{lab.url}/data?class=Bag&part=Test&seed=9")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("9")
    expect(page.get_by_role("combobox", name="Class")).to_have_value("Bag")
    open_at(page, f"{lab.url}/predictions?run=shipped-catalogue&class=Shirt&images=12&seed=4")
    expect(page.get_by_label("Images", exact=True)).to_have_value("12")
    expect(page.get_by_role("combobox", name="Class")).to_have_value("Shirt")
    expect(page.get_by_text("true Shirt").first).to_be_visible()
    open_at(page, f"{lab.url}/evaluate?run=shipped-catalogue&section=Classes")
    expect(open_section(page, "Class report")).to_be_visible()
    expect(page.get_by_text("could not be followed")).to_have_count(0)


@pytest.mark.parametrize(
    "address",
    [
        "data?class=<script>alert(1)</script>&seed=-4&x=1",
        "predictions?images=999999999999&seed=abc",
        "evaluate?run=nobody&section=<b>",
        "train?run=new&preset=%00&training.epochs=1e99&model.blocks=[[[[",
        "lessons?lesson=../../etc/passwd&step=99999",
    ],
)
def test_a_link_with_nonsense_gets_a_sentence(lab, page, address):
    open_at(page, f"{lab.url}/{address}")
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_test_id("stAlert").first).to_be_visible()


def open_section(page: Page, title: str) -> Locator:
    """A tab, or one of the page Inside's pills."""
    pill = page.locator("[aria-checked=true]").filter(has_text=title)
    return pill.or_(page.get_by_role("tab", name=title, selected=True))


def choose_the_first(question: Locator) -> None:
    """As a person does: not within the blink in which the page is still being drawn."""
    question.page.wait_for_timeout(1_000)
    options = question.get_by_role("radio")
    for _ in range(5 if options.count() else 0):
        question.get_by_test_id("stRadioOption").first.click()
        settle(question.page)
        if options.first.is_checked():
            return
    assert options.count() == 0


def classify_all(panel: Locator, images: int) -> None:
    """All images as one class: ten buttons, one after the other."""
    for number in range(images):
        expect(panel.get_by_text(f"Image {number + 1} of {images}")).to_be_visible()
        panel.get_by_role("button", name="Sandal").click()
    panel.get_by_role("button", name="Show the score").click()
    expect(panel.get_by_text("Network:", exact=True)).to_be_visible()


def answer(question: Locator) -> None:
    """As a person does: who is told to choose first, chooses again."""
    for _ in range(3):
        choose_the_first(question)
        number = question.get_by_role("spinbutton")
        if number.count():
            number.fill("7")
            number.press("Enter")
            settle(question.page)
        question.get_by_role("button", name="Submit answer").click()
        told = question.get_by_text("Choose an answer first")
        expect(told.or_(question.get_by_text("Your answer:"))).to_be_visible(timeout=CALM)
        if not told.count():
            break
    expect(question).to_contain_text("Your answer:")
    shown = question.get_by_role("button", name="Show the answer")
    if shown.count():
        shown.click()
        expect(question.get_by_role("button", name="Change")).to_have_count(0)


LESSONS = sorted(file.stem for file in Path("fmnist_ui/lessons/shipped").glob("*.yaml"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_walked_from_its_link(lab, page, lesson):
    open_at(page, f"{lab.url}/lessons?lesson={lesson}&step=1")
    panel = page.locator(".st-key-lesson_panel")
    panel.get_by_role("button", name="Open the page").click()
    walked = find_lesson(lesson, load_settings())
    steps = walked.steps
    for number, step in enumerate(steps, 1):
        expect(panel.get_by_text(f"Step {number} of {len(steps)}")).to_be_visible()
        settle(page)
        if section := step.set.get("section"):
            expect(open_section(page, section)).to_be_visible(timeout=CALM)
        if step.ask:
            answer(page.locator(".st-key-lesson_question"))
        if step.guess:
            classify_all(panel, step.guess.images)
        if number < len(steps):
            panel.get_by_role("button", name="Next step").click()
    panel.get_by_role("button", name="Finish").click()
    expect(page.locator(".st-key-lesson_summary")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("button", name="Download summary").click()
    assert walked.title in Path(found.value.path()).read_text()
    expect(page.locator(f".st-key-card_lesson_{lesson}")).to_contain_text("finished")


def test_the_panel_is_a_rail_beside_the_page_and_a_bar_that_folds_on_a_phone(lab, page, phone):
    address = f"{lab.url}/explain?lesson=what-a-convolution-sees&step=2&section=Filters"
    open_at(page, address)
    rail, title = page.locator(".st-key-lesson_panel"), page.get_by_role("heading", level=1)
    rail.wait_for()
    there, beside = rail.bounding_box(), title.bounding_box()
    assert there["x"] > beside["x"] + beside["width"]
    page.locator("[data-testid=stMain]").evaluate("e => e.scrollTo(0, 600)")
    assert rail.bounding_box() == there
    open_at(phone, address)
    bar = phone.locator(".st-key-lesson_panel")
    expect(bar.get_by_text("Submit answer")).to_be_visible()
    bar.locator("summary").click()
    expect(bar.get_by_text("Submit answer")).to_be_hidden()
    phone.locator("[data-testid=stMain]").evaluate("e => e.scrollTo(0, 600)")
    expect(bar.locator("summary")).to_be_in_viewport()
    assert sticks_out(phone) <= 0


def test_leaving_a_lesson_brings_back_what_was_chosen_before_it(lab, page):
    open_at(page, f"{lab.url}/train?run=new&preset=strong&training.epochs=7")
    epochs = page.get_by_label("Epochs", exact=True)
    expect(epochs).to_have_value("7", timeout=CALM)
    page.get_by_role("link", name="Lessons").click()
    page.locator(".st-key-begin_overfitting-on-purpose button").click()
    expect(epochs).to_have_value("30", timeout=CALM)
    page.locator(".st-key-lesson_panel").get_by_role("button", name="Leave").click()
    expect(epochs).to_have_value("7", timeout=CALM)
    expect(page.locator(".st-key-lesson_panel")).to_have_count(0)
    page.wait_for_url(re.compile("preset=strong"))
