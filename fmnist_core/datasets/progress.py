"""Progress and cancellation of long work on data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fmnist_core.errors import DataError


@dataclass(frozen=True)
class Progress:
    """The progress of an operation.

    Attributes:
        what: The file being fetched, or what is being made.
        done: Bytes or images finished, over all files.
        total: Bytes or images in all.
        unit: `"bytes"` or `"images"`.
    """

    what: str
    done: int
    total: int
    unit: str = "bytes"

    @property
    def share(self) -> float:
        """The completed share, 0 to 1."""
        return self.done / self.total if self.total else 0.0


class StopSignal(Protocol):
    """Anything with the `is_set` of a `threading.Event`."""

    def is_set(self) -> bool: ...


class DataStoppedError(DataError):
    """The user stopped the operation; downloads so far are kept."""


def _ignore(_: object) -> None:
    return None


@dataclass(frozen=True)
class Listener:
    """Callbacks of an operation, which may stop it; by default none.

    Attributes:
        progress: Called often, with a `Progress`.
        notice: Called with a sentence for people: a file that is broken, a mirror that fails,
            another process that is waited for.
        should_stop: Checked often; once set, the operation raises `DataStoppedError`.
    """

    progress: Callable[[Progress], None] = _ignore
    notice: Callable[[str], None] = _ignore
    should_stop: StopSignal | None = None

    def raise_if_stopped(self) -> None:
        """Raises `DataStoppedError` once `should_stop` is set."""
        if self.should_stop is not None and self.should_stop.is_set():
            raise DataStoppedError("Stopped as asked.", advice="The next start goes on from here.")
