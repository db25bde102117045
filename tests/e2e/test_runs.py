"""The page Runs under a mouse and under a finger: a click opens, two ticks compare."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from tests.e2e.conftest import CALM, Lab, open_at, running_lab, settle, sticks_out
from tests.pages.conftest import judge, write_events

pytestmark = pytest.mark.browser

_HEAD, _ROW = 38, 36


@pytest.fixture(scope="module")
def with_runs(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    """Newest first: a strong run, and two seeds of a weak configuration."""
    home = tmp_path_factory.mktemp("lab") / "home"
    runs_dir = Settings(home=home).runs_dir
    for changes, skill in ((("seed=0",), 0.5), (("seed=1",), 0.6), (("epochs=5",), 0.9)):
        config = override(preset("quick").config, ("dataset=synthetic-garments", *changes))
        folder = RunFolder.create(runs_dir, config)
        facts = {"data": garments.identity.to_json()}
        (folder.path / "provenance.json").write_text(json.dumps(facts))
        write_events(folder, 2)
        accuracy = judge(folder, garments, skill).accuracy
        folder.change_status(state="finished", epoch=2, test_accuracy=accuracy, seconds=4.0)
    with running_lab(home, garments) as lab:
        yield lab


def press_row(page: Page, row: int, across: int = 110) -> None:
    table = page.get_by_test_id("stDataFrame").first
    # The place of a canvas: rows have no elements of their own to press.
    table.click(position={"x": across, "y": _HEAD + _ROW * row + _ROW // 2})
    settle(page)


def tick(page: Page, row: int) -> None:
    press_row(page, row, across=16)


def table_height(page: Page) -> float:
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box
    return box["height"]


def test_a_click_opens_a_run_and_unfolds_its_seeds(page: Page, with_runs: Lab) -> None:
    open_at(page, f"{with_runs.url}/runs")
    beside = page.locator(".st-key-run_workbench")
    expect(beside.get_by_role("heading", name="Quick, 5 epochs")).to_be_visible(timeout=CALM)
    folded = table_height(page)
    press_row(page, 1)
    expect(beside.get_by_text("2 seeds ·")).to_be_visible(timeout=CALM)
    assert table_height(page) == folded + 2 * _ROW
    press_row(page, 2)
    expect(beside.get_by_text("seed 0 ·")).to_be_visible(timeout=CALM)
    press_row(page, 1)
    expect(beside.get_by_text("2 seeds ·")).to_be_visible(timeout=CALM)
    assert table_height(page) == folded


def test_two_ticks_compare_in_view_also_on_a_phone(page: Page, phone: Page, with_runs: Lab) -> None:
    for screen in (page, phone):
        open_at(screen, f"{with_runs.url}/runs")
        press_row(screen, 1)
        expect(screen.get_by_text("2 seeds ·")).to_be_visible(timeout=CALM)
        tick(screen, 0)
        expect(screen.get_by_text("One row is ticked.")).to_be_visible(timeout=CALM)
        tick(screen, 3)
        verdict = screen.get_by_text("Test images: A is significantly better than B.")
        expect(verdict).to_be_in_viewport(timeout=CALM)
        assert not sticks_out(screen)
