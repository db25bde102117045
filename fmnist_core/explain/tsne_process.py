"""t-SNE in a process of its own that can be stopped.

In the worker it would delay other requests.
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
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TextIO

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import Report, StoppedError
from fmnist_core.errors import DataError, EngineError, LabError
from fmnist_core.explain.tsne_map import STEPS, fit_tsne

Array = NDArray[np.float32]

# Seconds between checks of the stop event.
_BEAT = 0.1
# Pages, questions and trainings come first.
_NICENESS = 10


def tsne_in_subprocess(coordinates: Array, report: Report, stopped: threading.Event) -> Array:
    """t-SNE places float32 (m, 2) for coordinates (m, k), made in a process of its own.

    Args:
        stopped: Ends the process once it is set.

    Raises:
        DataError: Too few images, or all have the same features.
        StoppedError: It was stopped.
        EngineError: The process ended before its work.
    """
    child = _start()
    try:
        threading.Thread(target=_kill_once_set, args=(child, stopped), daemon=True).start()
        return _listen(child, coordinates, report)
    except (BrokenPipeError, json.JSONDecodeError, EOFError):
        # It was killed, perhaps in the middle of a line.
        if stopped.is_set():
            raise StoppedError from None
        raise EngineError(
            "The map was not finished: its process ended.", advice="Begin it again."
        ) from None
    finally:
        child.kill()
        child.wait()


def _kill_once_set(child: subprocess.Popen[bytes], stopped: threading.Event) -> None:
    while child.poll() is None:
        if stopped.wait(_BEAT):
            child.kill()
            return


def _listen(child: subprocess.Popen[bytes], coordinates: Array, report: Report) -> Array:
    assert child.stdin is not None
    assert child.stdout is not None
    _send(child.stdin, coordinates)
    for line in child.stdout:
        message = json.loads(line)
        if "step" in message:
            report(message["step"] / STEPS, "t-SNE")
        elif "error" in message:
            raise DataError(message["error"])
        else:
            places = np.frombuffer(base64.b64decode(message["places"]), "<f4")
            return places.reshape(-1, 2).astype(np.float32)
    raise EOFError


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # One thread: the other cores are for trainings and requests.
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
    # Left open: the child ends at the end of its input.
    pipe.write(b"%d\n" % len(content) + content)
    pipe.flush()


# From here on: the child.


def main() -> None:
    """Reads coordinates, writes the map."""
    os.nice(_NICENESS)
    send = _sender()
    size = int(sys.stdin.buffer.readline())
    given = np.load(io.BytesIO(sys.stdin.buffer.read(size)), allow_pickle=False)
    threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    try:
        places = fit_tsne(given, lambda step: send({"step": step}))
    except LabError as error:
        send({"error": str(error)})
    else:
        send({"places": base64.b64encode(places.astype("<f4").tobytes()).decode()})


def _sender() -> Callable[[dict[str, Any]], None]:
    """Writes lines to the parent; redirects what libraries print to standard error."""
    lines: TextIO = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def send(message: dict[str, Any]) -> None:
        print(json.dumps(message), file=lines, flush=True)

    return send


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
