"""The leaderboard of a class: its runs on training images that all of them held back.

HOME/class/judged/RUN.json     which of these images the run's network classified correctly
HOME/class/leaderboard.json    what the accuracy is shown against

A student enters with one run, the best by its own validation accuracy, and its network is asked
about the images that nobody trained with and nobody sees. Two runs share a rank where McNemar's
test finds no significant difference between them. The test images are not used.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.background_job import Jobs, JobState, Report
from fmnist_core.classroom import Classroom, Member
from fmnist_core.classwork.results import best_of
from fmnist_core.config import ClassHoldoutConfig
from fmnist_core.datasets import choose_dataset, load_dataset
from fmnist_core.datasets.split import class_holdout
from fmnist_core.engine.client import classify
from fmnist_core.errors import ClassError, LabError
from fmnist_core.evaluation import wilson
from fmnist_core.evaluation.paired_comparison import paired
from fmnist_core.permissions import check_teacher, sight, the_lab_acts
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_NETWORKS, ModelRef
from fmnist_core.settings import Settings
from fmnist_core.training.class_holdout import begun_in_class, holdout_of_class

_log = logging.getLogger(__name__)
Right = NDArray[np.bool_]
AGAINST = ("", "parameters", "minutes")
# Networks that a run began with, or was taught by, and theirs.
_MOST_ANCESTORS = 20


@dataclass(frozen=True, eq=False)
class Entry:
    """A student's run on the leaderboard.

    Attributes:
        right: bool (n,), which of the images held back it classified correctly.
        rank: From 1; runs that do not differ significantly from the first of a rank share it.
        shared: Whether others have the same rank.
    """

    member: Member
    run: RunSummary
    right: Right
    rank: int = 0
    shared: bool = False

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by Wilson."""
        return wilson(int(self.right.sum()), len(self.right))


@dataclass(frozen=True, eq=False)
class Leaderboard:
    """The leaderboard as it is now.

    Attributes:
        dataset: Whose training images are held back.
        images: How many of them.
        entries: The best first; those that who acts may see.
        waiting: Runs whose network was not asked yet.
        without: Students who have no run that counts, as far as who acts may see them.
        against: One of `AGAINST`: what the accuracy is shown against.
    """

    dataset: str
    images: int
    entries: tuple[Entry, ...]
    waiting: int
    without: tuple[Member, ...]
    against: str = ""


def leaderboard(settings: Settings) -> Leaderboard:
    """Reads files alone.

    Raises:
        ClassError: There is no class.
    """
    board = _Board(settings)
    entries = ranked([one for one in board.entries() if one is not None])
    may_see = sight()
    return Leaderboard(
        board.dataset,
        board.holdout.images,
        tuple(one for one in entries if may_see(one.member.id)),
        len(board.unjudged),
        tuple(one for one in board.without if may_see(one.id)),
        shown_against(settings),
    )


def judge(settings: Settings) -> JobState[int]:
    """Asks the networks that were not asked yet, if any, in a thread; its state.

    Raises:
        ClassError: There is no class.
    """
    board = _Board(settings)
    if not board.unjudged:
        return JobState()
    return _jobs.at(board.key, lambda report, stopped: board.judge(report, stopped)).state()


def ranked(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The best first, with ranks: each is compared with the first of the rank above it."""
    found: list[tuple[Entry, int]] = []
    first, rank = None, 0
    for place, one in enumerate(sorted(entries, key=lambda one: (-one.accuracy, one.run.created))):
        if first is None or paired(first.right, one.right).more_than_chance:
            first, rank = one, place + 1
        found.append((one, rank))
    ranks = [rank for _, rank in found]
    return tuple(
        Entry(one.member, one.run, one.right, rank, ranks.count(rank) > 1) for one, rank in found
    )


def shown_against(settings: Settings) -> str:
    """What the accuracy is shown against; empty: in a list alone."""
    value = read_json(_path(settings))
    found = value.get("against") if isinstance(value, dict) else ""
    return found if found in AGAINST else ""


def show_against(settings: Settings, what: str) -> None:
    """Shows the accuracy against the parameters or the training time, to everybody.

    Raises:
        NotAllowedError: A student acts.
        ClassError: There is no such figure.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("set what the leaderboard shows")
    if what not in AGAINST:
        raise ClassError("The leaderboard shows parameters or minutes.", received=what[:40])
    write_json(_path(settings), {"against": what})


def why_not(run_id: str, holdout: ClassHoldoutConfig, settings: Settings) -> str:
    """Why a run does not count; empty where it does."""
    left, seen = [run_id], set[str]()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        if name == SHIPPED or name in SHIPPED_NETWORKS or len(seen) > _MOST_ANCESTORS:
            return "It builds on a network that has learned from the images held back."
        try:
            config = RunFolder(settings.runs_dir / name).config
        except LabError:
            return "It builds on a network whose training is not known."
        if config.training.class_holdout != holdout or not begun_in_class(name, settings):
            return "It was not trained in this class: it may know the images held back."
        distillation = config.training.distillation
        left += [config.training.initial_weights] if config.training.initial_weights else []
        left += [distillation.teacher] if distillation.active else []
    return ""


class _Board:
    """Who enters with which run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.dataset = choose_dataset(settings)
        self.holdout = holdout_of_class(self.dataset, settings)
        if not self.holdout.active:
            raise ClassError("There is no class here.", advice="Start it: `class start`.")
        # In nobody's name: the board shows no more of a run than its figures.
        with the_lab_acts():
            runs = [run for run in list_runs(settings) if run.data in ("", self.dataset)]
            found = {
                one: self._best([run for run in runs if run.owner == one.id])
                for one in Classroom(settings).members()
                if one.role == "student"
            }
            self.best = {one: run for one, run in found.items() if run is not None}
            self._right = {run.id: self._read(run.id) for run in self.best.values()}
        self.without = tuple(one for one, run in found.items() if run is None)
        self.unjudged = [run_id for run_id, right in self._right.items() if right is None]

    @property
    def key(self) -> Hashable:
        return self._settings.home, tuple(self.unjudged)

    def entries(self) -> list[Entry]:
        return [
            Entry(member, run, right)
            for member, run in self.best.items()
            if (right := self._right[run.id]) is not None
        ]

    def judge(self, report: Report, stopped: Event) -> int:
        """Asks one network after the other; returns how many."""
        data = load_dataset(self.dataset, self._settings)
        held = data.train.take(class_holdout(data.train.labels, self.holdout))
        with the_lab_acts():
            for number, run_id in enumerate(self.unjudged):
                report(number / len(self.unjudged), "asking the networks of the class")
                digest = ModelRef.open(run_id, self._settings).digest
                said = classify(run_id, held.images, self._settings)
                right = said.argmax(axis=1) == held.labels
                value = {**self._about(digest), "right": np.packbits(right).tobytes().hex()}
                write_json(self._judged(run_id), value)
        return len(self.unjudged)

    def _best(self, runs: Sequence[RunSummary]) -> RunSummary | None:
        left = list(runs)
        # Reading what a run built on takes longer than to see which one would be the best.
        while (best := best_of(left)) is not None:
            if not why_not(best.id, self.holdout, self._settings):
                return best
            left.remove(best)
        return None

    def _about(self, digest: str) -> dict[str, Any]:
        holdout = [self.dataset, self.holdout.images, self.holdout.split_seed]
        return {"network": digest, "held back": holdout}

    def _read(self, run_id: str) -> Right | None:
        """None where it was not judged yet, on other images, or with another network."""
        value = read_json(self._judged(run_id))
        try:
            about = self._about(ModelRef.open(run_id, self._settings).digest)
            if {key: value[key] for key in about} != about:
                return None
            packed = np.frombuffer(bytes.fromhex(value["right"]), np.uint8)
            return np.unpackbits(packed, count=self.holdout.images).astype(bool)
        except (KeyError, TypeError, ValueError, OSError):
            return None

    def _judged(self, run_id: str) -> Path:
        return self._settings.home / "class" / "judged" / f"{run_id}.json"


def _path(settings: Settings) -> Path:
    return settings.home / "class" / "leaderboard.json"


_jobs: Jobs[int] = Jobs(4)
