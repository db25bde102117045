"""Searches for suspects in the worker: begun once, told about, stopped."""

import asyncio
from typing import Any

import numpy as np
import pytest

from fmnist_core.background_job import JobState
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.label_issues import LabelIssues
from fmnist_core.datasets.label_issues.store import save_label_issues
from fmnist_core.engine.inference import label_issues, worker_client
from fmnist_core.engine.inference.label_issues import (
    Wanted,
    begin_search,
    search_state,
    stop_search,
)
from fmnist_core.engine.inference.worker_client import Question
from fmnist_core.settings import load_settings
from tests.core.engine.conftest import over

pytestmark = pytest.mark.training


def wanted(name: str, garments: Dataset, **changes: str) -> Wanted:
    facts = {"name": name, "fingerprint": garments.identity.fingerprint, **changes}
    return Wanted(**facts, held_back=np.zeros(len(garments.train), bool))


def answered(digest: str, question: Question, *arguments: Any) -> tuple[Any] | None:
    return asyncio.run(
        worker_client.answer(digest, "synthetic-garments", question.name, *arguments)
    )


def begun(digest: str, what: Wanted) -> JobState[LabelIssues]:
    answer = answered(digest, begin_search, what)
    return answer[0]


def state_of(name: str) -> JobState[LabelIssues]:
    # Nothing about it is asked of the network, which the worker may have let go of.
    answer = answered("never sent", search_state, name)
    return answer[0]


def not_begun(name: str) -> bool:
    state = state_of(name)
    return not state.running and state.result is None and state.error is None


def ended(name: str) -> JobState[LabelIssues]:
    return over(lambda: state_of(name), "the end of the search")


def test_what_was_found_is_told_and_kept(digest, garments):
    assert not_begun("told.json")
    assert begun(digest, wanted("told.json", garments)).error is None
    found = ended("told.json").result
    assert (found.images, found.fingerprint) == (600, garments.identity.fingerprint)
    assert (load_settings().cache_dir / "suspects" / "told.json").is_file()
    assert begun(digest, wanted("told.json", garments)).result is found


def test_what_is_kept_is_not_searched_again(digest, garments):
    kept = LabelIssues(garments.identity.fingerprint, 7, 0, (), ())
    save_label_issues(load_settings().cache_dir / "suspects" / "kept.json", kept)
    begun(digest, wanted("kept.json", garments))
    assert ended("kept.json").result == kept


def test_a_search_can_be_stopped_and_begun_again(digest, garments, monkeypatch):
    # Long rests, so that it is surely still at it.
    monkeypatch.setattr(label_issues, "_REST", 1000.0)
    begun(digest, wanted("stopped.json", garments))
    answered("never sent", stop_search, "stopped.json")
    assert not_begun("stopped.json")
    answered("never sent", stop_search, "stopped.json")
    monkeypatch.setattr(label_issues, "_REST", 0.0)
    begun(digest, wanted("stopped.json", garments))
    assert ended("stopped.json").result is not None


def test_other_images_of_the_same_name_are_not_searched(digest, garments):
    what = wanted("other.json", garments, fingerprint="0" * 64)
    begun(digest, what)
    error = ended("other.json").error
    assert "other images" in str(error)
    # The images may have been replaced since: it is tried again.
    begun(digest, what)
    assert ended("other.json").error is not error


def test_a_network_that_was_not_sent_is_asked_for(garments):
    assert answered("never sent", begin_search, wanted("x.json", garments)) is None
