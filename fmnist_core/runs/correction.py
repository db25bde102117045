"""Finished runs correct what is expected of the next ones on this machine.

Arithmetic and one measured step know nothing of how a network's kind, sketched images or a teacher
slow a training down. Of each family of configurations the last ratios of taken to expected time are
kept in one small file of the lab's home.
"""

from __future__ import annotations

import math
from contextlib import suppress
from statistics import median

from fmnist_core.config import RunConfig
from fmnist_core.durable import read_json, write_json
from fmnist_core.errors import StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow
from fmnist_core.settings import Settings

_KEPT = 8
_LEAST, _MOST = 0.2, 20.0


def family_of(config: RunConfig) -> str:
    """What counts for how far arithmetic is off: the kind of network, of images, of precision."""
    model, training = config.model, config.training
    blocks = model.blocks
    kinds = {
        model.backbone.name: model.backbone.active,
        "separable": any(block.separable for block in blocks),
        "residual": any(block.residual for block in blocks),
        "normalised": any(block.batch_norm for block in blocks),
        "styled": training.style.active,
        "collections": bool(training.collections),
        "teacher": training.teacher.active,
        training.precision: True,
    }
    return " ".join(name for name, there in kinds.items() if there)


def correction(config: RunConfig, settings: Settings) -> float:
    """How many times the expected seconds runs like this took here; 1 before one was seen.

    The median of the last eight, nearer to 1 the fewer there are.
    """
    ratios = _ratios(settings).get(family_of(config), [])
    if not ratios:
        return 1.0
    sure = len(ratios) / (len(ratios) + 0.25)
    return math.exp(sure * math.log(median(ratios)))


def learn(folder: RunFolder, expected: float, images: int, settings: Settings) -> None:
    """Takes a run into account that has just ended, where it was trained to its end in one go.

    A home that cannot be written costs nothing but the correction.

    Args:
        expected: Seconds that were expected of it, uncorrected.
        images: Images an epoch that they were expected for.
    """
    status = folder.status
    whole = status.state == "finished" and status.attempt == 1 and status.epoch == status.epochs
    if not whole or expected <= 0 or status.seconds <= 0:
        return
    if follow(folder.events_path).history.train_images != images:
        return
    ratio = min(_MOST, max(_LEAST, status.seconds / expected))
    ratios, family = _ratios(settings), family_of(folder.config)
    ratios[family] = [*ratios.get(family, []), round(ratio, 4)][-_KEPT:]
    with suppress(StorageError, OSError):
        write_json(settings.home / "pace.json", ratios)


def _ratios(settings: Settings) -> dict[str, list[float]]:
    """What can be read of the file; the rest is passed over."""
    try:
        value = read_json(settings.home / "pace.json")
    except OSError:
        return {}
    if not isinstance(value, dict):
        return {}
    found = {}
    for family, ratios in value.items():
        if isinstance(ratios, list) and all(_is_ratio(ratio) for ratio in ratios):
            found[family] = ratios[-_KEPT:]
    return found


def _is_ratio(value: object) -> bool:
    # A comparison with NaN is false.
    return isinstance(value, (int, float)) and _LEAST <= value <= _MOST
