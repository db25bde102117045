"""t-SNE in a process of its own that can be stopped, and this process' own side of it.

In the worker itself it would take the time of whoever asks about a drawing meanwhile.
`python -m fmnist_core.explain.tsne_process` reads the coordinates from its standard input as a
NumPy file and writes a line of JSON for every few steps, last the map. It ends as soon as its input
does, so that it never outlives its parent.
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
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TextIO

import numpy as np
from numpy.typing import NDArray

import fmnist_core
from fmnist_core.errors import DataError, EngineError, LabError
from fmnist_core.explain.tsne_map import STEPS, unfold

Array = NDArray[np.float32]

# Fewer say little about the others: the first ones prepare what all use.
_TELLING_STEPS = 30
# Pages, questions and trainings come first.
_NICENESS = 10


class TsneProcess:
    """One t-SNE map: `run` waits for it, `stop` ends it from another thread."""

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

    def run(self, coordinates: Array, tell: Callable[[float], None]) -> Array | None:
        """Places float32 (m, 2) for coordinates (m, k); None where it was stopped.

        Args:
            tell: Called with how far it is, 0 to 1.

        Raises:
            DataError: There is nothing to unfold.
            EngineError: The process ended before its work.
        """
        with self._lock:
            if self._stopped:
                return None
            self._child = _start()
        try:
            return self._listen(self._child, coordinates, tell)
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
        self, child: subprocess.Popen[bytes], coordinates: Array, tell: Callable[[float], None]
    ) -> Array | None:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            _send(child.stdin, coordinates)
            for line in child.stdout:
                message = json.loads(line)
                if "step" in message:
                    if self._first_step_at is None:
                        self._first_step_at = time.monotonic()
                    self._steps = message["step"]
                    tell(self._steps / STEPS)
                elif "error" in message:
                    raise DataError(message["error"])
                else:
                    places = np.frombuffer(base64.b64decode(message["places"]), "<f4")
                    return places.reshape(-1, 2).astype(np.float32)
        except (BrokenPipeError, json.JSONDecodeError):
            pass  # It was killed, perhaps in the middle of a line.
        if self._stopped:
            return None
        raise EngineError("The map was not finished: its process ended.", advice="Begin it again.")


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(fmnist_core.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # One thread: the other cores are for whoever trains or asks.
    surroundings = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "fmnist_core.explain.tsne_process"],
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


# From here on: the child.


def main() -> None:
    """Makes a map of what comes in."""
    os.nice(_NICENESS)
    tell = _teller()
    size = int(sys.stdin.buffer.readline())
    given = np.load(io.BytesIO(sys.stdin.buffer.read(size)), allow_pickle=False)
    threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    try:
        places = unfold(given, lambda step: tell({"step": step}))
    except LabError as error:
        tell({"error": str(error)})
    else:
        tell({"places": base64.b64encode(places.astype("<f4").tobytes()).decode()})


def _teller() -> Callable[[dict[str, Any]], None]:
    """Writes lines to the parent; what libraries print goes where errors go."""
    lines: TextIO = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def tell(message: dict[str, Any]) -> None:
        print(json.dumps(message), file=lines, flush=True)

    return tell


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
