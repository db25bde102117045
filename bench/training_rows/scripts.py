"""Whatever is measured in a process of its own: its last line is a JSON object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class CannotMeasureError(Exception):
    """Something is not here, or did not run; says in a sentence what."""


def ask_script(
    *command: str,
    python: str = sys.executable,
    given: Any = None,
    environment: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Runs `python COMMAND…` from the project's folder; `given` is handed over as JSON.

    Raises:
        CannotMeasureError: It failed; its last words are passed on.
    """
    paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    base = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [python, *command],
        input=json.dumps(given) if given is not None else "",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=base | os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | (environment or {}),
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise CannotMeasureError(f"`{' '.join(command[:3])}` failed: {last[:300]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
