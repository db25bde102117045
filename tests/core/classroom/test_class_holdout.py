"""What a class holds back: no run of it learns from it or chooses by it, and nobody sees it."""

import hashlib
import json
from dataclasses import replace
from functools import reduce
from operator import getitem

import numpy as np
import pytest

from fmnist_core.config import ClassHoldoutConfig, RunConfig, override
from fmnist_core.config.migration import first_names
from fmnist_core.config.run import ADDED
from fmnist_core.datasets.label_issues import LabelIssues, Mislabelled
from fmnist_core.datasets.split import TRAIN_IMAGES, class_holdout, count_images
from fmnist_core.engine import client
from fmnist_core.engine.inference.label_issues import _shown
from fmnist_core.engine.submission import enqueue
from fmnist_core.errors import ConfigError
from fmnist_core.models.prediction import Neighbours
from fmnist_core.permissions import set_actor
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepConfig, parse_dimension
from fmnist_core.training.class_holdout import for_class, hidden_images, holdout_of_class
from fmnist_core.training.splits import split_indices
from tests.conftest import act_as
from tests.nets import PLAIN

SYNTHETIC = "synthetic-garments"


@pytest.fixture
def config(garments, classroom, monkeypatch):
    """Of the few garments of the tests."""
    monkeypatch.setitem(TRAIN_IMAGES, SYNTHETIC, len(garments.train))
    from fmnist_core.datasets.array_cache import save_arrays
    from fmnist_core.datasets.synthetic import synthetic_folder

    save_arrays(synthetic_folder(load_settings()), garments)
    return override(PLAIN, (f"dataset={SYNTHETIC}",))


def test_a_run_of_the_class_knows_nothing_of_what_is_held_back(config, garments, ada):
    act_as(ada)
    forged = replace(
        config, training=replace(config.training, class_holdout=ClassHoldoutConfig(0, 7))
    )
    for asked in (config, forged):
        saved = RunFolder(
            load_settings().runs_dir / enqueue(asked, settings=load_settings()).run_id
        ).config
        held = class_holdout(garments.train.labels, saved.training.class_holdout)
        learn, choose = split_indices(garments.train.labels, saved.training)
        assert saved.training.class_holdout == holdout_of_class(SYNTHETIC, load_settings())
        assert len(held) == 20
        assert set(garments.train.labels[held]) == set(range(10))
        assert not set(held) & (set(learn) | set(choose))
        assert len(learn) + len(choose) == 580
        counts = count_images(saved.training)
        assert (counts.train, counts.validation) == (len(learn), len(choose))


def test_a_sweep_holds_back_the_same(config, ada, monkeypatch):
    monkeypatch.setattr(client, "wake", lambda _: None)
    act_as(ada)
    sweep = SweepConfig(config, (parse_dimension("learning_rate=0.1,0.2"),))
    saved, _ = client.start_sweep(sweep, settings=load_settings()).read()
    assert saved.base == for_class(config, load_settings())
    with pytest.raises(ConfigError):
        SweepConfig(config, (parse_dimension("class_holdout.images=0,5"),))


def test_another_class_holds_back_others_and_alone_nothing_is(config, classroom, monkeypatch):
    first = holdout_of_class(SYNTHETIC, load_settings())
    (load_settings().home / "class" / "secret").write_bytes(b"x" * 32)
    assert holdout_of_class(SYNTHETIC, load_settings()).split_seed != first.split_seed
    monkeypatch.delenv("FMNIST_CLASS")
    assert for_class(config, load_settings()) == config


def test_more_than_is_left_is_refused(config):
    asked = for_class(override(config, ("train_images=590",)), load_settings())
    with pytest.raises(ConfigError, match="at most 580"):
        count_images(asked.training)


def test_a_configuration_of_before_opens_and_is_known_by_its_fingerprint(config):
    before = config.to_json()
    del before["training"]["class_holdout"]
    assert RunConfig.from_json(before) == config
    for path in set(ADDED) - {"training.class_holdout"}:
        *parents, name = path.split(".")
        del reduce(getitem, parents, before)[name]
    canonical = json.dumps(first_names(before), sort_keys=True).encode()
    assert config.fingerprint == hashlib.sha256(canonical).hexdigest()[:16]
    with_it = for_class(config, load_settings())
    assert RunConfig.from_json(json.loads(json.dumps(with_it.to_json()))) == with_it
    assert config.fingerprint != with_it.fingerprint


def test_label_issues_and_neighbours_leave_them_out(config, garments, ada):
    hidden = hidden_images(garments, load_settings())
    shown = int(np.setdiff1d(np.arange(600), hidden)[0])
    found = [Mislabelled(int(one), 1, 2, 0.9, 0.1, 0.9, True, 0.8) for one in (hidden[0], shown)]
    issues = LabelIssues(garments.identity.fingerprint, 600, 60, tuple(found), ())
    assert [one.index for one in _shown(issues, SYNTHETIC, load_settings()).mislabelled] == [shown]
    indices = np.array([hidden[0], shown])
    near = Neighbours(
        SYNTHETIC, indices, np.zeros(2, np.float32), np.ones(2, np.uint8), np.zeros((2, 28, 28))
    )
    assert near.without(hidden).indices.tolist() == [shown]
    set_actor(lambda: None)
