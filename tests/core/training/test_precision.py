"""The precision that is left to the machine: measured once, recorded, and gone on with."""

import json
import math
from dataclasses import replace

import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.config import TrainConfig
from fmnist_core.config.presets import PRESETS
from fmnist_core.machine import MachineSpeed, store_speed, stored_speed
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.nets import PLAIN, train

SHORT = replace(
    PLAIN, training=replace(PLAIN.training, precision="auto", epochs=1, train_images=200)
)


def test_presets_and_new_configurations_leave_it_to_the_machine():
    assert TrainConfig().precision == "auto"
    assert {preset.config.training.precision for preset in PRESETS.values()} == {"auto"}


@pytest.mark.parametrize(("bfloat16", "precision"), [(0.05, "float32"), (0.005, "mixed_bfloat16")])
@pytest.mark.training
def test_a_run_takes_the_faster_one_and_records_it(bfloat16, precision, tmp_path, garments):
    store_speed(load_settings(), MachineSpeed(0.01, bfloat16, 2))
    train(SHORT, tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    assert folder.provenance["precision"] == precision
    assert folder.trained_config.training.precision == precision
    assert folder.config.training.precision == "auto"


@pytest.mark.training
def test_a_run_goes_on_in_the_precision_it_began_with(tmp_path, garments):
    folder = RunFolder.at(tmp_path / "run", SHORT)
    write_json(folder.path / "provenance.json", {"precision": "mixed_bfloat16"})
    train(SHORT, folder.path, data=garments)
    assert folder.provenance["precision"] == "mixed_bfloat16"


@pytest.mark.training
def test_this_machine_is_measured_once():
    from fmnist_core.training.precision import machine_speed

    assert stored_speed(load_settings()) is None
    measured = machine_speed(load_settings())
    assert measured.float32 > 0
    assert measured.mixed_bfloat16 > 0
    assert stored_speed(load_settings()) == measured == machine_speed(load_settings())


@pytest.mark.parametrize(
    "damage", ["", "[]", "{}", '{"float32": "fast"}', '{"float32": 1e999, "mixed_bfloat16": 1}']
)
def test_a_damaged_measurement_counts_as_none(damage, home):
    store_speed(load_settings(), MachineSpeed(0.01, 0.05, 2))
    path = home / "machine.json"
    entry = json.loads(path.read_text())
    text = json.dumps(dict.fromkeys(entry, None)).replace("null", damage or "null")
    path.write_text(text if damage != "[]" else damage)
    assert stored_speed(load_settings()) is None


def test_where_bfloat16_is_refused_it_is_never_taken():
    store_speed(load_settings(), MachineSpeed(0.01, math.inf, 2))
    assert stored_speed(load_settings()) == MachineSpeed(0.01, math.inf, 2)
    assert stored_speed(load_settings()).precision == "float32"


def test_bfloat16_must_win_by_a_tenth():
    assert MachineSpeed(0.010, 0.0095, 2).precision == "float32"
    assert MachineSpeed(0.010, 0.0085, 2).precision == "mixed_bfloat16"
