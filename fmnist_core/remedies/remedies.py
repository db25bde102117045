"""Remedies for a confused pair: what each changes, its expected time, the best, those tried.

Each is a whole configuration with one change. Dataset, number of images, validation share and seed
stay the same, and so does the validation set: before and after are compared on the same images, and
the validation images select the best. Tried remedies are stored with the run:

RUN/improvements.jsonl     one line per started remedy, written atomically
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fmnist_core.config import (
    BlockConfig,
    ClassWeightsConfig,
    ModelConfig,
    RunConfig,
    ScheduleConfig,
    TrainConfig,
)
from fmnist_core.config.rules import rule_of
from fmnist_core.errors import ConfigError, DataError, LabError
from fmnist_core.models import summarise
from fmnist_core.remedies.before_after import TEST, BeforeAfter, Pair
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.expected import expected_epoch_seconds
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import Settings
from fmnist_core.training.check import check_run

_KIND = "tried"

_SHARE = 0.1
_WEIGHT, _MOST_WEIGHT = 2.0, 10.0
# Low enough to keep what is known (Howard & Ruder 2018, arXiv 1801.06146, section 3.2: lower rates
# and a decay for fine-tuning), and an end near zero.
_LOWER, _LEAST_EPOCHS = 0.1, 2
_LONGER, _WIDER = 2, 1.5


@dataclass(frozen=True)
class Tried:
    """A remedy that was started.

    Attributes:
        pair: What it is against.
        remedy, title: The remedy's name, and for people.
        going_on: Whether from the weights of the run, not afresh.
        run_id: The run that tries it; it may be gone by now.
        started: Unix time.
    """

    pair: Pair
    remedy: str
    title: str
    going_on: bool
    run_id: str
    started: float = 0.0


@dataclass(frozen=True)
class Remedy:
    """Something to try.

    Attributes:
        name: Short and the same for ever, such as "weight".
        title: For people.
        why: Why it may help, and what it may cost, in a sentence or two.
        config: The run that tries it.
        obstacle: Why it cannot be tried; empty when it can.
    """

    name: str
    title: str
    why: str
    config: RunConfig
    obstacle: str = ""


def remedies(
    config: RunConfig, pair: Pair, *, initial_weights: str = "", suspects: int = 0
) -> list[Remedy]:
    """Remedies for a run of this configuration, the most promising first.

    Args:
        config: Of the run as it is.
        initial_weights: The run's identifier, to go on from its weights at a low rate; empty:
            afresh, that is from where the run itself began.
        suspects: Training images ticked as suspects, in its data set.

    Raises:
        ConfigError: The run has no validation images to compare remedies on.
    """
    if not config.training.validation_share:
        raise ConfigError(
            "Remedies are compared on validation images, and this run has none.",
            received="validation_share 0",
            advice=f"Train it again with {_SHARE:.0%} for validation, and improve that run.",
        )
    base = _going_on(config, initial_weights) if initial_weights else config
    found = [*_everywhere(base, pair, suspects)]
    found += _from_weights(base) if initial_weights else _only_afresh(base)
    return [_checked(remedy) for remedy in found]


def holding_back(config: RunConfig) -> RunConfig:
    """The same run with a tenth of its images held back: what remedies can be chosen by."""
    return replace(config, training=replace(config.training, validation_share=_SHARE))


def _everywhere(base: RunConfig, pair: Pair, suspects: int) -> Iterator[Remedy]:
    yield _weight(base, pair)
    yield _augmentation(base)
    yield _suspects(base, suspects)


def _weight(base: RunConfig, pair: Pair) -> Remedy:
    before = base.training.class_weights
    labels = tuple(sorted(pair.classes))
    again = before.active and before.labels == labels
    factor = min(_MOST_WEIGHT, _WEIGHT * before.factor) if again else _WEIGHT
    why = (
        f"Errors of these two classes weigh {factor:g} times as much in the loss. "
        "Other classes may get worse."
    )
    obstacle = f"Their class weight is {factor:g} already." if factor == before.factor else ""
    config = _with(base, class_weights=ClassWeightsConfig(labels, factor))
    return Remedy("weight", "More weight on the pair", why, config, obstacle if again else "")


def _augmentation(base: RunConfig) -> Remedy:
    before = base.training.augmentation
    more = replace(before, flip=True, shift=max(before.shift, 1.0), erase=max(before.erase, 0.1))
    obstacle = "This augmentation is on already." if more == before else ""
    why = "Random flips, shifts by a pixel and erasing. Short runs may get worse at first."
    config = _with(base, augmentation=more)
    return Remedy("augmentation", "Augmentation", why, config, obstacle)


def _suspects(base: RunConfig, suspects: int) -> Remedy:
    obstacle = "" if suspects else "No label issue is marked for exclusion yet."
    if base.training.exclude_label_issues:
        obstacle = "The label issues are excluded already."
    why = (
        f"Trains without the {suspects} selected label issues. Validation images stay, so that the "
        "comparison is fair."
    )
    if not suspects:
        why = "Trains without the selected label issues."
    return Remedy(
        "suspects", "Exclude label issues", why, _with(base, exclude_label_issues=True), obstacle
    )


def _from_weights(base: RunConfig) -> list[Remedy]:
    why = (
        f"{base.training.epochs} more epochs at a tenth of the learning rate, decaying. Nothing "
        "else changes."
    )
    return [Remedy("fine-tuning", "Fine-tuning at a low rate", why, base)]


def _only_afresh(base: RunConfig) -> list[Remedy]:
    epochs = min(rule_of(TrainConfig, "epochs").high, _LONGER * base.training.epochs)
    longer = (
        f"{epochs} epochs in place of {base.training.epochs}. Helps while the validation "
        "accuracy still rises; may overfit after that."
    )
    larger = (
        f"Half as many filters and units again ({_WIDER:g} times). Two garments that are alike "
        "differ in details, and these take room."
    )
    # Weights it may have begun with do not fit a wider network.
    wide = replace(_with(base, initial_weights=""), model=_wider(base.model), preset="")
    stuck = "It is as long as a run may be." if epochs == base.training.epochs else ""
    full = "It is as wide as a network may be." if wide.model == base.model else ""
    return [
        Remedy("longer", "A longer run", longer, _with(base, epochs=epochs), stuck),
        Remedy("larger", "A larger network", larger, wide, full),
    ]


def _going_on(config: RunConfig, initial_weights: str) -> RunConfig:
    training = config.training.from_weights(initial_weights)
    lowest = rule_of(TrainConfig, "learning_rate").low
    return _with(
        replace(config, training=training),
        learning_rate=max(lowest, training.learning_rate * _LOWER),
        schedule=ScheduleConfig(kind="cosine"),
        epochs=max(_LEAST_EPOCHS, training.epochs // 2),
        early_stopping=0,
    )


def _with(config: RunConfig, **changes: object) -> RunConfig:
    return replace(config, training=replace(config.training, **changes))  # type: ignore[arg-type]


def _wider(model: ModelConfig) -> ModelConfig:
    most = rule_of(BlockConfig, "filters").high
    blocks = [replace(one, filters=_grown(one.filters, most)) for one in model.blocks]
    limit = rule_of(ModelConfig, "dense").each.high
    dense = tuple(_grown(units, limit) for units in model.dense)
    return replace(model, blocks=tuple(blocks), dense=dense)


def _grown(number: int, most: int) -> int:
    return min(most, max(number + 1, round(number * _WIDER)))


def _checked(remedy: Remedy) -> Remedy:
    try:
        check_run(remedy.config)
    except LabError as error:
        return replace(remedy, obstacle=f"{error.fact} {error.advice}".strip())
    return remedy


def best_of(results: Mapping[str, BeforeAfter]) -> str | None:
    """The key of the remedy after which the two classes are mixed up least.

    Only those count that are better at it by more than chance and not worse on all images by more
    than chance; None where there is no such one: then the network as it was is the choice.

    Raises:
        DataError: Figures on test images: choosing by them would spoil them.
    """
    if any(result.split == TEST for result in results.values()):
        raise DataError("Remedies are compared on validation images, never on test images.")
    good = [
        key
        for key, result in results.items()
        if result.mixed_up.better and not result.overall.worse
    ]
    return min(good, key=lambda key: results[key].mixed_up.difference, default=None)


def expected_seconds(remedy: RunConfig, base: RunConfig, status: RunStatus) -> float:
    """Seconds on the machine that trained `base`: its own epochs, times what the network grew.

    A base that completed no epoch says nothing; then arithmetic alone does.

    Raises:
        ArchitectureError, ConfigError: One of the two cannot be trained.
    """
    epochs = remedy.training.epochs
    if not status.epoch or status.seconds <= 0:
        return epochs * _by_arithmetic(remedy)
    grown = _by_arithmetic(remedy) / _by_arithmetic(base)
    return epochs * grown * status.seconds / status.epoch


def _by_arithmetic(config: RunConfig) -> float:
    return expected_epoch_seconds(config, summarise(config.model))


def trained_already(config: RunConfig, settings: Settings) -> str | None:
    """The identifier of a finished and evaluated run of an equal configuration, or None.

    What is ticked and what is collected may have changed since, so that these are trained anew.
    """
    training = config.training
    if training.exclude_label_issues or training.collections:
        return None
    for run in list_runs(settings):
        same = run.recipe == config.recipe and run.seed == training.seed
        if same and run.state == "finished" and run.evaluated:
            return run.id
    return None


def note_tried(base: RunFolder, tried: Tried) -> None:
    """Writes down that a remedy for the run `base` was started.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    writer = EventWriter(_path(base))
    try:
        writer.write(
            _KIND,
            pair=list(tried.pair.classes),
            remedy=tried.remedy,
            title=tried.title,
            going_on=tried.going_on,
            run=tried.run_id,
        )
    finally:
        writer.close()


def tried_from(base: RunFolder) -> list[Tried]:
    """All remedies tried for this run, oldest first, each once a pair; bad lines are skipped."""
    found: dict[tuple[Pair, str], Tried] = {}
    for event in read_events(_path(base))[0]:
        tried = _parsed(event)
        if tried is not None:
            found.setdefault((tried.pair, tried.run_id), tried)
    return list(found.values())


def _parsed(event: dict[str, object]) -> Tried | None:
    try:
        if event["kind"] != _KIND:
            return None
        pair = event["pair"]
        assert isinstance(pair, list)
        return Tried(
            Pair(*pair),
            str(event["remedy"]),
            str(event["title"]),
            bool(event["going_on"]),
            str(event["run"]),
            float(str(event["t"])),
        )
    except (AssertionError, DataError, KeyError, TypeError, ValueError):
        return None


def _path(folder: RunFolder) -> Path:
    return folder.path / "improvements.jsonl"
