"""Sketches in the strokes of an unsteady hand."""

import numpy as np
import pytest

from fmnist_core.augmentation.sketch_rendering import by_hand, on_sheet, pen_drawing

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
LINE = np.array([[0.2, 0.5], [0.8, 0.5]])


def from_outline(points: np.ndarray, square: np.ndarray) -> np.ndarray:
    """The distance in pixels of each point to the rim of an upright square."""
    low, high = square.min(axis=0), square.max(axis=0)
    inside = np.minimum(points - low, high - points)
    return np.abs(inside.min(axis=1))


@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_an_outline_becomes_open_strokes_that_stray_with_the_strength(strength):
    rng, astray, counts = np.random.default_rng(0), [], set()
    parts = on_sheet([SQUARE])
    for _ in range(60):
        strokes = by_hand(parts, 1, strength, rng)
        counts.add(len(strokes))
        astray += [from_outline(stroke, parts[0]).max() for stroke in strokes]
        everything = np.concatenate(strokes)
        assert everything.min() >= 0
        assert everything.max() <= 111
    assert {1, 2, 3, 4} <= counts
    # Without tremor only few corners leave the line, by 3.5 pixels at most.
    assert max(astray) <= 4 if strength == 0 else np.mean(astray) > 1


def test_details_are_left_out_now_and_then_but_never_a_part_of_a_drawing_without_outline():
    rng = np.random.default_rng(0)
    details = on_sheet([SQUARE, LINE, LINE + 0.1, LINE + 0.2])
    left = [len(by_hand(details[1:], 0, 0.5, rng)) for _ in range(40)]
    assert min(left) == 3
    without_details = [len(by_hand(details, 1, 0.5, rng)) < 3 for _ in range(40)]
    assert any(without_details)


@pytest.mark.parametrize("points", [1, 2, 3])
def test_a_dot_stays_a_dot_that_is_drawn(points):
    dot = np.full((points, 2), 56.0)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        strokes = by_hand([dot], 0, 0.0, rng)
        assert all(np.ptp(stroke) < 1 for stroke in strokes)
        assert pen_drawing(strokes, 0, rng).any()
