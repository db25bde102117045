"""Collections of user images that a training uses as well.

They are packed when the run begins, and the run's folder says which: a run that goes on learns
from what it began with, whatever became of the collections, and on whatever machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.classes import OTHER_CLOTHING
from fmnist_core.collections import CollectionStore, Items
from fmnist_core.collections.loading import PackedCollections, load_packed
from fmnist_core.config import RunConfig
from fmnist_core.datasets.split import count_images
from fmnist_core.errors import CollectionError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# In the run's folder: the collections' fingerprints by name.
KEPT = "collections.json"
# An epoch makes a third of the added images anew (`augmentation/mixture.py`).
_FEWEST_ADDED = 3


@dataclass(frozen=True, eq=False)
class ExtraSamples:
    """Items of collections, one entry per collection, and fingerprints by name."""

    items: tuple[Items, ...]
    fingerprints: dict[str, str]

    def note(self, config: RunConfig) -> str:
        """What becomes of other clothing that is not shown as such; may be empty."""
        count, style = self._other_clothing, config.training.style_augmentation
        if not count:
            return ""
        if config.model.other_clothing:
            if self.shows_other_clothing(config):
                return ""
            share = f"style_augmentation.other_clothing={style.other_clothing:g}"
            return f"Items labeled other clothing: {count}. They are not shown, by {share}."
        if _is_shown(style.negatives, config):
            then = "they count as negatives (not clothing)"
        else:
            then = f"they are not shown, by style_augmentation.negatives={style.negatives:g}"
        return f"Items labeled other clothing: {count}. The network has no output for them: {then}."

    def shows_other_clothing(self, config: RunConfig) -> bool:
        """Whether the run shows items of other clothing to a network with an output for it."""
        share = config.training.style_augmentation.other_clothing
        shown = config.model.other_clothing and _is_shown(share, config)
        return shown and self._other_clothing > 0

    @property
    def _other_clothing(self) -> int:
        labels = [
            labels for one in self.items for labels in (one.picture_labels, one.stroke_labels)
        ]
        return sum(int((each == OTHER_CLOTHING).sum()) for each in labels)


def check_collections(config: RunConfig, settings: Settings) -> None:
    """Whether every collection of the configuration can be learned from; reads no item.

    Raises:
        CollectionError: One is missing or empty, or nothing of it would ever be shown.
    """
    store = CollectionStore(settings)
    for name in config.training.collections:
        labels = store.labels(name)
        if not labels:
            raise CollectionError(
                "A collection to learn from must not be empty.",
                received=name,
                advice="Add pictures to it, or train without it.",
            )
        _check_effect(name, config, labels)


def _is_shown(share: float, config: RunConfig) -> bool:
    """Whether a share of the training images comes to at least one image."""
    return int(share * count_images(config.training).train / _FEWEST_ADDED) > 0


def _check_effect(name: str, config: RunConfig, labels: frozenset[int | None]) -> None:
    training, style = config.training, config.training.style_augmentation
    count = count_images(training).train
    outside = labels & {None, OTHER_CLOTHING}
    clothing, others = bool(labels - outside), OTHER_CLOTHING in labels
    # As `Mixture` does: without that output other clothing is shown as negatives.
    apart, negatives = others and config.model.other_clothing, style.negatives
    shares = (
        (training.collection_share, clothing),
        (negatives, None in labels or (others and not apart)),
        (style.other_clothing, apart),
    )
    if any(there and _is_shown(share, config) for share, there in shares):
        return
    if apart and not clothing:
        raise CollectionError(
            "A collection of other clothing alone has no effect on this run.",
            received=f"{name}, other_clothing={style.other_clothing:g} of {count:,} images",
            advice="Raise style_augmentation.other_clothing, such as to 0.1, or train without it.",
        )
    if not clothing:
        raise CollectionError(
            "A collection without clothing has no effect on this run.",
            received=f"{name}, negatives={negatives:g} of {count:,} images",
            advice="Raise style_augmentation.negatives, such as to 0.1, or train without it.",
        )
    raise CollectionError(
        "collection_share must come to at least a few images per epoch.",
        received=f"{name}, collection_share={training.collection_share:g} of {count:,} images",
        advice="Raise collection_share, use more images, or train without the collection.",
    )


def keep_collections(folder: RunFolder, config: RunConfig, settings: Settings) -> dict[str, str]:
    """Packs the collections of a run that begins; of one that goes on, finds what was packed.

    Returns:
        The fingerprint of each by its name: what `extra_samples` reads.

    Raises:
        CollectionError: See `check_collections`; or what was packed is gone for good.
        StorageError: The disk is full or cannot be written.
    """
    training = config.training
    packed, kept = PackedCollections(settings), _kept(folder)
    if set(kept) == set(training.collections):
        for name, fingerprint in kept.items():
            packed.restore(name, fingerprint)
        return kept
    check_collections(config, settings)
    sweep_packed(settings)
    kept = {name: packed.keep(name) for name in training.collections}
    write_json(folder.path / KEPT, kept)
    return kept


def extra_samples(folder: RunFolder, config: RunConfig, settings: Settings) -> ExtraSamples:
    """All collections of the configuration as the run began with them, read into memory.

    Raises:
        CollectionError: One is missing or damaged.
        StorageError: The disk is full or cannot be written.
    """
    fingerprints = keep_collections(folder, config, settings)
    items = [_read(name, fingerprints[name], settings) for name in config.training.collections]
    return ExtraSamples(tuple(items), fingerprints)


def sweep_packed(settings: Settings) -> None:
    """Deletes packed collections that no run can ask for any more."""
    PackedCollections(settings).sweep(set(_needed(settings)))


def _read(name: str, fingerprint: str, settings: Settings) -> Items:
    path = PackedCollections(settings).path(fingerprint)
    try:
        return load_packed(path, fingerprint, place=f"collections/{name}")
    except CollectionError as error:
        # What the run began with stays as it is, so only another run can do without that file.
        advice = f"{error.advice} Then train again from the run's configuration."
        raise CollectionError(error.rule, received=error.received, advice=advice) from error


def _needed(settings: Settings) -> Iterator[str]:
    for path in settings.runs_dir.glob(f"*/{KEPT}"):
        folder = RunFolder(path.parent)
        if folder.status.state != "finished":
            yield from _kept(folder).values()


def _kept(folder: RunFolder) -> dict[str, str]:
    value = read_json(folder.path / KEPT)
    found = value if isinstance(value, dict) else {}
    return {str(name): str(fingerprint) for name, fingerprint in found.items()}
