"""A row of the table, what it is measured with, and its figures, kept after each."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.training_rows.runs import Engine, Trained
from bench.training_rows.scripts import CannotMeasureError, ask_script
from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config import RunConfig, TrainConfig, override
from fmnist_core.config.presets import PRESETS, preset
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.errors import StorageError
from fmnist_core.settings import Settings

# What measuring a row with one seed gives. `value`: the figure, None where it does not count.
# `note`: a sentence on this seed. `missed`: true where the figure stands but a condition does not.
# Anything else is kept beside it.
Raw = dict[str, Any]
# A try: enough to see that a row works.
_SMOKE_IMAGES, _SMOKE_EPOCHS = 640, 3


@dataclass(frozen=True)
class Size:
    """How much is trained; a try (`smoke`) trains next to nothing."""

    smoke: bool = False

    @property
    def images(self) -> int:
        return _SMOKE_IMAGES if self.smoke else 60_000

    def epochs(self, number: int) -> int:
        return min(number, _SMOKE_EPOCHS) if self.smoke else number

    def fit(self, config: RunConfig) -> RunConfig:
        if not self.smoke:
            return config
        fewer = {"train_images": self.images, "epochs": self.epochs(config.training.epochs)}
        return override(config, [f"{key}={value}" for key, value in fewer.items()])


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        slug: Its name on the command line and in the file.
        what: For people: which figure of what, on which images.
        measure: Gives the figure for a seed.
        unit: Of the figure; empty for shares and ratios.
        goal: None where there is none.
        at_least: Whether the figure should be at least the goal; else at most.
        most_seeds: Fewer than asked for where there is only one thing to measure.
        beside: Keys of `Raw` whose medians stand in the note, and what they are.
        judged_by: Which of the seeds' figures has to reach the goal.
    """

    slug: str
    what: str
    measure: Callable[[Session, int], Raw]
    unit: str = ""
    goal: float | None = None
    at_least: bool = False
    most_seeds: int | None = None
    beside: Mapping[str, str] = field(default_factory=dict)
    judged_by: Callable[[list[float]], float] = statistics.median

    def seeds(self, asked: int) -> range:
        return range(min(asked, self.most_seeds or asked))

    def reaches(self, figures: list[float]) -> bool | None:
        """Whether these figures reach the goal; None without a goal."""
        if self.goal is None:
            return None
        figure = self.judged_by(figures)
        return figure >= self.goal if self.at_least else figure <= self.goal


class Records:
    """Figures of rows and seeds; the file is the list that is printed, with all `values`.

    Args:
        path: The file, taken up where it is there; None keeps nothing.
        smoke: Whether figures are those of a try, which never mix with real ones.
        commit: Of the code that is measured; kept with each figure.

    Raises:
        StorageError: The file is no such list, or one of the other size.
    """

    def __init__(
        self, rows: Sequence[Row], path: Path | None, *, smoke: bool, machine: str, commit: str = ""
    ):
        self._rows = {row.slug: row for row in rows}
        self._path, self._smoke = path, smoke
        self._machine, self._commit = machine, commit
        self._values: dict[str, dict[str, Raw]] = {}
        self._machines: dict[str, str] = {}
        self._failures: dict[str, str] = {}
        for item in _kept(path, smoke):
            self._values[item["row"]] = item["values"]
            self._machines[item["row"]] = item.get("machine", "")

    def find(self, slug: str, seed: int) -> Raw | None:
        return self._values.get(slug, {}).get(str(seed))

    def keep(self, slug: str, seed: int, raw: Raw) -> None:
        """Adds a figure and writes the file.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        self._values.setdefault(slug, {})[str(seed)] = raw | self._made_from()
        self._machines[slug] = self._machine
        self._write()

    def fail(self, slug: str, sentence: str) -> None:
        """Says why a row has no figure this time; what was measured before stays."""
        self._failures[slug] = sentence
        self._write()

    def forget(self, slugs: Sequence[str]) -> None:
        for slug in slugs:
            self._values.pop(slug, None)

    def list(self) -> list[dict[str, Any]]:
        """All rows with a figure or a reason for none, in the order of the table."""
        return [self._summary(slug) for slug in self._rows if self._is_there(slug)]

    def of_other_code(self, slugs: Sequence[str]) -> list[str]:
        """Rows among `slugs` with a kept figure that other code has made."""
        return [
            slug
            for slug in slugs
            if any(raw.get("commit", "") != self._commit for raw in self.values(slug).values())
        ]

    def values(self, slug: str) -> dict[str, Raw]:
        return self._values.get(slug, {})

    def _is_there(self, slug: str) -> bool:
        return bool(self._values.get(slug)) or slug in self._failures

    def _summary(self, slug: str) -> dict[str, Any]:
        found = summary(self._rows[slug], self.values(slug), self._failures.get(slug, ""))
        tried = {"note": f"A TRY with few images, no figure. {found['note']}"}
        return found | (tried if self._smoke else {}) | self._made_on(slug)

    def _made_on(self, slug: str) -> dict[str, str]:
        return {"machine": self._machines.get(slug, self._machine)}

    def _made_from(self) -> dict[str, str]:
        return {"commit": self._commit} if self._commit else {}

    def _write(self) -> None:
        if self._path is None:
            return
        more = {"smoke": self._smoke}
        write_json(
            self._path,
            [item | more | {"values": self.values(item["row"])} for item in self.list()],
        )


class Session:
    """What rows measure with. To be stopped at the end."""

    def __init__(self, rows: dict[str, Row], records: Records, settings: Settings, size: Size):
        self._rows, self._records = rows, records
        self.settings, self.size = settings, size
        self.engine = Engine(settings, hurried=size.smoke)
        self._data_is_here = False

    def of(self, slug: str, seed: int) -> Raw:
        """The figure of a row, measured where it is not there yet."""
        found = self._records.find(slug, seed)
        if found is None:
            load = round(os.getloadavg()[0], 2)
            found = {**self._rows[slug].measure(self, seed), "load_before": load}
            self._records.keep(slug, seed, found)
        return found

    def config(self, name: str, *changes: str) -> RunConfig:
        """A preset, changed and cut down to the size of this measuring.

        Raises:
            CannotMeasureError: There is no such preset yet.
        """
        if name not in PRESETS:
            raise CannotMeasureError(f"There is no preset `{name}`.")
        return override(self.size.fit(preset(name).config), changes)

    def plain(self, name: str, batch_size: int, *changes: str) -> RunConfig:
        """The preset's network, trained by plain Adam on all images as they are."""
        training = TrainConfig(batch_size=batch_size, validation_share=0.0, keep_weights="last")
        return override(replace(self.config(name), training=training), changes)

    def train(self, config: RunConfig) -> Trained:
        self.check_data()
        return self.engine.train(config)[0]

    def views(self, model: os.PathLike[str]) -> dict[str, float]:
        """`single` and `flip`: accuracy on the test images from a saved network."""
        self.check_data()
        return self.ask("-m", "bench.views", str(model))

    def ask(self, *command: str, **how: Any) -> dict[str, Any]:
        """`ask_script`, in this measuring's lab."""
        home = {"FMNIST_HOME": str(self.settings.home)}
        return ask_script(*command, environment=home, **how)

    def check_data(self) -> None:
        """Makes sure of the official images, also in the lab's fast form.

        Raises:
            CannotMeasureError: They are not here.
        """
        if self._data_is_here:
            return
        if self.settings.data_dir is None or not available(self.settings).official_ready:
            raise CannotMeasureError("The official files are not here: set FMNIST_DATA_DIR.")
        load_dataset(FASHION_MNIST, self.settings)
        self._data_is_here = True


def summary(row: Row, values: Mapping[str, Raw], failure: str = "") -> dict[str, Any]:
    """The row as it stands in the file and in the printed list.

    Args:
        values: What was measured, for each seed (as text, since JSON has no other keys).
        failure: Why the last attempt brought nothing.
    """
    raws = [values[seed] for seed in sorted(values, key=int)]
    figures = [raw["value"] for raw in raws if raw["value"] is not None]
    whole = bool(figures) and len(figures) == len(raws)
    held = whole and not failure and not any(raw.get("missed") for raw in raws)
    return {
        "row": row.slug,
        "median": statistics.median(figures) if whole else None,
        "min": min(figures) if whole else None,
        "max": max(figures) if whole else None,
        "goal": row.goal,
        "met": None if row.goal is None else held and row.reaches(figures),
        "unit": row.unit,
        "seeds": len(raws),
        "note": " ".join([row.what, *_beside(row, raws), *_notes(values), failure]).strip(),
    }


def _beside(row: Row, raws: list[Raw]) -> list[str]:
    told = []
    for key, words in row.beside.items():
        found = [raw[key] for raw in raws if raw.get(key) is not None]
        if found:
            told.append(f"{words}: {_said(statistics.median(found))}.")
    return told


def _said(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:.4g}"


def _notes(values: Mapping[str, Raw]) -> list[str]:
    told: dict[str, list[str]] = {}
    for seed in sorted(values, key=int):
        if note := values[seed].get("note"):
            told.setdefault(note, []).append(seed)
    return [f"{note} (seed {', '.join(seeds)})" for note, seeds in told.items()]


def _kept(path: Path | None, smoke: bool) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    advice = "Name another file with --json."
    value = read_json(path)
    known = isinstance(value, list) and all(map(_is_ours, value))
    if not known:
        raise StorageError(f"{path.name} holds no figures of bench.training.", advice=advice)
    if any(item["smoke"] != smoke for item in value):
        raise StorageError(f"{path.name} holds figures of another size.", advice=advice)
    return list(value)


def _is_ours(item: Any) -> bool:
    return isinstance(item, dict) and {"row", "values", "smoke"} <= set(item)
