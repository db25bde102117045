"""The exported page, opened from disk with the network off, in a real browser."""

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from fmnist_core.datasets import load_dataset
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.settings import load_settings
from tests.e2e.sheet import TSHIRT

pytestmark = [pytest.mark.browser, pytest.mark.training, pytest.mark.official]
MOST_BYTES = 5_000_000


def command(*arguments: str, **environment: str) -> str:
    surroundings = {**os.environ, **environment}
    line = [sys.executable, *arguments]
    done = subprocess.run(line, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("page")
    asked = ("-m", "fmnist_core", "export", "shipped", "--format", "page", "--json", "--out")
    told = command(*asked, str(folder), FMNIST_HOME=str(folder / "home"))
    return json.loads(told.splitlines()[-1])


@pytest.fixture
def offline(browser: Browser, exported: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 400, "height": 900}, offline=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(Path(exported["file"]).as_uri())
    yield page
    assert faults == []
    context.close()


_ASK = """
import json, sys
import numpy as np
from fmnist_core.datasets import load_dataset
from fmnist_core.settings import load_settings
from fmnist_core.training.network import load_classifier
images = load_dataset("fashion-mnist", load_settings()).test.images[:100]
recogniser = load_classifier("shipped", load_settings())
print(json.dumps(recogniser.answers(images).probabilities.tolist()))
"""


def test_it_is_small_and_answers_as_the_app(offline, exported, official_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    assert exported["bytes"] < MOST_BYTES
    assert exported["images"] >= 100
    expected = np.array(json.loads(command("-c", _ASK).splitlines()[-1]))
    images = load_dataset("fashion-mnist", load_settings()).test.images[:100]
    ask = "pixels => answer_for(pixels)"
    said = [offline.evaluate(ask, image.ravel().tolist()) for image in images]
    assert np.abs(np.array(said) - expected).max() < 1e-4


def test_a_drawing_becomes_the_same_pixels_as_in_the_lab_and_is_named(offline):
    box = offline.locator("#sheet").bounding_box()
    scale = box["width"] / 320
    for stroke in TSHIRT:
        points = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke]
        offline.mouse.move(*points[0])
        offline.mouse.down()
        for point in points[1:]:
            offline.mouse.move(*point, steps=8)
        offline.mouse.up()
    offline.wait_for_selector("#answer:not([hidden])")
    offline.wait_for_timeout(500)
    assert offline.inner_text("#verdict") == "T-shirt/top"
    sheet = offline.evaluate("document.querySelector('#sheet').toDataURL('image/png')")
    drawn = Image.open(io.BytesIO(base64.b64decode(sheet.split(",")[1]))).convert("RGB")
    expected = prepare(np.asarray(drawn), steps=False).image.astype(int)
    pixels = offline.evaluate(
        "Array.from("
        "fit_to(prepared(ink_of(document.querySelector('#sheet').getContext('2d'))), 28))"
    )
    found = np.array(pixels).reshape(28, 28)
    assert np.abs(found - expected).max() <= 2
    offline.click("#undo")
    offline.click("#clear")
    offline.wait_for_selector("#hint:not([hidden])")
