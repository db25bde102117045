"""What is tried next, who lags behind, and what mattered."""

import math
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import mean
from typing import Any

from fmnist_core.config import RunConfig, override
from fmnist_core.sweeps import GRID, SweepConfig, Trial, parse_dimension
from fmnist_core.sweeps.advisor import below_median, importance, next_values

WISHES = ["dataset=synthetic-garments", "epochs=4", "learning_rate=5e-3", "batch_size=64"]
BASE = override(RunConfig(), WISHES)
Score = Callable[[Mapping[str, Any]], float]


def sweep(*vary: str, **more: Any) -> SweepConfig:
    return SweepConfig(BASE, tuple(parse_dimension(text) for text in vary), **more)


def conducted(config: SweepConfig, score: Score) -> list[Trial]:
    """All trials of a sweep whose runs reach `score` of their values."""
    trials: list[Trial] = []
    while (values := next_values(config, trials)) is not None:
        trials.append(finished(len(trials) + 1, values, score(values)))
    return trials


def finished(number: int, values: Mapping[str, Any], score: float) -> Trial:
    curve = (score - 0.3, score - 0.2, score - 0.1, score)
    return Trial(number, values, "run", True, "finished", curve, score, 4, 1.0)


def by_rate(values: Mapping[str, Any]) -> float:
    """Best at 0.003, worse by the number of decades away from it."""
    return 0.9 - 0.2 * abs(math.log10(values["training.learning_rate"] / 0.003))


def test_a_grid_tries_every_combination_once_in_its_order():
    config = sweep("batch_size=16,32", "optimizer=adam,sgd", method=GRID)
    tried = [dict(trial.values) for trial in conducted(config, lambda values: 0.5)]
    assert tried == list(config.grid())


def test_a_guided_search_begins_with_the_base():
    config = sweep("learning_rate=1e-5..1:log", "batch_size=32,64,128")
    assert next_values(config, []) == config.base_values


def test_a_guided_search_gathers_where_it_is_good():
    vary = "learning_rate=1e-6..1:log", "batch_size=32,64,128"
    searches = [conducted(sweep(*vary, trials=30, seed=seed), by_rate) for seed in range(4)]
    first = mean(trial.score or 0.0 for trials in searches for trial in trials[:10])
    last = mean(trial.score or 0.0 for trials in searches for trial in trials[-10:])
    assert last > first + 0.06
    assert all(max(trial.score or 0.0 for trial in trials) > 0.87 for trials in searches)


def test_no_combination_is_tried_twice_and_none_is_left_out():
    config = sweep("batch_size=16,32,64", "optimizer=adam,sgd", "model.blocks.0.filters=4..6")
    tried = conducted(replace(config, trials=50), lambda values: 0.5)
    assert len({str(sorted(trial.values.items())) for trial in tried}) == len(tried) == 18


def test_equal_diaries_give_equal_suggestions():
    config = sweep("learning_rate=1e-4..1e-2:log", trials=8)
    trials = conducted(config, by_rate)
    assert next_values(config, trials[:6]) == trials[6].values
    other = conducted(replace(config, seed=1), by_rate)
    assert other[1].values != trials[1].values


def test_values_are_of_their_kind_and_within_their_range():
    vary = ["learning_rate=1e-4..1e-2:log", "batch_size=8..64", "model.dense=[[],[64],[64,32]]"]
    for trial in conducted(sweep(*vary, trials=10), lambda values: 0.5):
        rate, batch, dense = trial.values.values()
        assert 1e-4 <= rate <= 1e-2
        assert len(f"{rate:.10g}".replace("0.", "").strip("0")) <= 4
        assert isinstance(batch, int)
        assert 8 <= batch <= 64
        assert dense in ((), (64,), (64, 32))


def test_who_lies_below_the_median_at_its_epoch_lags_behind():
    config = sweep("learning_rate=1e-4..1e-2:log")
    rate = "training.learning_rate"
    others = [finished(number, {rate: 1e-3}, 0.7 + number / 100) for number in range(1, 6)]
    running = Trial(9, {rate: 2e-3}, "run", state="training", epochs=4)
    assert below_median(config, others, replace(running, accuracies=(0.42,)))
    assert not below_median(config, others, replace(running, accuracies=(0.44,)))
    assert not below_median(config, others, running)
    assert not below_median(config, others, replace(running, accuracies=(0.1,) * 4))
    assert not below_median(config, others[:3], replace(running, accuracies=(0.42,)))


def test_what_mattered_is_found_and_what_did_not_is_not():
    config = sweep("learning_rate=1e-6..1:log", "model.blocks.0.dropout=0..0.5", trials=30)
    shares = importance(config, conducted(config, by_rate))
    assert shares["training.learning_rate"] > 0.8
    assert math.isclose(sum(shares.values()), 1)


def test_nothing_is_said_to_matter_from_too_little():
    two = sweep("learning_rate=1e-6..1:log", "batch_size=32,64", trials=8)
    trials = conducted(two, by_rate)
    assert importance(two, trials[:5]) == {}
    assert importance(two, [replace(trial, score=0.5) for trial in trials]) == {}
    one = sweep("learning_rate=1e-6..1:log", trials=8)
    assert importance(one, conducted(one, by_rate)) == {}


def test_failed_and_refused_trials_do_not_disturb_the_search():
    config = sweep("learning_rate=1e-6..1:log", trials=12)
    trials = [
        trial if trial.number % 2 else replace(trial, state="refused", score=None, accuracies=())
        for trial in conducted(config, by_rate)[:11]
    ]
    assert next_values(config, trials) is not None


def test_importing_the_engines_client_does_not_load_optuna():
    imports = "import sys, fmnist_core.engine.client, fmnist_core.sweeps.advisor"
    line = f"{imports}; print('optuna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
