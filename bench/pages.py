"""How the pages feel, in a real Chromium and a real engine.

    python -m bench.pages [--only start press delay rerun queue memory try click ask]
                          [--tries N] [--home FOLDER] [--run RUN]

docs/performance.md, "The pages" (start, press, delay, rerun, queue, memory), "The page Try it"
(try) and "Looking inside" (click, ask). Trains on the official files in FMNIST_DATA_DIR where they
are set, else on synthetic garments. `click` and `ask` look at RUN of the lab in FOLDER; else at a
run of one epoch and at the shipped network for catalogue images. --tries is for a quick look: so
many in place of each measure's own number. Needs Chromium. Prints a JSON line each; seconds, or
megabytes.
"""

import argparse
import json
import math
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import FASHION_MNIST, SYNTHETIC_GARMENTS
from fmnist_core.datasets.load import load_dataset
from fmnist_core.engine import client
from fmnist_core.engine.inference.predictions import convolutions
from fmnist_core.engine.inference.worker_client import ask as ask_worker
from fmnist_core.engine.submission import enqueue
from fmnist_core.explain.convolution_step import Place
from fmnist_core.runs.events import read_events
from fmnist_core.settings import load_settings
from tests.conftest import chromium
from tests.e2e.conftest import Lab, open_at, settle, start_lab, stop_lab
from tests.e2e.sheet import Sheet

_PAGES = ["", "try", "data", "train", "runs", "evaluate", "predictions"]
_POINTS = """() => [...document.querySelectorAll('.st-key-live_curves svg .mark-line path')]
    .some(path => (path.getAttribute('d') || '').length > 3)"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    functions = (start, press, delay, rerun, queue, memory, try_it, click, ask)
    measures = {one.__name__.removesuffix("_it"): one for one in functions}
    parser.add_argument("--only", nargs="+", choices=list(measures), default=list(measures))
    parser.add_argument("--home", type=Path, metavar="FOLDER")
    parser.add_argument("--run", default="")
    parser.add_argument("--tries", type=int, metavar="N")
    options = parser.parse_args()
    for name in options.only:
        for row in measures[name](options):
            print(json.dumps(row), flush=True)


def _row(name: str, values: list[float], goal: float, *, by_p95: bool = True) -> dict[str, Any]:
    """What is held against the goal is the 95th percentile of the values, or their median."""
    median, p95 = statistics.median(values), sorted(values)[int(0.95 * (len(values) - 1))]
    figures = {"median": median, "min": min(values), "max": max(values)}
    figures |= {"p95": p95} if by_p95 else {}
    row = {"row": name, **{key: round(value, 3) for key, value in figures.items()}}
    return row | {"count": len(values), "goal": goal, "met": (p95 if by_p95 else median) <= goal}


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield browser
        browser.close()


@contextmanager
def _page_of_lab(home: Path | None = None, **how: Any) -> Iterator[tuple[Page, Lab]]:
    with _browser() as browser, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as fresh:
        lab = start_lab(home or Path(fresh), os.environ.get("FMNIST_DATA_DIR", ""))
        try:
            # What a lab in use has: its images in the fast cache.
            lab.command("data", "status")
            yield browser.new_page(**{"viewport": {"width": 1400, "height": 1000}, **how}), lab
        finally:
            stop_lab(lab)


def start(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """From `streamlit run` to the first page standing still in Chromium, with its pictures."""
    seconds = []
    with _browser() as browser:
        for _ in range(options.tries or 5):
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
    yield _row("streamlit run to first page", seconds, 3.0, by_p95=False)


def press(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """From pressing Train to the first point of the live curve."""
    tries, cold, warm = options.tries or 3, [], []
    for _ in range(tries):
        with _page_of_lab() as (page, lab):
            cold.append(_press_once(lab, page))
            time.sleep(12)
            warm += [_press_once(lab, page) for _ in range(tries)]
    yield _row("press to point, warm", warm, 2.0, by_p95=False)
    yield _row("press to point, cold", cold, 10.0, by_p95=False)


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


def delay(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """From a figure being written by the training to its standing on the screen, for 30 s."""
    seen: dict[tuple[int, int], float] = {}
    with _page_of_lab() as (page, lab):
        run = _train_long(lab, page)
        words, until = page.get_by_text(re.compile(r"^Epoch \d+: step")), options.tries or 30
        until += time.time()
        while time.time() < until:
            text = words.first.text_content() or ""
            if found := re.match(r"Epoch (\d+): step ([\d\s]+) of", text):
                seen.setdefault((int(found[1]), int(re.sub(r"\s", "", found[2]))), time.time())
            time.sleep(0.02)
        events = read_events(lab.home / "runs" / run / "events.jsonl")[0]
    written = {(e["epoch"] + 1, e["step"]): e["t"] for e in events if e["kind"] == "batch"}
    shown = [(seen[key], when) for key, when in written.items() if key in seen]
    first, waits = min(moment for moment, _ in shown), []
    for when in written.values():
        later = [moment for moment, at in shown if at >= when]
        if later and when > first:
            waits.append(min(later) - when)
    yield _row("metric written to point on screen", waits, 1.5)


def _train_long(lab: Lab, page: Page) -> str:
    open_at(page, f"{lab.url}/train?run=new")
    field = page.get_by_label("Epochs", exact=True).first
    field.fill("200")
    field.press("Enter")
    settle(page)
    page.locator(".st-key-train_button button").click()
    page.wait_for_function(_POINTS, timeout=90_000)
    return page.url.split("run=")[1].split("&")[0]


def _finish_one(lab: Lab) -> str:
    done = lab.command("train", "--preset", "quick", "--epochs", "1", "--json")
    return str(json.loads(done.stdout.splitlines()[-1])["run_id"])


def rerun(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A full rerun of each page while a training runs and one person watches it."""
    with _page_of_lab() as (page, lab):
        run = _finish_one(lab)
        _train_long(lab, page)
        for name in _PAGES:
            query = f"run={run}" if name in ("evaluate", "predictions") else ""
            visitor = _visits(lab.url, name, query)
            next(visitor)
            seconds = [next(visitor) for _ in range(options.tries or 60)]
            yield _row(f"rerun of {name or 'home'} while training", seconds, 0.15)


def queue(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A full rerun of the pages that list runs, with 1,000 of them queued and no engine."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        fill_queue(Path(home), 1000)
        lab = start_lab(Path(home), os.environ.get("FMNIST_DATA_DIR", ""))
        try:
            lab.command("engine", "stop")
            for name in ("", "train", "runs", "evaluate", "sweeps"):
                visitor = _visits(lab.url, name, "run=new" if name == "train" else "")
                first = next(visitor)
                seconds = [next(visitor) for _ in range(options.tries or 40)]
                row = _row(f"rerun of {name or 'home'} with 1,000 queued runs", seconds, 0.15)
                yield row | {"first": round(first, 3)}
        finally:
            stop_lab(lab)


def fill_queue(home: Path, count: int) -> None:
    """Queues runs of one configuration with a seed each; starts no engine."""
    settings = replace(load_settings(), home=home, data_dir=None)
    for seed in range(count):
        changes = [f"training.seed={seed}", f"dataset={SYNTHETIC_GARMENTS}"]
        config = override(preset("quick").config, changes)
        enqueue(config, owner=f"person {seed % 7}", settings=settings)


def _visits(url: str, page: str, query: str) -> Generator[float, None, None]:
    """Seconds of full reruns by a visitor without a browser, who speaks Streamlit's protocol."""
    message, address = BackMsg(), url.replace("http", "ws", 1) + "/_stcore/stream"
    message.rerun_script.page_name, message.rerun_script.query_string = page, query
    with connect(address, subprotocols=["streamlit"], max_size=None) as socket:
        while True:
            began, said = time.perf_counter(), None
            socket.send(message.SerializeToString())
            while said != "script_finished":
                said = ForwardMsg.FromString(socket.recv(timeout=60)).WhichOneof("type")
            yield time.perf_counter() - began


def memory(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The server's memory after 100 page visits, with a run to look at."""
    visits = options.tries or 100
    with _page_of_lab() as (page, lab):
        _finish_one(lab)
        for visit in range(visits):
            open_at(page, f"{lab.url}/{_PAGES[visit % len(_PAGES)]}")
        used = psutil.Process(lab.process.pid).memory_info().rss / 1e6
    yield _row(f"server memory after {visits} visits, MB", [used], 350.0, by_p95=False)


_WATCH = Path(__file__).with_name("watch.js").read_text()
_ANSWER = "document.querySelector('.answer')?.dataset.of"
_CARDS = ".st-key-cell_images"
_CARD = f"""[...document.querySelectorAll("{_CARDS} *")].map((one) => one.shadowRoot)
    .find(Boolean)?.querySelector("[data-pick]")?.dataset.pick"""
_CELL = """(plot, [y, x]) => {
    const box = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
    return [box.x + xaxis._offset + xaxis.d2p(x), box.y + yaxis._offset + yaxis.d2p(y)];
}"""


def _until_shown(page: Page, act: Callable[[], None]) -> float:
    page.evaluate("window.ended = 0")
    act()
    page.wait_for_function("window.ended > window.began", timeout=30_000)
    return float(page.evaluate("(window.ended - window.began) / 1000"))


def try_it(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """From the pen's lifting (the canvas waits 200 ms) to the answer, the engine being warm."""
    strokes = options.tries or 15
    # Each ray of a star makes another picture.
    turns = [2 * math.pi * number / strokes for number in range(strokes)]
    rays = [[(160, 160), (160 + 120 * math.cos(at), 160 + 120 * math.sin(at))] for at in turns]
    for name, width, touch in (("mouse", 1400, False), ("finger", 400, True)):
        size = {"width": width, "height": 800 if touch else 900}
        with _page_of_lab(viewport=size, has_touch=touch) as (page, lab):
            open_at(page, f"{lab.url}/try")
            page.evaluate(_WATCH, [["mouseup", "touchend"], _ANSWER])
            sheet, seconds = Sheet(page, touch=touch), []
            sheet.stroke([(40, 40), (280, 40)])
            page.wait_for_selector(".answer", timeout=300_000)
            page.wait_for_timeout(3000)
            for number, ray in enumerate(rays):
                seconds.append(_until_shown(page, partial(sheet.stroke, ray)))
                # A person pauses between strokes; explanations come in that time.
                page.wait_for_timeout(1000 if number % 2 else 250)
        yield _row(f"pen up to answer, {name}, {width} px", seconds, 0.4)


def click(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """From a click on the confusion matrix to the first card of the other cell being painted."""
    with _page_of_lab(options.home) as (page, lab):
        run = options.run or _finish_one(lab)
        open_at(page, f"{lab.url}/evaluate?section=Matrix&run={run}")
        page.wait_for_selector(f".js-plotly-plot, {_CARDS}")
        page.wait_for_timeout(3000)
        page.evaluate(_WATCH, [["mousedown"], _CARD])
        # Tops, which hold images in any run.
        cells, seconds = [(true, said) for true in (0, 6, 2, 4) for said in (0, 6, 2, 4)], []
        for number in range(-1, options.tries or 30):
            cell = cells[number % len(cells)]
            place = page.locator(".js-plotly-plot").first.evaluate(_CELL, list(cell))
            page.mouse.move(*place)
            page.wait_for_timeout(300)
            seconds.append(_until_shown(page, partial(page.mouse.click, *place)))
            # A person looks at what came.
            page.wait_for_timeout(700)
    yield _row("click on a cell to its images", seconds[1:], 0.5)


def ask(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """How fast a network can be looked into, through the engine: one question after another."""
    model, count = options.run or "shipped-catalogue", options.tries or 40
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as fresh, ExitStack() as at_end:
        settings = replace(load_settings(), home=options.home or Path(fresh))
        client.ensure_engine(settings)
        at_end.callback(client.stop_engine, settings)
        # The first answer may wait until Keras is loaded; two more trace the network.
        layer = ask_worker(model, convolutions, settings=settings, wait=120)[-1].name
        images = load_dataset(FASHION_MNIST, settings).test.images[: count + 2]
        place = Place(layer, 0, 2, 2)
        questions: dict[str, Callable[[Any], Any]] = {
            "Grad-CAM, last convolution": lambda image: client.grad_cam_of(
                model, image, 0, settings
            ),
            "feature maps": lambda image: client.feature_maps_of(model, image, settings),
            "step through": lambda image: client.step_through(model, image, place, settings),
            "occlusion": lambda image: client.occlusion_of(model, image, 0, settings),
        }
        for name, question in questions.items():
            yield _row(name, [_timed(partial(question, image)) for image in images][2:], 0.3)
        planes = [_timed(lambda: client.data_map(model, settings)) for _ in range(6)]
        yield _row("PCA of 10 000 images, with features", planes[:1], 2.0, by_p95=False)
        yield _row("PCA of 10 000 images, asked again", planes[1:], 2.0, by_p95=False)
        began = time.perf_counter()
        client.tsne_map(model, settings, begin=True)
        while client.tsne_map(model, settings).result is None:
            time.sleep(0.5)
        yield _row("t-SNE of 10 000 images", [time.perf_counter() - began], 60.0, by_p95=False)


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
