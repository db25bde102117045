"""Learning from a teacher: what it is asked and when, what is kept, and who may teach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.cli.main import main
from fmnist_core.config import DistillationConfig, RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.progress import DataStoppedError
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine.submission import enqueue
from fmnist_core.errors import ConfigError, TrainingError
from fmnist_core.models.calibration import Calibration, answers_from
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.status import Control
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.distillation import check_teacher

_SLIM = (
    "dataset=synthetic-garments",
    "model.blocks.0.filters=6",
    "model.blocks.1.filters=8",
    "dense=[16]",
    "batch_size=20",
    "schedule=constant",
    "record_dynamics=false",
)


def small(*changes: str) -> RunConfig:
    return override(preset("quick").config, ["precision=float32", *_SLIM, "epochs=1", *changes])


@pytest.fixture(scope="module")
def taught(
    tmp_path_factory: pytest.TempPathFactory, garments: Dataset
) -> tuple[RunFolder, Settings]:
    """A lab with one run that has learned something."""
    from fmnist_core.training import train

    settings = Settings(home=tmp_path_factory.mktemp("lab"), offline=True)
    folder = RunFolder.create(settings.runs_dir, small("epochs=5"), name="master")
    train(small("epochs=5"), folder.path, data=garments)
    return folder, settings


@pytest.fixture
def master(taught: tuple[RunFolder, Settings], monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    folder, settings = taught
    monkeypatch.setenv("FMNIST_HOME", str(settings.home))
    return folder


def asked(path: Path) -> int:
    events = read_events(path / "events.jsonl")[0]
    return sum("asking the teacher, 0%" in event.get("text", "") for event in events)


def losses(path: Path) -> list[float]:
    events = read_events(path / "events.jsonl")[0]
    return [event["loss"] for event in events if event["kind"] == "epoch"]


def learned(path: Path) -> list[np.ndarray]:
    from fmnist_core.models.build import load_model

    return list(load_model(path / "model.keras").get_weights())


@pytest.mark.training
def test_a_student_becomes_more_like_its_teacher(
    master: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    from fmnist_core.models.build import load_model
    from fmnist_core.training import train
    from fmnist_core.training.evaluate import predict

    theirs = predict(load_model(master.model_path), garments.test.images)
    apart = []
    for name, changes in (
        ("alone", ()),
        ("taught", (f"teacher={master.id}", "distillation.weight=1")),
    ):
        # The labels alone would make it less sure than its teacher is.
        train(small("epochs=4", "label_smoothing=0.5", *changes), tmp_path / name, data=garments)
        said = predict(load_model(tmp_path / name / "model.keras"), garments.test.images)
        apart.append(float(np.abs(said - theirs).mean()))
    assert apart[1] < 0.8 * apart[0]
    notes = [e["text"] for e in read_events(tmp_path / "taught/events.jsonl")[0] if "text" in e]
    assert any(f"what {master.id} says of each image: 100%" in note for note in notes)


@pytest.mark.training
def test_a_teacher_without_a_share_changes_nothing(
    master: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    from fmnist_core.training import train

    silent = (f"teacher={master.id}", "distillation.weight=0")
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
    master: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    import keras

    from fmnist_core.training import train

    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if epoch == 1:
                raise SystemError("as if the machine went away")

    config = small("epochs=2", "flip=true", f"teacher={master.id}")
    train(config, tmp_path / "whole", data=garments)
    with pytest.raises(TrainingError):
        train(config, tmp_path / "parts", data=garments, callbacks=[Crash()])
    train(config, tmp_path / "parts", data=garments)
    assert (asked(tmp_path / "whole"), asked(tmp_path / "parts")) == (1, 1)
    whole, parts = (losses(tmp_path / name) for name in ("whole", "parts"))
    assert whole == pytest.approx(parts, rel=1e-3)


@pytest.mark.training
def test_who_stops_it_while_the_teacher_is_asked_can_go_on(
    master: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    from fmnist_core.training import train

    class StopsAtOnce:
        def read(self) -> Control:
            return Control(stop=True)

    config = small(f"teacher={master.id}")
    with pytest.raises(DataStoppedError):
        train(config, tmp_path / "run", data=garments, control=StopsAtOnce())
    assert RunFolder(tmp_path / "run").status.state == "stopped"
    assert train(config, tmp_path / "run", data=garments).status == "finished"


class _Never:
    def read(self) -> Control:
        return Control()


def lesson_of(folder: RunFolder, config: RunConfig, garments: Dataset) -> np.ndarray:
    from fmnist_core.runs.events import EventWriter
    from fmnist_core.training.distillation_targets import lesson

    events = EventWriter(folder.events_path)
    found = lesson(folder, config.training, garments.train, load_settings(), events, _Never())
    events.close()
    assert found is not None
    return found


@pytest.mark.training
@pytest.mark.parametrize("flip", [False, True])
def test_its_answers_are_softened_and_where_images_are_mirrored_those_for_both(
    master: RunFolder, tmp_path: Path, garments: Dataset, flip: bool
) -> None:
    from fmnist_core.models.build import load_model
    from fmnist_core.training.network import run_scores

    config = small(
        f"flip={str(flip).lower()}", f"teacher={master.id}", "distillation.temperature=2"
    )
    rows = lesson_of(RunFolder.at(tmp_path / "run", config), config, garments)
    scores = run_scores(load_model(master.model_path), garments.train.images, mirrored=flip)
    assert rows.shape == (len(garments.train), 11)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:, 0], garments.train.labels)
    np.testing.assert_allclose(
        rows[:, 1:], answers_from(scores / 2, Calibration()).probabilities, atol=1e-3
    )
    np.testing.assert_allclose(rows[:, 1:].sum(axis=1), 1, atol=1e-6)


@pytest.mark.training
def test_what_was_kept_serves_again_unless_it_is_damaged_or_of_another_question(
    master: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    config = small(f"teacher={master.id}")
    folder = RunFolder.at(tmp_path / "run", config)
    first = lesson_of(folder, config, garments)
    np.testing.assert_array_equal(lesson_of(folder, config, garments), first)
    assert asked(folder.path) == 1
    half = folder.lesson_path.read_bytes()[:500]
    for damaged in (half, b"", b"PK"):
        folder.lesson_path.write_bytes(damaged)
        np.testing.assert_allclose(lesson_of(folder, config, garments), first, atol=1e-6)
    assert asked(folder.path) == 4
    softer = override(config, ["distillation.temperature=8"])
    assert (lesson_of(folder, softer, garments) != first).any()
    assert asked(folder.path) == 5


@pytest.mark.training
def test_the_teacher_goes_with_the_run(master: RunFolder, tmp_path: Path) -> None:
    settings = load_settings()
    done = enqueue(small(f"teacher={master.id}", "seed=7"), settings=settings)
    folder = RunFolder.open(settings.runs_dir, done.run_id)
    assert folder.teacher_path.read_bytes() == master.model_path.read_bytes()


@pytest.mark.training
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (("teacher=nobody",), "There is no such run"),
        (("teacher=../master",), "There is no such run"),
        (("teacher=shipped",), "or one of shipped-everyday, shipped-catalogue"),
        (("teacher=shipped-catalogue",), "learned from fashion-mnist, this run learns from synth"),
        (("teacher=MASTER", "dataset=fashion-mnist"), "must have learned from the same data set"),
    ],
)
def test_who_may_not_teach_is_refused(
    master: RunFolder, changes: tuple[str, ...], sentence: str
) -> None:
    wanted = [change.replace("MASTER", master.id) for change in changes]
    before = len(list_runs(load_settings()))
    with pytest.raises(ConfigError) as caught:
        enqueue(small(*wanted), settings=load_settings())
    assert sentence in str(caught.value)
    assert len(list_runs(load_settings())) == before


@pytest.mark.training
def test_who_knows_other_classes_cannot_teach(master: RunFolder) -> None:
    with pytest.raises(ConfigError, match="knows 10, this network 12"):
        check_teacher(small(f"teacher={master.id}", "classes=12"), load_settings())


def test_a_run_that_saved_nothing_cannot_teach(home: Path) -> None:
    empty = RunFolder.create(load_settings().runs_dir, small())
    with pytest.raises(ConfigError, match=f"{empty.id}, which has saved none yet"):
        check_teacher(small(f"teacher={empty.id}"), load_settings())


@pytest.mark.training
def test_a_run_is_not_its_own_teacher(home: Path, garments: Dataset) -> None:
    from fmnist_core.training import train

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
def test_it_is_known_whether_the_teacher_saw_what_is_held_back(
    home: Path, theirs: tuple[str, ...], own: tuple[str, ...], saw: bool
) -> None:
    settings = load_settings()
    folder = RunFolder.create(settings.runs_dir, small(*theirs))
    folder.model_path.write_bytes(b"weights")
    found = check_teacher(small(f"teacher={folder.id}", *own), settings)
    assert found is not None
    assert found.saw_held_back is saw


def test_of_equal_seeds_the_smaller_share_held_back_is_part_of_the_larger(
    garments: Dataset,
) -> None:
    from fmnist_core.training.splits import split_indices

    labels = garments.train.labels
    shares = [small(f"validation_share={share}").training for share in (0.05, 0.1, 0.3)]
    held = [set(split_indices(labels, training)[1]) for training in shares]
    assert held[0] < held[1] < held[2]


@pytest.mark.parametrize(
    "wrong", [("teacher", "x" * 81), ("weight", 1.1), ("temperature", 0.5), ("temperature", 21)]
)
def test_other_values_are_refused_by_name(wrong: tuple[str, Any]) -> None:
    with pytest.raises(ConfigError, match=wrong[0]):
        DistillationConfig(**dict([wrong]))


def test_older_configurations_can_be_read() -> None:
    tree = small().to_json()
    del tree["training"]["distillation"]
    assert RunConfig.from_json(tree) == small()
    assert not DistillationConfig().active
    assert not DistillationConfig("someone", weight=0).active


@pytest.mark.training
def test_the_command_line_takes_a_runs_name(
    master: RunFolder, garments: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    save_arrays(synthetic_folder(load_settings()), garments)
    changes = [part for one in (*_SLIM, "epochs=1") for part in ("--set", one)]
    assert main(["train", "--name", "small", *changes, "--set", "teacher=master"]) == 0
    run = next(run for run in list_runs(load_settings()) if run.name == "small")
    folder = RunFolder.open(load_settings().runs_dir, run.id)
    assert folder.config.training.distillation.teacher == master.id
    assert folder.teacher_path.read_bytes() == master.model_path.read_bytes()
    assert main(["train", *changes, "--set", "teacher=nobody"]) == 1
    assert "There is no such run" in capsys.readouterr().err
