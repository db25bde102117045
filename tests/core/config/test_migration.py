"""Names of version 0.1: read wherever a configuration is read, told apart from mistakes."""

from __future__ import annotations

import argparse
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.cli.main import main
from fmnist_core.cli.recipe import add_recipe, recipe
from fmnist_core.config import RunConfig, flatten, override
from fmnist_core.config.migration import RENAMED, is_older, present_key, present_names
from fmnist_core.config.override import full_path, value_at
from fmnist_core.errors import ConfigError, LessonError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained.asset import card_file, shipped_card
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepConfig, SweepFolder, parse_dimension, sweep_folders
from fmnist_ui.lessons import read_lesson
from fmnist_ui.links import training_of, training_parameters

# Of each older name of a single setting a value that is not its default.
VALUES: dict[str, Any] = {
    "model.normalisation": "standard",
    "model.backbone.side": 64,
    "training.start_from": "shipped",
    "training.drop_suspects": True,
    "training.averaging": 0.9,
    "training.clip_norm": 1.5,
    "training.flip_at_test": True,
    "training.trace": False,
    "training.style.lines": 0.2,
    "training.style.silhouettes": 0.2,
    "training.style.textures": 0.2,
    "training.style.backgrounds": 0.2,
    "training.style.inverted": 0.2,
    "training.style.distortion": 0.25,
    "training.style.garments": 0.2,
    "training.style.other": 0.2,
    "training.emphasis.labels": [4, 6],
    "training.emphasis.factor": 3.0,
    "training.teacher.network": "some-run",
    "training.teacher.share": 0.25,
    "training.teacher.temperature": 2.0,
}
GROUPS = {"training.style", "training.emphasis", "training.teacher"}
FIXTURE = Path(__file__).parents[2] / "fixtures" / "home-0.1.zip"

each_name = pytest.mark.parametrize("old", VALUES)


def tree_with(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    return dict(value)


def both(old: str) -> dict[str, Any]:
    """A configuration's JSON that gives one setting by both names."""
    older, present = tree_with(old, VALUES[old]), tree_with(RENAMED[old], VALUES[old])
    part = next(iter(older))
    return {part: older[part] | _beside(older[part], present[part])}


def _beside(older: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    shared = older.keys() & present.keys()
    return {key: older[key] | present[key] if key in shared else present[key] for key in present}


def is_taken(config: RunConfig, old: str) -> bool:
    wanted = VALUES[old]
    changed = [path for path, value in flatten(config).items() if value != usual[path]]
    found = value_at(config, RENAMED[old])
    return changed == [RENAMED[old]] and found == (
        tuple(wanted) if isinstance(wanted, list) else wanted
    )


usual = flatten(RunConfig())


def test_each_name_has_a_value_here_and_leads_to_a_setting() -> None:
    assert VALUES.keys() | GROUPS == RENAMED.keys()
    assert {RENAMED[old] for old in VALUES} <= usual.keys()
    assert all(usual[RENAMED[old]] != VALUES[old] for old in VALUES)


def test_no_present_setting_is_taken_for_an_older_one() -> None:
    parts = [path.split(".") for path in usual]
    endings = {".".join(path[start:]) for path in parts for start in range(len(path))}
    assert not [ending for ending in endings if is_older(ending)]
    assert present_key("learning_rate") == "learning_rate"


def test_present_names_stay_and_nothing_is_changed_in_place() -> None:
    tree = override(RunConfig(), ["style_augmentation.negatives=0.1", "ema_decay=0.9"]).to_json()
    assert present_names(tree) == tree
    older = tree_with("training.averaging", 0.9)
    assert present_names(older) == tree_with("training.ema_decay", 0.9)
    assert older == tree_with("training.averaging", 0.9)
    assert present_names("no object") == "no object"


@each_name
def test_a_run_folder_is_read(home: Path, old: str) -> None:
    folder = RunFolder.create(load_settings().runs_dir, RunConfig())
    write_json(folder.path / "config.json", tree_with(old, VALUES[old]))
    assert is_taken(RunFolder(folder.path).config, old)


@each_name
def test_a_link_is_followed_and_told_by_present_names(old: str) -> None:
    config, faults = training_of({old: json.dumps(VALUES[old]).strip('"')})
    assert not faults
    assert is_taken(config, old)
    assert RENAMED[old] in training_parameters(config)


@each_name
def test_beside_a_fault_the_rest_of_a_link_is_followed(old: str) -> None:
    link = {"training.nonsense": "1", old: json.dumps(VALUES[old]).strip('"')}
    config, faults = training_of(link)
    assert len(faults) == 1
    assert is_taken(config, old)


def lesson(*settings: str, lock: str = "training.epochs") -> str:
    chosen = "".join(f"      {setting}\n" for setting in settings)
    return (
        "title: Mine\nsteps:\n  - title: One\n    text: Words\n    page: train\n"
        f"    set:\n{chosen}    lock: [{lock}]\n"
    )


@each_name
def test_a_lesson_is_read(old: str) -> None:
    text = lesson(f"{old}: {json.dumps(VALUES[old])}", lock=old)
    (step,) = read_lesson(text, "mine.yaml").steps
    config, _ = training_of(step.set)
    assert is_taken(config, old)
    assert [full_path(config, key) for key in step.lock] == [RENAMED[old]]


@each_name
def test_a_sweep_is_read(home: Path, old: str) -> None:
    vary = (parse_dimension("learning_rate=0.1,0.2"),)
    folder = SweepFolder.create(load_settings().sweeps_dir, SweepConfig(dimensions=vary))
    value = json.loads((folder.path / "sweep.json").read_text())
    value["config"]["base"] = tree_with(old, VALUES[old])
    write_json(folder.path / "sweep.json", value)
    folder.note_trial(1, {old: VALUES[old]})
    write_json(folder.path / "importance.json", {old: 0.5})
    assert is_taken(folder.read()[0].base, old)
    assert set(folder.trials[0].values) == {RENAMED[old]}
    assert folder.importance == {RENAMED[old]: 0.5}


def test_what_a_sweep_varies_may_have_an_older_name() -> None:
    value = SweepConfig(dimensions=(parse_dimension("ema_decay=0,0.5"),)).to_json()
    value["dimensions"][0]["field"] = "training.averaging"
    assert SweepConfig.from_json(value).dimensions[0].field == "training.ema_decay"


@each_name
def test_a_shipped_networks_card_is_read(tmp_path: Path, old: str) -> None:
    config = tree_with(old, VALUES[old])
    write_json(card_file("shipped-everyday", tmp_path), {"recipe": {"config": config}})
    found = shipped_card("shipped-everyday", tmp_path)["recipe"]["config"]
    assert found == tree_with(RENAMED[old], VALUES[old])


@each_name
def test_a_change_is_made_by_path_or_by_its_last_part(old: str) -> None:
    change = json.dumps(VALUES[old])
    for key in (old, old.split(".", 1)[1], old.rpartition(".")[2]):
        assert is_taken(override(RunConfig(), [f"{key}={change}"]), old)


@pytest.mark.parametrize("key", ["training.teacher", "teacher", "distillation"])
def test_the_teacher_alone_stands_for_the_whole_group(key: str) -> None:
    assert override(RunConfig(), [f"{key}=x"]).training.distillation.teacher == "x"


def test_the_command_line_notes_each_older_key_once(
    engine_there: None, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = ("dataset=synthetic-garments", "clip_norm=1", "clip_norm=2")
    varied = ("averaging=0,0.9", "learning_rate=0.1,0.2")
    pairs = [*(("--set", each) for each in changes), *(("--vary", each) for each in varied)]
    options = [part for pair in pairs for part in pair]
    assert main(["sweep", "start", "--detach", "--json", *options]) == 0
    told = capsys.readouterr()
    assert sorted(told.err.splitlines()) == [
        "Note: averaging is now named training.ema_decay.",
        "Note: clip_norm is now named training.gradient_clip_norm.",
    ]
    assert len(told.out.splitlines()) == 1
    (folder,) = sweep_folders(load_settings().sweeps_dir)
    config, _ = folder.read()
    assert config.base.training.gradient_clip_norm == 2
    fields = ["training.ema_decay", "training.learning_rate"]
    assert [one.field for one in config.dimensions] == fields


@each_name
def test_the_command_line_takes_each_older_key(
    old: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_recipe(parser, "")
    change = f"{old}={json.dumps(VALUES[old])}"
    found = recipe(parser.parse_args(["--preset", "tiny", "--set", change]))
    wanted = VALUES[old]
    assert value_at(found, RENAMED[old]) == (tuple(wanted) if isinstance(wanted, list) else wanted)
    assert capsys.readouterr().err == f"Note: {old} is now named {RENAMED[old]}.\n"


@pytest.mark.parametrize(
    "tree",
    [
        tree_with("training.averagin", 0.9),
        tree_with("averaging", 0.9),
        tree_with("training.style.line", 0.1),
        tree_with("training.style_augmentation.lines", 0.1),
        tree_with("training.distillation.network", "x"),
        tree_with("model.averaging", 0.9),
    ],
)
def test_unknown_names_are_refused_as_ever(tree: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="no such key"):
        RunConfig.from_json(tree)


@pytest.mark.parametrize("key", ["averagin", "style.line", "style", "emphasis", "training.style"])
def test_unknown_keys_are_refused_as_ever(key: str) -> None:
    with pytest.raises(ConfigError, match="no such key"):
        override(RunConfig(), [f"{key}=1"])


@each_name
def test_both_names_for_one_setting_are_refused_in_a_configuration(old: str) -> None:
    with pytest.raises(ConfigError, match="A setting must be given once"):
        RunConfig.from_json(both(old))


@each_name
def test_both_names_for_one_setting_are_refused_in_changes(old: str) -> None:
    value = json.dumps(VALUES[old])
    for first, second in ((old, RENAMED[old]), (RENAMED[old], old)):
        with pytest.raises(ConfigError, match="A setting must be given once") as caught:
            override(RunConfig(), [f"{first}={value}", f"{second}={value}"])
        assert caught.value.received == f"{old} and {RENAMED[old]}"


def test_one_name_twice_is_a_change_of_mind() -> None:
    for key in ("averaging", "ema_decay"):
        config = override(RunConfig(), [f"{key}=0.5", f"{key}=0.9"])
        assert config.training.ema_decay == 0.9


@each_name
def test_of_a_link_with_both_names_one_is_left_out(old: str) -> None:
    text = json.dumps(VALUES[old]).strip('"')
    config, faults = training_of({RENAMED[old]: text, old: text})
    assert [fault.rule[:22] for fault in faults] == ["A setting must be give"]
    assert is_taken(config, old)


def test_a_lesson_with_both_names_is_refused() -> None:
    text = lesson("training.averaging: 0.9", "training.ema_decay: 0.5")
    with pytest.raises(LessonError, match="a setting must be given once"):
        read_lesson(text, "mine.yaml")


def test_a_configuration_is_known_by_the_fingerprint_that_version_0_1_gave_it(
    tmp_path: Path,
) -> None:
    with zipfile.ZipFile(FIXTURE) as archive:
        archive.extractall(tmp_path)
    with sqlite3.connect(tmp_path / "lab.sqlite") as db:
        rows = dict(db.execute("SELECT id, fingerprint FROM runs"))
    assert len(rows) > 3
    runs = tmp_path / "runs"
    assert {run: RunFolder.open(runs, run).config.fingerprint for run in rows} == rows
