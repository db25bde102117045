"""Whatever happens to a file of the lab, reading it raises the lab's own errors alone.

Files of a home are cut short, changed bit by bit, or given other values; then everything that pages
read is read. `DAMAGED_EXAMPLES=10000` tries that many of each file.
"""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
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
from tests.damage import FILES, RUN, damageable_home, damaged, tries


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=damageable_home(tmp_path_factory.mktemp("damaged") / "home"))


def read_everything(place: Settings) -> None:
    """As the pages do; only what is asked of a single damaged thing may raise a LabError."""
    assert len(list_runs(place)) == 5
    assert len(RunIndex(place.home / "new.sqlite", place.runs_dir).counts()) > 0
    for path in place.home.glob("new.sqlite*"):
        path.unlink()
    run = RunFolder(place.home / RUN)
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

    @tries(8)
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
    export_run(RunFolder(place.home / RUN), tmp_path / "whole.zip")
    whole = (tmp_path / "whole.zip").read_bytes()
    path, elsewhere = tmp_path / "damaged.zip", Settings(home=tmp_path / "home")

    @tries(8)
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
