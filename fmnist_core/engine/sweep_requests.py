"""What people ask of sweeps; the engine's own process carries it out."""

from __future__ import annotations

from fmnist_core.engine.deletion import discard
from fmnist_core.engine.submission import wake
from fmnist_core.errors import SweepError
from fmnist_core.settings import Settings
from fmnist_core.sweeps import Sweep, SweepConfig, SweepFolder, read_sweep
from fmnist_core.training.check import check_trainable


def start_sweep(
    config: SweepConfig, *, name: str = "", owner: str = "", settings: Settings
) -> SweepFolder:
    """Begins a sweep in the engine, which is started where it is missing; waits for neither.

    Raises:
        ConfigError, ArchitectureError, DataError, NoWeightsError, CollectionError: The
            configuration it begins with cannot be trained (see `check_trainable`); a trial may
            still turn out impossible.
        StorageError: The disk is full or cannot be written.
    """
    check_trainable(config.base, settings)
    folder = SweepFolder.create(settings.sweeps_dir, config, name=name, owner=owner)
    wake(settings)
    return folder


def open_sweep(sweep_id: str, settings: Settings) -> Sweep:
    """The sweep now; a few milliseconds.

    Raises:
        SweepError: There is no such sweep.
    """
    return read_sweep(SweepFolder.open(settings.sweeps_dir, sweep_id), settings)


def stop_sweep(sweep_id: str, settings: Settings) -> None:
    """Asks for a sweep's end: what trains is stopped after its step and judged, all is kept.

    Raises:
        SweepError: There is no such sweep, or it has ended.
        StorageError: The disk is full or cannot be written.
    """
    folder = SweepFolder.open(settings.sweeps_dir, sweep_id)
    if not (sweep := read_sweep(folder, settings)).active:
        raise SweepError("The sweep has ended.", received=f"{sweep_id} ({sweep.state})")
    folder.control.change(stop=True)


def delete_sweep(sweep_id: str, settings: Settings) -> None:
    """Deletes a sweep's record; its runs stay.

    Raises:
        SweepError: There is no such sweep, or it goes on.
        StorageError: The disk cannot be written; the record is whole.
    """
    folder = SweepFolder.open(settings.sweeps_dir, sweep_id)
    if read_sweep(folder, settings).active:
        raise SweepError("The sweep goes on.", received=sweep_id, advice="Stop it first.")
    discard(folder.path)
