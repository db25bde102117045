"""Many variants of the few pictures and drawings a person collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fmnist_core.collection.loading import NO_CLOTHING, Items
from fmnist_core.errors import CollectionError
from fmnist_core.inputs.fitting import SHEET, enlarged, shrunk_to_input
from fmnist_core.inputs.prepare import Prepared, prepare
from fmnist_core.looks.bending import bent
from fmnist_core.looks.cloth import relit
from fmnist_core.looks.clutter import roughened
from fmnist_core.looks.drawn import distorted, pen_drawing
from fmnist_core.looks.lines import fitted
from fmnist_core.looks.sketches.sketch import Points

Picture = NDArray[np.uint8]
_Render = Callable[[np.random.Generator], Picture]
_Walk = Callable[[Iterable[tuple[Picture, int]]], Iterable[tuple[Picture, int]]]
# Quick, Draw! counts from 0 to 255.
_UNITS = 256.0


class Variants:
    """Draws variants of collected items, every collection and every class as often as another.

    Args:
        collections: What was collected.
        distortion: How strongly variants differ, 0 to 1.
    """

    def __init__(self, collections: Sequence[Items], distortion: float) -> None:
        self._collections, self._distortion = collections, distortion
        self._clothing: list[tuple[int, list[_Render]]] = []
        self._other: list[_Render] = []
        self.to_prepare = sum(len(items.pictures) for items in collections)
        labels = [np.concatenate([i.stroke_labels, i.picture_labels]) for i in collections]
        every = np.concatenate(labels) if labels else np.zeros(0, np.int64)
        self.has_clothing = bool((every != NO_CLOTHING).any())
        self.has_other = bool((every == NO_CLOTHING).any())

    def prepare(self, walk: _Walk = lambda pictures: pictures) -> None:
        """Sends each picture the way of every item, once: some 15 ms each.

        Args:
            walk: Goes through the pictures; may tell how far it is, or end by an error.

        Raises:
            CollectionError: No picture shows anything.
        """
        if self._clothing or self._other:
            return
        for items in self._collections:
            by_label = self._renders(items, walk)
            self._other += by_label.pop(NO_CLOTHING, [])
            self._clothing += sorted(by_label.items(), key=lambda group: group[0])
        self.to_prepare = 0
        if (self.has_clothing and not self._clothing) or (self.has_other and not self._other):
            raise CollectionError(
                "The pictures of a collection must show something.",
                received="empty sheets only",
                advice="Remove them, or train without the collection.",
            )

    def _renders(self, items: Items, walk: _Walk) -> dict[int, list[_Render]]:
        found: dict[int, list[_Render]] = defaultdict(list)
        for strokes, label in zip(items.strokes, items.stroke_labels, strict=True):
            parts = [np.asarray(stroke, float).T / _UNITS for stroke in strokes]
            found[int(label)].append(_of_drawing(parts, self._distortion))
        pictures = zip(items.pictures, items.picture_labels.tolist(), strict=True)
        for picture, label in walk(pictures):
            render = _of_picture(picture, self._distortion)
            if render is not None:
                found[label].append(render)
        return found

    def draw(self, rng: np.random.Generator) -> tuple[Picture, int]:
        """A variant of some clothing, uint8 (28, 28), and its class; `prepare` comes first."""
        label, group = self._clothing[int(rng.integers(len(self._clothing)))]
        return _one_of(group, rng), label

    def draw_other(self, rng: np.random.Generator) -> Picture:
        """A variant of an item that is no clothing, uint8 (28, 28); `prepare` comes first."""
        return _one_of(self._other, rng)


def _one_of(group: list[_Render], rng: np.random.Generator) -> Picture:
    return group[int(rng.integers(len(group)))](rng)


def _of_drawing(parts: list[Points], distortion: float) -> _Render:
    def render(rng: np.random.Generator) -> Picture:
        kept = parts
        if len(parts) > 3 and rng.random() < 0.25:
            dropped = rng.integers(len(parts))
            kept = [part for i, part in enumerate(parts) if i != dropped]
        return pen_drawing(distorted(kept, distortion, rng), 0, rng)

    return render


def _of_picture(picture: Picture, distortion: float) -> _Render | None:
    """None for a picture that shows nothing."""
    prepared = prepare(picture)
    if prepared.blank:
        return None
    is_cloth = prepared.reading != "drawing"
    # Copied, so that the larger pictures of the other steps are not kept.
    sheet = _sheet(prepared).copy()

    def render(rng: np.random.Generator) -> Picture:
        turned = sheet[:, ::-1] if rng.random() < 0.5 else sheet
        changed = fitted(bent([turned], 0.6 * distortion, rng)[0], SHEET)
        return shrunk_to_input(_another_light(changed, rng) if is_cloth else changed)

    return render


def _sheet(prepared: Prepared) -> Picture:
    """The item on the sheet of 112 x 112, before it is shrunk."""
    fitted_step = next((step for step in prepared.steps if step.key == "fitted"), None)
    return fitted_step.picture if fitted_step else enlarged(prepared.image)


def _another_light(garment: Picture, rng: np.random.Generator) -> Picture:
    tones = np.clip(relit(garment.astype(np.float32), rng), 15, 255)
    changed = np.where(garment > 8, tones, 0).astype(np.uint8)
    return roughened(changed, rng) if rng.random() < 0.4 else changed
