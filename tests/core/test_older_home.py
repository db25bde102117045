"""A home that version 0.1 left behind: everything in it opens."""

from __future__ import annotations

import zipfile
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from fmnist_core.collections.loading import load_items
from fmnist_core.config.override import resolve, value_at
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.evaluation import load_evaluation
from fmnist_core.exchange.importing.run_archive import import_run
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.sweeps.reading import list_sweeps
from fmnist_ui.links.address import PAGES, page_choices, training_of
from fmnist_ui.navigation import page_name

ENDED, STOPPED = "20261129-093852-tiny-35a1", "20261129-094921-tiny-7783"
IMPORTED, TRIAL = "20261129-095043-imported-74ef", "20261129-095106-tiny-f56e"
_FILE = Path(__file__).parent.parent / "fixtures" / "home-0.1.zip"


@pytest.fixture
def older(home: Path, garments: Dataset) -> Path:
    """The home, and the garments that its runs were trained on."""
    with zipfile.ZipFile(_FILE) as archive:
        archive.extractall(home)
    save_arrays(synthetic_folder(load_settings()), garments)
    return home


def run(run_id: str) -> RunFolder:
    return RunFolder.open(load_settings().runs_dir, run_id)


def links() -> list[str]:
    with zipfile.ZipFile(_FILE) as archive:
        return archive.read("links.txt").decode().splitlines()


def test_its_runs_are_listed_as_they_ended(older: Path) -> None:
    assert {summary.id: summary.state for summary in list_runs(load_settings())} == {
        ENDED: "finished",
        STOPPED: "stopped",
        IMPORTED: "finished",
        TRIAL: "finished",
        "20261129-095159-tiny-acc8": "finished",
    }
    assert not [summary.error for summary in list_runs(load_settings()) if summary.error]


def test_its_settings_are_those_that_were_trained_with(older: Path) -> None:
    training = run(ENDED).config.training
    steps = (training.ema_decay, training.test_time_flip, training.gradient_clip_norm)
    assert steps == (0.9, True, 1.5)
    style = training.style_augmentation
    assert (style.line_drawings, style.negatives) == (0.2, 0.1)
    assert (training.class_weights.labels, training.class_weights.factor) == ((4, 6), 1.5)
    distillation = run(STOPPED).config.training.distillation
    learned = (distillation.teacher, distillation.weight, distillation.temperature)
    assert learned == (ENDED, 0.3, 4.0)


def test_its_history_and_figures_are_read(older: Path) -> None:
    assert [done.epoch for done in follow(run(ENDED).events_path).history.epochs_done] == [1, 2]
    evaluation = load_evaluation(run(ENDED))
    assert evaluation is not None
    assert evaluation.images == 200


@pytest.mark.training
def test_its_networks_answer(older: Path, garments: Dataset) -> None:
    from fmnist_core.training.network import load_classifier

    for run_id in (ENDED, STOPPED, IMPORTED, TRIAL):
        answers = load_classifier(run_id, load_settings()).answers(garments.test.images[:3])
        assert answers.probabilities.shape == (3, 10)


def test_its_sweep_is_listed_with_its_trials(older: Path) -> None:
    (sweep,) = list_sweeps(load_settings())
    assert (sweep.meta.name, sweep.state, len(sweep.trials)) == ("Old sweep", "finished", 2)
    assert sweep.trials[0].values == {"training.ema_decay": 0.0, "training.learning_rate": 0.1}


def test_its_collection_holds_its_items(older: Path) -> None:
    assert sorted(load_items(load_settings(), "old-collection").picture_labels) == [1, 1, 8, 8]


def test_its_packed_run_is_taken_in(older: Path) -> None:
    taken = import_run(older / "packed.zip", load_settings())
    assert taken.config == run(ENDED).config


@pytest.mark.parametrize("link", links())
def test_its_links_are_followed_whole(older: Path, link: str) -> None:
    page, parameters = page_name(urlsplit(link).path), dict(parse_qsl(urlsplit(link).query))
    if page in PAGES:
        found, faults = page_choices(page, parameters)
        assert not faults
        assert len(found) == len(parameters)
    else:
        parameters.pop("run", None)
        config, refused = training_of(parameters)
        assert not refused
        told = {key: text for key, text in parameters.items() if "." in key}
        written = {
            key: str(value_at(config, resolve(config, key))).lower().replace(" ", "")
            for key in told
        }
        assert written == {
            key: text.replace("[", "(").replace("]", ")") for key, text in told.items()
        }
