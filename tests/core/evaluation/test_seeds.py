"""Several seeds of one configuration, by hand and by tables of Student's t."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Spread, group_of, seed_groups, welch
from fmnist_core.evaluation.student import t_beyond, t_limit
from fmnist_core.runs.library import RunSummary


@pytest.mark.parametrize(
    ("freedom", "limit"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (30, 2.0423), (1000, 1.9623)]
)
def test_limits_of_students_t_are_those_of_the_table(freedom, limit):
    assert t_limit(freedom) == pytest.approx(limit, abs=5e-5)
    assert t_beyond(limit, freedom) == pytest.approx(0.05, abs=1e-5)


def test_students_t_of_one_degree_is_cauchys():
    assert t_beyond(1.0, 1) == pytest.approx(0.5)
    assert t_beyond(-1.0, 1) == pytest.approx(0.5)
    assert t_beyond(float("inf"), 3) == 0


def test_mean_and_spread_of_a_few_seeds():
    found = Spread((0.90, 0.91, 0.92))
    assert (found.n, found.mean, found.limits) == (3, pytest.approx(0.91), (0.90, 0.92))
    assert found.deviation == pytest.approx(0.01)
    half = 4.3027 * 0.01 / 3**0.5
    assert found.interval == pytest.approx((0.91 - half, 0.91 + half), abs=1e-6)


def test_one_seed_has_no_spread():
    found = Spread((0.9,))
    assert (found.mean, found.deviation, found.interval) == (0.9, None, None)


@pytest.mark.parametrize("values", [(), (float("nan"),)])
def test_a_spread_needs_numbers(values):
    with pytest.raises(DataError):
        Spread(values)


def test_welch_by_hand():
    first, second = Spread((3.0, 4.0, 5.0)), Spread((1.0, 1.5, 2.0, 2.5))
    found = welch(first, second)
    # Variances 1 and 0.41667, divided by 3 and 4: 0.33333 and 0.10417.
    assert found.difference == 2.25
    assert found.freedom == pytest.approx(0.4375**2 / (0.33333**2 / 2 + 0.10417**2 / 3), rel=1e-4)
    assert found.p == pytest.approx(t_beyond(2.25 / 0.4375**0.5, found.freedom))
    assert found.more_than_chance == (found.p < 0.05)
    low, high = found.interval
    assert (low + high) / 2 == pytest.approx(2.25)
    assert high - low == pytest.approx(2 * t_limit(found.freedom) * 0.4375**0.5)


def test_seeds_that_scatter_widely_prove_nothing():
    assert not welch(Spread((0.88, 0.92)), Spread((0.87, 0.90))).more_than_chance


def test_seeds_without_spread_differ_or_do_not():
    assert welch(Spread((0.9, 0.9)), Spread((0.8, 0.8))).more_than_chance
    same = welch(Spread((0.9, 0.9)), Spread((0.9, 0.9)))
    assert (same.p, same.more_than_chance) == (1, False)


def test_one_seed_each_is_too_few():
    with pytest.raises(DataError, match="two or more seeds"):
        welch(Spread((0.9,)), Spread((0.8, 0.81)))


def run(seed=0, accuracy=0.9, state="finished", *, changes=(), **more):
    config = override(RunConfig(), (f"training.seed={seed}", *changes))
    fields = {"id": f"run-{seed}", "name": "mine", "data": "fashion-mnist", "fingerprint": "f"}
    return RunSummary(
        **{**fields, **more},
        state=state,
        test_accuracy=accuracy,
        recipe=config.recipe,
        seed=seed,
    )


def test_runs_that_differ_in_the_seed_are_one_entry():
    groups = seed_groups([run(2, 0.92), run(0, 0.90), run(1, 0.91, changes=["epochs=3"])])
    assert [[each.seed for each in group.runs] for group in groups] == [[0, 2], [1]]
    assert groups[0].spread.values == (0.90, 0.92)


def test_the_presets_name_does_not_matter():
    config = RunConfig()
    assert replace(config, preset="quick").recipe == config.recipe


def test_the_same_seed_twice_counts_once():
    (group,) = seed_groups([run(0, 0.91, id="new"), run(0, 0.90, id="old")])
    assert [each.id for each in group.runs] == ["new"]


@pytest.mark.parametrize(
    "odd",
    [
        run(1, state="stopped"),
        run(1, None),
        run(1, data="synthetic-garments"),
        run(1, fingerprint="other"),
    ],
)
def test_what_is_not_alike_is_no_seed_of_it(odd):
    first = run(0)
    assert group_of(first, [odd, first]).spread.n == 1


def test_a_run_that_did_not_finish_belongs_to_no_group():
    assert group_of(run(0, state="failed"), [run(0, state="failed")]) is None


def test_a_group_has_the_commonest_name():
    (group,) = seed_groups([run(0, name="a"), run(1, name="b"), run(2, name="b")])
    assert (group.name, group.data) == ("b", "fashion-mnist")
