"""Unfolds one map, in a process of its own: `python -m fmnist_core.engine.unfolding_child`.

Reads the coordinates from its standard input as a NumPy file and writes a line of JSON for every
few steps, last the map. It ends as soon as its input does, so that it never outlives its parent.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import threading
from typing import Any, TextIO

import numpy as np

from fmnist_core.errors import LabError
from fmnist_core.explain.unfolding import unfold

# Pages, questions and trainings come first.
_NICENESS = 10


def main() -> None:
    """Unfolds what comes in."""
    os.nice(_NICENESS)
    tell = _teller()
    given = np.load(io.BytesIO(sys.stdin.buffer.read(_size())), allow_pickle=False)
    threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    try:
        places = unfold(given, lambda step: tell({"step": step}))
    except LabError as error:
        tell({"error": str(error)})
    else:
        tell({"places": base64.b64encode(places.astype("<f4").tobytes()).decode()})


def _size() -> int:
    return int(sys.stdin.buffer.readline())


def _teller() -> Any:
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
