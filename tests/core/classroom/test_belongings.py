"""Pinned images, ticks, answers and exports are a person's own in a class, and shared by none."""

import numpy as np
import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.classroom import Exchange
from fmnist_core.config import override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.errors import NotAllowedError
from fmnist_core.exchange.copying import give, take
from fmnist_core.exchange.exporting import job
from fmnist_core.exchange.exporting.formats import format_named
from fmnist_core.exchange.exporting.subject import Subject
from fmnist_core.exchange.importing import export_run
from fmnist_core.models.calibration import Calibration
from fmnist_core.permissions import NOBODY, set_actor, the_lab_acts
from fmnist_core.runs.feature_maps import read_feature_maps, write_feature_maps
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage, PinnedImageStore, keep_pinned_images
from fmnist_core.runs.trace import TraceWriter, read_trace
from fmnist_core.settings import load_settings
from fmnist_core.training.excluded_samples import check_excluded, store_excluded
from fmnist_ui.followed_runs import trace_of
from fmnist_ui.lessons import lessons
from fmnist_ui.lessons.answers import forget, keep_answer, kept_answer
from fmnist_ui.lessons.place import Place
from tests.conftest import act_as
from tests.nets import PLAIN

SETTINGS = load_settings
DRAWING = PinnedImage(np.full((28, 28), 200, np.uint8), "my shirt", 6, "drawn")
SHOE = PinnedImage(np.full((28, 28), 9, np.uint8), "", 7, "test image")


@pytest.fixture
def bob(classroom):
    return classroom.join(classroom.code, "Bob")


@pytest.fixture
def run(ada):
    """Ada's, which watches what she had pinned."""
    act_as(ada)
    for image in (DRAWING, SHOE):
        PinnedImageStore(SETTINGS()).pin(image)
    folder = RunFolder.create(SETTINGS().runs_dir, PLAIN)
    set_actor(lambda: None)
    pinned = keep_pinned_images(folder, SETTINGS())
    TraceWriter(folder.trace_path).begin(
        attempt=1,
        epoch=0,
        epochs=1,
        steps_per_epoch=1,
        watched="validation",
        layers=(),
        pinned_images=pinned,
    )
    write_feature_maps(folder, 1.0, [np.ones((2, 4, 4, 2), np.uint8)])
    return folder


def test_each_pins_their_own_and_a_run_watches_its_owner_s(run, ada, bob):
    act_as(bob)
    store = PinnedImageStore(SETTINGS())
    assert store.list() == ()
    store.unpin(DRAWING.id)
    with pytest.raises(NotAllowedError):
        PinnedImageStore(SETTINGS(), ada.id)
    act_as(NOBODY)
    with pytest.raises(NotAllowedError):
        PinnedImageStore(SETTINGS())
    act_as(ada)
    assert [one.id for one in PinnedImageStore(SETTINGS()).list()] == [DRAWING.id, SHOE.id]


def test_what_was_pinned_alone_stays_the_account_s(classroom, ada):
    set_actor(lambda: None)
    PinnedImageStore(SETTINGS()).pin(SHOE)
    alone = RunFolder.create(SETTINGS().runs_dir, PLAIN, owner="0123456789ab")
    assert len(keep_pinned_images(alone, SETTINGS())) == 1
    act_as(ada)
    assert PinnedImageStore(SETTINGS()).list() == ()


def test_a_drawing_in_another_s_run_is_not_shown(run, ada, bob, classroom, tmp_path):
    act_as(ada)
    assert trace_of(run).pinned_images[0].name == "my shirt"
    act_as(bob)
    assert trace_of(run).pinned_images[0].name == "Not shown"
    shown = read_trace(run).pinned_images
    assert [(one.name, int(one.image.max())) for one in shown] == [("Not shown", 0), ("", 9)]
    assert read_feature_maps(run) is None
    with pytest.raises(NotAllowedError):
        export_run(run, tmp_path / "stolen.zip")
    for person in (ada, classroom.teach(classroom.pin)):
        act_as(person)
        assert [one.name for one in read_trace(run).pinned_images] == ["my shirt", ""]
        assert read_feature_maps(run) is not None


def test_a_drawing_is_not_given_away_with_a_run(run, ada, bob):
    run.change_status(state="finished")
    run.model_path.write_bytes(b"weights")
    act_as(ada)
    offer = give(run.id, Exchange(SETTINGS()), SETTINGS())
    act_as(bob)
    copy = take(offer.code, Exchange(SETTINGS()), SETTINGS())
    assert copy.owner == bob.id
    assert not [one.name for one in read_trace(copy).pinned_images]


def test_each_ticks_for_their_own_runs(garments, classroom, ada, bob):
    save_arrays(synthetic_folder(SETTINGS()), garments)
    data = garments.identity.fingerprint
    config = override(PLAIN, ("dataset=synthetic-garments", "exclude_label_issues=true"))
    act_as(ada)
    LabelIssueStore(SETTINGS()).tick(data, (), (3, 5))
    folder = RunFolder.create(SETTINGS().runs_dir, config)
    act_as(bob)
    assert LabelIssueStore(SETTINGS()).ticked(data) == ()
    LabelIssueStore(SETTINGS()).clear(data)
    with pytest.raises(NotAllowedError):
        LabelIssueStore(SETTINGS(), ada.id)
    set_actor(lambda: None)
    assert store_excluded(folder, config.training, SETTINGS()).indices == (3, 5)
    check_excluded(config.training, SETTINGS(), ada.id)


def test_another_s_answers_are_neither_read_nor_changed(classroom, ada, bob):
    lesson = lessons(SETTINGS())[0][0]
    number = next(i for i, step in enumerate(lesson.steps) if step.ask)
    hers = Place(lesson, number, ada.id)
    act_as(ada)
    keep_answer(hers, 12.0)
    act_as(bob)
    for deed in (
        lambda: kept_answer(hers),
        lambda: keep_answer(hers, 1.0),
        lambda: forget(hers),
    ):
        with pytest.raises(NotAllowedError):
            deed()
    act_as(classroom.teach(classroom.pin))
    assert kept_answer(hers)["answer"] == 12.0


def test_another_s_export_is_not_stopped(run, ada, bob, classroom):
    network = format_named("onnx")
    subject = Subject(
        run.id, run.id, "mine", run, run.model_path, run.config, Calibration(), "0" * 64
    )
    folder = job.export_folder(subject, network, SETTINGS())
    write_json(folder / "begun-by.json", {"owner": ada.id})
    act_as(bob)
    with pytest.raises(NotAllowedError):
        job.stop_export(subject, network, SETTINGS())
    with the_lab_acts():
        classroom.allow_looking(False)
    act_as(classroom.person(classroom.token(bob)))
    with pytest.raises(NotAllowedError):
        job.begin_export(subject, network, SETTINGS())
    act_as(ada)
    job.stop_export(subject, network, SETTINGS())
    assert (folder / ".stop").exists()
