"""Learning from a teacher: what it is asked and when, what is kept, and who may teach."""

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.progress import DataStoppedError
from fmnist_core.engine.submission import enqueue
from fmnist_core.errors import ConfigError, TrainingError
from fmnist_core.models.calibration import Calibration, calibrated_predictions
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.status import Control
from fmnist_core.settings import load_settings
from fmnist_core.training.distillation import check_teacher
from tests.nets import StopsAtOnce, crash, figures, small, train


def asked(path: Path) -> int:
    events = read_events(path / "events.jsonl")[0]
    return sum("asking the teacher, 0%" in event.get("text", "") for event in events)


def learned(path: Path) -> list[np.ndarray]:
    from fmnist_core.models.build import load_model

    return list(load_model(path / "model.keras").get_weights())


@pytest.mark.training
def test_a_student_becomes_more_like_its_teacher(taught, tmp_path, garments):
    from fmnist_core.models.build import load_model
    from fmnist_core.training.evaluate import predict

    theirs = predict(load_model(taught.model_path), garments.test.images)
    apart = []
    for name, changes in (
        ("alone", ()),
        ("taught", (f"teacher={taught.id}", "distillation.weight=1")),
    ):
        # The labels alone would make it less sure than its teacher is.
        train(small("epochs=4", "label_smoothing=0.5", *changes), tmp_path / name, data=garments)
        said = predict(load_model(tmp_path / name / "model.keras"), garments.test.images)
        apart.append(float(np.abs(said - theirs).mean()))
    assert apart[1] < 0.8 * apart[0]
    notes = [e["text"] for e in read_events(tmp_path / "taught/events.jsonl")[0] if "text" in e]
    assert any(
        f"Distillation from {taught.id}: its predictions have 100%" in note for note in notes
    )


@pytest.mark.training
def test_a_teacher_without_a_share_changes_nothing(taught, tmp_path, garments):
    silent = (f"teacher={taught.id}", "distillation.weight=0")
    for name, changes in (("alone", ()), ("silent", silent)):
        train(small(*changes), tmp_path / name, data=garments)
    for alone, beside in zip(
        learned(tmp_path / "alone"), learned(tmp_path / "silent"), strict=True
    ):
        # Threads add in an order of their own: two trainings need not agree in the last digits.
        np.testing.assert_allclose(alone, beside, atol=2e-4)
    assert not (tmp_path / "silent" / "teacher.keras").exists()


@pytest.mark.training
def test_it_is_asked_once_and_going_on_gives_what_one_go_would_have_given(
    taught, tmp_path, garments
):
    config = small("epochs=2", "flip=true", f"teacher={taught.id}")
    train(config, tmp_path / "whole", data=garments)
    with pytest.raises(TrainingError):
        train(config, tmp_path / "parts", data=garments, callbacks=[crash(1)])
    train(config, tmp_path / "parts", data=garments)
    assert (asked(tmp_path / "whole"), asked(tmp_path / "parts")) == (1, 1)
    whole, parts = (figures(tmp_path / name, "loss") for name in ("whole", "parts"))
    assert whole == pytest.approx(parts, rel=1e-3)


@pytest.mark.training
def test_who_stops_it_while_the_teacher_is_asked_can_go_on(taught, tmp_path, garments):
    config = small(f"teacher={taught.id}")
    with pytest.raises(DataStoppedError):
        train(config, tmp_path / "run", data=garments, control=StopsAtOnce())
    assert RunFolder(tmp_path / "run").status.state == "stopped"
    assert train(config, tmp_path / "run", data=garments).status == "finished"


class _Never:
    def read(self) -> Control:
        return Control()


def lesson_of(folder: RunFolder, config: RunConfig, garments: Dataset) -> np.ndarray:
    from fmnist_core.runs.events import EventWriter
    from fmnist_core.training.distillation_targets import distillation_targets

    events = EventWriter(folder.events_path)
    found = distillation_targets(folder, config, garments.train, load_settings(), events, _Never())
    events.close()
    assert found is not None
    return found


@pytest.mark.training
@pytest.mark.parametrize("flip", [False, True])
def test_its_answers_are_softened_and_where_images_are_mirrored_those_for_both(
    taught, tmp_path, garments, flip
):
    from fmnist_core.models.build import load_model
    from fmnist_core.training.network import run_scores

    config = small(
        f"flip={str(flip).lower()}", f"teacher={taught.id}", "distillation.temperature=2"
    )
    rows = lesson_of(RunFolder.at(tmp_path / "run", config), config, garments)
    scores = run_scores(load_model(taught.model_path), garments.train.images, mirrored=flip)
    assert rows.shape == (len(garments.train), 11)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:, 0], garments.train.labels)
    np.testing.assert_allclose(
        rows[:, 1:], calibrated_predictions(scores / 2, Calibration()).probabilities, atol=1e-3
    )
    np.testing.assert_allclose(rows[:, 1:].sum(axis=1), 1, atol=1e-6)


@pytest.mark.training
def test_what_was_kept_serves_again_unless_it_is_damaged_or_of_another_question(
    taught, tmp_path, garments
):
    config = small(f"teacher={taught.id}")
    folder = RunFolder.at(tmp_path / "run", config)
    first = lesson_of(folder, config, garments)
    np.testing.assert_array_equal(lesson_of(folder, config, garments), first)
    assert asked(folder.path) == 1
    half = folder.distillation_targets_path.read_bytes()[:500]
    for damaged in (half, b"", b"PK"):
        folder.distillation_targets_path.write_bytes(damaged)
        np.testing.assert_allclose(lesson_of(folder, config, garments), first, atol=1e-6)
    assert asked(folder.path) == 4
    softer = override(config, ["distillation.temperature=8"])
    assert (lesson_of(folder, softer, garments) != first).any()
    assert asked(folder.path) == 5


@pytest.mark.training
def test_the_teacher_goes_with_the_run(taught, tmp_path):
    settings = load_settings()
    done = enqueue(small(f"teacher={taught.id}", "seed=7"), settings=settings)
    folder = RunFolder.open(settings.runs_dir, done.run_id)
    assert folder.teacher_path.read_bytes() == taught.model_path.read_bytes()


@pytest.mark.training
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (("teacher=nobody",), "There is no such run"),
        (("teacher=../taught",), "There is no such run"),
        (("teacher=shipped",), "or one of shipped-everyday, shipped-catalogue"),
        (("teacher=shipped-catalogue",), "was trained on fashion-mnist, this run trains on synth"),
        (
            ("teacher=TAUGHT", "dataset=fashion-mnist"),
            "must have been trained on the same data set",
        ),
    ],
)
def test_who_may_not_teach_is_refused(taught, changes, sentence):
    wanted = [change.replace("TAUGHT", taught.id) for change in changes]
    before = len(list_runs(load_settings()))
    with pytest.raises(ConfigError) as caught:
        enqueue(small(*wanted), settings=load_settings())
    assert sentence in str(caught.value)
    assert len(list_runs(load_settings())) == before


@pytest.mark.training
def test_who_knows_other_classes_cannot_teach(taught):
    with pytest.raises(ConfigError, match="has 10, this network 12"):
        check_teacher(small(f"teacher={taught.id}", "classes=12"), load_settings())


def test_a_run_that_saved_nothing_cannot_teach(home):
    empty = RunFolder.create(load_settings().runs_dir, small())
    with pytest.raises(ConfigError, match=f"{empty.id}, which has saved none yet"):
        check_teacher(small(f"teacher={empty.id}"), load_settings())


@pytest.mark.training
def test_a_run_is_not_its_own_teacher(home, garments):
    with pytest.raises(ConfigError, match="cannot be its own teacher"):
        train(small("teacher=self"), load_settings().runs_dir / "self", data=garments)


@pytest.mark.parametrize(
    ("theirs", "own", "saw"),
    [
        ((), (), False),
        (("validation_share=0.2",), (), False),
        ((), ("validation_share=0.2",), True),
        ((), ("seed=1",), True),
        (("train_images=400",), (), True),
        ((), ("seed=1", "validation_share=0", "keep_weights=last"), False),
        (("initial_weights=another",), (), True),
    ],
)
def test_it_is_known_whether_the_teacher_saw_what_is_held_back(home, theirs, own, saw):
    settings = load_settings()
    folder = RunFolder.create(settings.runs_dir, small(*theirs))
    folder.model_path.write_bytes(b"weights")
    found = check_teacher(small(f"teacher={folder.id}", *own), settings)
    assert found.saw_validation is saw


def test_of_equal_seeds_the_smaller_share_held_back_is_part_of_the_larger(garments):
    from fmnist_core.training.splits import split_indices

    labels = garments.train.labels
    shares = [small(f"validation_share={share}").training for share in (0.05, 0.1, 0.3)]
    held = [set(split_indices(labels, training)[1]) for training in shares]
    assert held[0] < held[1] < held[2]
