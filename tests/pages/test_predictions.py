"""The Predictions page: which images, right or wrong, and the controls in the address."""

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.runs.pinned_images import PinnedImageStore
from fmnist_core.settings import load_settings
from tests.pages.reading import pickable, words

pytestmark = pytest.mark.usefixtures("engine_there")


def cards(app: AppTest) -> list[tuple[str, str, str]]:
    """Sign, predicted class and true class of each card."""
    blocks = [html_of(part) for part in pickable(app)]
    found = []
    for card in "".join(blocks).split("<figure")[1:]:
        sign, predicted = re.search(r"<span>([✓✗]) ([^<]+)</span>", card).groups()
        found.append((sign, predicted, re.search(r'alt="[^:]+: ([^"]+)"', card)[1]))
    return found


def numbers(app: AppTest) -> list[int]:
    """Which test images are shown."""
    (shown,) = pickable(app)
    return [int(number) for number in re.findall(r'data-pick="(\d+)"', html_of(shown))]


def html_of(part: Any) -> str:
    return str(json.loads(part.proto.json)["html"])


def test_without_runs_there_is_one_next_step(open_app):
    app = open_app("predictions")
    assert "No finished run of your own yet" in words(app)


def test_eight_images_with_verdicts_that_are_true(open_app, make_run):
    make_run(skill=0.5)
    shown = cards(open_app("predictions"))
    assert len(shown) == 8
    assert {sign for sign, _, _ in shown} == {"✓", "✗"}
    for sign, predicted, true in shown:
        assert (sign == "✓") == (predicted == true)


def test_it_says_what_the_probabilities_rest_on(open_app, make_run):
    make_run()
    app = open_app("predictions")
    assert "not on Fashion-MNIST" in words(app)
    assert "200 test images of Synthetic garments · best weights" in words(app)
    right = sum(sign == "✓" for sign, _, _ in cards(app))
    assert f"8 of 200 images, {right} correct." in words(app)


def test_shuffling_shows_others_and_the_same_seed_the_same(open_app, make_run):
    make_run()
    app = open_app("predictions")
    first = cards(app)
    shuffle = next(button for button in app.button if button.label == "Shuffle")
    second = cards(shuffle.click().run())
    assert second != first
    assert app.number_input(key="seed").value == 1
    assert cards(app.number_input(key="seed").set_value(0).run()) == first


def test_only_errors(open_app, make_run):
    make_run()
    app = open_app("predictions")
    app.toggle(key="errors").set_value(True).run()
    assert "8 of 40 errors." in words(app)
    assert {sign for sign, _, _ in cards(app)} == {"✗"}


def test_by_class(open_app, make_run):
    make_run()
    app = open_app("predictions")
    app.selectbox(key="class").set_value("Bag").run()
    assert {true for _, _, true in cards(app)} == {"Bag"}


def test_the_address_sets_the_controls(open_app, make_run, garments):
    make_run(skill=0.5)
    wrong_shirts = int((garments.test.labels[100:] == 6).sum())
    app = open_app("predictions", images="12", errors="true", **{"class": "Shirt"}, seed="3")
    shown = cards(app)
    assert len(shown) == min(12, wrong_shirts)
    assert {(sign, true) for sign, _, true in shown} == {("✗", "Shirt")}


@pytest.mark.parametrize("images", ["0", "4000", "-3", "many"])
def test_an_address_out_of_range_stays_within_the_limits(open_app, make_run, images):
    make_run()
    app = open_app("predictions", images=images)
    assert 4 <= len(cards(app)) <= 40


def test_a_perfect_network_has_no_errors_to_show(open_app, make_run):
    make_run(skill=1.0)
    app = open_app("predictions", errors="true")
    assert "all images here are classified correctly" in words(app)


def test_damaged_predictions_are_explained_with_a_way_out(open_app, make_run):
    make_run().predictions_path.write_bytes(b"")
    app = open_app("predictions")
    assert "predictions.npz is damaged" in words(app)
    assert app.button(key="evaluate_run")


def test_an_image_is_opened_and_pinned(open_app, make_run):
    folder = make_run()
    number = numbers(open_app("predictions"))[0]
    app = open_app("predictions", {"predictions/opened": number}, run=folder.id)
    assert f"**Test image {number}**" in words(app)
    app.button(key="predictions/pin").click().run()
    (pinned,) = PinnedImageStore(load_settings()).list()
    assert (pinned.name, pinned.source) == (f"Test image {number}", "test image")


def test_what_is_not_shown_any_more_is_not_open(open_app, make_run):
    make_run()
    app = open_app("predictions", {"predictions/opened": 10_000})
    assert "Click an image to open, explain or pin it" in words(app)
