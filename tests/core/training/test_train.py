"""The whole loop on a few hundred drawn garments: what is learned, kept, and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.errors import ConfigError, LabError, RunBusyError, TrainingError
from fmnist_core.evaluation import load_evaluation, load_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import Control
from tests.nets import Stops, crash, events, figures, small, train

pytestmark = pytest.mark.training


class Wishes:
    """Wishes that come true from the given number of events on."""

    def __init__(self, run: Path, after: int, **wishes: object) -> None:
        self._run, self._after, self._wishes = run, after, wishes

    def read(self) -> Control:
        done = len(events(self._run, "epoch")) >= self._after
        return Control(**self._wishes) if done else Control()


def test_a_run_learns_and_its_folder_holds_everything(tmp_path, garments):
    result = train(small("epochs=6"), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    evaluation, predictions = load_evaluation(folder), load_predictions(folder)
    assert result.test_accuracy == evaluation.accuracy > 0.4
    assert evaluation.images == len(predictions.labels) == 200
    assert evaluation.data == garments.identity.to_json()
    assert (predictions.labels == garments.test.labels).all()
    assert (result.status, folder.status.state, folder.status.epoch) == ("finished", "finished", 6)
    assert folder.config == small("epochs=6")
    assert folder.provenance["data"]["official"] is False
    assert folder.model_path.stat().st_size > 10_000
    epochs = events(folder.path, "epoch")
    assert [event["epoch"] for event in epochs] == [1, 2, 3, 4, 5, 6]
    assert epochs[-1]["loss"] < epochs[0]["loss"]
    assert events(folder.path, "start")[0]["validation_images"] == 60
    assert events(folder.path, "batch")


def test_a_stopped_run_is_kept_judged_and_gone_on_with(tmp_path, garments):
    place = tmp_path / "run"
    config = small("epochs=500")
    first = train(config, place, data=garments, control=Wishes(place, 1, stop=True))
    assert first.status == "stopped"
    assert 1 <= first.epochs < 500
    assert 0 <= first.test_accuracy <= 1
    done = first.epochs
    second = train(config, place, data=garments, control=Wishes(place, done + 2, stop=True))
    assert second.epochs > done
    starts = events(place, "start")
    assert [(event["attempt"], event["epoch"]) for event in starts] == [(1, 0), (2, done)]


def test_what_part_of_the_first_epoch_taught_is_kept_when_going_on(tmp_path, garments):
    config = small("epochs=2", "batch_size=60")
    stopped = train(config, tmp_path / "run", data=garments, **Stops(0.3).arguments)
    assert (stopped.status, stopped.epochs) == ("stopped", 0)
    phases = [event["text"] for event in events(tmp_path / "run", "phase")]
    assert phases[-2:] == ["stopping", "evaluating"]
    train(config, tmp_path / "run", data=garments)
    assert "part of epoch 1" in events(tmp_path / "run", "note")[0]["text"]
    train(config, tmp_path / "fresh", data=garments)
    first_again, first_fresh = (
        next(e["loss"] for e in events(tmp_path / name, "epoch") if not e["partial"])
        for name in ("run", "fresh")
    )
    assert first_again < first_fresh


def test_the_rate_of_an_epoch_is_the_one_it_ended_with(tmp_path, garments):
    config = small("epochs=3", "schedule=step", "step_epochs=1", "drop_factor=0.5")
    train(config, tmp_path / "run", data=garments)
    rates = figures(tmp_path / "run", "learning_rate")
    base = config.training.learning_rate
    assert rates == pytest.approx([base, base / 2, base / 4])


def test_going_on_gives_what_one_go_would_have_given(tmp_path, garments):
    """Dropout, augmentation, momentum and schedule all go on where they were."""
    config = small("epochs=4", "head_dropout=0.3", "shift=2", "schedule=cosine")
    train(config, tmp_path / "whole", data=garments)
    with pytest.raises(TrainingError):
        train(config, tmp_path / "parts", data=garments, callbacks=[crash(2)])
    train(config, tmp_path / "parts", data=garments)
    whole, parts = (figures(tmp_path / name, "loss") for name in ("whole", "parts"))
    assert whole[:2] == pytest.approx(parts[:2], abs=1e-4)
    assert whole[2:] == pytest.approx(parts[2:], rel=1e-3)


def test_a_loss_that_becomes_nan_fails_with_advice_and_keeps_the_last_good_weights(
    tmp_path, garments
):
    import keras

    from fmnist_core.training import evaluate_run_folder

    class Poison(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if epoch == 2:
                self.model.set_weights([w * np.inf for w in self.model.get_weights()])

    with pytest.raises(TrainingError, match="NaN in epoch 3"):
        train(small("epochs=3"), tmp_path / "run", data=garments, callbacks=[Poison()])
    folder = RunFolder(tmp_path / "run")
    assert folder.status.state == "failed"
    assert "NaN" in folder.status.error
    assert "smaller" in folder.status.advice
    assert folder.model_path.is_file()
    evaluation = evaluate_run_folder(folder, data=garments)
    assert evaluation.epoch == folder.status.epoch == 2
    assert np.isfinite(evaluation.loss)


def test_the_best_weights_are_kept_and_patience_ends_the_run_for_good(tmp_path, garments):
    config = small("epochs=60", "early_stopping=2", "keep_weights=best", "learning_rate=0.02")
    result = train(config, tmp_path / "run", data=garments)
    accuracies = figures(tmp_path / "run", "val_accuracy")
    evaluation = load_evaluation(RunFolder(tmp_path / "run"))
    assert result.epochs == len(accuracies) < 60
    best = int(np.argmax(accuracies))
    assert len(accuracies) == best + 3
    assert (evaluation.weights, evaluation.epoch) == ("best", best + 1)
    assert result.validation_accuracy == pytest.approx(accuracies[best], abs=1e-4)
    assert train(config, tmp_path / "run", data=garments).epochs == result.epochs


def test_the_rate_follows_its_schedule_and_a_persons_wish(tmp_path, garments):
    place = tmp_path / "run"
    config = small("epochs=12", "schedule=cosine", "learning_rate=0.004")
    train(config, place, data=garments, control=Wishes(place, 2, learning_rate=0.001))
    rates = figures(place, "learning_rate")
    assert rates[0] == pytest.approx(0.004, rel=0.05)
    assert rates[-1] < 2e-4
    assert any("0.001" in event["text"] for event in events(place, "note"))


def test_pausing_waits_and_does_not_count(tmp_path, garments):
    place = tmp_path / "run"

    class PausesOnce:
        since = 0.0

        def read(self) -> Control:
            if events(place, "epoch") and not self.since:
                self.since = time.monotonic()
            return Control(pause=bool(self.since) and time.monotonic() - self.since < 1.5)

    began = time.monotonic()
    result = train(small("epochs=15"), place, data=garments, control=PausesOnce())
    assert time.monotonic() - began - result.seconds > 1.2
    assert [event["text"] for event in events(place, "note")] == ["Paused.", "Resumed."]


@pytest.mark.parametrize("paused", [False, True])
def test_who_gives_way_ends_with_an_epoch_and_goes_on_as_in_one_go(paused, tmp_path, garments):
    """A paused training, too, which otherwise would keep its slot for good."""
    config, place = small("epochs=3"), tmp_path / "run"
    asked = Wishes(place, 1, give_way=True, pause=paused)
    gave_way = train(config, place, data=garments, control=asked)
    folder = RunFolder(place)
    assert (gave_way.status, folder.status.state, folder.status.epoch) == ("queued", "queued", 1)
    assert not folder.evaluation_path.exists(), "nothing is judged in between"
    assert events(place, "end") == []
    # In its last epoch there is nothing to go on with later: it ends.
    assert train(config, place, data=garments, control=Wishes(place, 3, give_way=True)).epochs == 3
    train(config, tmp_path / "whole", data=garments)
    assert [event["epoch"] for event in events(place, "epoch")] == [1, 2, 3]
    assert figures(place, "loss") == pytest.approx(figures(tmp_path / "whole", "loss"), abs=1e-4)


def test_two_trainings_never_share_a_folder(tmp_path, garments):
    folder = RunFolder.at(tmp_path / "run", small())
    with folder.hold(), pytest.raises(RunBusyError):
        train(small(), folder.path, data=garments)
    assert folder.status.state == "queued"


def test_more_images_than_there_are_is_refused(tmp_path, garments):
    with pytest.raises(LabError, match="601"):
        train(small("train_images=601"), tmp_path / "run", data=garments)
    assert RunFolder(tmp_path / "run").status.state == "failed"


def test_a_wrong_class_count_is_refused_before_anything_is_written(tmp_path, garments):
    with pytest.raises(ConfigError, match="classes"):
        train(small("classes=11"), tmp_path / "run", data=garments)
    assert not (tmp_path / "run").exists()


def test_every_training_option_trains(tmp_path, garments):
    variants = [
        ["optimizer=adamw", "weight_decay=0.01", "label_smoothing=0.1", "output=softmax"],
        ["optimizer=rmsprop", "schedule=step", "flip=true", "rotate=10", "zoom=0.1", "erase=0.5"],
        ["optimizer=sgd", "schedule=plateau", "momentum=0.8", "label_smoothing=0.1"],
        ["schedule=one_cycle", "weight_decay=0.001", "validation_share=0"],
        ["batch_size=1000", "warmup_epochs=0.5"],
    ]
    for number, changes in enumerate(variants):
        result = train(small("epochs=1", *changes), tmp_path / str(number), data=garments)
        assert result.status == "finished"
        assert (result.validation_accuracy is None) == ("validation_share=0" in changes)


def test_one_bad_weight_file_is_an_error_not_a_crash(tmp_path, garments):
    from fmnist_core.training import evaluate_run_folder

    train(small("epochs=1"), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    for path in (folder.path / "checkpoints").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TrainingError, match="cannot be read"):
        evaluate_run_folder(folder, data=garments)


_KILLED = """
import sys
from pathlib import Path
from fmnist_core.config import RunConfig
from fmnist_core.datasets.synthetic import generate
from fmnist_core.training import train
import json
config = RunConfig.from_json(json.loads(sys.argv[2]))
train(config, Path(sys.argv[1]), data=generate(train_count=600, test_count=200))
"""


@pytest.mark.engine
def test_killing_the_process_at_any_moment_leaves_whole_files(tmp_path, garments):
    from fmnist_core.training import evaluate_run_folder

    place, config = tmp_path / "run", small("epochs=1000", "train_images=100")
    for wait in (0.0, 0.07):
        child = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(place), json.dumps(config.to_json())]
        )
        seen = RunFolder(place).status.epoch
        deadline = time.monotonic() + 180
        while RunFolder(place).status.epoch < seen + 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        folder = RunFolder(place)
        assert folder.config == config
        assert folder.status.epoch >= seen + 2
        assert not folder.held
        assert evaluate_run_folder(folder, data=garments).images == 200


def test_images_without_labels_for_a_class_still_train(tmp_path, garments):
    few = garments.train.labels < 3
    data = Dataset(
        ImageSet(garments.train.images[few], garments.train.labels[few]),
        garments.test,
        garments.identity,
    )
    assert train(small("epochs=1"), tmp_path / "run", data=data).status == "finished"
