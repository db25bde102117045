"""Many variants of the few pictures and drawings a person collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fmnist_core.collection.loading import NO_CLOTHING, Items
from fmnist_core.inputs.fitting import shrunk_to_input
from fmnist_core.inputs.prepare import prepare
from fmnist_core.looks.bending import bent
from fmnist_core.looks.cloth import relit
from fmnist_core.looks.clutter import roughened
from fmnist_core.looks.drawn import distorted, pen_drawing
from fmnist_core.looks.lines import fitted
from fmnist_core.looks.sketches.sketch import Points

Picture = NDArray[np.uint8]
_Render = Callable[[np.random.Generator], Picture]


class Variants:
    """Draws variants of collected items, every collection and every class as often as another.

    Args:
        collections: What was collected; pictures go the way of every item once, here.
        distortion: How strongly variants differ, 0 to 1.
    """

    def __init__(self, collections: Sequence[Items], distortion: float) -> None:
        self._groups: list[tuple[int, list[_Render]]] = []
        for items in collections:
            by_label: dict[int, list[_Render]] = defaultdict(list)
            for strokes, label in zip(items.strokes, items.stroke_labels, strict=True):
                parts = [np.asarray(stroke, float).T for stroke in strokes]
                by_label[int(label)].append(_of_drawing(parts, distortion))
            for picture, label in zip(items.pictures, items.picture_labels, strict=True):
                by_label[int(label)].append(_of_picture(picture, distortion))
            self._groups += sorted(by_label.items(), key=lambda group: group[0])
        self.clothing = [group for label, group in self._groups if label != NO_CLOTHING]
        self._labels = [label for label, _ in self._groups if label != NO_CLOTHING]
        self.other = [group for label, group in self._groups if label == NO_CLOTHING]

    def draw(self, rng: np.random.Generator) -> tuple[Picture, int]:
        """A variant of an item of clothing, uint8 (28, 28), and its class."""
        chosen = int(rng.integers(len(self.clothing)))
        return _one_of(self.clothing[chosen], rng), self._labels[chosen]

    def draw_other(self, rng: np.random.Generator) -> Picture:
        """A variant of an item that is no clothing, uint8 (28, 28)."""
        return _one_of(self.other[int(rng.integers(len(self.other)))], rng)


def _one_of(group: list[_Render], rng: np.random.Generator) -> Picture:
    return group[int(rng.integers(len(group)))](rng)


def _of_drawing(parts: list[Points], distortion: float) -> _Render:
    size = 256.0

    def render(rng: np.random.Generator) -> Picture:
        kept = parts
        if len(parts) > 3 and rng.random() < 0.25:
            dropped = rng.integers(len(parts))
            kept = [part for i, part in enumerate(parts) if i != dropped]
        scaled = [part / size for part in kept]
        return pen_drawing(distorted(scaled, distortion, rng), 0, rng)

    return render


def _of_picture(picture: Picture, distortion: float) -> _Render:
    prepared = prepare(picture)
    sheet = prepared.steps[-2].picture if len(prepared.steps) > 2 else None
    flat = prepared.image if sheet is None or sheet.shape != (112, 112) else sheet

    def render(rng: np.random.Generator) -> Picture:
        if flat.shape != (112, 112):
            return flat
        turned = flat[:, ::-1] if rng.random() < 0.5 else flat
        changed = fitted(bent([turned], 0.6 * distortion, rng)[0], 112)
        if prepared.reading == "picture":
            tones = np.clip(relit(changed.astype(np.float32), rng), 15, 255).astype(np.uint8)
            changed = np.where(changed > 8, tones, 0).astype(np.uint8)
            changed = roughened(changed, rng) if rng.random() < 0.4 else changed
        return shrunk_to_input(changed)

    return render
