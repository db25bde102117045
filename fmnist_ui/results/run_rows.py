"""The rows of the table of runs: a run, the seeds of a configuration, or the trials of a sweep."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fmnist_core.engine.waiting_line import ordinal, waiting_line
from fmnist_core.errors import LabError
from fmnist_core.evaluation import Repeats, repeats
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import Settings, load_settings
from fmnist_core.sweeps import SweepFolder, trial_runs
from fmnist_ui.components.data_table import COUNT, MOMENT, SHARE, TAGS, WRITTEN, Column
from fmnist_ui.lab_state import nickname_of
from fmnist_ui.words import state_words

_SHORT = {"fashion-mnist": "Fashion-MNIST", "synthetic-garments": "Synthetic"}

# What needs looking at gives a row of several runs its state.
_STATES = ("running", "paused", "queued", "failed", "crashed", "damaged", "stopped", "finished")

_FOLDED, _OPEN, _WITHIN = "▸ ", "▾ ", "\N{EM SPACE}"


@dataclass(frozen=True)
class Row:
    """One row, and the runs it stands for.

    Attributes:
        id: The run's, or one of its own where it stands for several.
        shown: What the row says.
        runs: All its runs; more than one can be folded away.
        compared: Those that are compared where the row is ticked: of a sweep the best alone.
        seed: Its seed, or how many seeds or trials there are.
        deviation: Standard deviation of the test accuracy over seeds; None where there is none.
        sign: Before its name: whether it is folded, open, or part of one that is open.
    """

    id: str
    shown: RunSummary
    runs: tuple[RunSummary, ...]
    compared: tuple[RunSummary, ...]
    seed: str
    deviation: float | None = None
    sign: str = ""

    @property
    def several(self) -> bool:
        return len(self.runs) > 1

    @property
    def seeds(self) -> bool:
        """Whether it stands for seeds of one configuration."""
        return self.several and len(self.compared) > 1


def rows_of(
    runs: Sequence[RunSummary], groups: Sequence[Row], opened: Collection[str] = ()
) -> list[Row]:
    """All rows, in the order of their first run.

    Args:
        groups: Rows that stand for several runs.
        opened: Those of them below which each of their runs has a row of its own.
    """
    place = {run.id: group for group in groups for run in group.runs}
    found: dict[str, Row] = {}
    for run in runs:
        group = place.get(run.id)
        if group is None:
            found[run.id] = _single(run)
        elif group.id not in found:
            unfolded = group.id in opened
            found[group.id] = replace(group, sign=_OPEN if unfolded else _FOLDED)
            if unfolded:
                found |= {one.id: replace(_single(one), sign=_WITHIN) for one in group.runs}
    return list(found.values())


def _single(run: RunSummary) -> Row:
    return Row(run.id, run, (run,), (run,), "" if run.state == "damaged" else str(run.seed))


def groups_of(runs: Sequence[RunSummary], settings: Settings) -> list[Row]:
    """A row for all seeds of a configuration, and one for all trials of a sweep."""
    sweep_of = trial_runs(settings)
    alone = [run for run in runs if run.id not in sweep_of]
    seeds = [_of_seeds(found) for found in repeats(alone) if len(found.runs) > 1]
    return [*seeds, *_of_sweeps(runs, sweep_of, settings)]


def _of_seeds(found: Repeats) -> Row:
    """Means of what is counted, the state that matters most."""
    group, runs = found.group, found.runs
    validation = group.validation.mean if group and group.validation else None
    counted, begun = len(found.counted), len(runs)
    return Row(
        f"seeds/{runs[0].id}",
        replace(
            _together(runs),
            name=found.name,
            best_validation_accuracy=validation,
            test_accuracy=group.spread.mean if group else None,
        ),
        runs,
        runs,
        f"{begun} seeds" if counted == begun else f"{counted} of {begun} seeds",
        group.spread.deviation if group else None,
    )


def _of_sweeps(
    runs: Sequence[RunSummary], sweep_of: dict[str, str], settings: Settings
) -> Iterator[Row]:
    trials: dict[str, list[RunSummary]] = {}
    for run in runs:
        if run.id in sweep_of:
            trials.setdefault(sweep_of[run.id], []).append(run)
    for sweep_id, of_it in trials.items():
        if len(of_it) > 1:
            yield _of_trials(sweep_id, tuple(reversed(of_it)), settings)


def _of_trials(sweep_id: str, runs: tuple[RunSummary, ...], settings: Settings) -> Row:
    """The trial that is best on its validation images, or the first without any figure."""
    best = max(runs, key=lambda run: run.best_validation_accuracy or -1.0)
    shown = replace(
        _together(runs),
        name=f"{_name_of(sweep_id, settings)}, best trial",
        configuration=best.configuration,
        parameters=best.parameters,
        best_validation_accuracy=best.best_validation_accuracy,
        test_accuracy=best.test_accuracy,
    )
    return Row(f"sweep/{sweep_id}", shown, runs, (best,), f"{len(runs)} trials")


def _name_of(sweep_id: str, settings: Settings) -> str:
    try:
        return SweepFolder.open(settings.sweeps_dir, sweep_id).read()[1].name
    except LabError:
        return sweep_id


def _together(runs: Sequence[RunSummary]) -> RunSummary:
    return replace(
        runs[0],
        state=min((run.state for run in runs), key=_STATES.index),
        tags=tuple(dict.fromkeys(tag for run in runs for tag in run.tags)),
        epoch=sum(run.epoch for run in runs),
        epochs=sum(run.epochs for run in runs),
        seconds=sum(run.seconds for run in runs),
        created=max(run.created for run in runs),
    )


def _students(runs: Sequence[RunSummary]) -> list[Column]:
    """Of a class, in which most runs have the same name; none alone."""
    if not load_settings().in_class:
        return []
    return [Column("Student", [nickname_of(run.owner) for run in runs], width=96)]


def columns_of(rows: Sequence[Row]) -> list[Column]:
    """What tells runs apart comes first, on a phone too: name, accuracy, seed and date."""
    runs = [row.shown for row in rows]
    return [
        Column("Name", [_name(row) for row in rows], width=166),
        *_students(runs),
        Column(
            "Test",
            [run.test_accuracy for run in runs],
            SHARE,
            "Accuracy on the test images; mean of several seeds, of a sweep its best trial.",
            width=66,
        ),
        Column("Seed", [row.seed for row in rows], WRITTEN, width=66),
        Column("Created", [datetime.fromtimestamp(run.created) for run in runs], MOMENT, width=102),
        Column(
            "Validation",
            [run.best_validation_accuracy for run in runs],
            SHARE,
            "Best accuracy on the validation images; use this to choose.",
            width=82,
        ),
        *_deviations(rows),
        Column("State", _states(runs), width=106),
        Column(
            "Configuration",
            [run.configuration for run in runs],
            help="The preset, and what differs from it.",
            width=190,
        ),
        Column(
            "Data",
            [_SHORT.get(run.data, run.data) for run in runs],
            width=112,
            help="Training data set.",
        ),
        Column("Parameters", [run.parameters for run in runs], COUNT, width=92),
        Column(
            "Seconds",
            [run.seconds or None for run in runs],
            "%.0f",
            "Training time in seconds; of all runs in the row.",
            width=72,
        ),
        Column("Tags", [list(run.tags) for run in runs], TAGS, width=124),
    ]


def _name(row: Row) -> str:
    """With a sign of its state where there is no accuracy to look for."""
    sign = "" if row.shown.state == "finished" else f"{state_words(row.shown.state).sign} "
    return f"{row.sign}{sign}{row.shown.name}"


def _deviations(rows: Sequence[Row]) -> list[Column]:
    if all(row.deviation is None for row in rows):
        return []
    written = [None if row.deviation is None else f"± {100 * row.deviation:.2f}" for row in rows]
    words = "Standard deviation of the test accuracy between seeds, in percentage points."
    return [Column("SD", written, WRITTEN, words, width=62)]


def _states(runs: Sequence[RunSummary]) -> list[str]:
    """With its place in line for a run that waits."""
    places: dict[str, str] = {}
    if any(run.state == "queued" for run in runs):
        line = waiting_line(load_settings())
        places = {place.run_id: ordinal(place.position) for place in line.places}
    return [_state(run, places.get(run.id, "")) for run in runs]


def _state(run: RunSummary, place: str) -> str:
    words = state_words(run.state).in_text
    if place:
        return f"{words}, {place}"
    return f"{words} {run.epoch}/{run.epochs}" if run.active and run.epochs else words
