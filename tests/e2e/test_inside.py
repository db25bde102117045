"""Looking inside the shipped network, in a real browser with a real engine."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from fmnist_core.datasets.dataset import Dataset
from tests.e2e.conftest import PATIENCE, Lab, open_at, running_lab, settle

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    """A lab with garments at hand and the engine awake."""
    with running_lab(tmp_path_factory.mktemp("lab") / "home", garments, engine=True) as lab:
        yield lab


def open_section(page: Page, lab: Lab, section: str, sign: str, *, exact: bool = True) -> None:
    """Opens a section of the page Inside; asks again where the engine was not awake yet."""
    open_at(page, f"{lab.url}/explain?model=shipped-catalogue&section={section}")
    again = page.get_by_role("button", name="Retry")
    shown = page.get_by_text(sign, exact=exact).first
    for _ in range(8):
        expect(again.or_(shown).first).to_be_visible(timeout=PATIENCE)
        if shown.count():
            break
        again.click()
        settle(page)
    expect(shown).to_be_visible(timeout=PATIENCE)
    settle(page)


def test_a_click_and_quick_keys_move_to_another_number(lab, page):
    open_section(page, lab, "Step+through", "From the sum to the output")
    row, column = (page.get_by_role("slider", name=name) for name in ("Row", "Column"))
    output = page.locator(".pad").nth(1)
    box = output.bounding_box()
    # The middle of row 20 and column 7 of 28.
    output.click(position={"x": box["width"] * 7.5 / 28, "y": box["height"] * 20.5 / 28})
    expect(row).to_have_value("20")
    expect(column).to_have_value("7")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(row).to_have_value("22", timeout=20_000)
    expect(column).to_have_value("6", timeout=20_000)
    expect(page.get_by_text("the same", exact=False)).to_be_visible()


# What these sections say only when the engine has answered.
ANSWERED = {
    "Attribution": "score difference to a black",
    "Feature maps": "block1_conv1_relu",
    "Filters": "before",
    "Activation maximization": "Activation",
}


def test_explanations_are_computed_in_workers_and_never_in_the_server(lab, page):
    for section, words in ANSWERED.items():
        open_section(page, lab, section.replace(" ", "+"), words, exact=False)
    engine = psutil.Process(json.loads(lab.command("engine", "status", "--json").stdout)["pid"])
    assert any(loads_tensorflow(worker.pid) for worker in engine.children(recursive=True))
    assert not loads_tensorflow(lab.process.pid)


def loads_tensorflow(process: int) -> bool:
    return "tensorflow" in Path(f"/proc/{process}/maps").read_text()


def test_what_is_broken_is_mended_at_a_press(lab, page):
    open_section(page, lab, "Break+it", "This image")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Nothing is ablated.")).to_be_visible(timeout=PATIENCE)
