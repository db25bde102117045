"""How fast a click on the confusion matrix brings its images, in a real Chromium.

    python -m bench.cell_click HOME [--run RUN] [--json FILE] [--clicks 30]

HOME is a lab's folder with an evaluated run in it. From the click to the first card of the other
cell being painted; both moments are taken by the page. Needs Chromium and the images that the run
was judged on (`FMNIST_DATA_DIR`). Prints a JSON row as `bench.pages` does; seconds.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.pages import measured_row, p95
from tests.conftest import chromium
from tests.e2e.conftest import open_at, start_lab

_GOAL = 0.5
_CARDS = ".st-key-cell_images"
# The cards lie in a shadow of their own. The frame after the change is when they are painted.
_WATCH = f"""() => {{
    window.clicked = 0; window.painted = 0;
    window.addEventListener("mousedown", () => {{ window.clicked = performance.now() }}, true);
    const cards = () => [...document.querySelectorAll("{_CARDS} *")]
        .map((one) => one.shadowRoot).find(Boolean)?.querySelector("[data-pick]");
    let last = cards()?.dataset.pick;
    const look = () => {{
        const first = cards()?.dataset.pick;
        if (first && first !== last) {{
            last = first;
            requestAnimationFrame(() => setTimeout(() => {{ window.painted = performance.now() }}));
        }}
        requestAnimationFrame(look);
    }};
    look();
}}"""


def main() -> None:
    options = _options()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        lab = start_lab(options.home, os.environ.get("FMNIST_DATA_DIR", ""))
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            row = measured(page, lab.url, options.run, options.clicks)
        finally:
            browser.close()
            lab.process.terminate()
            lab.process.wait(timeout=20)
    print(json.dumps(row))
    if options.json:
        options.json.write_text(json.dumps([row], indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--run", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--clicks", type=int, default=30)
    return parser.parse_args()


def measured(page: Page, url: str, run: str, clicks: int) -> dict[str, Any]:
    """The row for `clicks` clicks on cells of shoes and tops, which hold images in any run."""
    open_at(page, f"{url}/evaluate?section=Matrix" + (f"&run={run}" if run else ""))
    page.wait_for_selector(f".js-plotly-plot, {_CARDS}")
    page.wait_for_timeout(3000)
    page.evaluate(_WATCH)
    tops = (0, 6, 2, 4)
    cells = [(true, said) for true in tops for said in tops]
    _click(page, cells[1])
    seconds = [_click(page, cells[number % len(cells)]) for number in range(clicks)]
    return measured_row("click on a cell to its images", seconds, _GOAL, p95(seconds))


def _click(page: Page, cell: tuple[int, int]) -> float:
    """Seconds from pressing the mouse to the images; 30 where none came."""
    plot = page.locator(".js-plotly-plot").first
    place = plot.evaluate(
        """(plot, [y, x]) => {
            const box = plot.getBoundingClientRect(), layout = plot._fullLayout;
            return { x: box.x + layout.xaxis._offset + layout.xaxis.d2p(x),
                     y: box.y + layout.yaxis._offset + layout.yaxis.d2p(y) };
        }""",
        list(cell),
    )
    page.evaluate("window.painted = 0")
    page.mouse.move(place["x"], place["y"])
    page.wait_for_timeout(300)
    page.mouse.click(place["x"], place["y"])
    page.wait_for_function("window.painted > window.clicked", timeout=30_000)
    seconds = page.evaluate("(window.painted - window.clicked) / 1000")
    # A person looks at what came.
    page.wait_for_timeout(700)
    return float(seconds)


if __name__ == "__main__":
    main()
