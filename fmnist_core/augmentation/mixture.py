"""The images of one epoch: photographs, styles, sketches, collection items, and negatives.

Making a style takes about a millisecond, so each is shown in three epochs: an epoch makes a third
of them anew. What epoch k shows depends on the seed and on k alone.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.elastic import bent
from fmnist_core.augmentation.line_drawing import fitted
from fmnist_core.augmentation.negatives import draw_other
from fmnist_core.augmentation.sketch_rendering import (
    by_hand,
    distorted,
    draw_sketch,
    pen_drawing,
)
from fmnist_core.augmentation.sketches.sketch import Points
from fmnist_core.augmentation.styles import STYLES, restyle, roughened
from fmnist_core.augmentation.texture import relit
from fmnist_core.classes import CLASS_COUNT, IMAGE_SIDE, OTHER_CLOTHING
from fmnist_core.collections.loading import NO_CLOTHING, Items
from fmnist_core.config import StyleAugmentationConfig, TrainConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.errors import CollectionError
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.preprocessing.resize import SHEET, enlarged, fit_to

_Picture = NDArray[np.uint8]

_Render = Callable[[np.random.Generator], _Picture]

_Walk = Callable[[Iterable[tuple[_Picture, int]]], Iterable[tuple[_Picture, int]]]

# Quick, Draw! counts from 0 to 255.
_UNITS = 256.0
_EPOCHS_SHOWN = 3

# The label of negatives: beyond all outputs, for their target is the uniform distribution.
NEGATIVE = OTHER_CLOTHING + 1
_COLLECTED_OTHERS = 0.6
# Photographs of shoes, most of them seen from above, and of other clothing are shown any way round.
_TURNED = (5, 7, 9, OTHER_CLOTHING)
_ANY_WAY_ROUND = 0.5
# Share of the variants of a drawing whose strokes are drawn anew.
_ANOTHER_HAND = 0.5
# Labels uint8 (n,), or rows float32 (n, 1 + outputs).
Targets = NDArray[Any]
_Examples = tuple[NDArray[np.uint8], Targets]


class Mixture:
    """Assembles the images of each epoch.

    Args:
        train: The photographs.
        style: Shares of the styles.
        collections: Own items; none are shown when empty.
        collection_share: Variants of own items an epoch, as a share of the photographs.
        seed: Start of all random numbers.
        targets: What is taught of each photograph, (n, ...) with the label first; by default the
            labels alone. Of an image that shows no photograph only the label is known, the rest 0.
        side: Of the images, as the network reads them.
        other_clothing: Whether the network has an output for other clothing; else own items of that
            label are negatives.
    """

    def __init__(
        self,
        train: ImageSet,
        style: StyleAugmentationConfig,
        collections: Sequence[Items] = (),
        collection_share: float = 0.0,
        seed: int = 0,
        targets: Targets | None = None,
        side: int = IMAGE_SIDE,
        *,
        other_clothing: bool = False,
    ) -> None:
        self._side = side
        self._targets = train.labels if targets is None else targets
        self._train, self._style, self._seed = train, style, seed
        self._variants = _Variants(collections, style.distortion, side, other_clothing)
        self._counts = _block_counts(len(train), style, collection_share, self._variants)
        self._blocks: dict[int, _Examples] = {}
        self._stopped = threading.Event()
        self._made_so_far, self._to_make = 0, 1

    @property
    def size(self) -> int:
        """Images an epoch."""
        made = _EPOCHS_SHOWN * sum(self._counts.values())
        return len(self._train) - _EPOCHS_SHOWN * self._counts["restyled"] + made

    @property
    def progress(self) -> float:
        """The prepared share of the next epoch, 0 to 1."""
        return min(1.0, self._made_so_far / self._to_make)

    def stop(self) -> None:
        """Makes a call of `epoch` in another thread end soon, with an error."""
        self._stopped.set()

    def epoch(self, number: int) -> _Examples:
        """Images uint8 (size, side, side) and their targets (size, ...), not shuffled.

        A target is of the kind of `targets`; the label of other clothing is 10, that of what is no
        clothing 11.

        Raises:
            InterruptedError: `stop` was called.
        """
        wanted = [max(0, number - age) for age in range(_EPOCHS_SHOWN)]
        lacking = set(wanted) - set(self._blocks)
        self._made_so_far = 0
        self._to_make = max(1, len(lacking) * self._made_a_block + self._variants.to_prepare)
        self._variants.prepare(self._each)
        made = {k: self._block(k) for k in sorted(lacking)}
        self._blocks = {k: block for k, block in (self._blocks | made).items() if k in wanted}
        parts = [self._photographs(number)] + [self._blocks[k] for k in wanted]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    @property
    def _made_a_block(self) -> int:
        return sum(self._counts.values())

    def _photographs(self, number: int) -> _Examples:
        rng = np.random.default_rng([self._seed, number, 1])
        left = len(self._train) - _EPOCHS_SHOWN * self._counts["restyled"]
        chosen = rng.permutation(len(self._train))[:left]
        return self._fitted[chosen], self._targets[chosen]

    @cached_property
    def _fitted(self) -> NDArray[np.uint8]:
        """All photographs at the side that the network reads, made once: takes seconds above 28."""
        return fit_to(self._train.images, self._side)

    def _block(self, number: int) -> _Examples:
        rng = np.random.default_rng([self._seed, number, 2])
        made = list(self._made(rng))
        return np.concatenate([p[0] for p in made]), np.concatenate([p[1] for p in made])

    def _made(self, rng: np.random.Generator) -> Iterator[_Examples]:
        yield self._by_label([], [])
        yield from self._restyled(rng)
        labels = rng.integers(0, CLASS_COUNT, self._counts["sketches"])
        sketches = _sketches(self._each(labels), self._style, rng, self._side)
        yield self._by_label(sketches, list(labels))
        variants = [self._variants.draw(rng) for _ in self._each(range(self._counts["collected"]))]
        yield self._by_label([v[0] for v in variants], [v[1] for v in variants])
        others = [self._other(rng) for _ in self._each(range(self._counts["negatives"]))]
        yield self._by_label(others, [NEGATIVE] * len(others))
        clothes = [
            self._variants.draw_other_clothing(rng)
            for _ in self._each(range(self._counts["other_clothing"]))
        ]
        yield self._by_label(clothes, [OTHER_CLOTHING] * len(clothes))

    def _restyled(self, rng: np.random.Generator) -> Iterator[_Examples]:
        count = self._counts["restyled"]
        if not count:
            return
        chosen = rng.permutation(len(self._train))[:count]
        all_of_them = _grown_to_one(self._style)
        for part in self._each(np.array_split(chosen, -(-count // 200))):
            yield (
                restyle(self._train.images[part], all_of_them, rng, self._side),
                self._targets[part],
            )

    def _other(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        if self._variants.has_other and rng.random() < _COLLECTED_OTHERS:
            return self._variants.draw_other(rng)
        return draw_other(self._train.images[rng.integers(len(self._train))], rng, self._side)

    def _by_label(self, pictures: list[NDArray[np.uint8]], labels: Sequence[int]) -> _Examples:
        none = np.zeros((0, self._side, self._side), np.uint8)
        images = np.stack(pictures) if pictures else none
        targets = np.zeros((len(labels), *self._targets.shape[1:]), self._targets.dtype)
        column = targets if targets.ndim == 1 else targets[:, 0]
        column[:] = labels
        return images, targets

    def _each(self, things: Iterable[Any]) -> Iterator[Any]:
        for thing in things:
            if self._stopped.is_set():
                raise InterruptedError("The preparation of images was stopped.")
            yield thing
            self._made_so_far += len(thing) if isinstance(thing, np.ndarray) else 1


class _Variants:
    """Draws variants of collected items, every collection and every class as often as another.

    Args:
        collections: What was collected.
        distortion: How strongly variants differ, 0 to 1.
        side: Of the variants.
        other_clothing: Whether items labeled so are shown as such; else they are no clothing, for a
            network that must not take them for any of the ten.
    """

    def __init__(
        self, collections: Sequence[Items], distortion: float, side: int, other_clothing: bool
    ) -> None:
        self._collections, self._distortion, self._side = collections, distortion, side
        self._clothing: list[tuple[int, list[_Render]]] = []
        self._other: list[_Render] = []
        self._other_clothing: list[_Render] = []
        self._apart = other_clothing
        self.to_prepare = sum(len(items.pictures) for items in collections)
        labels = [np.concatenate([i.stroke_labels, i.picture_labels]) for i in collections]
        every = np.concatenate(labels) if labels else np.zeros(0, np.int64)
        self.has_other_clothing = other_clothing and bool((every == OTHER_CLOTHING).any())
        outside = [NO_CLOTHING] if other_clothing else [NO_CLOTHING, OTHER_CLOTHING]
        self.has_other = bool(np.isin(every, outside).any())
        self.has_clothing = bool(((every >= 0) & (every < CLASS_COUNT)).any())

    def prepare(self, walk: _Walk = lambda pictures: pictures) -> None:
        """Sends each picture the way of every item, once: some 15 ms each.

        Args:
            walk: Goes through the pictures; may tell how far it is, or end by an error.

        Raises:
            CollectionError: No picture shows anything.
        """
        if self._clothing or self._other or self._other_clothing:
            return
        for items in self._collections:
            by_label = self._renders(items, walk)
            self._other += by_label.pop(NO_CLOTHING, [])
            clothes = self._other_clothing if self._apart else self._other
            clothes += by_label.pop(OTHER_CLOTHING, [])
            self._clothing += sorted(by_label.items(), key=lambda group: group[0])
        self.to_prepare = 0
        wanted = (self.has_clothing, self.has_other, self.has_other_clothing)
        found = (self._clothing, self._other, self._other_clothing)
        if any(there and not some for there, some in zip(wanted, found, strict=True)):
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
            render = _of_picture(picture, label, self._distortion, self._side)
            if render is not None:
                found[label].append(render)
        return found

    def draw(self, rng: np.random.Generator) -> tuple[_Picture, int]:
        """A variant of some clothing, uint8 (side, side), and its class; `prepare` comes first."""
        label, group = self._clothing[int(rng.integers(len(self._clothing)))]
        return fit_to(_one_of(group, rng), self._side), label

    def draw_other(self, rng: np.random.Generator) -> _Picture:
        """A variant of an item that is no clothing, uint8 (side, side); `prepare` comes first."""
        return fit_to(_one_of(self._other, rng), self._side)

    def draw_other_clothing(self, rng: np.random.Generator) -> _Picture:
        """A variant of clothing outside the ten classes; as `draw_other`."""
        return fit_to(_one_of(self._other_clothing, rng), self._side)


def style_variants(
    examples: ImageSet, training: TrainConfig, side: int = IMAGE_SIDE
) -> NDArray[np.uint8]:
    """Equally many images (n, side, side) in the styles and sketches of the run, or none.

    Without negatives and collections.
    """
    style = training.style_augmentation
    if not style.restyled and not style.synthetic_sketches:
        return np.zeros((0, side, side), np.uint8)
    rng = np.random.default_rng([training.seed, 3])
    drawn = round(
        len(examples) * style.synthetic_sketches / (style.synthetic_sketches + style.restyled)
    )
    sketches = _sketches(rng.integers(0, CLASS_COUNT, drawn), style, rng, side)
    rest = examples.images[rng.permutation(len(examples))[drawn:]]
    if len(rest):
        rest = restyle(rest, _grown_to_one(style), rng, side)
    return np.concatenate([np.stack(sketches), fit_to(rest, side)]) if sketches else rest


def _sketches(
    labels: Iterable[int], style: StyleAugmentationConfig, rng: np.random.Generator, side: int
) -> list[NDArray[np.uint8]]:
    return [draw_sketch(int(label), style.distortion, rng, side) for label in labels]


def _block_counts(
    count: int, style: StyleAugmentationConfig, collection_share: float, variants: _Variants
) -> dict[str, int]:
    shares = {
        "restyled": style.restyled,
        "sketches": style.synthetic_sketches,
        "collected": collection_share if variants.has_clothing else 0.0,
        "negatives": style.negatives,
        "other_clothing": style.other_clothing if variants.has_other_clothing else 0.0,
    }
    return {name: int(share * count / _EPOCHS_SHOWN) for name, share in shares.items()}


def _grown_to_one(style: StyleAugmentationConfig) -> StyleAugmentationConfig:
    """The four styles' shares, scaled so that every image gets one."""
    grown = {name: min(1.0, getattr(style, name) / style.restyled) for name in STYLES}
    return replace(style, **grown)


def _one_of(group: list[_Render], rng: np.random.Generator) -> _Picture:
    return group[int(rng.integers(len(group)))](rng)


def _of_drawing(parts: list[Points], distortion: float) -> _Render:
    def render(rng: np.random.Generator) -> _Picture:
        kept = parts
        if len(parts) > 3 and rng.random() < 0.25:
            dropped = rng.integers(len(parts))
            kept = [part for i, part in enumerate(parts) if i != dropped]
        moved = distorted(kept, distortion, rng)
        if rng.random() < _ANOTHER_HAND:
            moved = by_hand(moved, 0, 0.6 * distortion, rng)
        return pen_drawing(moved, 0, rng)

    return render


def _of_picture(picture: _Picture, label: int, distortion: float, side: int) -> _Render | None:
    """None for a picture that shows nothing."""
    prepared = prepare(picture, steps=False)
    if prepared.blank:
        return None
    is_cloth = prepared.reading != "drawing"
    turns = is_cloth and label in _TURNED
    sheet = prepared.sheet
    if prepared.reading == "as is" and side == IMAGE_SIDE:
        # Smooth on the way to other places of the same pixels. A larger network is asked about the
        # pixels themselves, and sees the data set's images so: it must learn from the same.
        sheet = enlarged(prepared.image)

    def render(rng: np.random.Generator) -> _Picture:
        turned = sheet[:, ::-1] if rng.random() < 0.5 else sheet
        if turns and rng.random() < _ANY_WAY_ROUND:
            turned = _rotated(turned, rng.uniform(-180, 180))
        changed = fitted(bent([turned], 0.6 * distortion, rng)[0], SHEET)
        return _another_light(changed, rng) if is_cloth else changed

    return render


def _rotated(sheet: _Picture, degrees: float) -> _Picture:
    """An item on the sheet, smaller, so that no corner of it leaves the sheet."""
    middle = (SHEET - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), degrees, 0.7)
    return np.asarray(cv2.warpAffine(np.ascontiguousarray(sheet), matrix, sheet.shape), np.uint8)


def _another_light(garment: _Picture, rng: np.random.Generator) -> _Picture:
    tones = np.clip(relit(garment.astype(np.float32), rng), 15, 255)
    changed = np.where(garment > 8, tones, 0).astype(np.uint8)
    return roughened(changed, rng) if rng.random() < 0.4 else changed
