"""One configuration with several seeds."""

from __future__ import annotations

import pytest

from fmnist_core.config import MOST_SEEDS, RunConfig, override, with_seeds
from fmnist_core.errors import ConfigError


def seeds(config: RunConfig, count: int, taken: tuple[int, ...] = ()) -> list[int]:
    return [each.training.seed for each in with_seeds(config, count, taken)]


def test_seeds_follow_the_configurations_own() -> None:
    config = override(RunConfig(), ["seed=7", "epochs=3"])
    assert seeds(config, 3) == [7, 8, 9]
    assert {each.recipe for each in with_seeds(config, 3)} == {config.recipe}
    assert len({each.fingerprint for each in with_seeds(config, 3)}) == 3


def test_taken_seeds_are_passed_over() -> None:
    assert seeds(override(RunConfig(), ["seed=1"]), 3, (1, 3)) == [2, 4, 5]


@pytest.mark.parametrize("count", [0, -1, MOST_SEEDS + 1, 2.5, "3", True, None])
def test_an_absurd_number_is_refused(count) -> None:
    with pytest.raises(ConfigError, match="number of seeds must be a whole number from 1 to 30"):
        with_seeds(RunConfig(), count)


def test_the_largest_seed_has_no_next() -> None:
    last = override(RunConfig(), [f"seed={2**32 - 1}"])
    assert len(with_seeds(last, 1)) == 1
    with pytest.raises(ConfigError, match="seed must be"):
        with_seeds(last, 2)
