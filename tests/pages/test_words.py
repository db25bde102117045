"""How numbers, times and states are said."""

import pytest

from fmnist_core.runs.library import RunSummary
from fmnist_ui.words import (
    big,
    data_name,
    data_title,
    duration,
    labels,
    percent,
    state_words,
    whole,
)


def test_shares_are_percentages_without_a_space():
    assert [percent(0.9123), percent(0.9123, 2), percent(None)] == ["91.2%", "91.23%", "–"]


@pytest.mark.parametrize(
    ("number", "words"), [(7, "7"), (1234, "1,234"), (56_700, "56.7k"), (3.2e6, "3.2M")]
)
def test_counts(number, words):
    assert big(number) == words
    assert whole(12345) == "12,345"


@pytest.mark.parametrize(
    ("seconds", "words"), [(8, "8.0 s"), (42, "42 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_lengths_of_time(seconds, words):
    assert duration(seconds) == words


def test_states_have_a_sign_beside_their_colour():
    assert state_words("crashed").in_text == "✗ crashed"
    assert state_words("of tomorrow").in_text == "of tomorrow"


def test_data_sets_within_a_sentence_and_alone():
    assert data_name("synthetic-garments") == "synthetic garments"
    assert data_title("synthetic-garments") == "Synthetic garments"
    assert data_title("fashion-mnist") == data_name("fashion-mnist") == "Fashion-MNIST"


def test_runs_of_one_name_are_told_apart_by_seed_then_date():
    noon = 1_764_417_600.0
    given = (
        ("a1", "Quick", 0, noon),
        ("b2", "Quick", 1, noon),
        ("c3", "Quick", 1, noon + 86_400),
        ("d4", "Strong", 1, noon),
    )
    runs = [
        RunSummary(name, title, "finished", data="fashion-mnist", seed=seed, created=created)
        for name, title, seed, created in given
    ]
    told = labels(runs)
    assert (told["a1"], told["d4"]) == ("Quick · seed 0", "Strong")
    assert told["b2"].startswith("Quick · seed 1 · ")
    assert told["b2"].endswith("2025")
    assert len(set(told.values())) == 4
    twin = labels([runs[0], RunSummary("e5", "Quick", "finished", data="fashion-mnist")])
    assert len(set(twin.values())) == 2
