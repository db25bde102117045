"""A teacher and a student in two browsers: a hand, a frozen page, and the page as it was before."""

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.classroom import Classroom
from fmnist_core.settings import Settings
from tests.e2e.conftest import CALM, Lab, open_at, settle, start_lab, stop_lab

pytestmark = pytest.mark.browser
# Milliseconds: a look every two seconds, and a busy machine.
SOON = 10_000
SEEN = """() => [...document.querySelectorAll("button, input, a, [tabindex]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true })).length"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = start_lab(tmp_path_factory.mktemp("class") / "home", FMNIST_CLASS="1")
    yield lab
    stop_lab(lab)


def entered(browser, lab: Lab, form: str, **fields: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    assert context.request.post(f"{lab.url}/join/{form}", form=fields).ok
    return context.new_page()


def test_a_hand_is_seen_and_a_frozen_page_comes_back_as_it_was(browser, lab):
    classroom = Classroom(Settings(home=lab.home))
    student = entered(browser, lab, "student", code=classroom.code, nickname="Ada")
    open_at(student, f"{lab.url}/train?run=new")
    name = student.get_by_label("Name", exact=True)
    name.fill("mine")
    name.press("Enter")
    settle(student)
    teacher = entered(browser, lab, "teacher", pin=classroom.pin)
    open_at(teacher, f"{lab.url}/class")

    student.get_by_role("button", name="Raise hand").click()
    tile = teacher.locator("[data-pick]").filter(has_text="Ada")
    expect(tile).to_contain_text("now", timeout=SOON)
    tile.press("Enter")
    teacher.get_by_role("button", name="Lower hand").click(timeout=SOON)
    expect(student.get_by_role("button", name="Raise hand")).to_be_visible(timeout=SOON)
    # The wall is drawn anew all the time, and the keyboard stays on its tile.
    tile.focus()
    teacher.wait_for_timeout(5_000)
    assert tile.evaluate("one => one.getRootNode().activeElement === one")

    teacher.get_by_text("Eyes to the front").click()
    expect(student.get_by_role("heading", name="Eyes to the front")).to_be_visible(timeout=SOON)
    assert student.evaluate(SEEN) == 0
    teacher.get_by_text("Eyes to the front").click()
    expect(name).to_be_visible(timeout=SOON)
    expect(name).to_have_value("mine")

    teacher.get_by_role("button", name="Projector").click()
    expect(teacher.get_by_test_id("stSidebar")).to_be_hidden(timeout=CALM)
    expect(teacher.get_by_role("button", name="Back to the page")).to_be_visible()
    settle(teacher)
    teacher.keyboard.press("Escape")
    expect(teacher.get_by_test_id("stSidebar")).to_be_visible(timeout=CALM)
