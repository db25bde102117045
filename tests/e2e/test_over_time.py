"""Moving through a training that was really trained, with slider and play button."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Lab, open_at, settle, sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.training]


@pytest.fixture(scope="module")
def run(lab: Lab) -> str:
    """A small training of two epochs."""
    changes = ("dataset=synthetic-garments", "train_images=1000", "batch_size=20")
    sets = [part for change in changes for part in ("--set", change)]
    done = lab.command("train", "--preset", "quick", *sets, "--epochs", "2", "--json")
    return str(json.loads(done.stdout.splitlines()[-1])["run_id"])


def test_one_slider_moves_matrix_probes_and_filters(lab, page, run):
    open_at(page, f"{lab.url}/training_dynamics?run={run}")
    expect(page.get_by_text("Epoch 2", exact=False).first).to_be_visible(timeout=60_000)
    recognised = page.get_by_text(re.compile("validation images classified correctly"))
    end = recognised.inner_text()
    matrix = page.locator("table.mixed").inner_text()
    filters = page.locator(".tiled img").first.get_attribute("src")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("Home")
    expect(page.get_by_text("Beginning", exact=True).first).to_be_visible(timeout=30_000)
    settle(page)
    assert recognised.inner_text() != end
    assert page.locator("table.mixed").inner_text() != matrix
    assert page.locator(".tiled img").first.get_attribute("src") != filters
    expect(page.locator(".probes figure")).to_have_count(10)


def test_play_goes_on_to_the_end_by_itself(lab, page, run):
    open_at(page, f"{lab.url}/training_dynamics?run={run}")
    play = page.locator(".st-key-overtime_play button")
    play.click()
    expect(play).to_have_text(re.compile("Pause"), timeout=30_000)
    expect(page.get_by_text("Epoch 1", exact=True).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Epoch 2", exact=True).first).to_be_visible(timeout=60_000)
    expect(play).to_have_text(re.compile("Play"), timeout=30_000)


def test_on_a_phone_nothing_sticks_out(lab, page, run):
    page.set_viewport_size(PHONE)
    open_at(page, f"{lab.url}/training_dynamics?run={run}")
    expect(page.locator("table.mixed")).to_be_visible(timeout=60_000)
    assert sticks_out(page) <= 1
