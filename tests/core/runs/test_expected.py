"""How long an epoch is expected to take, and several runs together."""

from pathlib import Path
from typing import Any

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.machine import MachineSpeed, store_speed
from fmnist_core.models import summarise
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.expected import (
    expected_epoch_seconds,
    learn_from,
    seconds_until_done,
    training_images,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import End, EpochPoint, History
from fmnist_core.settings import load_settings


def seconds(*changes):
    config = override(RunConfig(), list(changes))
    return expected_epoch_seconds(config, summarise(config.model))


def test_other_looks_are_images_as_well():
    plain, styled = seconds(), seconds("style_augmentation.synthetic_sketches=0.5")
    assert styled == pytest.approx(1.5 * plain, rel=0.01)
    assert training_images(override(RunConfig(), ["style_augmentation.negatives=0.1"])) == 59_400
    # Variants of other clothing, where there are items, and an output for them.
    changes = ["training.style_augmentation.other_clothing=0.1", "model.other_clothing=true"]
    assert training_images(override(RunConfig(), changes)) == 54_000
    kept = [*changes, 'collections=["hats"]', "collection_share=0"]
    assert training_images(override(RunConfig(), kept)) == 59_400


def test_epochs_in_which_a_backbone_rests_are_short():
    backbone = ["model.blocks=[]", "model.backbone.name=mobilenetv2", "epochs=4"]
    learning, mixed = seconds(*backbone), seconds(*backbone, "frozen_epochs=2")
    resting = seconds(*backbone, "frozen_epochs=4")
    assert resting < learning
    assert mixed == pytest.approx((resting + learning) / 2)


def test_the_speed_of_this_machine_counts():
    store_speed(load_settings(), MachineSpeed(0.02, 0.2, 2))
    float32, bfloat16 = seconds("precision=float32"), seconds("precision=mixed_bfloat16")
    auto = seconds()
    assert auto == float32
    assert bfloat16 > 5 * float32
    store_speed(load_settings(), MachineSpeed(0.04, 0.2, 2))
    assert seconds() == pytest.approx(2 * auto)
    store_speed(load_settings(), MachineSpeed(0.04, 0.01, 2))
    assert seconds() == seconds("precision=mixed_bfloat16") < seconds("precision=float32")


def ended(tmp_path: Path, config: RunConfig, seconds: float, **status: Any) -> RunFolder:
    folder = RunFolder.create(tmp_path / "runs", config)
    epochs = config.training.epochs
    told = {"state": "finished", "epoch": epochs, "epochs": epochs, "attempt": 1}
    folder.change_status(**{**told, "seconds": seconds, **status})
    events = EventWriter(folder.events_path)
    images = training_images(config)
    events.write("start", attempt=1, epoch=0, epochs=epochs, steps_per_epoch=9, train_images=images)
    events.close()
    return folder


def test_finished_runs_correct_what_is_expected_of_their_family(tmp_path):
    config = override(RunConfig(), ["epochs=2"])
    before, other = seconds(), seconds("style_augmentation.line_drawings=0.5")
    for _ in range(3):
        learn_from(ended(tmp_path, config, 2 * 2 * before), load_settings())
    assert seconds() == pytest.approx(2 * before, rel=0.1)
    assert seconds("style_augmentation.line_drawings=0.5") == other
    # What was expected then was the corrected time: it is right, and stays.
    learn_from(ended(tmp_path, config, 2 * 2 * before), load_settings())
    assert seconds() == pytest.approx(2 * before, rel=0.1)


@pytest.mark.parametrize("status", [{"state": "stopped"}, {"attempt": 2}, {"epoch": 1}])
def test_runs_that_were_not_trained_in_one_go_teach_nothing(tmp_path, status):
    before = seconds()
    learn_from(ended(tmp_path, RunConfig(), 9000 * before, **status), load_settings())
    assert seconds() == before


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"normalised auto": "x"}', '{"auto": [NaN, -1, 1e9]}']
)
def test_a_damaged_file_corrects_nothing(home, damage):
    before = seconds()
    home.mkdir()
    (home / "pace.json").write_text(damage)
    assert seconds() == before


def history(epoch: int = 0, *, epochs: int = 10, seconds: float = 2.0, ended: bool = False):
    done = tuple(EpochPoint(n + 1, 1.0, 0.5, None, None, 1e-3, seconds) for n in range(epoch))
    end = End(0.0, "finished") if ended else None
    return History(epochs_done=done, epoch=epoch, epochs=epochs, end=end)


ENDED = history(10, ended=True)


@pytest.mark.parametrize(
    ("histories", "waiting", "slots", "seconds"),
    [
        # What is left of one, and all of the others.
        ([history(4)], 2, 1, 12 + 2 * 20),
        # Slots share the work, but no run gets shorter.
        ([history(4)], 2, 2, 26),
        ([history(4)], 1, 8, 20),
        # What has ended tells the pace only.
        ([ENDED], 1, 1, 20),
        ([ENDED], 0, 1, None),
        # One that is just beginning has all before it.
        ([ENDED, History()], 0, 1, 20),
        # Without a pace nothing is promised.
        ([History()], 3, 1, None),
        ([], 3, 1, None),
        # After the last epoch only the others count.
        ([history(10)], 1, 1, 20),
    ],
)
def test_the_time_until_all_runs_are_done(histories, waiting, slots, seconds):
    found = seconds_until_done(histories, waiting=waiting, slots=slots)
    assert found == (seconds and pytest.approx(seconds))
