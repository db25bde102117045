"""Sweeps go on in the engine: it begins trials in free slots, stops laggards, notes what came out.

All that is known of a sweep is in its folder and in the folders of its runs. Each look begins
there, so that an engine that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

from fmnist_core.engine import presence
from fmnist_core.engine.sweep_trials import begin_trial, look_at, stop_run
from fmnist_core.errors import LabError
from fmnist_core.settings import Settings
from fmnist_core.sweeps import Sweep, SweepEnd, SweepFolder, Trial, read_sweep, unfinished
from fmnist_core.sweeps.advisor import importance, next_values

_PACE_SECONDS = 0.25
_TROUBLE_SECONDS = 3.0
# What fails so often from the start fails for a reason that all trials share.
_FAILURES_AT_FIRST = 3

log = logging.getLogger(__name__)


class SweepDriver:
    """Never has more trials in the queue than the engine has slots, all sweeps together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._not_before: dict[str, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set; at the next start it goes on."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.turn)
            except (LabError, OSError) as error:
                log.error("Sweeps: %s", error)
            except Exception:
                log.exception("A look at the sweeps failed.")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PACE_SECONDS)

    def turn(self) -> None:
        """One look at every sweep that is not over."""
        free = self._slots()
        hungry: dict[SweepFolder, int] = {}
        for folder in unfinished(self._settings):
            sweep = self._looked_at(folder) if self._is_due(folder) else None
            if sweep is None:
                continue
            free -= _active(sweep)
            if sweep.state == "running":
                hungry[folder] = _active(sweep)
        self._begin_trials(hungry, free)

    def _begin_trials(self, hungry: dict[SweepFolder, int], free: int) -> None:
        """Fills the free slots; who has the fewest trials in the engine comes first."""
        while hungry and free > 0:
            folder = min(hungry, key=lambda one: hungry[one])
            begun = self._begin(folder)
            if begun is None:
                del hungry[folder]
            else:
                hungry[folder] += begun
                free -= begun

    def _is_due(self, folder: SweepFolder) -> bool:
        return time.monotonic() >= self._not_before.get(folder.id, 0.0)

    def _slots(self) -> int:
        info = presence.read_info(self._settings)
        return info.slots if info else self._settings.slots

    def _later(self, folder: SweepFolder, error: Exception) -> None:
        """One sweep in trouble (a full disk) does not hold up the others."""
        log.error("%s: %s Trying again.", folder.id, error)
        self._not_before[folder.id] = time.monotonic() + _TROUBLE_SECONDS

    def _looked_at(self, folder: SweepFolder) -> Sweep | None:
        try:
            return self._look(folder)
        except (LabError, OSError) as error:
            self._later(folder, error)
            return None

    def _look(self, folder: SweepFolder) -> Sweep:
        config, _ = folder.read()
        before = folder.trials
        trials = tuple(look_at(trial, before, folder, config, self._settings) for trial in before)
        if any(old.active and not new.active for old, new in zip(before, trials, strict=True)):
            folder.set_importance(importance(config, trials))
        sweep = read_sweep(folder, self._settings)
        if sweep.state == "stopping":
            for trial in trials:
                stop_run(trial, self._settings)
        end = _end_of(sweep, trials)
        if end is None:
            return sweep
        folder.set_end(end)
        return read_sweep(folder, self._settings)

    def _begin(self, folder: SweepFolder) -> int | None:
        """How many runs it began: one, none where it was refused; None where none can be begun."""
        sweep = read_sweep(folder, self._settings)
        assert sweep.config is not None
        try:
            found = _next_trial(folder, sweep)
            if found is None:
                return None
            trial, again = found
            place = (folder, sweep.config, sweep.meta, self._settings)
            return int(begin_trial(trial, *place, again=again))
        except (LabError, OSError) as error:
            self._later(folder, error)
            return None


def _next_trial(folder: SweepFolder, sweep: Sweep) -> tuple[Trial, bool] | None:
    """A new trial, or one that was noted before and is to be begun again (true).

    None where all were begun.
    """
    assert sweep.config is not None
    for trial in sweep.trials:
        if trial.state == "new":
            return trial, True
    values = next_values(sweep.config, sweep.trials)
    return None if values is None else (folder.note_trial(len(sweep.trials) + 1, values), False)


def _active(sweep: Sweep) -> int:
    return sum(trial.state in ("waiting", "training") for trial in sweep.trials)


def _end_of(sweep: Sweep, trials: Sequence[Trial]) -> SweepEnd | None:
    assert sweep.config is not None
    if any(trial.state in ("waiting", "training") for trial in trials):
        return None
    if sweep.state == "stopping":
        return SweepEnd("stopped")
    complete = len(trials) >= sweep.config.total and not any(trial.active for trial in trials)
    if any(trial.judged for trial in trials):
        return SweepEnd("finished") if complete else None
    failed = [trial for trial in trials if trial.state == "failed"]
    if len(failed) >= _FAILURES_AT_FIRST or (complete and trials):
        return _failure(trials, failed)
    return None


def _failure(trials: Sequence[Trial], failed: Sequence[Trial]) -> SweepEnd:
    first = (list(failed) or [trial for trial in trials if trial.error] or list(trials))[0]
    what = "All trials failed." if failed else "None of the combinations can be trained."
    if failed and len(failed) < len(trials):
        what = "No trial came to a figure."
    return SweepEnd("failed", f"{what} {first.error}".strip(), first.advice)
