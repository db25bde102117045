"""The section Suspects: searched by the engine, shown from the disk, ticked by a person."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.background_job import JobState
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.label_issues import CopyPair, LabelIssues, LabelIssueStore, Mislabelled
from fmnist_core.datasets.label_issues.store import label_issues_path, save_label_issues
from fmnist_core.datasets.split import stratified_split
from fmnist_core.errors import EngineError
from fmnist_core.settings import load_settings
from fmnist_ui.components import prediction_details
from fmnist_ui.results import label_issues
from tests.pages.reading import html, labelled, words

pytestmark = pytest.mark.usefixtures("engine_there")
WRONG = tuple(
    Mislabelled(index, 0, 6, 0.9, 0.05, 0.8, index % 2 == 0, 0.9 - index / 1000)
    for index in range(40)
)
COPIES = (CopyPair(100, 7, 0.99, 0.97, (0, 1), 3, 3), CopyPair(101, 8, 0.98, 0.95, (0, 0), 3, 4))


@pytest.fixture
def held_back(garments) -> np.ndarray:
    """Which images such a run does not learn from."""
    wish = [f"dataset={garments.identity.name}"]
    training = override(preset("tiny").config, wish).training
    mask = np.ones(600, bool)
    share, seed = training.validation_share, training.seed
    mask[stratified_split(garments.train.labels, share, seed)[0]] = False
    return mask


@pytest.fixture
def keep(saved_run, garments, held_back):
    """Puts what a search of that network would have found on the disk."""

    def kept(found: LabelIssues | None = None, held_back: np.ndarray = held_back) -> LabelIssues:
        found = found or LabelIssues(garments.identity.fingerprint, 600, 60, WRONG, COPIES)
        digest = hashlib.sha256(saved_run.model_path.read_bytes()).hexdigest()
        folder = load_settings().cache_dir / "suspects"
        path = label_issues_path(folder, digest, garments.identity.fingerprint, held_back)
        save_label_issues(path, found)
        return found

    return kept


def ticked(garments) -> tuple[int, ...]:
    return LabelIssueStore(load_settings()).ticked(garments.identity.fingerprint)


def opened(open_app) -> AppTest:
    return open_app("evaluate", section="Label issues")


def test_a_run_that_saved_no_network_says_so(open_app, make_run):
    make_run()
    assert "has saved no network yet" in opened(open_app).error[0].value


def test_before_a_search_it_is_offered_with_its_method(open_app, saved_run):
    app = opened(open_app)
    assert "No search with this network yet" in words(app)
    assert "Northcutt, Jiang & Chuang 2021" in words(app)
    assert app.button(key="suspects_go")


def test_the_shipped_networks_look_only_at_what_they_know(open_app, saved_run):
    assert len(opened(open_app).selectbox(key="suspecting_network").options) == 1


def test_what_was_found_is_shown_with_what_it_rests_on(open_app, keep):
    keep()
    app = opened(open_app)
    assert "600 training images searched; 60 of them are validation images" in words(app)
    kinds = labelled(app.segmented_control, "Which label issues")
    assert kinds.options == ["Probably mislabeled: 40", "Near-duplicates of test images: 2"]
    assert "**0 training images are selected.**" in words(app)
    kinds.set_value(1).run()
    assert "right: test image" in words(app)


def test_a_page_can_be_ticked_and_all_unticked(open_app, keep, garments):
    keep()
    app = opened(open_app)
    labelled(app.button, "Select all on this page").click().run()
    assert ticked(garments) == tuple(range(30))
    assert "**30 training images are selected.**" in words(app)
    labelled(app.button, "Clear selection").click().run()
    assert ticked(garments) == ()


def test_a_suspect_opens_beside_the_others_and_can_be_selected_there(
    open_app, keep, garments, monkeypatch
):
    def silent(*_: object, **__: object) -> None:
        raise EngineError("The engine gave no answer.")

    monkeypatch.setattr(prediction_details, "explain_prediction", silent)
    keep()
    assert "Click an image to see the reasons" in words(opened(open_app))
    app = open_app("evaluate", {"suspects/opened": 3}, section="Label issues")
    assert "**Training image 3**" in words(app)
    assert "No explanation: The engine gave no answer" in words(app)
    assert 'alt="Training image 3: labeled T-shirt/top, suggested Shirt"' in html(app)
    app.button(key="suspects_select").click().run()
    assert ticked(garments) == (3,)
    assert app.button(key="suspects_select").label == "Unselect"


def test_a_damaged_list_of_ticks_is_explained_and_begun_anew(open_app, keep, garments, home):
    keep()
    place = home / "suspects" / f"{garments.identity.fingerprint}.json"
    place.parent.mkdir(parents=True)
    place.write_text("{")
    app = opened(open_app)
    assert "list of ticked images is damaged" in app.error[0].value
    labelled(app.button, "Clear selection").click().run()
    assert "Probably" in app.segmented_control[-1].options[0]
    assert not app.error


def test_where_nothing_is_suspicious_it_says_so(open_app, keep, garments):
    keep(LabelIssues(garments.identity.fingerprint, 600, 0, (), ()))
    app = opened(open_app)
    assert "None found." in words(app)
    assert "the network was trained on all of them" in words(app)


def test_what_was_found_with_other_knowledge_is_not_shown(open_app, keep):
    keep(held_back=np.zeros(600, bool))
    assert "No search with this network yet" in words(opened(open_app))


def test_what_a_run_left_out_counts_as_never_learned(open_app, make_run, keep, garments, held_back):
    folder = make_run("without", changes=("exclude_label_issues=true",), saved=True)
    left_out = np.flatnonzero(~held_back)[:3]
    fingerprint = garments.identity.fingerprint
    value = {"fingerprint": fingerprint, "indices": left_out.tolist()}
    (folder.path / "dropped.json").write_text(json.dumps(value))
    known = held_back.copy()
    known[left_out] = True
    keep(LabelIssues(fingerprint, 600, 63, WRONG, ()), known)
    app = open_app("evaluate", section="Label issues", run=folder.id)
    assert "63 of them are validation images" in words(app)


def test_missing_images_are_explained(open_app, saved_run, home):
    shutil.rmtree(home / "data")
    app = opened(open_app)
    assert "are not on this machine" in app.error[0].value


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (JobState(True, 0.5, "Comparing with neighbors (2 of 3)"), None),
        (JobState(error=EngineError("The disk is full.")), "The disk is full."),
        (JobState(), "No search with this network yet"),
    ],
)
def test_a_search_tells_how_far_it_is(open_app, saved_run, monkeypatch, state, said):
    monkeypatch.setattr(label_issues, "label_issue_search", lambda model, settings: state)
    app = opened(open_app)
    if said:
        assert said in words(app)
        assert app.button(key="suspects_go")
    else:
        assert app.button(key="suspects_stop")
        assert not [one for one in app.button if one.key == "suspects_go"]
