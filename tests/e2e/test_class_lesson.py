"""Everybody to a step: a student's page follows the teacher's press without one of their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fmnist_core.classroom import ClassLesson, Classroom
from fmnist_core.settings import Settings
from tests.e2e.conftest import CALM, Lab, settle, start_lab, stop_lab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def class_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = start_lab(tmp_path_factory.mktemp("lab") / "home", FMNIST_CLASS="1")
    try:
        yield lab
    finally:
        stop_lab(lab)


def joined(browser: Browser, lab: Lab, form: str, **fields: str) -> Page:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{lab.url}/join")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for name, value in fields.items():
        page.locator(f"form[action='/join/{form}'] input[name={name}]").fill(value)
    page.locator(f"form[action='/join/{form}'] button").click()
    settle(page)
    return page


def test_everybody_is_brought_to_a_step(class_lab, browser):
    settings = Settings(home=class_lab.home)
    here = Classroom(settings)
    student = joined(browser, class_lab, "student", code=here.code, nickname="Ada")
    teacher = joined(browser, class_lab, "teacher", pin=here.pin)
    teacher.goto(f"{class_lab.url}/class")
    teacher.get_by_role("tab", name="Lesson").click()
    teacher.get_by_role("button", name="Assign").click()
    expect(student.get_by_role("button", name="Open it")).to_be_visible(timeout=CALM)
    teacher.get_by_role("combobox", name="Step").click()
    teacher.get_by_role("option").nth(1).click()
    teacher.get_by_role("button", name="Everybody to step 2").click()
    expect(student.locator(".st-key-lesson_panel")).to_contain_text("Step 2 of", timeout=CALM)
    expect(student.get_by_role("button", name="Open it")).to_have_count(0)
    # Once: after that they go on by themselves.
    student.get_by_role("button", name="Next step").click()
    expect(student.locator(".st-key-lesson_panel")).to_contain_text("Step 3 of", timeout=CALM)
    student.wait_for_timeout(4_000)
    expect(student.locator(".st-key-lesson_panel")).to_contain_text("Step 3 of")
    expect(teacher.get_by_test_id("stMain")).to_contain_text("Ada")
    assert [where.step for where in ClassLesson(settings).whereabouts().values()] == [2]
    for page in (student, teacher):
        page.context.close()
