"""The training written down as a program, beside the run that it was written from.

    FMNIST_DATA_DIR=... python -m bench.written [PRESET …] [--seeds 0 1 …] [--notebook]

Each pair is a run of the command line and the exported program, both in processes of their own,
with the same seed and a tenth of the images held back.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_SAID = re.compile(r"validation accuracy ([0-9.]+)")


@dataclass(frozen=True)
class Pair:
    """Validation accuracies, 0 to 1, and what the two took, in seconds."""

    run: float
    written: float
    run_seconds: float
    written_seconds: float

    @property
    def apart(self) -> float:
        """In points."""
        return 100 * abs(self.run - self.written)


def pair(preset: str, changes: Sequence[str], kind: str, folder: Path) -> Pair:
    """Trains in the lab, exports as `kind` (`script` or `notebook`), and runs what came out.

    Args:
        changes: Of the preset, such as `training.epochs=2`.
        folder: An empty one to work in.
    """
    began = time.perf_counter()
    options = [
        f"--set={each}" for each in ("validation_share=0.1", "record_dynamics=false", *changes)
    ]
    run = _lab("train", "--preset", preset, *options, "--json", home=folder / "home")
    trained = time.perf_counter()
    asked = ("export", run["run_id"], "--format", kind, "--json")
    file = Path(_lab(*asked, "--out", str(folder), home=folder / "home")["file"])
    said = _SAID.search(file.read_text("utf-8"))
    ready = time.perf_counter()
    found = _SAID.search(_run(_program(file), folder))
    assert said is not None
    assert found is not None
    seconds = (trained - began, time.perf_counter() - ready)
    return Pair(float(said[1]), float(found[1]), *seconds)


def _lab(*arguments: str, home: Path) -> dict[str, Any]:
    """The command line's last line."""
    command = [sys.executable, "-m", "fmnist_core", *arguments]
    found: dict[str, Any] = json.loads(_printed(command, FMNIST_HOME=str(home)).splitlines()[-1])
    return found


def _printed(command: list[str], folder: Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def _program(file: Path) -> Path:
    """A notebook's cells of code one after the other; a script as it is."""
    if file.suffix == ".py":
        return file
    cells = json.loads(file.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    program = file.with_suffix(".py")
    program.write_text("\n\n".join(code), "utf-8")
    return program


def _run(program: Path, folder: Path) -> str:
    """What it prints; Keras finds the official files where it keeps them."""
    cache = folder / "keras" / "datasets" / "fashion-mnist"
    cache.mkdir(parents=True)
    for file in Path(os.environ["FMNIST_DATA_DIR"]).iterdir():
        (cache / file.name).symlink_to(file.resolve())
    command = [sys.executable, str(program)]
    return _printed(command, folder, KERAS_HOME=str(folder / "keras"), PYTHONPATH="")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.written", description=__doc__)
    parser.add_argument("presets", nargs="*", default=["reference-a", "quick"], metavar="PRESET")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--notebook", action="store_true")
    options = parser.parse_args()
    kind = "notebook" if options.notebook else "script"
    print(f"| preset | seed | run | {kind} | points apart | run, s | {kind}, s |")
    print("|---" * 7 + "|")
    for preset in options.presets:
        for seed in options.seeds:
            with TemporaryDirectory() as folder:
                found = pair(preset, [f"seed={seed}"], kind, Path(folder))
            print(
                f"| {preset} | {seed} | {found.run:.4f} | {found.written:.4f} | "
                f"{found.apart:.2f} | {found.run_seconds:.0f} | {found.written_seconds:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
