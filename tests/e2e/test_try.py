"""The page "Try it" with a real hand: mouse and finger, files, and what is kept."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, TimeoutError, expect

from tests.conftest import wait_for
from tests.e2e.conftest import Lab, open_at, settle, sticks_out
from tests.e2e.sheet import TSHIRT, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.training]

# The first answer of an engine that has yet to start and to load Keras.
COLD = 120_000
HOSTILE = "<img src=x onerror=window.hacked=1>.png"


def picture(tone: int = 40, name: str = "shirt.png") -> FilePayload:
    """A T-shirt-like shape on a light ground, another for each tone."""
    image = Image.new("RGB", (200, 240), (240, 235, 225))
    outline = [(60, 30), (140, 30), (185, 95), (150, 115), (140, 95), (140, 220), (60, 220)]
    shape = [*outline, (60, 95), (50, 115), (15, 95)]
    ImageDraw.Draw(image).polygon(shape, fill=(tone, 60, 120))
    return {"name": name, "mimeType": "image/png", "buffer": packed(image)}


def packed(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def answered_input(page: Page) -> str:
    """Which input the answer on the screen is about."""
    return page.locator(".answer").get_attribute("data-of", timeout=COLD) or ""


def wait_for_other_answer(page: Page, before: str, act: Callable[[], Any]) -> str:
    act()
    other = page.locator(f'.answer:not([data-of="{before}"])')
    expect(other).to_be_visible(timeout=20_000)
    return answered_input(page)


def button(page: Page, name: str) -> Locator:
    # One with a tooltip is there twice, once for screens without a pointer.
    return page.locator(f".st-key-try_{name} button").locator("visible=true").first


def draw(page: Page, *, touch: bool = False) -> Sheet:
    sheet = Sheet(page, touch=touch)
    outline, neckline = TSHIRT
    sheet.stroke(outline)
    wait_for_other_answer(page, answered_input(page), lambda: sheet.stroke(neckline))
    settle(page)
    return sheet


def bring(page: Page, *files: FilePayload) -> None:
    page.locator(".st-key-try_files input[type=file]").set_input_files(list(files))


def choose_way(page: Page, name: str) -> None:
    page.locator(".st-key-try_way").get_by_text(name, exact=True).click()
    settle(page)


def away_and_back(page: Page) -> None:
    navigation = page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name="Data").click()
    page.wait_for_url(re.compile("data"))
    settle(page)
    navigation.get_by_role("link", name="Try it").click()


def say_it_is(page: Page, name: str) -> None:
    # The gallery's pictures are options too.
    option = page.locator("[role=option]:not(button)", has_text=name)
    opener = page.locator(".st-key-try_really [role=combobox]")

    def chosen() -> bool:
        # An explanation that arrives just now may close the list again.
        opener.click()
        with suppress(TimeoutError):
            option.click(timeout=3_000)
            return True
        return False

    wait_for(chosen, 60, f"a list to choose {name} from")
    expect(opener).to_have_value(name)
    settle(page)


@pytest.fixture
def upload(lab: Lab, page: Page) -> Page:
    open_at(page, f"{lab.url}/try")
    choose_way(page, "Upload")
    return page


def test_each_stroke_of_a_mouse_is_answered(lab, page):
    open_at(page, f"{lab.url}/try")
    expect(page.get_by_text("The prediction appears here after each stroke.")).to_be_visible()
    assert page.locator(".answer").count() == 0
    sheet = draw(page)
    expect(page.locator(".likely")).to_have_count(3)
    before = answered_input(page)
    wait_for_other_answer(page, before, lambda: sheet.stroke([(100, 200), (220, 200)]))
    expect(page.locator(".why .heat")).to_be_visible(timeout=COLD)


def box_of(found: Locator) -> tuple[float, float, float, float]:
    box = found.bounding_box()
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


@pytest.mark.parametrize("width", [320, 400, 768, 1024, 1280, 1366, 1440, 1920])
def test_the_whole_sheet_and_each_tool_can_be_used_at_any_width(lab, browser, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    open_at(page, f"{lab.url}/try")
    paper = page.locator(".st-key-try_canvas .dc-container")
    paper.scroll_into_view_if_needed()
    left, top, right, bottom = box_of(paper)
    assert right - left >= 280
    assert right - left == pytest.approx(bottom - top, abs=1)
    assert left >= 0
    assert right <= width
    corners = [(x, y) for x in (left + 3, right - 3) for y in (top + 3, bottom - 3)]
    hit = "([x, y]) => !!document.elementFromPoint(x, y).closest('.st-key-try_canvas')"
    assert all(page.evaluate(hit, list(corner)) for corner in corners)
    sheet = Sheet(page)

    def drawn() -> bool:
        # On a busy machine the sheet may still be laid out anew when the page has settled.
        sheet.stroke([(12, 12), (308, 308)])
        settle(page)
        return all(sheet.inked(point) for point in ((14, 14), (160, 160), (306, 306)))

    wait_for(drawn, 20, "the stroke reaches from corner to corner")
    for number, name in enumerate(("pen", "shape", "eraser")):
        tool = page.locator(".st-key-try_tool button").nth(number)
        assert box_of(tool)[2] <= width
        # Fails where something else lies over its center.
        tool.click(timeout=5_000)
        expect(page.locator(f".st-key-try_hint_{name}")).to_have_count(1)
        settle(page)
    context.close()


def test_the_canvas_shows_no_bar_of_its_own_over_the_tools(lab, page):
    open_at(page, f"{lab.url}/try")
    sheet = Sheet(page)
    sheet.stroke([(40, 160), (280, 160)])
    # The pointer still hovers over the sheet, as after any stroke.
    expect(page.locator(".st-key-try_canvas .dc-toolbar")).to_be_hidden()
    x, y, right, bottom = box_of(page.locator(".st-key-try_tool button").nth(2))
    page.mouse.click((x + right) / 2, (y + bottom) / 2)
    expect(page.locator(".st-key-try_hint_eraser")).to_be_visible()
    settle(page)

    def erased() -> bool:
        # On a busy machine the sheet hears of the tool after the page has settled.
        sheet.stroke([(160, 100), (160, 220)])
        return not sheet.inked((160, 160))

    wait_for(erased, 20, "the eraser erases")
    assert sheet.inked((60, 160))


def test_a_stroke_keeps_its_place_when_the_window_changes(lab, page):
    open_at(page, f"{lab.url}/try")
    sheet = Sheet(page)
    sheet.stroke([(40, 40), (280, 280)])
    settle(page)
    paper = page.locator(".st-key-try_canvas .dc-container")
    expect(paper).to_have_css("width", "320px")
    page.set_viewport_size({"width": 1024, "height": 800})
    expect(paper).to_have_css("width", "288px")
    assert sheet.inked((160, 160))
    assert not sheet.inked((160, 60))

    def drawn() -> bool:
        # While the page answers to the new width, it may put back the drawing from before.
        settle(page)
        sheet.stroke([(20, 60), (300, 60)])
        settle(page)
        return all(sheet.inked(point) for point in ((22, 60), (160, 60), (298, 60), (160, 160)))

    wait_for(drawn, 30, "the stroke reaches from edge to edge")
    page.set_viewport_size({"width": 1920, "height": 900})
    expect(paper).to_have_css("width", "320px")
    assert all(sheet.inked(point) for point in ((160, 60), (160, 160)))


def test_a_finger_on_a_phone_has_the_answer_in_view(lab, phone):
    open_at(phone, f"{lab.url}/try")
    draw(phone, touch=True)
    assert box_of(phone.locator(".answer .title"))[3] < 800
    assert sticks_out(phone) <= 1


def test_a_finger_makes_a_shape_corner_by_corner(lab, phone):
    open_at(phone, f"{lab.url}/try")
    phone.locator(".st-key-try_tool button").nth(1).click()
    settle(phone)
    expect(phone.get_by_text("Tap the corners of a shape")).to_be_visible()
    sheet = Sheet(phone, touch=True)
    for corner in ((60, 100), (260, 100), (260, 280), (60, 280), (60, 100)):
        sheet.stroke([corner])
    expect(phone.locator(".answer")).to_be_visible(timeout=COLD)


def test_the_drawing_is_there_again_after_other_pages_and_other_ways(lab, page):
    open_at(page, f"{lab.url}/try")
    sheet = draw(page)
    before = answered_input(page)
    away_and_back(page)
    page.wait_for_url(re.compile("try"))
    assert answered_input(page) == before
    choose_way(page, "Examples")
    choose_way(page, "Draw")
    assert answered_input(page) == before
    settle(page)
    # The old strokes are on the sheet itself, not only in the answer: one more adds to them.
    wait_for_other_answer(page, before, lambda: sheet.stroke([(100, 200), (220, 200)]))
    after = answered_input(page)
    assert wait_for_other_answer(page, after, button(page, "undo").click) == before


def test_fill_paper_and_clear(lab, page):
    open_at(page, f"{lab.url}/try")
    Sheet(page).stroke([(60, 60), (260, 60), (260, 260), (60, 260), (60, 62)])
    outline = answered_input(page)
    settle(page)
    wait_for_other_answer(page, outline, button(page, "fill").click)
    settle(page)
    button(page, "clear").click()
    expect(page.get_by_text("The prediction appears here after each stroke.")).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    settle(page)
    # The sheet is really empty, and takes new strokes.
    Sheet(page).stroke([(100, 40), (100, 280), (140, 280), (160, 120)])
    expect(page.locator(".answer")).to_be_visible(timeout=COLD)


def test_a_refused_file_never_passes_for_the_one_before(upload):
    bring(upload, picture(name="good.png"))
    expect(upload.locator(".answer")).to_be_visible(timeout=COLD)
    expect(upload.get_by_text("good.png", exact=True).first).to_be_visible()
    bring(upload, {"name": "bad.png", "mimeType": "image/png", "buffer": b"hello"})
    expect(upload.get_by_text("bad.png is no picture").first).to_be_visible(timeout=20_000)
    expect(upload.locator(".answer")).to_have_count(0)


def test_a_name_is_never_more_than_text(upload):
    bring(upload, picture(40, HOSTILE), picture(90, "second.png"))
    names = upload.locator(".st-key-try_gallery .words")
    expect(names).to_have_text([HOSTILE, "second.png"], timeout=COLD)
    upload.locator(".st-key-try_gallery button").first.click()
    expect(upload.locator("figcaption", has_text=HOSTILE)).to_be_visible(timeout=20_000)
    assert upload.evaluate("window.hacked") is None


def test_thirty_files_at_once_and_their_table(upload):
    files = [picture(tone=8 * number, name=f"{number}.png") for number in range(29)]
    bring(upload, *files, picture(name="=1+1.png"))
    cells = upload.locator(".st-key-try_gallery button")
    expect(cells).to_have_count(30, timeout=COLD)
    settle(upload)
    expect(cells.last).to_have_attribute("aria-selected", "true")
    with upload.expect_download() as waiting:
        button(upload, "csv").click()
    rows = list(csv.DictReader(waiting.value.path().read_text("utf-8-sig").splitlines()))
    names = [*(f"{number}.png" for number in range(29)), "'=1+1.png"]
    assert [row["file"] for row in rows] == names
    assert all(0 < float(row["confidence"]) <= 1 for row in rows)


def test_a_zip_becomes_a_gallery(upload):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(3):
            archive.writestr(f"folder/{number}.png", picture(tone=70 * number)["buffer"])
        archive.writestr("folder/broken.png", b"no picture")
    bring(upload, {"name": "all.zip", "mimeType": "application/zip", "buffer": file.getvalue()})
    expect(upload.locator(".st-key-try_gallery button")).to_have_count(4, timeout=COLD)
    expect(upload.get_by_text("4 files, 1 unreadable")).to_be_visible()


def test_a_correction_by_hand_changes_the_input_and_can_be_taken_back(upload):
    bring(upload, picture())
    before = answered_input(upload)
    settle(upload)
    upload.locator(".st-key-try_by_hand summary").click()
    dark = upload.locator(".st-key-try_by_hand_ground").get_by_text("dark", exact=True)
    wait_for_other_answer(upload, before, dark.click)
    settle(upload)
    after = answered_input(upload)
    assert wait_for_other_answer(upload, after, button(upload, "reset").click) == before


def test_an_example_is_answered_and_kept_as_what_one_says_it_is(lab, page):
    open_at(page, f"{lab.url}/try")
    choose_way(page, "Examples")
    page.locator(".st-key-try_examples_synthetic button").nth(8).click()
    expect(page.locator(".answer")).to_be_visible(timeout=COLD)
    settle(page)
    say_it_is(page, "Bag")
    button(page, "keep").click()
    expect(page.locator(".st-key-try_kept button")).to_have_count(1, timeout=20_000)
    expect(page.get_by_text("1 item", exact=True)).to_be_visible()
    settle(page)
    button(page, "delete").click()
    button(page, "delete_confirm").click()
    expect(page.locator(".st-key-try_kept")).to_have_count(0, timeout=20_000)


def test_files_are_there_again_after_another_page(upload):
    bring(upload, picture(40, "one.png"), picture(200, "two.png"))
    cells = upload.locator(".st-key-try_gallery button")
    expect(cells).to_have_count(2, timeout=COLD)
    settle(upload)
    away_and_back(upload)
    expect(cells).to_have_count(2, timeout=20_000)


def cluttered_photo() -> FilePayload:
    """A blue garment on a floor of many browns, 240 x 200."""
    rng = np.random.default_rng(0)
    floor = np.array([150, 110, 70]) + rng.normal(0, 25, (200, 240, 3))
    floor[30:170, 60:180] = np.array([40, 60, 160]) + rng.normal(0, 10, (140, 120, 3))
    content = packed(Image.fromarray(np.clip(floor, 0, 255).astype(np.uint8)))
    return {"name": "photo.png", "mimeType": "image/png", "buffer": content}


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "finger"])
def test_the_brush_removes_a_part_of_a_photo_and_the_input_changes(lab, page, phone, touch):
    page = phone if touch else page
    open_at(page, f"{lab.url}/try")
    choose_way(page, "Upload")
    bring(page, cluttered_photo())
    before = answered_input(page)
    settle(page)
    page.locator(".st-key-try_brush_fold summary").click()
    expect(page.locator(".st-key-try_brush .chosen img")).to_be_visible(timeout=20_000)
    canvas = page.locator(".st-key-try_brush_canvas canvas").last
    expect(canvas).to_have_js_property("width", 480, timeout=20_000)
    page.locator(".st-key-try_brush_mode").get_by_text("Remove", exact=True).click()
    settle(page)
    left, top, right, bottom = box_of(canvas)
    assert (right - left) / (bottom - top) == pytest.approx(480 / 400, abs=0.02)
    assert right <= page.viewport_size["width"]
    sheet = Sheet(page, touch=touch, key="try_brush_canvas", side=480)

    def shown() -> str:
        return page.locator(".st-key-try_brush .chosen img").get_attribute("src")

    seen = shown()
    after = wait_for_other_answer(page, before, lambda: sheet.stroke([(240, 20), (240, 380)]))
    settle(page)
    assert shown() != seen
    assert sticks_out(page) <= 1
    last = wait_for_other_answer(page, after, lambda: sheet.stroke([(20, 200), (460, 200)]))
    settle(page)
    assert wait_for_other_answer(page, last, button(page, "brush_reset").click) == before
    assert shown() == seen
