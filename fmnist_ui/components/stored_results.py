"""What a run left on disk, read once for all sessions and again when it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    Evaluation,
    Predictions,
    load_evaluation,
    load_predictions,
    whole_again,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_ui.components.datasets import dataset

Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Gallery:
    """Test images, uint8 (n, 28, 28), and what the network said about each of them."""

    images: NDArray[np.uint8]
    said: Predictions


def evaluation_of(folder: RunFolder) -> Evaluation | None:
    """Raises DataError: The file is damaged."""
    return load_evaluation(folder)


def said_of(folder: RunFolder, evaluation: Evaluation) -> Predictions:
    """The predictions behind the figures, without the images.

    Raises:
        DataError: They are missing, damaged or others.
    """
    said = _predictions(folder)
    if said is None or not evaluation.agrees_with(said):
        raise DataError(
            "The run's stored predictions are missing or do not belong to its figures.",
            advice=whole_again(folder),
        )
    return said


def gallery_of(folder: RunFolder, evaluation: Evaluation) -> Gallery:
    """Images and predictions behind the figures.

    Raises:
        DataError: The predictions are missing, damaged or others, or the images are not here.
    """
    said = said_of(folder, evaluation)
    found = dataset(str(evaluation.data.get("name")))
    if found.identity.fingerprint != evaluation.data.get("fingerprint"):
        raise DataError(
            "The images that this run was evaluated on are not on this machine; "
            "those of the same name here are others.",
            advice="The figures stand; the images behind them cannot be shown.",
        )
    return Gallery(found.test.images, said)


def remembered(folder: RunFolder, question: Callable[..., Answer], *more: object) -> Answer:
    """What `question(predictions, *more)` finds: asked once, until the run is judged anew.

    Args:
        question: A named function; its answer is shared by all sessions and must not be changed.
        more: Numbers, strings, or frozen dataclasses of them.

    Raises:
        DataError: The predictions are missing or damaged.
    """
    name = f"{question.__module__}.{question.__qualname__}"
    answer: Answer = _answer(str(folder.path), _stamp(folder), name, more, question)
    return answer


def _predictions(folder: RunFolder) -> Predictions | None:
    return _cached(str(folder.path), _stamp(folder))


def _stamp(folder: RunFolder) -> int:
    path = folder.predictions_path
    return path.stat().st_mtime_ns if path.is_file() else 0


@st.cache_resource(max_entries=8, show_spinner=False)
def _cached(path: str, stamp: int) -> Predictions | None:
    return load_predictions(RunFolder(Path(path)))


@st.cache_resource(max_entries=128, show_spinner=False)
def _answer(
    path: str, stamp: int, name: str, more: tuple[object, ...], _question: Callable[..., Any]
) -> Any:
    said = _cached(path, stamp)
    if said is None:
        raise DataError("The run's stored predictions are missing.")
    return _question(said, *more)
