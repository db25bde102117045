"""How a snapshot is written in one line of JSON, and read again."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.traces.trace import LayerState, Moment, Snapshot

_LAYER = ("weight_norm", "gradient_norm", "update_ratio", "dead_share")


def snapshot_line(snapshot: Snapshot) -> dict[str, Any]:
    """Plain JSON values; a number that is not finite becomes null."""
    return {
        "epochs": snapshot.epochs,
        "step": snapshot.step,
        "images_seen": snapshot.images_seen,
        "confusion": snapshot.confusion.tolist(),
        "filters": None if snapshot.filters is None else _packed(snapshot.filters),
        "probabilities": _rounded(snapshot.probabilities),
        "layers": [[_short(getattr(one, name)) for name in _LAYER] for one in snapshot.layers],
    }


def moment_line(moment: Moment) -> dict[str, Any]:
    """As `snapshot_line`, of the probes alone."""
    return {"epochs": moment.epochs, "probabilities": _rounded(moment.probabilities)}


def snapshot_from(line: dict[str, Any], probes: int, layers: int) -> Snapshot:
    """The inverse of `snapshot_line`.

    Raises:
        KeyError, TypeError, ValueError: It is damaged, or of other probes or layers.
    """
    confusion = np.asarray(line["confusion"], np.int32)
    states = tuple(_layer(values) for values in line["layers"])
    if confusion.shape != (CLASS_COUNT, CLASS_COUNT) or len(states) != layers:
        raise ValueError("A snapshot of another form.")
    return Snapshot(
        epochs=_place(line["epochs"]),
        step=int(line["step"]),
        images_seen=int(line["images_seen"]),
        confusion=confusion,
        filters=None if line["filters"] is None else _unpacked(line["filters"]),
        probabilities=_rows(line["probabilities"], probes),
        layers=states,
    )


def moment_from(line: dict[str, Any], probes: int) -> Moment:
    """The inverse of `moment_line`; errors as those of `snapshot_from`."""
    return Moment(_place(line["epochs"]), _rows(line["probabilities"], probes))


def _place(value: Any) -> float:
    epochs = float(value)
    if not 0 <= epochs < math.inf:
        raise ValueError("Epochs are a number from 0 on.")
    return epochs


def _rows(value: Any, probes: int) -> NDArray[np.float32]:
    return np.asarray(value, np.float32).reshape(probes, CLASS_COUNT)


def _layer(values: Iterable[float | None]) -> LayerState:
    numbers = (None if value is None else float(value) for value in values)
    return LayerState(**dict(zip(_LAYER, numbers, strict=True)))


def _packed(array: NDArray[np.float32]) -> dict[str, Any]:
    content = np.ascontiguousarray(array, "<f4").tobytes()
    return {"shape": list(array.shape), "float32": base64.b64encode(content).decode()}


def _unpacked(value: dict[str, Any]) -> NDArray[np.float32]:
    content = base64.b64decode(value["float32"], validate=True)
    height, width, channels, count = value["shape"]
    return np.frombuffer(content, "<f4").reshape(height, width, channels, count)


def _rounded(probabilities: NDArray[np.float32]) -> list[list[float]]:
    finite = np.nan_to_num(probabilities.astype(float), nan=0.0)
    return [[round(value, 4) for value in row] for row in finite.tolist()]


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.5g}")
