"""How the pages feel, in a real Chromium and a real engine.

    python -m bench.pages [--json FILE] [--only start press delay rerun memory]

`press` and `delay` train on the official files in FMNIST_DATA_DIR where they are set, else on
synthetic garments. Needs Chromium. Prints a JSON list of `{"row", "median", "min", "max", "goal",
"met"}`; seconds, or megabytes for `memory`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench.visitor import Visitor
from fmnist_core.runs.events import read_events
from tests.conftest import chromium
from tests.e2e.conftest import Lab, open_at, settle, start_lab, stop_lab

PAGES = ["", "try", "data", "train", "runs", "evaluate", "predictions"]
_LINES = ".st-key-live_curves svg .mark-line path"
_POINTS = f"""() => [...document.querySelectorAll('{_LINES}')]
    .some(path => (path.getAttribute('d') || '').length > 3)"""


def main() -> None:
    options = _options()
    rows: list[dict[str, Any]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name in options.only:
            for row in _MEASURES[name](browser):
                print(json.dumps(row), flush=True)
                rows.append(row)
        browser.close()
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--only", nargs="+", choices=list(_MEASURES), default=list(_MEASURES))
    return parser.parse_args()


def measured_row(name: str, values: list[float], goal: float, figure: float | None = None) -> dict:
    """`figure` is what is held against the goal; the median unless told otherwise."""
    median = statistics.median(values)
    held = median if figure is None else figure
    row = {"row": name, "median": round(median, 3), "min": round(min(values), 3)}
    row |= {"max": round(max(values), 3), "count": len(values), "goal": goal, "met": held <= goal}
    return row if figure is None else {**row, "p95": round(figure, 3)}


@contextmanager
def _lab() -> Iterator[Lab]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        lab = start_lab(Path(home), os.environ.get("FMNIST_DATA_DIR", ""))
        # What a lab in use has: its images in the fast cache.
        lab.command("data", "status")
        try:
            yield lab
        finally:
            stop_lab(lab)


def start(browser: Browser) -> list[dict]:
    """From `streamlit run` to the first page standing still in Chromium, with its pictures."""
    seconds = []
    for _ in range(5):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            page = browser.new_page()
            began = time.perf_counter()
            lab = start_lab(Path(home), os.environ.get("FMNIST_DATA_DIR", ""))
            open_at(page, lab.url)
            page.wait_for_selector(".st-key-navigation a")
            seconds.append(time.perf_counter() - began)
            page.close()
            lab.process.terminate()
            lab.process.wait()
    return [measured_row("streamlit run to first page", seconds, 3.0)]


def press(browser: Browser) -> list[dict]:
    """From pressing Train to the first point of the live curve."""
    cold, warm = [], []
    for _ in range(3):
        with _lab() as lab:
            page = browser.new_page()
            cold.append(_press_once(lab, page))
            time.sleep(12)
            warm += [_press_once(lab, page) for _ in range(3)]
            page.close()
    return [
        measured_row("press to point, warm", warm, 2.0),
        measured_row("press to point, cold", cold, 10.0),
    ]


def _press_once(lab: Lab, page: Page) -> float:
    open_at(page, f"{lab.url}/train?run=new")
    button = page.locator(".st-key-train_button button")
    began = time.perf_counter()
    button.click()
    page.wait_for_function(_POINTS, timeout=90_000, polling=20)
    seconds = time.perf_counter() - began
    page.locator(".st-key-control_stop button").first.click()
    page.wait_for_selector("text=Stopped after", timeout=90_000)
    return seconds


def delay(browser: Browser) -> list[dict]:
    """From a figure being written by the training to its standing on the screen."""
    with _lab() as lab:
        page = browser.new_page()
        run = _train_long(lab, page)
        seen = _watch_steps(page, 30)
        page.close()
        events = read_events(lab.home / "runs" / run / "events.jsonl")[0]
    written = {(e["epoch"] + 1, e["step"]): e["t"] for e in events if e["kind"] == "batch"}
    shown = [(seen[key], when) for key, when in written.items() if key in seen]
    first = min(moment for moment, _ in shown)
    waits = []
    for when in written.values():
        later = [moment for moment, at in shown if at >= when]
        if later and when > first:
            waits.append(min(later) - when)
    return [measured_row("metric written to point on screen", waits, 1.5, p95(waits))]


def _train_long(lab: Lab, page: Page) -> str:
    open_at(page, f"{lab.url}/train?run=new")
    field = page.get_by_label("Epochs", exact=True).first
    field.fill("200")
    field.press("Enter")
    settle(page)
    page.locator(".st-key-train_button button").click()
    page.wait_for_function(_POINTS, timeout=90_000)
    return page.url.split("run=")[1].split("&")[0]


def _watch_steps(page: Page, seconds: float) -> dict[tuple[int, int], float]:
    """When each "Epoch 2: step 240" was first seen, as Unix time."""
    seen: dict[tuple[int, int], float] = {}
    words = page.get_by_text(re.compile(r"^Epoch \d+: step"))
    until = time.time() + seconds
    while time.time() < until:
        found = re.match(r"Epoch (\d+): step ([\d\s]+) of", words.first.text_content() or "")
        if found:
            key = (int(found[1]), int(re.sub(r"\s", "", found[2])))
            seen.setdefault(key, time.time())
        time.sleep(0.02)
    return seen


def rerun(browser: Browser) -> list[dict]:
    """A full rerun of each page while a training runs and one person watches it."""
    with _lab() as lab:
        page = browser.new_page()
        run = _finish_one(lab, page)
        _train_long(lab, page)
        rows = [_reruns(lab, name, run) for name in PAGES]
        page.close()
    return rows


def _finish_one(lab: Lab, page: Page) -> str:
    done = lab.command("train", "--preset", "quick", "--epochs", "1", "--json")
    return str(json.loads(done.stdout.splitlines()[-1])["run_id"])


def _reruns(lab: Lab, name: str, run: str) -> dict:
    query = f"run={run}" if name in ("evaluate", "predictions") else ""
    visitor = Visitor(lab.url, name, query)
    visitor.rerun()
    seconds = [visitor.rerun() for _ in range(60)]
    visitor.close()
    return measured_row(f"rerun of {name or 'home'} while training", seconds, 0.15, p95(seconds))


def memory(browser: Browser) -> list[dict]:
    """The server's memory after 100 page visits, with a run to look at."""
    with _lab() as lab:
        page = browser.new_page()
        _finish_one(lab, page)
        for visit in range(100):
            open_at(page, f"{lab.url}/{PAGES[visit % len(PAGES)]}")
        used = psutil.Process(lab.process.pid).memory_info().rss / 1e6
        page.close()
    return [measured_row("server memory after 100 visits, MB", [used], 350.0)]


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


_MEASURES: dict[str, Callable[[Browser], list[dict]]] = {
    "start": start,
    "press": press,
    "delay": delay,
    "rerun": rerun,
    "memory": memory,
}

if __name__ == "__main__":
    main()
