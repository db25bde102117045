"""Before and after, on images that neither network ever learned from."""

import numpy as np
import pytest

from fmnist_core.errors import DataError, LabError
from fmnist_core.evaluation import (
    Predictions,
    ValidationPredictions,
    load_validation_predictions,
    store_validation_predictions,
)
from fmnist_core.remedies import Pair, before_after, best_of, compare, reveal
from fmnist_core.runs.folder import RunFolder
from fmnist_core.training.splits import split_indices
from tests.core.remedies.conftest import answers

SHIRTS = Pair(6, 0)


def test_the_cell_its_pair_the_classes_and_all(make_run, settings):
    found = before_after(make_run(0.8), make_run(0.2), SHIRTS, settings)
    assert (found.split, found.images) == ("validation", 300)
    assert (found.cell.before.value, found.cell.after.value) == pytest.approx((0.8, 0.2))
    asked = (found.cell.before.of, found.mixed_up.before.of, found.overall.before.of)
    assert asked == (30, 60, 300)
    assert found.mixed_up.difference == pytest.approx(-0.3)
    assert found.overall.difference == pytest.approx(0.06)
    assert [change.name for change in found.classes][6] == "Shirt"
    assert found.classes[6].difference == pytest.approx(0.6)
    low, high = found.cell.interval
    assert low < found.cell.difference < high < 0
    assert found.cell.better
    assert found.overall.better
    others = [change for change in found.classes if change.name != "Shirt"]
    assert not any(change.better or change.worse for change in others)


def test_the_other_way_round_is_worse(make_run, settings):
    found = before_after(make_run(0.2), make_run(0.8), SHIRTS, settings)
    assert found.cell.worse
    assert found.mixed_up.worse
    assert found.overall.worse


def test_a_small_difference_may_be_chance(make_run, settings):
    found = before_after(make_run(0.2), make_run(0.17), SHIRTS, settings)
    assert not found.cell.better
    assert not found.cell.worse


def test_other_seeds_leave_the_images_that_neither_learned(make_run, settings, garments):
    one, other = make_run(0.8), make_run(0.2, "seed=5")
    held = [
        set(split_indices(garments.train.labels, folder.config.training)[1].tolist())
        for folder in (one, other)
    ]
    assert before_after(one, other, SHIRTS, settings).images == len(held[0] & held[1]) < 300


def test_what_the_first_weights_had_learned_counts_as_seen(make_run, settings):
    ancestor = make_run(0.5, "seed=5")
    before = make_run(0.8)
    after = make_run(0.2, f"initial_weights={ancestor.id}")
    grandchild = make_run(0.2, f"initial_weights={after.id}")
    assert 100 < before_after(before, after, SHIRTS, settings).images < 200
    assert 100 < before_after(before, grandchild, SHIRTS, settings).images < 200
    child = make_run(0.2, f"initial_weights={before.id}")
    assert before_after(before, child, SHIRTS, settings).images == 300


def test_what_the_shipped_model_had_learned_is_not_taken_for_unseen(make_run, settings):
    """Which images those were can be known only where its beginnings and the images are."""
    plain = make_run(0.8, "dataset=fashion-mnist")
    tuned = make_run(0.2, "dataset=fashion-mnist", "initial_weights=shipped")
    with pytest.raises(DataError):
        before_after(plain, tuned, SHIRTS, settings)


def test_what_the_shipped_model_began_with_is_nobodys_to_know(make_run, settings):
    tuned = make_run(0.2, "initial_weights=shipped")
    assert before_after(make_run(0.8), tuned, SHIRTS, settings).images == 300


def test_a_beginning_that_is_gone_is_refused(make_run, settings):
    with pytest.raises(DataError, match=r"started from is gone.*random weights"):
        before_after(make_run(), make_run(0.2, "initial_weights=gone"), SHIRTS, settings)


def test_an_ancestor_that_held_nothing_back_leaves_no_image(make_run, settings):
    all_seen = make_run(0.5, "validation_share=0", "keep_weights=last")
    after = make_run(0.2, f"initial_weights={all_seen.id}")
    with pytest.raises(DataError, match="No image is left"):
        before_after(make_run(), after, SHIRTS, settings)


def test_runs_without_answers_say_what_to_do(make_run, settings):
    none_back = make_run(0.5, "validation_share=0", "keep_weights=last")
    with pytest.raises(DataError, match="no validation images"):
        before_after(none_back, make_run(), SHIRTS, settings)
    older = make_run()
    older.validation_path.unlink()
    with pytest.raises(DataError, match=r"not stored.*Evaluate the run again"):
        before_after(older, make_run(), SHIRTS, settings)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut"])
def test_damaged_answers_are_named(make_run, settings, content):
    damaged = make_run()
    damaged.validation_path.write_bytes(content)
    with pytest.raises(DataError, match=r"validation\.npz is damaged"):
        before_after(damaged, make_run(), SHIRTS, settings)


def test_another_data_set_is_refused(make_run, settings):
    foreign = make_run()
    held = load_validation_predictions(foreign)
    store_validation_predictions(
        foreign, ValidationPredictions(held.predictions, held.indices, "0" * 64)
    )
    with pytest.raises(DataError, match="same data set"):
        before_after(make_run(), foreign, SHIRTS, settings)


def test_a_class_that_is_missing_is_named():
    labels = np.zeros(5, np.uint8)
    said = Predictions(answers(labels, 0), labels)
    with pytest.raises(DataError, match="None of the 5 images is of the class Shirt"):
        compare(said, said, SHIRTS, "validation")


def test_equal_networks_differ_by_nothing(make_run, settings):
    found = before_after(make_run(0.5), make_run(0.5), SHIRTS, settings)
    assert all(change.difference == 0 and not change.better for change in found.rows)


def test_the_best_is_better_by_more_than_chance(make_run, settings):
    base = make_run(0.8)
    tried = {"much": 0.1, "some": 0.4, "none": 0.8, "worse": 0.9}
    results = {
        name: before_after(base, make_run(share), SHIRTS, settings) for name, share in tried.items()
    }
    assert best_of(results) == "much"
    assert best_of({name: results[name] for name in ("none", "worse")}) is None
    assert best_of({}) is None


def test_what_costs_all_the_others_is_not_chosen():
    labels = (np.arange(400) % 10).astype(np.uint8)
    before = answers(labels, 0.8)
    after = answers(labels, 0.0)
    after[labels == 3] = np.eye(10, dtype=np.float32)[5]
    after[labels == 4] = np.eye(10, dtype=np.float32)[5]
    said = [Predictions(each, labels) for each in (before, after)]
    result = compare(said[0], said[1], SHIRTS, "validation")
    assert result.mixed_up.better
    assert result.overall.worse
    assert best_of({"greedy": result}) is None


def test_nothing_is_chosen_by_test_images(make_run):
    with pytest.raises(DataError, match="never on test images"):
        best_of({"peeked": reveal(make_run(0.8), make_run(0.1), SHIRTS)})


def test_a_folder_of_no_run_is_refused(settings, make_run):
    with pytest.raises(LabError):
        before_after(RunFolder(settings.runs_dir / "none"), make_run(), SHIRTS, settings)
