"""Records, `bench.training` and `bench.steps`: what rows say, how they go on, that they measure."""

from __future__ import annotations

import importlib
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench import records
from bench.records import most, under_10k
from bench.records.epoch_against import typical
from bench.records.measure import REFERENCE_TIME, Records, Row, measure_rows, summary, table
from bench.steps import main as measure_steps
from bench.steps import outside
from bench.training import ROWS, main

SMOKE = ["--smoke", "--seeds", "1"]
HOME = Path(records.__file__).parent
RECORDS = sorted(one.stem for one in HOME.glob("*.py") if one.stem not in ("__init__", "measure"))
LEGACY = sorted(f"legacy.{one.stem}" for one in HOME.glob("legacy/*.py") if one.stem != "__init__")
KEYS = {"row", "median", "min", "max", "goal", "met"}


def row(goal=None, **more):
    return Row("some", "What it is.", lambda session, seed: {"value": 1.0}, goal=goal, **more)


def raws(*values, **more):
    return {seed: {"value": value, **more} for seed, value in enumerate(values)}


def test_a_figure_is_median_least_and_most_of_its_seeds():
    found = summary(row(0.5), raws(0.2, 0.9, 0.4))
    assert set(found) >= KEYS
    assert (found["median"], found["min"], found["max"], found["seeds"]) == (0.4, 0.2, 0.9, 3)


@pytest.mark.parametrize(
    ("values", "at_least", "met"),
    [((0.5, 0.5), False, True), ((0.6, 0.6), False, False), ((0.6, 0.6), True, True)],
)
def test_the_goal_is_held_against_the_median(values, at_least, met):
    assert summary(row(0.5, at_least=at_least), raws(*values))["met"] is met


def test_a_peak_is_judged_by_the_largest():
    assert summary(row(10, judged_by=max), raws(9, 9, 11))["met"] is False


def test_without_a_goal_nothing_is_met_or_missed():
    assert summary(row(), raws(1.0))["met"] is None


def test_a_seed_that_does_not_count_takes_the_figure_with_it():
    values = raws(0.05, 0.06) | {2: {"value": None, "note": "Too inaccurate."}}
    found = summary(row(0.1), values)
    assert (found["median"], found["met"]) == (None, False)
    assert "Too inaccurate. (seed 2)" in found["note"]


def test_a_missed_condition_keeps_the_figure():
    found = summary(row(0.9, at_least=True), raws(0.95, missed=True, note="Took too long."))
    assert (found["median"], found["met"]) == (0.95, False)


def test_what_is_measured_beside_the_figure_stands_in_the_note():
    found = summary(row(), raws(1.0, Seconds=2.0) | {1: {"value": 1.0, "Seconds": 4.0}})
    assert found["note"] == "What it is. Seconds: 3."


def test_what_cannot_be_measured_says_why():
    found = summary(row(0.1), {}, "There is no such thing here.")
    assert (found["median"], found["min"], found["max"], found["met"]) == (None, None, None, False)
    assert found["note"] == "What it is. There is no such thing here."


def test_an_epoch_lasts_from_end_to_end_and_the_first_is_left_out():
    assert typical([9.0, 10.0, 13.0, 15.0]) == 2.0


def test_figures_are_kept_and_taken_up_again(tmp_path):
    path = tmp_path / "figures.jsonl"
    rows = [row(0.5), Row("other", "Another.", lambda session, seed: {"value": 1.0})]
    first = Records(rows, path, smoke=False, machine="a machine")
    first.keep("some", 0, {"value": 0.4, "seconds": 3.0})
    first.failures["other"] = "Not here."
    assert [item["row"] for item in first.list()] == ["some", "other"]
    again = Records(rows, path, smoke=False, machine="another machine")
    assert again.find("some", 0) == {"value": 0.4, "seconds": 3.0}
    assert (again.find("some", 1), again.find("other", 0)) == (None, None)
    assert [item["row"] for item in again.list()] == ["some"]
    assert again.list()[0]["machine"] == "a machine"


def test_figures_of_other_code_are_not_taken_up(tmp_path):
    path = tmp_path / "figures.jsonl"
    first = Records([row(0.5)], path, smoke=False, machine="a machine", commit="abc")
    first.keep("some", 0, {"value": 0.4})
    same = Records([row(0.5)], path, smoke=False, machine="a machine", commit="abc")
    assert same.find("some", 0) == {"value": 0.4}
    later = Records([row(0.5)], path, smoke=False, machine="a machine", commit="def")
    assert later.find("some", 0) is None


def test_tries_and_real_figures_never_mix(tmp_path):
    path = tmp_path / "figures.jsonl"
    tried = Records([row()], path, smoke=True, machine="")
    tried.keep("some", 0, {"value": 1.0})
    assert "A TRY" in tried.list()[0]["note"]
    real = Records([row()], path, smoke=False, machine="")
    assert (real.find("some", 0), real.list()) == (None, [])
    path.write_text("[1]\n")
    assert Records([row()], path, smoke=True, machine="").list() == []


def test_a_log_that_cannot_be_written_is_told_before_anything_is_measured(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--log", str(tmp_path / "none" / "figures.jsonl")])
    assert "No such file or directory: " in capsys.readouterr().err


def test_the_table_is_markdown():
    item = summary(row(0.5, unit="s"), raws(0.25)) | {"machine": "a machine"}
    printed = table([item]).splitlines()
    assert printed[2] == "| some, s | 0.25 | 0.25 | 0.25 | - | 1 | 0.5 | yes |"
    assert "a machine" in printed


def test_the_rows_are_named_and_unlike(capsys):
    assert main(["--list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [one.slug for one in ROWS]
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("name", RECORDS + LEGACY)
def test_each_record_states_its_claim_and_can_be_run(name):
    module = importlib.import_module(f"bench.records.{name}")
    assert all(f"{key}:" in module.__doc__ for key in ("Claim", "Machine", "Date", "From"))
    assert "near-duplicates" in module.__doc__ or name in ("outside_step", "epoch_against")
    assert name in LEGACY or ("Goal:" in module.__doc__ and name in records.__doc__)
    assert module.ROWS
    assert len({one.slug for one in module.ROWS}) == len(module.ROWS)


def test_accuracies_have_their_images_and_interval():
    seeds = raws(0.9, 0.92) | {}
    for seed, right in enumerate((90, 92)):
        seeds[seed] = seeds[seed] | {"accuracies": {"single": [right, 100], "part": [right, 99]}}
    found = summary(row(), seeds)
    assert "single: 0.9100 (0.8377 to 0.9519) of 100 images." in found["note"]
    assert "part: 0.9192 " in found["note"]
    assert found["interval"] == pytest.approx([0.91 - 0.127062, 0.91 + 0.127062], abs=1e-5)


def test_an_unknown_row_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--only", "nothing"])
    assert "two-at-once" in capsys.readouterr().err


def test_without_the_official_files_rows_say_so_and_the_others_go_on(capsys):
    few = ["--smoke", "--seeds", "1", "--only", "reference-time", "shipped-single"]
    assert measure_rows([REFERENCE_TIME, *most.ROWS], "bench.records.most", "", few) == 0
    printed = capsys.readouterr().out.splitlines()
    found = json.loads(printed[-1])
    assert [item["row"] for item in found] == ["reference-time", "shipped-single"]
    assert all("set FMNIST_DATA_DIR" in item["note"] for item in found)
    assert found[1]["met"] is None


@pytest.fixture
def data(official_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))


@pytest.mark.training
@pytest.mark.official
def test_rows_measure_and_what_is_there_is_not_measured_again(data, tmp_path, capsys):
    path = tmp_path / "figures.jsonl"
    command = ["--smoke", "--seeds", "1", "--only", "reference-time", "--log", str(path)]
    assert main(command) == 0
    printed = capsys.readouterr()
    found = {item["row"]: item for item in json.loads(printed.out.splitlines()[-1])}
    assert found["reference-time"]["median"] > 0
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[-1] == printed.out.splitlines()[-1]
    assert len(path.read_text().splitlines()) == 1


@pytest.mark.training
def test_how_the_cost_grows_is_measured_drawn_and_printed(tmp_path, capsys, monkeypatch):
    plot = tmp_path / "cost.svg"
    few = ["--rounds", "1", "--images", "512", "--output", str(plot)]
    monkeypatch.setattr("sys.argv", ["steps", "growth", *few])
    measure_steps()
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("| parameters | batch | images |")
    assert len(printed) == 2 + 3
    cells = [line.split(" | ") for line in printed[2:]]
    assert 0 < max(float(limit) / float(seconds) for *_, seconds, limit, _, _ in cells) < 1.5
    _check_plot(plot)


def _check_plot(plot: Path) -> None:
    picture = ElementTree.parse(plot).getroot()
    paths = picture.findall("{http://www.w3.org/2000/svg}path")
    assert sum("limit" in path.get("class", "") for path in paths) == 2 + 3 * 2


@pytest.mark.training
@pytest.mark.official
def test_what_lies_outside_the_step_is_a_share(data):
    found = outside("quick", 512, 3, 0)
    assert 0 < found["between"] < 1
    assert found["outside"] < 1


@pytest.mark.training
@pytest.mark.engine
@pytest.mark.official
def test_a_preset_is_trained_by_the_engine_and_judged(data, capsys):
    assert measure_rows(under_10k.ROWS, "bench.records.under_10k", "", SMOKE) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])[0]
    assert 0.05 < found["median"] < 0.9
    assert "flip, without near-duplicates: " in found["note"]
    assert "of 9,905 images" in found["note"]
