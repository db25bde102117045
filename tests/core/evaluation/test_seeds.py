"""Several seeds of one configuration, by hand and by tables of Student's t."""

from dataclasses import replace

import pytest

from fmnist_core import permissions
from fmnist_core.config import RunConfig, override
from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    Spread,
    group_of,
    repeats,
    repeats_of,
    seed_course,
    seed_groups,
    seeds_needed,
    welch,
)
from fmnist_core.permissions import Person
from fmnist_core.runs.history import EpochPoint, History
from fmnist_core.runs.library import RunSummary


@pytest.mark.parametrize(
    ("freedom", "limit"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (30, 2.0423), (1000, 1.9623)]
)
def test_the_interval_of_a_mean_is_students(freedom, limit):
    found = Spread(tuple(float(number % 7) for number in range(freedom + 1)))
    low, high = found.interval
    error = found.deviation / (freedom + 1) ** 0.5
    assert (high - low) / 2 / error == pytest.approx(limit, abs=5e-5)


def test_mean_and_spread_of_a_few_seeds():
    found = Spread((0.90, 0.91, 0.92))
    assert (found.n, found.mean, found.limits) == (3, pytest.approx(0.91), (0.90, 0.92))
    assert found.deviation == pytest.approx(0.01)
    assert Spread((0.3, 0.1, 0.2)).median == 0.2
    half = 4.3027 * 0.01 / 3**0.5
    assert found.interval == pytest.approx((0.91 - half, 0.91 + half), abs=1e-6)
    alone = Spread((0.9,))
    assert (alone.mean, alone.deviation, alone.interval) == (0.9, None, None)


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
    # t = 2.25 / sqrt(0.4375), its density integrated (Gauss-Legendre).
    assert found.p == pytest.approx(0.03781508223837, abs=1e-12)
    assert found.more_than_chance == (found.p < 0.05)
    assert found.interval == pytest.approx((0.2288360225385, 4.2711639774615), abs=1e-12)


def test_seeds_that_scatter_widely_prove_nothing_and_those_without_spread_do():
    assert not welch(Spread((0.88, 0.92)), Spread((0.87, 0.90))).more_than_chance
    assert welch(Spread((0.9, 0.9)), Spread((0.8, 0.8))).more_than_chance
    same = welch(Spread((0.9, 0.9)), Spread((0.9, 0.9)))
    assert (same.p, same.more_than_chance) == (1, False)


def test_one_seed_each_is_too_few():
    with pytest.raises(DataError, match="two or more seeds"):
        welch(Spread((0.9,)), Spread((0.8, 0.81)))


def run(seed=0, accuracy=0.9, state="finished", *, changes=(), **more):
    config = override(RunConfig(), (f"training.seed={seed}", *changes))
    fields = {"id": f"run-{seed}", "name": "mine", "data": "fashion-mnist", "fingerprint": "f"}
    figures = {"test_accuracy": accuracy, "recipe": config.recipe, "seed": seed}
    return RunSummary(**{**fields, **more}, state=state, **figures)


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
        run(1, besides="a collection"),
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


def test_a_group_chooses_by_validation_where_all_have_it():
    with_both = [run(seed, 0.9, best_validation_accuracy=0.8 + seed / 100) for seed in (0, 1)]
    assert seed_groups(with_both)[0].validation == Spread((0.80, 0.81))
    assert seed_groups([*with_both, run(2)])[0].validation is None


def test_seeds_in_every_state_are_together_and_only_finished_ones_count():
    states = ("finished", "queued", "running", "failed", "stopped", "crashed")
    listed = [run(seed, None, state) for seed, state in enumerate(states)]
    listed[0] = run(0, 0.9)
    (found,) = repeats(listed)
    assert [each.seed for each in found.runs] == [0, 1, 2, 3, 4, 5]
    assert [each.seed for each in found.counted] == [0]
    assert [each.seed for each in found.waiting] == [1]
    assert [each.seed for each in found.active] == [1, 2]
    assert [each.seed for each in found.lost] == [3, 4, 5]
    assert found.group.spread.values == (0.9,)


def test_of_one_seed_the_run_at_work_comes_first_then_a_finished_one():
    waits, done, broke = run(0, None, "queued"), run(0, 0.9), run(0, None, "failed")
    assert repeats([broke, done, waits])[0].runs == (waits,)
    assert repeats([broke, done])[0].runs == (done,)
    assert repeats([run(0, None, "queued")])[0].group is None


def test_a_waiting_run_belongs_to_the_data_of_its_configuration_until_it_knows_better():
    waits = run(1, None, "queued", fingerprint="")
    first, other = run(0), run(2, fingerprint="other")
    assert [each.seed for each in repeats_of(first, [waits, other, first]).runs] == [0, 1]
    assert [each.fingerprint for each in repeats_of(first, [waits, other, first]).runs] == ["f", ""]
    begun = replace(waits, fingerprint="other", state="running")
    assert [each.seed for each in repeats_of(first, [begun, other, first]).runs] == [0]


def test_in_a_class_the_runs_of_two_people_are_no_seeds_of_each_other(monkeypatch):
    mine, other = run(0, owner="a"), run(1, owner="b")
    assert len(repeats([mine, other])) == 1
    monkeypatch.setattr(permissions, "_actor", lambda: Person("a", "Ada"))
    assert [found.runs for found in repeats([mine, other])] == [(mine,), (other,)]
    assert repeats_of(mine, [other, mine]).runs == (mine,)
    assert group_of(other, [mine, other]).runs == (other,)


def test_a_damaged_run_has_no_seeds():
    damaged = RunSummary("x", "x", "damaged")
    assert repeats([damaged, damaged]) == []
    assert repeats_of(damaged, [damaged, run(0)]).runs == (damaged,)


def test_so_many_seeds_would_settle_it():
    first, second = Spread((0.90, 0.92)), Spread((0.89, 0.91))
    # 1.41 points of spread each: 1.41 * sqrt(2 / 17) * t(32) = 0.988 < 1, with 16 it is 1.02.
    assert seeds_needed(first, second) == 17
    assert seeds_needed(Spread((0.9, 0.9)), Spread((0.8, 0.8))) == 2
    assert seeds_needed(first, first) is None


def course_of(*accuracies):
    points = (EpochPoint(n + 1, 1.0, a, None, None, 1e-3, 1.0) for n, a in enumerate(accuracies))
    return History(epochs_done=tuple(points))


def test_the_mean_goes_as_far_as_two_seeds_have_come():
    histories = [course_of(0.5, 0.7, 0.8), course_of(0.6), course_of(0.7, float("nan"))]
    (only,) = seed_course(histories, "accuracy")
    assert (only.epoch, only.spread.n, only.spread.mean) == (1, 3, pytest.approx(0.6))
    assert seed_course(histories, "val_accuracy") == []
