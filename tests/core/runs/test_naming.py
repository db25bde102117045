"""What a run is called while nobody has named it, and what differs from its preset."""

from dataclasses import replace

import pytest

from fmnist_core.config import BlockConfig, RunConfig, override
from fmnist_core.config.presets import PRESETS, preset
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.naming import automatic_name, changes
from fmnist_core.settings import Settings

QUICK = preset("quick").config
FIRST, SECOND = QUICK.model.blocks


def with_blocks(*blocks: BlockConfig) -> RunConfig:
    return replace(QUICK, model=replace(QUICK.model, blocks=blocks))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_called_by_its_title(name):
    assert automatic_name(preset(name).config) == PRESETS[name].title


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ((), "Quick"),
        # Told apart by seed and date where they are listed; nothing of this is learned.
        (("seed=7", "record_dynamics=false", "dataset=synthetic-garments"), "Quick"),
        # No choice of who trains.
        (("class_holdout.images=2000", "class_holdout.split_seed=7"), "Quick"),
        (("head_dropout=0.2",), "Quick, head dropout 0.2"),
        (("optimizer=adamw", "flip=true", "label_smoothing=0"), None),
        (("epochs=1", "train_images=6000"), "Quick, 1 epoch, 6,000 images"),
        (("model.dense=[64,32]", "ema_decay=0.9"), "Quick, dense layers 64-32, EMA decay 0.9"),
        (("initial_weights=shipped",), "Quick, pretrained"),
        (("model.blocks=[]", "backbone=vgg16"), "Quick, backbone VGG16"),
        (
            ("batch_size=64", "epochs=5", "learning_rate=0.05", "optimizer=adam"),
            "Quick, optimizer Adam, learning rate 0.05 + 2 more",
        ),
    ],
)
def test_the_differences_that_tell_most_come_first(given, name):
    name = name or "Quick, optimizer AdamW, label smoothing 0, flip"
    assert automatic_name(override(QUICK, given)) == name


def test_blocks_are_told_together():
    more = with_blocks(FIRST, SECOND, SECOND)
    assert automatic_name(more) == "Quick, 3 blocks"
    assert [change.sentence for change in changes(more)] == ["Blocks 3 (preset: 2)"]
    assert automatic_name(with_blocks(FIRST)) == "Quick, 1 block"
    both = with_blocks(replace(FIRST, dropout=0.2), replace(SECOND, dropout=0.2))
    assert automatic_name(both) == "Quick, dropout 0.2"
    wider = with_blocks(FIRST, SECOND, replace(SECOND, filters=64, batch_norm=False))
    assert automatic_name(wider) == "Quick, 3 blocks, filters 16-48-64, batch norm yes-yes-no"


def test_changes_are_told_with_both_values():
    told = [change.sentence for change in changes(override(QUICK, ["flip=true", "seed=3"]))]
    assert told == ["Seed 3 (preset: 0)", "Augmentation: flip yes (preset: no)"]
    assert changes(RunConfig()) == ()


@pytest.mark.parametrize("given", ["", "quick", "Quick", "My run", "own"])
def test_a_run_that_nobody_named_has_the_automatic_name(tmp_path, given):
    settings = Settings(home=tmp_path)
    folder = RunFolder.create(settings.runs_dir, override(QUICK, ["epochs=5"]), name=given)
    (run,) = list_runs(settings)
    assert (run.name, run.named, folder.name) == ("Quick, 5 epochs", False, "Quick, 5 epochs")


def test_a_given_name_wins(tmp_path):
    settings = Settings(home=tmp_path)
    folder = RunFolder.create(settings.runs_dir, override(QUICK, ["epochs=5"]), name="Mine")
    (run,) = list_runs(settings)
    assert (run.name, run.named, folder.name) == ("Mine", True, "Mine")
