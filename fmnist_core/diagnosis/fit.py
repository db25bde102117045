"""How well the network fits: it learns by heart, or cannot learn enough."""

from __future__ import annotations

from fmnist_core.diagnosis.evidence import Evidence, Finding
from fmnist_core.errors import ArchitectureError
from fmnist_core.model.cost import summarise

# What validation loss may rise above its lowest before it is called more than chance.
_RISE = 1.1
_LATER_EPOCHS = 2
# With a tenth of the images a healthy training leaves validation some 11 points behind.
_LAG = 0.15
_WEAK, _GAP, _FLAT = 0.8, 0.03, 0.05
_FEW_PARAMETERS = 10_000
_EPOCHS_TO_JUDGE = 3


def overfitting(evidence: Evidence) -> Finding | None:
    """Validation loss rises while training loss falls, or accuracy stays far behind."""
    return _validation_rises(evidence) or _validation_lags(evidence)


def _validation_rises(evidence: Evidence) -> Finding | None:
    judged = [point for point in evidence.epochs if point.val_loss is not None]
    if not judged:
        return None
    best = min(judged, key=lambda point: point.val_loss or 0.0)
    low, last = best.val_loss or 0.0, judged[-1]
    recent = [point.val_loss or 0.0 for point in judged[-_LATER_EPOCHS:]]
    grown = last.epoch - best.epoch >= _LATER_EPOCHS and min(recent) > _RISE * low
    if not grown or last.loss >= best.loss:
        return None
    return _overfitting(
        best.epoch,
        f"Validation loss rose from {low:.3f} to {last.val_loss:.3f} (limit: {_RISE - 1:.0%} "
        f"more), while training loss fell from {best.loss:.3f} to {last.loss:.3f}.",
    )


def _validation_lags(evidence: Evidence) -> Finding | None:
    judged = [point for point in evidence.epochs if point.val_accuracy is not None]
    since = None
    for point in reversed(judged):
        if point.accuracy - (point.val_accuracy or 0.0) < _LAG:
            break
        since = point
    if since is None or judged[-1].epoch - since.epoch < _LATER_EPOCHS - 1:
        return None
    last = judged[-1]
    return _overfitting(
        since.epoch,
        f"{last.accuracy:.1%} of the images it learns from are recognised, but only "
        f"{last.val_accuracy:.1%} of those held back (limit: {100 * _LAG:.0f} points behind).",
    )


def _overfitting(epoch: int, because: str) -> Finding:
    return Finding(
        "overfitting",
        f"Overfitting since epoch {epoch}: the network learns its images by heart.",
        because,
        "More images, augmentation, dropout or early stopping; weights 'best' keep the best epoch.",
        since=float(epoch),
    )


def too_small(evidence: Evidence) -> Finding | None:
    """Few parameters, and training and validation both come to rest at a low accuracy."""
    epochs = evidence.epochs
    parameters = _parameters(evidence)
    if len(epochs) < _EPOCHS_TO_JUDGE or parameters is None or parameters >= _FEW_PARAMETERS:
        return None
    before, last = epochs[-2], epochs[-1]
    reached = max(last.accuracy, last.val_accuracy or 0.0)
    behind = last.accuracy - (last.accuracy if last.val_accuracy is None else last.val_accuracy)
    if reached >= _WEAK or behind > _GAP or last.loss < (1 - _FLAT) * before.loss:
        return None
    return Finding(
        "too_small",
        "The model is too small for these images.",
        f"With {parameters:,} parameters it recognises {reached:.0%} after {last.epoch} epochs "
        f"(limit: {_WEAK:.0%}). It is no better on the images it learns from, and the last epoch "
        f"brought the loss only from {before.loss:.3f} to {last.loss:.3f}.",
        "More filters, another block, or a wider dense layer.",
    )


def _parameters(evidence: Evidence) -> int | None:
    if evidence.config is None:
        return None
    try:
        return summarise(evidence.config.model).parameters
    except ArchitectureError:
        return None
