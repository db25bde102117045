"""From a cell to its images and to suspects that are ticked, in a real browser and engine."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from fmnist_core.datasets.dataset import Dataset, ImageSet, fingerprint_of
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.settings import Settings
from tests.conftest import wait_for
from tests.e2e.conftest import CALM, PATIENCE, PHONE, Lab, open_at, running_lab, settle, sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.training]


@dataclass(frozen=True)
class Trained:
    """A lab with a run that learned a little from a few hundred garments."""

    lab: Lab
    run: str
    fingerprint: str

    def address(self, section: str) -> str:
        return f"{self.lab.url}/evaluate?run={self.run}&section={section}"

    @property
    def map(self) -> str:
        return f"{self.lab.url}/explain?model={self.run}&section=Map+of+the+data"

    @property
    def ticked(self) -> tuple[int, ...]:
        return LabelIssueStore(Settings(home=self.lab.home)).ticked(self.fingerprint)


def with_copies(garments: Dataset) -> Dataset:
    """The garments, of which four training images are test images."""
    images, labels = garments.train.images.copy(), garments.train.labels.copy()
    images[:4], labels[:4] = garments.test.images[:4], garments.test.labels[:4]
    train = ImageSet(images, labels)
    identity = replace(garments.identity, fingerprint=fingerprint_of(train, garments.test))
    return Dataset(train, garments.test, identity)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Trained]:
    data = with_copies(garments)
    steps = ["--set", "optimizer=adam", "--set", "learning_rate=0.004"]
    wish = ["--set", "dataset=synthetic-garments", *steps, "--epochs", "2", "--json"]
    with running_lab(tmp_path_factory.mktemp("lab") / "home", data, engine=True) as lab:
        done = lab.command("train", "--preset", "quick", *wish)
        run = str(json.loads(done.stdout.splitlines()[-1])["run_id"])
        yield Trained(lab, run, data.identity.fingerprint)


def scroll_to_matrix(page: Page) -> None:
    page.locator(".js-plotly-plot").first.evaluate(
        "e => e.scrollIntoView({ block: 'center', behavior: 'instant' })"
    )


def click_cell(page: Page, true: int, predicted: int) -> None:
    plot = page.locator(".js-plotly-plot").first
    scroll_to_matrix(page)
    place = plot.evaluate(
        """(plot, [y, x]) => {
            const box = plot.getBoundingClientRect(), layout = plot._fullLayout;
            return { x: box.x + layout.xaxis._offset + layout.xaxis.d2p(x),
                     y: box.y + layout.yaxis._offset + layout.yaxis.d2p(y) };
        }""",
        [true, predicted],
    )
    page.mouse.move(place["x"], place["y"])
    page.mouse.click(place["x"], place["y"])


DESK = {"width": 1366, "height": 768}
OUTLINE = ".chosen-cell"
PAGE = "[data-testid=stMain]"


def open_matrix(page: Page, trained: Trained) -> None:
    open_at(page, trained.address("Confusion matrix"))
    expect(page.locator(OUTLINE)).to_be_attached(timeout=PATIENCE)
    settle(page)


def is_whole(page: Page, part: Locator) -> bool:
    """Whether all of it is in view, below the bar that stays on top; not while it is replaced."""
    boxes = part.evaluate_all(
        "parts => parts.map(e => e.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])"
    )
    height = page.evaluate("innerHeight")
    return len(boxes) == 1 and boxes[0][0] >= 59 and boxes[0][1] <= height + 1


def expect_whole(page: Page, part: Locator) -> None:
    try:
        wait_for(lambda: is_whole(page, part), CALM / 1000, "in view")
    except AssertionError as error:
        boxes = [one.bounding_box() for one in part.all()]
        raise AssertionError(f"{part} is not in view as a whole: {boxes}") from error


def cards(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-{kind}]")


def test_a_click_on_a_cell_and_a_key_on_an_image_lead_to_its_heat(trained, page):
    page.set_viewport_size(DESK)
    open_matrix(page, trained)
    click_cell(page, 1, 1)
    heading = page.get_by_role("heading", name="Trouser, classified correctly")
    expect(heading).to_be_visible(timeout=CALM)
    expect(page.locator(OUTLINE)).to_have_attribute("data-cell", "1-1")
    expect_whole(page, page.locator(".small"))
    settle(page)
    first = cards(page, "pick").first
    expect(page.get_by_text("Click an image to see")).to_be_visible(timeout=CALM)
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".opened .bar")).to_have_count(10, timeout=CALM)
    expect(page.locator(".why .heat")).to_be_visible(timeout=PATIENCE)
    expect(first).to_have_attribute("aria-pressed", "true", timeout=CALM)
    expect(page.locator(".why .alike img")).to_have_count(5, timeout=PATIENCE)
    for part in (heading, page.locator(".opened"), page.locator(".why"), page.locator(OUTLINE)):
        expect_whole(page, part)


def test_the_outline_follows_the_list_and_the_boxes(trained, page):
    page.set_viewport_size(DESK)
    open_matrix(page, trained)
    before = page.locator(OUTLINE).get_attribute("data-cell")
    page.get_by_text("Most confused", exact=True).click()
    page.locator(".st-key-most_confused button").nth(1).click()
    expect(page.locator(OUTLINE)).not_to_have_attribute("data-cell", str(before), timeout=CALM)
    # An open list closes when the page moves: to the answer of a press, or to all of a box.
    settle(page)
    page.locator(".st-key-most_confused").scroll_into_view_if_needed()
    for label in ("True class", "Predicted class"):
        page.get_by_role("combobox", name=label).click()
        page.get_by_role("option", name="Bag", exact=True).click()
        settle(page)
    expect(page.locator(OUTLINE)).to_have_attribute("data-cell", "8-8", timeout=CALM)
    # Chosen by a click again what a click had chosen before.
    click_cell(page, 1, 1)
    expect(page.locator(OUTLINE)).to_have_attribute("data-cell", "1-1")
    expect(page.get_by_role("heading", name="Trouser, classified")).to_be_visible(timeout=CALM)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_where_it_is_narrow_the_page_moves_to_the_answer(trained, browser, motion):
    context = browser.new_context(viewport={"width": 1000, "height": 700}, reduced_motion=motion)
    page = context.new_page()
    open_matrix(page, trained)
    assert page.locator(".st-key-answer_matrix").bounding_box()["y"] > 700
    scroll_to_matrix(page)
    page.evaluate(f"""() => {{
        const main = document.querySelector('{PAGE}'), native = main.scrollBy.bind(main)
        window.moves = []
        main.scrollBy = (how) => {{
            native(how)
            window.moves.push([how.behavior, how.top, main.scrollTop])
        }}
        window.begun = main.scrollTop
    }}""")
    click_cell(page, 1, 1)
    expect_whole(page, page.get_by_role("heading", name="Trouser, classified correctly"))
    behavior, by, reached = page.evaluate("window.moves[0]")
    begun = page.evaluate("window.begun")
    if motion == "reduce":
        assert (behavior, reached - begun) == ("instant", pytest.approx(by, abs=1))
    else:
        assert (behavior, reached) == ("smooth", begun)
    context.close()


@pytest.mark.parametrize(
    ("address", "answer", "opened"),
    [("predictions?images=24", "answer_prediction", ".why"), ("data", "answer_gallery", ".tiled")],
)
def test_an_image_opens_beside_the_others_and_stays_there(trained, page, address, answer, opened):
    page.set_viewport_size(DESK)
    open_at(page, f"{trained.lab.url}/{address}")
    card = cards(page, "pick").nth(2)
    card.click()
    expect(page.locator(opened)).to_be_visible(timeout=PATIENCE)
    expect_whole(page, page.locator(opened))
    beside = page.locator(f".st-key-{answer}").bounding_box()
    assert beside["x"] > card.bounding_box()["x"] + card.bounding_box()["width"]
    # Chosen far below, where the page has to be scrolled: the answer goes along.
    if address != "data":
        cards(page, "pick").last.click()
        expect(cards(page, "pick").last).to_have_attribute("aria-pressed", "true")
        expect_whole(page, page.locator(opened))


# Components live in shadow trees.
REACHED = """selector => {
  let one = document.activeElement
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  return !!one?.closest(selector)
}"""


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Presses Tab until the keyboard is there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(REACHED, selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab.")


def test_evaluate_is_walked_by_keyboard_alone(trained, page):
    page.set_viewport_size(DESK)
    open_at(page, f"{trained.lab.url}/evaluate?run={trained.run}")
    expect(page.get_by_role("tab", name="Overview")).to_be_visible(timeout=PATIENCE)
    tab_to(page, "[role=tab]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(OUTLINE)).to_be_attached(timeout=PATIENCE)
    settle(page)
    for label in ("True class", "Predicted class"):
        tab_to(page, f"[role=combobox][aria-label='{label}']")
        page.keyboard.type("Trouser")
        page.keyboard.press("Enter")
        settle(page)
    expect(page.get_by_role("heading", name="Trouser, classified")).to_be_visible(timeout=CALM)
    expect(page.locator(OUTLINE)).to_have_attribute("data-cell", "1-1")
    tab_to(page, "[data-pick]", 3)
    page.keyboard.press("Enter")
    expect_whole(page, page.locator(".opened"))
    expect(page.locator("[data-pick]:focus")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".why .alike img")).to_have_count(5, timeout=PATIENCE)
    tab_to(page, ".st-key-opened_title button", 20)
    expect(page.locator("button:focus")).to_contain_text("Explain")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explain?*", timeout=PATIENCE)


def test_an_image_is_taken_along_to_the_page_inside(trained, page):
    open_at(page, trained.address("Confusion matrix"))
    cards(page, "pick").first.click()
    page.get_by_role("button", name="Explain").click()
    page.wait_for_url("**/explain?*", timeout=PATIENCE)
    settle(page)
    assert trained.run in page.url
    expect(page.get_by_text(re.compile(r"Test image \d+")).first).to_be_visible(timeout=CALM)


def test_a_click_while_the_browser_still_loads_its_widgets_changes_no_choice(trained, page):
    late, held = ["ButtonGroup", "Selectbox"], []

    def hold(route: Route) -> None:
        if any(name in route.request.url for name in late):
            held.append(route)
        else:
            route.continue_()

    page.route("**/*.js", hold)
    page.goto(trained.address("Confusion matrix"))
    cards(page, "pick").first.click(timeout=PATIENCE)
    explain = page.get_by_role("button", name="Explain")
    explain.wait_for(timeout=PATIENCE)
    settle(page)
    assert held
    late.clear()
    for route in held:
        route.continue_()
    page.locator("[data-testid=stSelectbox]").first.wait_for(timeout=CALM)
    chosen = page.url
    explain.click()
    page.wait_for_url("**/explain?*", timeout=PATIENCE)
    assert "None" not in chosen


def a_point(page: Page) -> dict[str, float]:
    """Where on the screen a point of the map lies, and its row."""
    return page.locator(".js-plotly-plot").first.evaluate(
        """plot => {
            const trace = plot._fullData.find((one) => one.customdata?.length > 5);
            const box = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
            return { row: Number(trace.customdata[3]),
                     x: box.x + xaxis._offset + xaxis.d2p(trace.x[3]),
                     y: box.y + yaxis._offset + yaxis.d2p(trace.y[3]) };
        }"""
    )


def test_a_point_of_the_map_shows_its_image_and_opens_at_a_click(trained, page):
    open_at(page, trained.map)
    expect(page.get_by_text("Click a point to open its image.")).to_be_visible(timeout=PATIENCE)
    plot = page.locator(".js-plotly-plot").first
    expect(plot.locator("canvas").first).to_be_attached(timeout=PATIENCE)
    plot.scroll_into_view_if_needed()
    settle(page)
    point = a_point(page)
    page.mouse.move(point["x"] + 30, point["y"] + 30)
    page.mouse.move(point["x"], point["y"], steps=5)
    expect(page.locator("figure.float")).to_be_visible(timeout=CALM)
    expect(page.locator("figure.float figcaption")).to_contain_text("% sure")
    page.mouse.click(point["x"], point["y"])
    expect(page.get_by_role("button", name="Explain")).to_be_visible(timeout=PATIENCE)


MAP = ".st-key-atlas_chart .js-plotly-plot"
RANGE = f"() => document.querySelector('{MAP}')._fullLayout.xaxis.range"
# Where on the screen a point lies that is well inside the chart.
POINT = f"""() => {{
  const chart = document.querySelector('{MAP}'), box = chart.getBoundingClientRect()
  const {{ xaxis, yaxis }} = chart._fullLayout
  for (const trace of chart._fullData.filter((one) => one.customdata))
    for (const at of trace.customdata.keys()) {{
      const [x, y] = [xaxis.l2p(trace.x[at]), yaxis.l2p(trace.y[at])]
      if (x > 60 && y > 60 && x < box.width - 60 && y < box.height - 60)
        return [box.left + xaxis._offset + x, box.top + yaxis._offset + y]
    }}
}}"""


def open_map(page: Page, trained: Trained) -> tuple[float, float]:
    """The map of the data, in view; how far it reaches."""
    open_at(page, trained.map)
    expect(page.get_by_text("Nearest neighbors of your image")).to_be_visible(timeout=PATIENCE)
    return reach(page)


def reach(page: Page) -> tuple[float, float]:
    page.wait_for_function(f"() => document.querySelector('{MAP}')?._fullLayout?.xaxis._length")
    page.locator(MAP).scroll_into_view_if_needed()
    # The component that listens to the chart looks for it every 0.3 s.
    page.wait_for_timeout(1000)
    least, most = page.evaluate(RANGE)
    return least, most


def test_the_zoom_of_the_map_stays_when_its_colours_change(trained, page):
    least, most = open_map(page, trained)
    box = page.locator(MAP).bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y + 150, steps=5)
    page.mouse.up()
    zoomed = reach(page)
    assert zoomed[1] - zoomed[0] < 0.8 * (most - least)
    settle(page)
    page.get_by_text("Correct or wrong", exact=True).click()
    expect(page.locator(".atlas-legend")).to_contain_text("correct", timeout=PATIENCE)
    assert reach(page) == pytest.approx(zoomed, abs=1e-3)


def test_a_finger_opens_a_point_of_the_map_and_zooms_nothing(trained, browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    whole = open_map(page, trained)
    page.touchscreen.tap(*page.evaluate(POINT))
    expect(page.get_by_role("button", name="Explain")).to_be_visible(timeout=PATIENCE)
    assert reach(page) == whole
    context.close()


def test_on_a_phone_an_opened_image_comes_into_view(trained, page):
    page.set_viewport_size(PHONE)
    open_at(page, trained.address("Confusion matrix"))
    cards(page, "pick").first.click()
    expect(page.locator(".opened")).to_be_in_viewport(timeout=CALM)
    assert sticks_out(page) <= 1


def tick(page: Page, card: Locator, sign: str) -> None:
    """Clicks until it counts: on a busy machine the cards may be drawn anew just then."""
    for _ in range(3):
        if card.get_attribute("aria-checked") != "true":
            card.click()
        page.wait_for_timeout(1000)
        settle(page)
        if page.get_by_text(sign).count():
            return


def test_suspects_are_searched_ticked_and_stay_ticked(trained, page):
    open_at(page, trained.address("Label issues"))
    page.locator(".st-key-suspects_go button").click()
    page.get_by_text("Near-duplicates of test images:").click(timeout=PATIENCE)
    settle(page)
    first, second = cards(page, "tick").nth(0), cards(page, "tick").nth(1)
    tick(page, first, "1 training image is selected.")
    second.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("2 training images are selected.")).to_be_visible(timeout=CALM)
    cards(page, "pick").first.click()
    expect(page.locator(".alone img")).to_have_count(2, timeout=CALM)
    expect_whole(page, page.locator(".alone"))
    wanted = {int(card.get_attribute("data-tick") or -1) for card in (first, second)}
    assert set(trained.ticked) == wanted
    page.reload()
    settle(page)
    expect(page.get_by_text("2 training images are selected.")).to_be_visible(timeout=CALM)
    page.get_by_role("button", name="Clear selection").click()
    expect(page.get_by_text("0 training images are selected.")).to_be_visible(timeout=CALM)
    assert trained.ticked == ()
