"""Shares with intervals, exemplary images and confused pairs, against scikit-learn and by hand."""

import numpy as np
import pytest

from fmnist_core.evaluation import Predictions, class_reports, confused_pairs, exemplars, wilson


def counts_of(labels, predicted):
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, predicted, labels=range(10)).astype(np.int64)


@pytest.fixture(scope="module", params=range(5))
def guesses(request):
    random = np.random.default_rng(request.param)
    labels = random.integers(0, 10, 900)
    return labels, np.where(random.random(900) < 0.7, labels, random.integers(0, 10, 900))


def test_the_report_is_scikit_learns_to_the_last_digit(guesses):
    from sklearn.metrics import precision_recall_fscore_support

    reports = class_reports(counts_of(*guesses))
    precision, recall, f1, support = precision_recall_fscore_support(*guesses)
    assert [r.precision.value for r in reports] == precision.tolist()
    assert [r.recall.value for r in reports] == recall.tolist()
    assert [r.f1.value for r in reports] == f1.tolist()
    assert [r.support for r in reports] == support.tolist()


def test_intervals_rest_on_the_images_of_each_share(guesses):
    counts = counts_of(*guesses)
    report = class_reports(counts)[3]
    right, called, support = int(counts[3, 3]), int(counts[:, 3].sum()), int(counts[3].sum())
    assert report.name == "Dress"
    assert report.precision.interval == wilson(right, called)
    assert report.recall.interval == wilson(right, support)
    assert (report.precision.of, report.recall.of) == (called, support)
    assert report.f1.of == called + support - right


def test_the_interval_of_f1_holds_the_truth_as_often_as_it_says():
    # Of 300 images a third are of the class: found with 0.8, others called so with 0.1.
    random, held = np.random.default_rng(7), 0
    truth = 2 * 0.8 / 3 / (0.8 / 3 + 0.2 / 3 + 2 * 0.1 / 3 + 0.8 / 3)
    for _ in range(400):
        labels = random.choice([1, 0, 0], 300)
        called = np.where(labels == 1, random.random(300) < 0.8, random.random(300) < 0.1)
        low, high = class_reports(counts_of(labels, called.astype(int)))[1].f1.interval
        held += low <= truth <= high
    assert 0.92 < held / 400 < 0.98


def test_a_class_without_images_may_be_anything():
    report = class_reports(counts_of([0, 0], [0, 0]))[4]
    assert (report.recall.value, report.recall.interval, report.recall.of) == (0, (0, 1), 0)
    assert report.f1.interval == (0, 1)


def said(of_truth):
    """Images of class 4 whose true class has these probabilities; class 2 has the rest."""
    rows = np.zeros((len(of_truth), 10), np.float32)
    rows[:, 4], rows[:, 2] = of_truth, 1 - np.array(of_truth)
    return Predictions(rows, np.full(len(of_truth), 4))


def test_exemplars_are_the_ends_and_the_middle():
    found = exemplars(said([0.5, 0.1, 0.9, 0.3, 0.7]), 4, count=2)
    assert found.best.tolist() == [2, 4]
    assert found.worst.tolist() == [1, 3]
    assert found.typical.tolist() == [3, 0]
    many = exemplars(said([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]), 4, count=3)
    assert sorted(many.typical.tolist()) == [3, 4, 5]


def test_few_images_are_all_there_is():
    found = exemplars(said([0.5]), 4)
    assert found.best.tolist() == found.typical.tolist() == found.worst.tolist() == [0]
    assert not len(exemplars(said([0.5]), 7).best)


def test_pairs_count_both_directions():
    counts = np.diag(np.full(10, 50))
    counts[6, 0], counts[0, 6], counts[4, 2] = 9, 3, 5
    pairs = confused_pairs(counts)
    assert [(p.first, p.second, p.count, p.back) for p in pairs] == [(6, 0, 9, 3), (4, 2, 5, 0)]
    assert pairs[0].both == 12
    assert pairs[0].rate.value == 9 / 59
    assert pairs[0].back_rate.interval == wilson(3, 53)
    assert len(confused_pairs(counts, 1)) == 1
    assert confused_pairs(np.diag(np.full(10, 5))) == []


def test_the_surest_errors_come_first():
    found = said([0.4, 0.9, 0.1, 0.3])
    assert found.most_confident_errors(9).tolist() == [2, 3, 0]
    assert found.most_confident_errors(1).tolist() == [2]
