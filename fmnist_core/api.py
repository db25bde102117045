"""The lab for notebooks and programs: load, train, evaluate, predict.

Thin functions around the lab's own, offered as `fmnist_core.train` and so on; the packages
`explain` and `exchange.exporting` offer theirs themselves. A trained network is given by the folder
that `train` wrote (a `pathlib.Path`), or by a string: the identifier of a run of the lab, or a
shipped network (`"shipped"`, `"shipped-catalogue"`, `"shipped-everyday"`).

All computing happens in the calling process. Keras is imported by the first function that needs a
network, which takes some seconds once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets import load as loading
from fmnist_core.datasets.dataset import FASHION_MNIST, Dataset
from fmnist_core.errors import RunError
from fmnist_core.evaluation import Evaluation
from fmnist_core.models.calibration import CalibratedPredictions
from fmnist_core.preprocessing.files import Pictures, network_input_batches
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_NETWORKS, folder_of, merged
from fmnist_core.settings import load_settings
from fmnist_core.training.check import check_trainable
from fmnist_core.training.threads import share_cores

if TYPE_CHECKING:
    from fmnist_core.lab_keras import keras
    from fmnist_core.training import TrainResult


def load_dataset(name: str = FASHION_MNIST, *, download: bool = True) -> Dataset:
    """The data set called `name`, as read-only arrays.

    Fashion-MNIST is looked for in `FMNIST_DATA_DIR`, in Keras' cache and in the lab's own, and its
    hashes are checked.

    Args:
        name: `"fashion-mnist"` or `"synthetic-garments"`. Neither replaces the other.
        download: Whether Fashion-MNIST may be fetched from the network where it is missing.

    Returns:
        `train` and `test`, each with `images` uint8 (n, 28, 28), 0 is the black background, and
        `labels` uint8 (n,), 0 to 9; and `identity`.

    Raises:
        DataError: Another name.
        NoDataError: Fashion-MNIST was found nowhere and could not be fetched.
    """
    return loading.load_dataset(name, load_settings(), download=download)


def train(
    config: RunConfig | str,
    run_dir: str | Path,
    *,
    data: Dataset | None = None,
    changes: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> TrainResult:
    """Trains a network, writes everything into a run folder, and evaluates it on the test images.

    A folder that holds a checkpoint of the same configuration continues after its last completed
    epoch. The pages and the command line list the folder, too, if it is below `FMNIST_HOME/runs`.

    Args:
        config: A preset's name (see `fmnist_core.config.presets`) or a configuration.
        run_dir: The run folder; made if it is not there.
        data: Images to train and test on; by default those that the configuration names.
        changes: Settings to replace, by path or, where it is unique, by last part:
            `{"epochs": 3, "model.blocks.0.filters": 16}`.
        callbacks: Further Keras callbacks.

    Returns:
        The run's identifier, status, epochs and seconds, and its accuracies (0 to 1) and test loss
        (mean cross-entropy in nats).

    Raises:
        ConfigError: There is no such preset or setting, or a value breaks its rule.
        ArchitectureError: The network cannot be built or would not fit.
        RunError: The folder holds a run of another configuration.
        RunBusyError: Another process trains in this folder.
        NoDataError, NoWeightsError: Images or ImageNet weights are not here and cannot be fetched.
        TrainingError: The loss became NaN, or Keras failed. The last good weights are kept.
        StorageError: The disk is full or cannot be written.
    """
    settings = load_settings()
    wanted = preset(config).config if isinstance(config, str) else config
    wanted = override(
        wanted, [f"{key}={json.dumps(value)}" for key, value in (changes or {}).items()]
    )
    if data is not None:
        wanted = override(wanted, [f"dataset={data.identity.name}"])
    check_trainable(wanted, settings, fetches_data=True)
    images = data or load_dataset(wanted.training.dataset)
    share_cores(os.cpu_count() or 1)
    from fmnist_core import training

    return training.train(wanted, Path(run_dir), data=images, callbacks=callbacks)


def evaluate(model: str | Path, *, data: Dataset | None = None) -> Evaluation:
    """Evaluates a run's saved weights on the test images and stores the result in its folder.

    Args:
        model: A run's folder or identifier.
        data: Images to evaluate on; by default those that the run was trained on.

    Returns:
        `accuracy` (0 to 1) with its 95 % `interval` (Wilson), `loss` (mean cross-entropy in nats),
        `counts` int64 (10, 10), the confusion matrix with true classes as rows, and precision,
        recall and F1 of all `classes`.

    Raises:
        RunError: There is no such run, or it saved no weights; or it is a shipped network.
        RunBusyError: The run is being trained.
        NoDataError: The images are not here.
        StorageError: The disk is full or cannot be written.
    """
    if model in (SHIPPED, *SHIPPED_NETWORKS):
        raise RunError(
            "Only runs can be evaluated.",
            received=model,
            advice="Compare `predict(model, images).labels` with the true labels.",
        )
    settings = load_settings()
    folder = folder_of(model, settings)
    from fmnist_core.training import evaluate_run_folder

    return evaluate_run_folder(folder, data=data, settings=settings)


def predict(model: str | Path, pictures: Pictures) -> CalibratedPredictions:
    """Asks a network what pictures show.

    Args:
        model: A run's folder or identifier, or a shipped network; `"shipped"` asks for each picture
            the one of the two that is made for its kind.
        pictures: uint8 (n, 28, 28) or (28, 28), 0 is black, in the form of the data set, or sheets
            of 112x112; or the path of a picture file, or several: PNG, JPEG or WebP, whose garment
            is found, fitted and turned into that form.

    Returns:
        `labels` int64 (n,); `probabilities` float32 (n, 10), calibrated; `is_clothing` bool (n,);
        `is_other_clothing` bool (n,), whether it is clothing, but none of the ten classes;
        `answered_by`, the network's name for each picture.

    Raises:
        RunError: There is no such run or network, or it saved no weights.
        DataError: An array of another type or shape.
        InputError: A file cannot be read.
        TrainingError: The network's file is damaged.
    """
    batches = network_input_batches(pictures)
    # What cannot be read is mostly found in the first ones, before Keras takes its seconds.
    first = next(batches)
    from fmnist_core.training.network import load_classifier

    classifier = load_classifier(model, load_settings())
    parts, count = [], 0
    for images in chain([first], batches):
        parts.append((count + np.arange(len(images)), classifier.answers(images)))
        count += len(images)
    return merged(parts)
