"""Walks with the keyboard alone, as people go who cannot use a mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.datasets.dataset import Dataset
from tests.e2e.conftest import CALM, PATIENCE, Lab, open_at, running_lab, settle

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.training]

_MOST = 120


@pytest.fixture(scope="module")
def awake(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab") / "home", garments, engine=True) as lab:
        yield lab


def press_until(page: Page, key: str, found: str) -> None:
    """Presses a key until what has the focus lies in an element that the selector finds."""
    for _ in range(_MOST):
        page.keyboard.press(key)
        if page.evaluate("found => Boolean(document.activeElement?.closest(found))", found):
            return
    raise AssertionError(f"{_MOST} times {key} did not lead to {found}.")


def test_a_network_is_trained_and_evaluated_by_keyboard(awake, page):
    open_at(page, f"{awake.url}/train?run=new&preset=tiny")
    expect(page.locator(".st-key-train_button button")).to_be_enabled(timeout=PATIENCE)
    press_until(page, "Tab", ".st-key-train-training-epochs input")
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    settle(page)
    press_until(page, "Tab", ".st-key-train_button button")
    page.keyboard.press("Enter")
    page.wait_for_url("**run=2*", timeout=PATIENCE)
    expect(page.get_by_text("Finished after")).to_be_visible(timeout=PATIENCE)
    press_until(page, "Tab", ".st-key-next_evaluate button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/evaluate?*", timeout=PATIENCE)
    expect(page.get_by_text("Test accuracy").first).to_be_visible(timeout=CALM)
    press_until(page, "Tab", "[role=tab]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible(timeout=CALM)


def test_an_example_is_classified_by_keyboard(awake, page):
    open_at(page, f"{awake.url}/try")
    press_until(page, "Tab", ".st-key-try_way button")
    for name in ("Upload", "Camera", "Examples"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name=name)).to_be_focused(timeout=CALM)
    page.keyboard.press("Enter")
    expect(page.locator("[class*=st-key-try_examples]").first).to_be_visible(timeout=CALM)
    settle(page)
    press_until(page, "Tab", "[class*=st-key-try_examples]")
    page.keyboard.press("Enter")
    expect(page.locator(".answer .likely").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-try_inside button")).to_be_visible(timeout=PATIENCE)
    settle(page)
    press_until(page, "Tab", ".st-key-try_inside button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explain?*", timeout=PATIENCE)
