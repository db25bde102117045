"""The results of a class: a table with a row for each student, and a report of each best run."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event

from fmnist_core.atomic_files import read_json
from fmnist_core.background_job import Jobs, JobState, Report
from fmnist_core.classroom import Classroom, Member
from fmnist_core.datasets.split import count_images
from fmnist_core.errors import ClassError, LabError
from fmnist_core.exchange.exporting.formats import REPORT, format_named
from fmnist_core.exchange.exporting.job import begin_export, export_state
from fmnist_core.exchange.exporting.subject import subject_of
from fmnist_core.permissions import check_teacher
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.safe_csv import csv_file
from fmnist_core.settings import Settings

_POLL_SECONDS = 0.3
_HEAD = (
    "student",
    "runs",
    "training minutes of all runs",
    "best run (by validation accuracy)",
    "validation accuracy of the best run",
    "validation images",
    "data set",
    "epochs of the best run",
    "parameters of the best run",
    "training minutes of the best run",
    "lesson steps answered",
)


@dataclass(frozen=True)
class StudentResult:
    """What a student has reached.

    Attributes:
        runs: All of theirs, newest first, without copies of others'.
        best: The one with the best accuracy on its own validation images; None without any.
        validation_images: Of the best run.
        steps: Of lessons, which they answered.
    """

    member: Member
    runs: tuple[RunSummary, ...]
    best: RunSummary | None
    validation_images: int
    steps: int


def results(settings: Settings) -> tuple[StudentResult, ...]:
    """One for each student of the class, in the order in which they joined.

    Raises:
        NotAllowedError: A student acts.
    """
    check_teacher("see the results of the class")
    runs, steps = list_runs(settings), _answered_steps(settings)
    students = [one for one in Classroom(settings).members() if one.role == "student"]
    return tuple(
        _result(
            one,
            [run for run in runs if run.owner == one.id and run.origin is None],
            steps[one.id],
            settings,
        )
        for one in students
    )


def results_csv(settings: Settings) -> bytes:
    """The same as a file for spreadsheets.

    Raises:
        NotAllowedError: A student acts.
    """
    return csv_file(_HEAD, map(_row, results(settings)))


def best_of(runs: Sequence[RunSummary]) -> RunSummary | None:
    """The run with the best validation accuracy among those that ended with a network."""
    ended = [run for run in runs if run.evaluated and run.best_validation_accuracy is not None]
    return max(ended, key=lambda run: run.best_validation_accuracy or 0.0, default=None)


def make_reports(settings: Settings) -> JobState[bytes]:
    """Makes a ZIP file with a report of each student's best run; the state of that.

    Each report is made by a process of its own, one after the other: a few seconds each.

    Raises:
        NotAllowedError: A student acts.
    """
    found = results(settings)

    def make(report: Report, _stopped: Event) -> bytes:
        return _reports([one for one in found if one.best is not None], settings, report)

    return _jobs.at(_key(found, settings), make, retry=True).state()


def reports_state(settings: Settings) -> JobState[bytes]:
    """How far it is; that of other best runs counts as none.

    Raises:
        NotAllowedError: A student acts.
    """
    return _jobs.state(_key(results(settings), settings))


def stop_reports(settings: Settings) -> None:
    """Stops it.

    Raises:
        NotAllowedError: A student acts.
    """
    _jobs.stop(_key(results(settings), settings))


def forget_reports() -> None:
    """Drops what was made: it has names in it."""
    global _jobs
    _jobs = Jobs(1)


_jobs: Jobs[bytes] = Jobs(1)


def _key(found: Sequence[StudentResult], settings: Settings) -> Hashable:
    return settings.home, tuple((one.member.id, one.best and one.best.id) for one in found)


def _reports(found: Sequence[StudentResult], settings: Settings, report: Report) -> bytes:
    if not found:
        raise ClassError("No student has a finished run yet.", advice="Wait for the first one.")
    memory, used = io.BytesIO(), Counter[str]()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(found):
            words = f"report of {one.member.nickname}, {number + 1} of {len(found)}"
            said = partial(report, number / len(found), words)
            name = _file_name(one.member.nickname)
            used[name] += 1
            place = name if used[name] == 1 else f"{name}-{used[name]}"
            try:
                archive.writestr(f"{place}.html", _report_of(one, settings, said))
            except LabError as error:
                archive.writestr(f"{place}.txt", f"There is no report. {error}\n")
    return memory.getvalue()


def _report_of(one: StudentResult, settings: Settings, said: Callable[[], None]) -> bytes:
    subject = subject_of(one.best.id if one.best else "", settings)
    wanted = format_named(REPORT)
    state = export_state(subject, wanted, settings)
    if state.result is None and not state.running:
        begin_export(subject, wanted, settings)
    while True:
        said()
        state = export_state(subject, wanted, settings)
        if state.error is not None:
            raise state.error
        if state.result is not None:
            return state.result.path.read_bytes()
        if not state.running:
            raise ClassError("Somebody stopped the report.", advice="Make the reports again.")
        time.sleep(_POLL_SECONDS)


def _file_name(nickname: str) -> str:
    """What every system takes for a file's name."""
    return re.sub(r"[^\w-]+", "_", nickname).strip("_") or "student"


def _result(
    member: Member, runs: Sequence[RunSummary], steps: int, settings: Settings
) -> StudentResult:
    best, images = best_of(runs), 0
    if best is not None:
        with suppress(LabError):
            training = RunFolder(settings.runs_dir / best.id).config.training
            images = count_images(training).validation
    return StudentResult(member, tuple(runs), best, images, steps)


def _row(one: StudentResult) -> Sequence[object]:
    minutes = sum(run.seconds for run in one.runs) / 60
    first = [one.member.nickname, len(one.runs), f"{minutes:.1f}"]
    if (best := one.best) is None:
        return [*first, *[""] * 7, one.steps]
    figures = [best.name, f"{best.best_validation_accuracy:.4f}", one.validation_images, best.data]
    return [
        *first,
        *figures,
        best.epoch,
        best.parameters,
        f"{best.seconds / 60:.1f}",
        one.steps,
    ]


def _answered_steps(settings: Settings) -> Counter[str]:
    """By member; the file of a lesson has an entry for each step that was answered."""
    found = Counter[str]()
    for path in (settings.home / "lessons" / "answers").glob("*.json"):
        value = read_json(path)
        if isinstance(value, dict):
            found[path.name.partition("-")[0]] += sum(key.isdecimal() for key in value)
    return found
