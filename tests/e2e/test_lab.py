"""A person's way through the lab, with a real engine, a real training and a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import wait_for
from tests.e2e.conftest import (
    PAGES,
    PHONE,
    open_at,
    running_lab,
    set_number,
    settle,
    start_lab,
    sticks_out,
    stop_lab,
)

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.training]

CHART = ".st-key-live_curves"


def points(page: Page) -> int:
    """How many points the lines of the live charts run through."""
    paths = page.locator(f"{CHART} svg .mark-line path")
    return int(
        paths.evaluate_all(
            "paths => paths.reduce((n, p) => n + (p.getAttribute('d') || '').split('L').length, 0)"
        )
    )


def curve(page: Page) -> Locator:
    return page.locator(f"{CHART} svg").first


def press_train(page: Page) -> str:
    """Presses Train and returns the run's identifier from the address."""
    page.locator(".st-key-train_button button").click()
    page.wait_for_url(re.compile(r"run=2"), timeout=60_000)
    return page.url.split("run=")[1].split("&")[0]


def test_a_number_out_of_its_range_is_refused_beside_its_field(lab, page):
    open_at(page, f"{lab.url}/train?run=new")
    train = page.locator(".st-key-train_button button")
    # The first page of all: a busy machine takes long to hand out the widgets' scripts.
    expect(train).to_be_enabled(timeout=60_000)
    page.get_by_text("Advanced").click()
    page.get_by_role("tab", name="Training", exact=True).click()
    field = page.locator("[class*='st-key-train-training-learning_rate']")
    for typed in ("100000", "", "1e999", "-1"):
        set_number(page, "Learning rate", typed)
        expect(train).to_be_disabled()
        said = page.get_by_text("Must be a number from 1e-07 to 10.", exact=True)
        expect(said).to_be_visible()
        below, above = said.bounding_box(), field.bounding_box()
        assert above["x"] - 2 <= below["x"] <= above["x"] + above["width"]
        assert 0 <= below["y"] - (above["y"] + above["height"]) < 20
        set_number(page, "Learning rate", "0.002")
        expect(said).to_have_count(0)
        expect(train).to_be_enabled()
    set_number(page, "Epochs", "2.5")
    expect(train).to_be_disabled()
    expect(page.get_by_text("Must be a whole number from 1 to 1000.", exact=True)).to_be_visible()
    # The browser alone can tell what its buttons make of it.
    page.locator(".st-key-train-training-epochs [data-testid=stNumberInputStepUp]").click()
    settle(page)
    set_number(page, "Epochs", "3")
    page.locator(".st-key-train-training-epochs [data-testid=stNumberInputStepUp]").click()
    settle(page)
    expect(page.get_by_label("Epochs", exact=True).first).to_have_value("4")
    expect(train).to_be_enabled()


@pytest.mark.parametrize("address", PAGES)
def test_a_link_straight_to_any_page_shows_the_full_frame(lab, page, address):
    open_at(page, f"{lab.url}/{address}")
    navigation = page.get_by_test_id("stSidebarNav")
    expect(navigation.get_by_role("link")).to_have_count(len(PAGES))
    expect(page.get_by_text("not Fashion-MNIST").first).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


@pytest.mark.parametrize(
    ("address", "name"),
    [("explain", "Explain"), ("inside", "Explain"), ("train?run=new", "Train")],
)
def test_the_first_address_that_a_fresh_server_is_asked_for_shows_its_page(
    tmp_path, page, address, name
):
    """Also one of an older version; Streamlit has not run `app.py` yet."""
    with running_lab(tmp_path / "home") as fresh:
        open_at(page, f"{fresh.url}/{address}")
        expect(page.locator("h1").first).to_contain_text(name)
        expect(page.get_by_test_id("stSidebarNav").get_by_role("link")).to_have_count(len(PAGES))


@pytest.mark.parametrize(
    ("old", "name"),
    [("overtime", "Training dynamics"), ("inside", "Explain"), ("take", "Export & import")],
)
def test_addresses_of_older_versions_open_the_same_page(lab, page, old, name):
    open_at(page, f"{lab.url}/{old}")
    expect(page.locator("h1").first).to_contain_text(name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_nothing_sticks_out_on_a_phone(lab, browser, address, scheme):
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, has_touch=True)
    page = context.new_page()
    open_at(page, f"{lab.url}/{address}")
    assert sticks_out(page) <= 1
    main = page.locator("[data-testid=stMain]")
    dark = main.evaluate("e => getComputedStyle(e.closest('[data-testid=stApp]')).backgroundColor")
    red = int(re.findall(r"\d+", dark)[0])
    assert (red < 100) == (scheme == "dark")
    context.close()


NAMES = [
    *("Try it", "Data", "Train", "Sweeps", "Runs", "Evaluate", "Predictions"),
    *("Explain", "Training dynamics", "Export & import", "Lessons"),
]


def go_to(page: Page, name: str) -> None:
    link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True)
    link.click()
    heading = "See how a machine" if name == "Home" else name
    expect(page.locator("h1").first).to_contain_text(heading, timeout=30_000)
    settle(page)


def test_one_press_of_back_leaves_each_page(lab, page):
    """Also those that tell their choices to the address as soon as they are shown."""
    open_at(page, lab.url)
    entries = page.evaluate("history.length")
    for name in NAMES:
        go_to(page, name)
        # Whatever the page tells its address, it has told.
        page.wait_for_timeout(500)
        assert page.evaluate("history.length") == entries + 1, name
        page.go_back()
        expect(page.locator("h1").first).to_contain_text("See how a machine", timeout=30_000)
        settle(page)
        assert page.url.rstrip("/") == lab.url


def test_choices_on_a_page_stay_in_its_address_and_out_of_the_history(lab, page):
    open_at(page, lab.url)
    go_to(page, "Data")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Explain", exact=True).click()
    page.wait_for_url(re.compile("section=Attribution"))
    settle(page)
    page.get_by_text("Filters", exact=True).first.click()
    page.wait_for_url(re.compile("section=Filters"))
    settle(page)
    chosen = page.url
    go_to(page, "Runs")
    page.go_back()
    expect(page.locator("h1").first).to_contain_text("Explain", timeout=30_000)
    settle(page)
    assert page.url == chosen
    page.go_back()
    expect(page.locator("h1").first).to_contain_text("Data", timeout=30_000)


def test_a_page_that_sends_on_keeps_its_own_address(lab, page):
    open_at(page, lab.url)
    go_to(page, "Lessons")
    page.locator(".st-key-begin_overfitting-on-purpose button").click()
    page.wait_for_url(re.compile("/train.*lesson="))
    settle(page)
    page.go_back()
    page.wait_for_url(re.compile("/lessons"))
    settle(page)
    assert "preset=" not in page.url


def test_from_press_to_evaluation(lab, page):
    """Train a small run, see the curve grow, reload in the middle, read what it got wrong."""
    open_at(page, f"{lab.url}/train")
    set_number(page, "Epochs", "12")
    run = press_train(page)

    expect(curve(page)).to_be_visible(timeout=60_000)
    first = points(page)
    wait_for(lambda: points(page) > first + 5, 30, "the loss curve grows")

    page.reload()
    settle(page)
    assert run in page.url
    expect(page.locator(".st-key-control_stop")).to_be_visible(timeout=20_000)
    expect(curve(page)).to_be_visible(timeout=20_000)
    wait_for(lambda: points(page) > first, 10, "the curve is back")

    page.get_by_test_id("stMain").get_by_role("button", name="Evaluate", exact=True).click(
        timeout=240_000
    )
    page.wait_for_url(re.compile("evaluate"))
    settle(page)
    expect(page.get_by_text("synthetic", exact=False).first).to_be_visible()
    page.get_by_role("tab", name="Confusion matrix").click()
    _click_a_cell(page)


def _click_a_cell(page: Page) -> None:
    """Clicks the matrix at Trouser, Trouser: nearly all trousers are recognised."""
    plot = page.locator(".js-plotly-plot").first
    expect(plot.locator(".chosen-cell")).to_be_attached(timeout=30_000)
    place = plot.evaluate(
        """plot => {
            const {xaxis, yaxis} = plot._fullLayout;
            const box = plot.querySelector('.nsewdrag').getBoundingClientRect();
            return [box.x + xaxis.d2p(1), box.y + yaxis.d2p(1)];
        }"""
    )
    page.mouse.move(*place)
    page.mouse.click(*place)
    title = page.get_by_role("heading", name=re.compile(r"^Trouser, classified correctly: \d+"))
    expect(title).to_be_visible(timeout=20_000)


def test_pause_resume_and_stop(lab, page):
    open_at(page, f"{lab.url}/train?run=new")
    set_number(page, "Epochs", "300")
    press_train(page)
    expect(curve(page)).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Pause").click()
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile(r"\d Paused\."))).to_be_visible(timeout=20_000)
    resume.click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("Stopped after"))).to_be_visible(timeout=60_000)
    expect(
        page.get_by_test_id("stMain").get_by_role("button", name="Evaluate", exact=True)
    ).to_be_visible(timeout=60_000)


def test_two_tabs_pressing_train_start_one_run(lab, browser):
    contexts = [browser.new_context(), browser.new_context()]
    tabs = [context.new_page() for context in contexts]
    for tab in tabs:
        open_at(tab, f"{lab.url}/train?run=new")
        set_number(tab, "Epochs", "17")
    first, second = (press_train(tab) for tab in tabs)
    assert first == second
    listed = lab.command("runs", "list", "--json")
    assert listed.returncode == 0
    assert lab.command("runs", "delete", first, "--yes").returncode == 0
    for context in contexts:
        context.close()


def test_the_server_never_imports_tensorflow(lab, page):
    """After every page was visited, and a training watched: its memory maps tell."""
    for address in PAGES:
        open_at(page, f"{lab.url}/{address}")
    maps = Path(f"/proc/{lab.process.pid}/maps").read_text()
    assert "streamlit" in maps or "numpy" in maps
    assert "tensorflow" not in maps


def test_killing_the_server_in_mid_training_loses_nothing(tmp_path, browser):
    home = tmp_path / "home"
    lab = start_lab(home)
    try:
        page = browser.new_page()
        open_at(page, f"{lab.url}/train")
        set_number(page, "Epochs", "6")
        run = press_train(page)
        expect(curve(page)).to_be_visible(timeout=90_000)
        lab.process.kill()
        lab.process.wait()
        lab = start_lab(home)
        open_at(page, f"{lab.url}/train?run={run}")
        finished = page.get_by_text(re.compile("Finished after 6 epochs"))
        expect(finished).to_be_visible(timeout=240_000)
        page.close()
    finally:
        stop_lab(lab)


@pytest.mark.official
def test_with_the_official_data_no_banner_is_shown(tmp_path, page, official_dir):
    with running_lab(tmp_path / "home", data_dir=str(official_dir)) as lab:
        open_at(page, f"{lab.url}/data")
        expect(page.get_by_text("not Fashion-MNIST")).to_have_count(0)
        open_at(page, lab.url)
        expect(page.get_by_text("60,000").first).to_be_visible()
