"""How fast the page "Try it" answers, in a real Chromium with a warm engine.

    python -m bench.try_page [--json FILE] [--strokes 15]

From the pen's lifting to the answer about the new drawing standing on the screen, by mouse on a
wide page and by finger on a page of 400 pixels. The canvas itself waits 200 ms after a stroke
before it tells the server. Needs Chromium and the shipped model. Prints a JSON row for each, as
`bench.pages` does; seconds.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.pages import measured_row, p95
from tests.conftest import chromium
from tests.e2e.conftest import open_at, start_lab, stop_lab
from tests.e2e.sheet import Sheet

_GOAL = 0.4
# Both moments are taken by the page itself: what drives the browser adds its own delays.
_WATCH = """() => {
    window.lifted = 0; window.answered = 0;
    for (const kind of ["mouseup", "touchend"])
        window.addEventListener(kind, () => { window.lifted = performance.now() }, true);
    let last = null;
    const look = () => {
        const answer = document.querySelector(".answer");
        const of = answer && answer.dataset.of;
        if (of && of !== last) { last = of; window.answered = performance.now(); }
    };
    new MutationObserver(look).observe(document.body, {
        subtree: true, childList: true, attributes: true, attributeFilter: ["data-of"] });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--strokes", type=int, default=15)
    options = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        lab = start_lab(Path(home), os.environ.get("FMNIST_DATA_DIR", ""))
        try:
            rows = [_measured(browser, lab.url, touch, options.strokes) for touch in (False, True)]
        finally:
            browser.close()
            stop_lab(lab)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def _measured(browser: Browser, url: str, touch: bool, strokes: int) -> dict[str, Any]:
    size = {"width": 400, "height": 800} if touch else {"width": 1400, "height": 900}
    context = browser.new_context(viewport=size, has_touch=touch)
    page = context.new_page()
    open_at(page, f"{url}/try")
    page.evaluate(_WATCH)
    sheet = Sheet(page, touch=touch)
    sheet.stroke([(40, 40), (280, 40)])
    page.wait_for_selector(".answer", timeout=120_000)
    page.wait_for_timeout(3000)
    seconds = [_stroke(page, sheet, number, strokes) for number in range(strokes)]
    context.close()
    name = f"pen up to answer, {'finger, 400 px' if touch else 'mouse, 1400 px'}"
    measured = measured_row(name, seconds, _GOAL, p95(seconds))
    print(json.dumps(measured), flush=True)
    return measured


def _stroke(page: Page, sheet: Sheet, number: int, of: int) -> float:
    """One ray more of a star: each makes another picture."""
    page.evaluate("window.answered = 0")
    angle = 2 * math.pi * number / of
    sheet.stroke([(160, 160), (160 + 120 * math.cos(angle), 160 + 120 * math.sin(angle))])
    page.wait_for_function("window.answered > window.lifted", timeout=20_000)
    seconds = page.evaluate("(window.answered - window.lifted) / 1000")
    # A person pauses between strokes; explanations come in that time.
    page.wait_for_timeout(1000 if number % 2 else 250)
    return float(seconds)


if __name__ == "__main__":
    main()
