"""docs/quickstart.ipynb is a valid notebook without outputs, and its cells run as they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings

ROOT = Path(__file__).parent.parent
# The data set is not on every machine that tests.
REPLACED = {'"fashion-mnist"': '"synthetic-garments"', "6000": "500", '"epochs": 3': '"epochs": 1'}


def cells() -> list[dict[str, Any]]:
    notebook = json.loads((ROOT / "docs/quickstart.ipynb").read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    found: list[dict[str, Any]] = notebook["cells"]
    return found


def code() -> str:
    return "\n".join("".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code")


def test_it_is_short_and_holds_no_outputs() -> None:
    coded = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert all((cell["outputs"], cell["execution_count"]) == ([], None) for cell in coded)
    assert len({cell["id"] for cell in cells()}) == len(cells())
    lines = [
        line for line in code().splitlines() if line and not line.startswith(("import", "from"))
    ]
    assert len(lines) <= 12


@pytest.mark.training
def test_its_cells_train_evaluate_and_explain(tmp_path: Path, garments: Dataset) -> None:
    save_arrays(synthetic_folder(load_settings()), garments)
    program = code()
    for text, other in REPLACED.items():
        assert program.count(text) == 1, text
        program = program.replace(text, other)
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nprint('shape', heat.shape)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("accuracy 0.")
    assert last == "shape (28, 28)"
    assert RunFolder(tmp_path / "first-run").status.state == "finished"
