"""A home of the lab in which files are cut short, changed bit by bit, or given other values."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_HOME = Path(__file__).parent / "fixtures" / "home-0.1.zip"
RUN, _SWEEP = "runs/20261129-093852-tiny-35a1", "sweeps/20261129-095100-tiny-6538"
_LESSON = Path(__file__).parent.parent / "fmnist_ui/lessons/shipped/small-data.yaml"
FILES = (
    *[f"{RUN}/{name}.json" for name in ("meta", "status", "config", "provenance", "checkpoint")],
    *[f"{RUN}/{name}" for name in ("evaluation.json", "calibration.json", "control.json")],
    *[f"{RUN}/{name}" for name in ("probes.json", "events.jsonl", "trace.jsonl")],
    *[f"{RUN}/{name}" for name in ("predictions.npz", "validation.npz", "feature_maps.npz")],
    *[f"{_SWEEP}/{name}" for name in ("sweep.json", "end.json", "trials.jsonl")],
    "collections/old-collection/1/a6f029477e9e99b5.png",
    "lessons/mine.yaml",
)
_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**30), 2**63]),
    st.floats(),
    st.sampled_from([1e300, -1e300]),
    st.text(max_size=20),
)
_VALUES = st.recursive(
    _ODD, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=6), some)
)


def tries(usual: int) -> settings:
    """The same few at every run of the tests; `DAMAGED_EXAMPLES=10000` tries that many others."""
    asked = os.environ.get("DAMAGED_EXAMPLES", "")
    return settings(
        max_examples=int(asked or usual),
        derandomize=not asked,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


def damageable_home(home: Path) -> Path:
    """A home of version 0.1 with one file of each kind that the lab reads, unpacked into `home`."""
    with zipfile.ZipFile(_HOME) as archive:
        archive.extractall(home)
    shutil.copy(home / "runs/20261129-094921-tiny-7783/control.json", home / RUN)
    shutil.copy(home / RUN / "predictions.npz", home / RUN / "feature_maps.npz")
    (home / "lessons").mkdir(exist_ok=True)
    shutil.copy(_LESSON, home / "lessons" / "mine.yaml")
    return home


@st.composite
def damaged(draw: Callable[..., Any], content: bytes) -> bytes:
    """The content cut short, with some bytes changed, or with a value of another kind in it."""
    kind = draw(st.sampled_from(["cut", "bytes", "value", "whole"]))
    if kind == "cut":
        return content[: draw(st.integers(0, len(content)))]
    if kind == "bytes":
        found = bytearray(content)
        for _ in range(draw(st.integers(1, 5))):
            found[draw(st.integers(0, len(found) - 1))] = draw(st.integers(0, 255))
        return bytes(found)
    if kind == "whole":
        return json.dumps(draw(_VALUES)).encode()
    lines = content.decode(errors="replace").splitlines()
    number = draw(st.integers(0, len(lines) - 1))
    try:
        # A file of one value, or of one a line.
        whole = len(lines) < 2 or not content.startswith(b'{"')
        value = json.loads(content if whole else lines[number])
    except ValueError:
        return draw(st.binary(max_size=200))
    changed = json.dumps(_with_another(draw, value))
    return changed.encode() if whole else "\n".join([*lines[:number], changed, ""]).encode()


def _with_another(draw: Callable[..., Any], value: Any) -> Any:
    """A value with another one somewhere in it."""
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        keys = list(range(len(value)))
    if not keys or draw(st.integers(0, 3)) == 0:
        return draw(_VALUES)
    key = draw(st.sampled_from(keys))
    return (
        {**value, key: _with_another(draw, value[key])}
        if isinstance(value, dict)
        else [*value[:key], _with_another(draw, value[key]), *value[key + 1 :]]
    )
