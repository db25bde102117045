"""Whatever happens to a file of the lab, reading it raises the lab's own errors alone.

Files of a home are cut short, changed bit by bit, or given other values; then everything that pages
read is read. `DAMAGED_EXAMPLES=10000` tries that many of each file.
"""

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core.collections import CollectionStore
from fmnist_core.errors import LabError
from fmnist_core.evaluation import load_evaluation, load_predictions
from fmnist_core.evaluation.store import load_validation_predictions
from fmnist_core.exchange.importing.run_archive import export_run, import_run
from fmnist_core.runs.feature_maps import read_feature_maps
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.pinned_images import pinned_images_of
from fmnist_core.runs.trace import read_trace
from fmnist_core.settings import Settings
from fmnist_core.sweeps.reading import list_sweeps
from fmnist_ui.lessons.library import lessons

_HOME = Path(__file__).parent.parent / "fixtures" / "home-0.1.zip"
_RUN, _SWEEP = "runs/20261129-093852-tiny-35a1", "sweeps/20261129-095100-tiny-6538"
_LESSON = Path("fmnist_ui/lessons/shipped/small-data.yaml")
FILES = (
    *[f"{_RUN}/{name}.json" for name in ("meta", "status", "config", "provenance", "checkpoint")],
    *[f"{_RUN}/{name}" for name in ("evaluation.json", "calibration.json", "control.json")],
    *[f"{_RUN}/{name}" for name in ("probes.json", "events.jsonl", "trace.jsonl")],
    *[f"{_RUN}/{name}" for name in ("predictions.npz", "validation.npz", "feature_maps.npz")],
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


# The same few at every run of the tests, others where somebody asks for more.
_EXAMPLES = os.environ.get("DAMAGED_EXAMPLES", "")
_TRIES = settings(
    max_examples=int(_EXAMPLES or "8"),
    derandomize=not _EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("damaged") / "home"
    with zipfile.ZipFile(_HOME) as archive:
        archive.extractall(home)
    shutil.copy(home / "runs/20261129-094921-tiny-7783/control.json", home / _RUN)
    shutil.copy(home / _RUN / "predictions.npz", home / _RUN / "feature_maps.npz")
    shutil.copy(Path(__file__).parent.parent.parent / _LESSON, home / "lessons" / "mine.yaml")
    return Settings(home=home)


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


def read_everything(place: Settings) -> None:
    """As the pages do; only what is asked of a single damaged thing may raise a LabError."""
    assert len(list_runs(place)) == 5
    assert len(RunIndex(place.home / "new.sqlite", place.runs_dir).counts()) > 0
    for path in place.home.glob("new.sqlite*"):
        path.unlink()
    run = RunFolder(place.home / _RUN)
    readers: tuple[Callable[[], object], ...] = (
        lambda: (run.meta, run.status, run.config, run.trained_config),
        lambda: (run.name, run.provenance, run.resumable),
        lambda: run.calibration,
        lambda: run.control.read(),
        lambda: load_evaluation(run),
        lambda: load_predictions(run),
        lambda: load_validation_predictions(run),
        lambda: follow(run.events_path).history.seconds_left,
        lambda: read_trace(run),
        lambda: (read_feature_maps(run), pinned_images_of(run)),
        lambda: [sweep.state for sweep in list_sweeps(place)],
        lambda: CollectionStore(place).summary("old-collection"),
        lambda: lessons(place),
    )
    for read in readers:
        with suppress(LabError):
            read()


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_raises_the_lab_s_own_errors_alone(place, name):
    path = place.home / name
    whole = path.read_bytes()

    @_TRIES
    @given(damaged(whole))
    def try_it(content: bytes) -> None:
        path.write_bytes(content)
        read_everything(place)

    try:
        try_it()
    finally:
        path.write_bytes(whole)


@st.composite
def damaged_archive(draw: Callable[..., Any], content: bytes) -> bytes:
    """The archive with some damage, or with a damaged file in it and the hashes that fit."""
    # Seldom: such a file comes as far as the confined process, which takes seconds.
    if draw(st.integers(0, 99)) != 57:
        return draw(damaged(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    name = draw(st.sampled_from(sorted(files)))
    files[name] = draw(damaged(files[name]))
    manifest["files"][name] = hashlib.sha256(files[name]).hexdigest()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, changed in (files | {"manifest.json": json.dumps(manifest).encode()}).items():
            archive.writestr(name, changed)
    return made.getvalue()


def test_a_damaged_archive_of_a_run_is_refused_or_read(place, tmp_path):
    export_run(RunFolder(place.home / _RUN), tmp_path / "whole.zip")
    whole = (tmp_path / "whole.zip").read_bytes()
    path, elsewhere = tmp_path / "damaged.zip", Settings(home=tmp_path / "home")

    @_TRIES
    @given(damaged_archive(whole))
    def try_it(content: bytes) -> None:
        path.write_bytes(content)
        try:
            run = import_run(path, elsewhere)
        except LabError:
            assert list_runs(elsewhere) == []
        else:
            assert [summary.error for summary in list_runs(elsewhere)] == [""]
            shutil.rmtree(run.path)

    try_it()
