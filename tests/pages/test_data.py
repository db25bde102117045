"""The Data page, with and without images."""

import json
import re
import threading

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.datasets import SYNTHETIC_GARMENTS
from fmnist_core.runs.pinned_images import PinnedImageStore
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_job import current_work, stop_work
from tests.pages.reading import pickable, words

pytestmark = pytest.mark.usefixtures("no_work_left")


@pytest.fixture
def page(open_app, make_run) -> AppTest:
    """The page, with synthetic garments at hand."""
    make_run()
    return open_app("data")


def pictures(app: AppTest) -> list[str]:
    """What each grid of pictures on the page holds."""
    gallery = [json.loads(part.proto.json)["html"] for part in pickable(app)]
    return [*gallery, *(part.value for part in app.get("html") if "<figure" in part.value)]


def test_offline_without_files_says_so_and_draws_the_stand_in_until_stopped(open_app):
    app = open_app("data")
    assert "Fashion-MNIST is not on this machine" in words(app)
    assert "nothing is downloaded" in words(app)
    assert "download" not in [button.key for button in app.button]
    assert current_work().name == SYNTHETIC_GARMENTS
    assert "Drawing the synthetic garments" in app.get("progress")[0].text
    stop_work()
    assert current_work().job.wait(10)
    assert not [t for t in threading.enumerate() if t.name == "job"]


def test_a_broken_file_is_named_and_a_download_offered(open_app, monkeypatch, tmp_path, make_run):
    make_run()
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"half a file")
    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FMNIST_OFFLINE", "0")
    app = open_app("data")
    assert "train-images-idx3-ubyte.gz is truncated: 11 of 26,421,880 bytes" in words(app)
    assert "t10k-labels-idx1-ubyte.gz is missing" in words(app)
    assert app.button(key="download").label == "Download (31 MB)"


def test_nothing_is_downloaded_while_the_garments_are_drawn(open_app, monkeypatch):
    monkeypatch.setenv("FMNIST_OFFLINE", "0")
    app = open_app("data")
    assert current_work().name == SYNTHETIC_GARMENTS
    assert app.button(key="download").disabled


def test_a_download_that_no_mirror_answers_ends_with_advice(open_app, monkeypatch, make_run):
    make_run()
    monkeypatch.setenv("FMNIST_OFFLINE", "0")
    monkeypatch.setenv("FMNIST_MIRRORS", "http://127.0.0.1:9/")
    app = open_app("data")
    app.button(key="download").click().run()
    assert current_work().job.wait(20)
    app.run()
    assert "No mirror delivered" in words(app)
    assert "Until then, the lab uses the synthetic garments" in words(app)
    assert app.button(key="download")


def test_what_one_tab_starts_another_sees_and_can_stop(open_app):
    open_app("data")
    first = current_work()
    other = open_app("data")
    assert current_work() is first
    assert other.get("progress")
    other.button(key=f"stop_{SYNTHETIC_GARMENTS}").click().run()
    assert first.job.wait(10)
    assert "Stopped" in words(other.run())


def test_25_pictures_with_their_names_and_others_when_shuffled(page):
    assert pictures(page)[0].count("<figure") == 25
    assert "Synthetic images" in words(page)
    first = pictures(page)[0]
    shuffled = pictures(page.button(key="gallery_shuffle").click().run())[0]
    assert shuffled != first
    again = pictures(page.number_input(key="gallery_seed").set_value(0).run())[0]
    assert again == first


def test_one_class_of_the_test_images(page):
    page.selectbox(key="gallery_class").set_value("Bag")
    page.get_by_key("gallery_part").set_value("Test").run()
    grid = pictures(page)[0]
    assert grid.count("<figcaption") == grid.count(">Bag</figcaption>") == 20


def test_a_picture_is_opened_and_pinned(open_app, make_run):
    make_run()
    number = int(re.search(r'data-pick="(\d+)"', pictures(open_app("data"))[0])[1])
    app = open_app("data", {"gallery/opened": ("Training", number)})
    assert f"**Training image {number}**" in words(app)
    app.button(key="gallery_pin").click().run()
    (pinned,) = PinnedImageStore(load_settings()).list()
    assert (pinned.name, pinned.source) == (f"Training image {number}", "training image")


def test_counts_follow_the_validation_share(page):
    assert "Training 540 · Validation 60 · Test 200" in words(page)
    page.slider(key="counts_share").set_value(0.5).run()
    assert "Training 300 · Validation 300 · Test 200" in words(page)


def test_standardised_values_are_those_that_the_network_sees(page, garments):
    page.get_by_key("normalisation").set_value("standard").run()
    seen = (garments.train.images / 255 - 0.286) / 0.353
    values = [float(metric.value) for metric in page.metric]
    assert values[2:] == pytest.approx([seen.mean(), seen.std()], abs=6e-4)
    assert "on Fashion-MNIST" in words(page)


@pytest.mark.official
def test_the_official_images_are_told_as_such(open_app, monkeypatch, official_dir):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    app = open_app("data")
    assert "Official images" in words(app)
    assert "Training 54,000 · Validation 6,000 · Test 10,000" in words(app)
    assert "not on this machine" not in words(app)
    app.get_by_key("normalisation").set_value("standard").run()
    values = [float(metric.value) for metric in app.metric]
    assert values[2:] == pytest.approx([0, 1], abs=2e-3)
