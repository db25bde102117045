"""Nothing is cut off on any page, from a small phone to a wide screen."""

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from fmnist_core.datasets.dataset import Dataset
from tests.e2e.conftest import PAGES, Lab, running_lab, settle

pytestmark = [pytest.mark.browser, pytest.mark.engine]

WIDTHS = (1920, 1440, 1366, 1280, 1024, 768, 400, 320)
# Where a run is asked for, of the shipped one: its figures are full.
OF_A_RUN = {
    "evaluate": "?run=shipped-catalogue",
    "predictions": "?run=shipped-catalogue",
    "explain": "?model=shipped-catalogue",
}
ADDRESSES = (
    *(page + OF_A_RUN.get(page, "") for page in PAGES),
    "evaluate?run=shipped-catalogue&section=Matrix",
)

# Faults of the page as it is now, each in a line.
_FAULTS = r"""() => {
  const faults = new Set();
  const controls = 'button, a[data-testid^=stPageLink], input, textarea, summary, table, iframe, ' +
    '[role=slider], [role=tab], [role=radio], [data-baseweb=select], ' +
    '[data-testid=stDataFrame], [data-testid=stVegaLiteChart], .js-plotly-plot, ' +
    '[data-testid=stImage] img';
  const name = e => `<${e.tagName.toLowerCase()}> ` + (e.getAttribute('aria-label') ||
    e.innerText || e.closest('[class*=st-key-]')?.className.match(/st-key-\S+/)?.[0] ||
    e.className || '').toString().replace(/\s+/g, ' ').slice(0, 60);
  const sidebar = document.querySelector('[data-testid=stSidebar]');
  const folded = sidebar && sidebar.getBoundingClientRect().right <= 1;
  const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    !e.closest('[inert], [aria-hidden=true]') && !(folded && sidebar.contains(e)) &&
    (e.tagName === 'SUMMARY' || !e.closest('details:not([open])'));
  const across = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
  const down = (inner, outer) => inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const win = {left: 0, right: innerWidth};
  // Where it is cut off, if anywhere.
  const cut = e => {
    const box = e.getBoundingClientRect();
    let high = true;
    for (let a = e.parentElement; a && a !== document.body; a = a.parentElement) {
      const style = getComputedStyle(a), sides = a.getBoundingClientRect();
      // Input elements that only screen readers meet.
      if (sides.width <= 2 || style.clipPath !== 'none') return '';
      // A row of tabs may be longer than the page, a table wider.
      if (a.matches('[role=tablist], [data-testid=stDataFrame]')) return cut(a);
      if (style.overflowX !== 'visible' && !across(box, sides))
        return `is cut at ${box.left | 0} to ${box.right | 0} px by its surroundings, ` +
          `${sides.left | 0} to ${sides.right | 0} px`;
      if (['hidden', 'clip'].includes(style.overflowY) && high && !down(box, sides))
        return `is cut at its height of ${box.height | 0} px`;
      if (['auto', 'scroll'].includes(style.overflowY)) high = false;
    }
    return across(box, win) ? '' : `lies at ${box.left | 0} to ${box.right | 0} px`;
  };
  const covered = e => {
    if (e.closest('[role=tablist], [data-testid=stDataFrame]')) return '';
    e.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
    const box = e.getBoundingClientRect();
    const y = Math.max(1, Math.min(innerHeight - 1, (box.top + box.bottom) / 2));
    const hit = document.elementFromPoint((box.left + box.right) / 2, y);
    const own = '[data-testid=stElementContainer]';
    if (!hit || e.contains(hit) || hit.contains(e)) return '';
    if (e.closest(own) && hit.closest(own) === e.closest(own)) return '';
    return `is covered by ${name(hit)}`;
  };
  for (const e of document.querySelectorAll(controls)) {
    const box = e.getBoundingClientRect();
    if (box.width < 3 || box.height < 3 || e.type === 'file' || !seen(e)) continue;
    // The place of the caret behind what is chosen in a menu.
    if (e.matches('input') && !e.value && box.width < 10) continue;
    const fault = cut(e) || covered(e);
    if (fault) faults.add(`${name(e)} ${fault}`);
  }
  // Text of its own that does not wrap, or a chosen option, wider than what shows it. A run may
  // have a name of any length, which its menu then shows whole.
  const aName = e => e.closest('[data-testid=stSelectbox]') && (e.value || e.innerText).length > 40;
  const spoken = e => e.matches('[role=combobox]') ? e.value : [...e.childNodes].some(
    child => child.nodeType === 3 && child.textContent.trim());
  for (const e of document.querySelectorAll('body *')) {
    if (e.clientWidth <= 2 || e.scrollWidth <= e.clientWidth || !seen(e) || aName(e)) continue;
    const style = getComputedStyle(e);
    const ends = style.textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth + 1;
    if (style.overflowX !== 'visible' && (ends || spoken(e)))
      faults.add(`${name(e)} shows ${e.clientWidth} of ${e.scrollWidth} px of its text`);
  }
  const main = document.querySelector('[data-testid=stMain]');
  if (main.scrollWidth > main.clientWidth + 1) faults.add('the page scrolls sideways');
  return [...faults];
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    """A lab with the official data where they are at hand: pages of figures are then full."""
    home, official = tmp_path_factory.mktemp("lab") / "home", os.environ.get("FMNIST_DATA_DIR", "")
    with running_lab(home, garments, official, engine=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One window for all pages: it is resized rather than opened anew."""
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900})
    yield context.new_page()
    context.close()


def _stand_still(window: Page) -> None:
    settle(window)
    window.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")


def _resize(window: Page, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 900})
    # Charts and the sidebar follow a moment later.
    window.wait_for_timeout(350)
    _stand_still(window)


def _open(window: Page, address: str, width: int) -> None:
    """Opens a page and all that is folded on it."""
    window.set_viewport_size({"width": width, "height": 900})
    window.goto(address)
    _stand_still(window)
    window.evaluate(
        "document.querySelectorAll('details:not([open]) > summary').forEach(e => e.click())"
    )
    window.wait_for_timeout(350)
    _stand_still(window)


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_cut_off(lab, window, address):
    _open(window, f"{lab.url}/{address}", WIDTHS[0])
    assert window.locator("[data-testid=stException]").count() == 0
    faults: dict[str, list[int]] = {}
    for width in WIDTHS:
        _resize(window, width)
        for fault in window.evaluate(_FAULTS):
            faults.setdefault(fault, []).append(width)
    assert not faults, "\n".join(f"{fault} (at {widths})" for fault, widths in faults.items())


@pytest.mark.parametrize(
    ("address", "control"),
    [
        ("train", ".st-key-train_button button"),
        # Below the note that synthetic garments are in use, it has no room.
        pytest.param("sweeps", ".st-key-sweep_start button", marks=pytest.mark.official),
        ("try", "canvas"),
    ],
)
def test_the_one_thing_to_do_is_in_view(lab, window, address, control):
    """On a usual laptop, without scrolling."""
    window.set_viewport_size({"width": 1366, "height": 768})
    window.goto(f"{lab.url}/{address}")
    _stand_still(window)
    expect(window.locator(control).first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("address", ["train", "sweeps"])
def test_every_option_can_be_read(lab, window, address):
    """Also those that are not chosen, in the menus of a phone."""
    _open(window, f"{lab.url}/{address}", 400)
    menus = window.locator("[data-testid=stSelectbox] [role=combobox]:not(:disabled)")
    cut = []
    for number in range(menus.count()):
        # The menu before closes with a movement that would swallow a click.
        expect(window.locator("[role=option]")).to_have_count(0)
        menus.nth(number).focus()
        settle(window)
        _open_menu(window, menus.nth(number))
        cut += [fault for fault in window.evaluate(_CUT_OPTIONS) if fault not in cut]
        window.keyboard.press("Escape")
    assert menus.count() > 0
    assert not cut, cut


def _open_menu(window: Page, menu: Locator) -> None:
    """An open menu closes when the page moves, as it may to what has the focus: then once more."""
    options = window.locator("[role=option]")
    for _ in range(3):
        menu.press("ArrowDown")
        with suppress(PlaywrightTimeoutError):
            options.first.wait_for(timeout=8_000)
            return
    options.first.wait_for()


_CUT_OPTIONS = """() => [...document.querySelectorAll('[role=option] *')]
  .filter(e => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX !== 'visible')
  .map(e => e.innerText)"""
