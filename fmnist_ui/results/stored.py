"""What a run left on disk, read once for all sessions and again when it changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation, Predictions, load_evaluation, load_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_ui.datasets import dataset


@dataclass(frozen=True, eq=False)
class Gallery:
    """Test images, uint8 (n, 28, 28), and what the network said about each of them."""

    images: NDArray[np.uint8]
    said: Predictions


def evaluation_of(folder: RunFolder) -> Evaluation | None:
    """Raises DataError: The file is damaged."""
    return load_evaluation(folder)


def gallery_of(folder: RunFolder, evaluation: Evaluation) -> Gallery:
    """Images and predictions behind the figures.

    Raises:
        DataError: The predictions are missing, damaged or others, or the images are not here.
    """
    said = _predictions(folder)
    if said is None or not evaluation.agrees_with(said):
        raise DataError(
            "The run's stored predictions are missing or do not belong to its figures.",
            advice="Evaluate the run again.",
        )
    found = dataset(str(evaluation.data.get("name")))
    if found.identity.fingerprint != evaluation.data.get("fingerprint"):
        raise DataError(
            "The images that this run was judged on are not on this machine; "
            "those of the same name here are others.",
            advice="The figures stand; the images behind them cannot be shown.",
        )
    return Gallery(found.test.images, said)


def _predictions(folder: RunFolder) -> Predictions | None:
    path = folder.predictions_path
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _cached(str(folder.path), stamp)


@st.cache_resource(max_entries=8, show_spinner=False)
def _cached(path: str, stamp: int) -> Predictions | None:
    return load_predictions(RunFolder(Path(path)))
