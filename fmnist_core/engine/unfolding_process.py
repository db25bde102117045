"""Unfolds a map in a process of its own that can be stopped; runs in the interactive worker.

In the worker itself it would take the time of whoever asks about a drawing meanwhile.
"""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

import fmnist_core
from fmnist_core.engine.gathering import Told
from fmnist_core.errors import DataError, EngineError
from fmnist_core.explain.unfolding import STEPS

Array = NDArray[np.float32]

# Fewer say little about the others: the first ones prepare what all use.
_TELLING_STEPS = 30


class UnfoldingProcess:
    """One unfolding: `run` waits for it, `stop` ends it from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._first_step_at: float | None = None
        self._steps = 0

    @property
    def seconds_left(self) -> float | None:
        """From the time that the steps took so far; all take about the same."""
        if self._first_step_at is None or self._steps < _TELLING_STEPS:
            return None
        each = (time.monotonic() - self._first_step_at) / self._steps
        return each * (STEPS - self._steps)

    def run(self, coordinates: Array, told: Told) -> Array | None:
        """Places float32 (m, 2) for coordinates (m, k); None where it was stopped.

        Raises:
            DataError: There is nothing to unfold.
            EngineError: The process ended before its work.
        """
        with self._lock:
            if self._stopped:
                return None
            self._child = _start()
        try:
            return self._listen(self._child, coordinates, told)
        finally:
            self._child.kill()
            self._child.wait()

    def stop(self) -> None:
        """Ends it, also where it only waits for its turn."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.kill()

    def _listen(
        self, child: subprocess.Popen[bytes], coordinates: Array, told: Told
    ) -> Array | None:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            _send(child.stdin, coordinates)
            for line in child.stdout:
                message = json.loads(line)
                if "step" in message:
                    self._hear(message["step"], told)
                elif "error" in message:
                    raise DataError(message["error"])
                else:
                    return _places(message["places"])
        except (BrokenPipeError, json.JSONDecodeError):
            pass  # It was killed, perhaps in the middle of a line.
        if self._stopped:
            return None
        raise EngineError("The map was not finished: its process ended.", advice="Begin it again.")

    def _hear(self, step: int, told: Told) -> None:
        if self._first_step_at is None:
            self._first_step_at = time.monotonic()
        self._steps = step
        told(step / STEPS)


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(fmnist_core.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # One thread: the other cores are for whoever trains or asks.
    surroundings = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "fmnist_core.engine.unfolding_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **surroundings},
    )


def _send(pipe: IO[bytes], coordinates: Array) -> None:
    file = io.BytesIO()
    np.save(file, coordinates)
    content = file.getvalue()
    # Left open: its end is what tells the child that this process is gone.
    pipe.write(b"%d\n" % len(content) + content)
    pipe.flush()


def _places(text: str) -> Array:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(-1, 2).astype(np.float32)
