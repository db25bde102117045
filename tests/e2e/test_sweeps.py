"""A short sweep from press to result, in a real browser and engine."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine.client import list_sweeps
from fmnist_core.settings import Settings
from tests.e2e.conftest import CALM, PHONE, Lab, open_at, running_lab, set_number, sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.training]
# A trial on top of an engine that has yet to start.
PATIENCE = 180_000


@pytest.fixture(scope="module")
def small_lab(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab") / "home", garments) as lab:
        yield lab


def test_a_short_sweep_is_watched_from_press_to_result(small_lab, page):
    open_at(page, f"{small_lab.url}/sweeps")
    set_number(page, "Trials", "3")
    set_number(page, "Epochs", "1")
    page.locator(".st-key-sweep_start button").click()
    page.wait_for_url(re.compile("sweep=2"), timeout=CALM)
    expect(page.get_by_text("0 of 3 trials finished")).to_be_visible(timeout=CALM)
    expect(page.get_by_text("Appears after 3 trials; 0 finished.")).to_be_visible(timeout=CALM)
    expect(page.get_by_text(re.compile("[12] of 3 trials finished"))).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_text("Best so far")).to_be_visible(timeout=CALM)
    # Looked at again after a reload, it is all there.
    page.reload()
    expect(page.get_by_text(re.compile("[12] of 3 trials finished"))).to_be_visible(
        timeout=PATIENCE
    )
    chart = page.locator("[data-testid=stVegaLiteChart] svg .mark-line path")
    expect(chart).to_have_count(3, timeout=PATIENCE)
    expect(page.locator(".st-key-sweep_stop")).to_have_count(0, timeout=CALM)
    (sweep,) = list_sweeps(Settings(home=small_lab.home))
    assert (sweep.state, len(sweep.evaluated)) == ("finished", 3)
    longer = preset("quick").config.training.epochs
    page.get_by_role("button", name="Train longer with these settings").click()
    page.wait_for_url("**/train*", timeout=CALM)
    expect(page.get_by_label("Epochs", exact=True).first).to_have_value(str(longer), timeout=CALM)


def test_on_a_phone_nothing_is_wider_than_the_screen(small_lab, page):
    page.set_viewport_size(PHONE)
    (sweep,) = list_sweeps(Settings(home=small_lab.home))
    for address in ("sweeps?sweep=new", f"sweeps?sweep={sweep.id}"):
        open_at(page, f"{small_lab.url}/{address}")
        assert sticks_out(page) <= 1
