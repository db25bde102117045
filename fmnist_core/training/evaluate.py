"""After the last epoch: choose the weights, save the model, calibrate it, evaluate it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import replace_file, write_bytes, write_json
from fmnist_core.augmentation.mixture import style_variants
from fmnist_core.config import RunConfig
from fmnist_core.datasets.dataset import DataIdentity, Dataset, ImageSet
from fmnist_core.datasets.label_issues import near_duplicate_images
from fmnist_core.datasets.load import load_dataset
from fmnist_core.errors import RunError
from fmnist_core.evaluation import (
    Evaluation,
    Predictions,
    ValidationPredictions,
    store,
    store_validation_predictions,
)
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import build_model, load_model
from fmnist_core.models.calibration import Calibration, calibrated_predictions, fit_calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.checkpoint import Progress, has_best, load_progress, load_weights
from fmnist_core.training.compile import compile_for, compiled_model, use_average
from fmnist_core.training.freezing import Freezing
from fmnist_core.training.network import run_scores
from fmnist_core.training.splits import split_indices
from fmnist_core.training.weight_loading import InitialWeights


def predict(
    model: keras.Model, images: NDArray[np.uint8], *, mirrored: bool = False
) -> NDArray[np.float32]:
    """Probabilities float32 (n, classes) for images uint8 (n, s, s), not calibrated."""
    return calibrated_predictions(
        run_scores(model, images, mirrored=mirrored), Calibration()
    ).probabilities


@dataclass(frozen=True)
class Chosen:
    """The evaluated weights of a run: `best` or `last`, after `epoch` epochs."""

    weights: str
    epoch: int


def save_chosen(folder: RunFolder) -> tuple[keras.Model, Chosen]:
    """Saves the configured choice of weights as `model.keras`.

    Raises:
        RunError: No epoch was completed, so there is nothing to save.
        TrainingError: The checkpoint cannot be read.
    """
    config = folder.config
    if config.model.imported.active:
        # An imported network is evaluated as it is; on a worker only its file exists.
        write_bytes(folder.model_path, folder.initial_path.read_bytes())
        return load_model(folder.model_path), Chosen("last", 0)
    progress = load_progress(folder)
    if progress is None:
        raise RunError("This run saved no weights.", advice="Train again from its configuration.")
    best = config.training.keep_weights == "best" and has_best(folder)
    model = _with_weights(config, folder, best)
    replace_file(folder.model_path, lambda path: model.save(path))
    epoch = progress.best_epoch if best else progress.epoch
    return model, Chosen("best" if best else "last", epoch)


def _with_weights(config: RunConfig, folder: RunFolder, best: bool) -> keras.Model:
    """The network as it is kept: of Keras' own layers, in float32, without its optimizer."""
    model = build_model(config.model)
    if not config.training.ema_decay:
        load_weights(folder, model, best=best)
        return model
    trained = _as_it_learned(config, folder, best)
    load_weights(folder, trained, best=best)
    use_average(trained)
    model.set_weights(trained.get_weights())
    return model


def _as_it_learned(config: RunConfig, folder: RunFolder, best: bool) -> keras.Model:
    """Compiled for the layers that learned when the checkpoint was saved: its average is theirs."""
    progress = load_progress(folder) or Progress()
    # The weights are float32 in either precision.
    config = replace(config, training=replace(config.training, precision="float32"))
    trained = compiled_model(config, steps_per_epoch=1)
    freezing = Freezing(config, lambda: InitialWeights(config, folder).fit.taken)
    epoch = progress.best_epoch - 1 if best else freezing.epoch_of_checkpoint(progress, folder)
    if freezing.apply(trained, epoch):
        compile_for(trained, config, steps_per_epoch=1)
    return trained


def evaluate_model(
    folder: RunFolder, model: keras.Model, chosen: Chosen, data: Dataset
) -> Evaluation:
    """Evaluates the chosen weights on validation and test images; stores the results."""
    _evaluate_validation(folder, model, data)
    said = predict(model, data.test.images, mirrored=folder.config.training.test_time_flip)
    evaluation = Evaluation.from_probabilities(
        said,
        data.test.labels,
        data=data.identity.to_json(),
        split="test",
        weights=chosen.weights,
        epoch=chosen.epoch,
        near_duplicates=near_duplicate_images(data, load_settings()),
    )
    store(folder, evaluation, said, data.test.labels)
    folder.change_status(test_accuracy=evaluation.accuracy)
    return evaluation


def evaluate_run_folder(
    folder: RunFolder, *, data: Dataset | None = None, settings: Settings | None = None
) -> Evaluation:
    """Evaluates a run again from its saved weights, in any final state.

    Raises:
        RunError: It saved no weights.
        NoDataError: The data it learned from is not here.
    """
    with folder.hold():
        model, chosen = save_chosen(folder)
        found = data or load_dataset(folder.config.training.dataset, settings or load_settings())
        return evaluate_model(folder, model, chosen, found)


def _evaluate_validation(folder: RunFolder, model: keras.Model, data: Dataset) -> Calibration:
    """Stores the predictions for the validation images, and a calibration fitted to them.

    A run without validation images gets neither: training images would make it overconfident.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    _, choose = split_indices(data.train.labels, folder.config.training)
    if not len(choose):
        return Calibration()
    validation = data.train.take(choose)
    own = run_scores(model, validation.images, mirrored=folder.config.training.test_time_flip)
    said = Predictions(calibrated_predictions(own, Calibration()).probabilities, validation.labels)
    store_validation_predictions(
        folder, ValidationPredictions(said, choose, data.identity.fingerprint)
    )
    return _calibrate(folder, model, validation, own, data.identity)


def _calibrate(
    folder: RunFolder,
    model: keras.Model,
    validation: ImageSet,
    own: NDArray[np.float32],
    identity: DataIdentity,
) -> Calibration:
    """The temperature comes from the images as they are (scores `own`, float32 (n, outputs)).

    What counts as clothing is decided by them and, as many again, by the styles that the run
    trained on: drawings are clothing, too.
    """
    training = folder.config.training
    variants = style_variants(validation, training, folder.config.model.input_side)
    source = f"{len(validation)} validation images of {identity.name}"
    if len(variants):
        source += f", for clothing also {len(variants)} in other styles"
    of_variants = (
        run_scores(model, variants, mirrored=training.test_time_flip) if len(variants) else None
    )
    fitted = fit_calibration(
        own,
        validation.labels,
        source,
        of_variants,
        other_clothing=folder.provenance.get("other_clothing") is True,
    )
    write_json(folder.calibration_path, fitted.to_json())
    return fitted
