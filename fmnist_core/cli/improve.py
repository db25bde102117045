"""`improve RUN`: remedies for two classes that a run confuses, tried here and now."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from fmnist_core.classes import OTHER_CLOTHING
from fmnist_core.cli.run_lookup import find_run, use_data_dir
from fmnist_core.cli.train import begin, train_here
from fmnist_core.collections.content import label_of
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.errors import CollectionError, ConfigError, LabError
from fmnist_core.remedies import (
    BeforeAfter,
    Change,
    Pair,
    Remedy,
    Tried,
    before_after,
    best_of,
    expected_seconds,
    note_tried,
    remedies,
    reveal,
    reveal_count,
    trained_already,
    tried_from,
)
from fmnist_core.remedies.validation_reuse import validation_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings


@dataclass(frozen=True)
class Revealed:
    """The test figures of a remedy, and how often they were shown, this time included."""

    figures: BeforeAfter
    looks: int


@dataclass(frozen=True)
class RemedyReport:
    """The remedies for a pair of classes, and the results of those tried.

    Attributes:
        remedies: Those on offer.
        results: Comparisons of tried remedies, by run identifier.
        failures: Why other runs cannot be compared, by run identifier.
        after: The run that tried a remedy just now; empty for none.
        shown: The run to report in detail; empty for none.
    """

    base: RunFolder
    pair: Pair
    remedies: tuple[Remedy, ...]
    results: Mapping[str, BeforeAfter]
    failures: Mapping[str, str]
    after: str
    shown: str
    test: Revealed | None

    def lines(self) -> Iterator[str]:
        """For people."""
        if not self.after:
            yield f"Remedies for {self.pair.title} in {self.base.name}"
            yield from map(self._offer, self.remedies)
            yield ""
        yield from self._tried()
        if self.shown in self.results:
            yield ""
            result = self.results[self.shown]
            yield f"On {result.images} validation images, 95% intervals of paired differences"
            yield from map(_line, result.rows)
        if self.test is not None:
            images, times = self.test.figures.images, self.test.looks
            yield ""
            yield f"On {images} test images; shown {times} time{'s' * (times > 1)} so far"
            yield from map(_line, self.test.figures.rows)

    def to_json(self) -> dict[str, Any]:
        """For machines; shares and differences from 0 to 1."""
        return {
            "run_id": self.base.id,
            "pair": list(self.pair.classes),
            "remedies": [self._remedy(remedy) for remedy in self.remedies],
            "tried": self._tried_json(),
            "after": self.after or None,
            "choice": best_of(self.results),
            "test": None
            if self.test is None
            else {"run_id": self.shown, "looks": self.test.looks, **_changes(self.test.figures)},
        }

    def _offer(self, remedy: Remedy) -> str:
        seconds = self._seconds(remedy)
        time = "" if seconds is None else f"about {tqdm.format_interval(seconds)}"
        return f"{remedy.name:14} {remedy.obstacle or f'{time}. {remedy.why}'}"

    def _seconds(self, remedy: Remedy) -> float | None:
        try:
            return expected_seconds(remedy.config, self.base.config, self.base.status)
        except LabError:
            return None

    def _tried(self) -> Iterator[str]:
        mine = [tried for tried in tried_from(self.base) if tried.pair == self.pair]
        if not mine:
            yield "No remedy tried yet. Try one with --remedy NAME."
            return
        yield f"Tried so far: {self.pair.title} mixed up"
        for tried in mine:
            start = "present weights" if tried.going_on else "afresh"
            if tried.run_id in self.results:
                outcome = _numbers(self.results[tried.run_id].mixed_up)
            else:
                outcome = self.failures[tried.run_id]
            yield f"{tried.remedy:14} {start:16} {tried.run_id:44} {outcome}"
        best = best_of(self.results)
        yield (
            f"Selected by validation accuracy: {best}"
            if best
            else "Selected by validation accuracy: the original network. "
            "No remedy is significantly better on the pair without a loss elsewhere."
        )

    def _remedy(self, remedy: Remedy) -> dict[str, Any]:
        return {
            "name": remedy.name,
            "title": remedy.title,
            "obstacle": remedy.obstacle,
            "seconds": self._seconds(remedy),
        }

    def _tried_json(self) -> list[dict[str, Any]]:
        found = []
        for tried in tried_from(self.base):
            if tried.pair == self.pair:
                about = {"run_id": tried.run_id, "remedy": tried.remedy, "going_on": tried.going_on}
                if tried.run_id in self.results:
                    found.append({**about, **_changes(self.results[tried.run_id])})
                else:
                    found.append({**about, "problem": self.failures[tried.run_id]})
        return found


def _changes(result: BeforeAfter) -> dict[str, Any]:
    return {
        "images": result.images,
        "changes": [
            {
                "name": change.name,
                "images": change.before.of,
                "before": change.before.value,
                "after": change.after.value,
                "difference": change.difference,
                "interval": list(change.interval),
                "verdict": _verdict(change),
            }
            for change in result.rows
        ],
    }


def _line(change: Change) -> str:
    return f"{change.name:36} {_numbers(change)}"


def _numbers(change: Change) -> str:
    low, high = change.interval
    shares = f"{change.before.value:7.2%} → {change.after.value:7.2%}"
    points = f"{100 * change.difference:+.2f} ({100 * low:+.2f} to {100 * high:+.2f}) points"
    return f"{shares}  {points}  {_verdict(change)}"


def _verdict(change: Change) -> str:
    return "better" if change.better else "worse" if change.worse else "not significant"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("improve", help="try remedies for two classes that a run confuses")
    parser.add_argument("run", help="identifier or name of a run, or `latest`")
    parser.add_argument("--true", required=True, metavar="CLASS", help="0 to 9 or a class's name")
    parser.add_argument("--predicted", required=True, metavar="CLASS", help="the predicted class")
    parser.add_argument("--remedy", default="", metavar="NAME", help="try this remedy now")
    parser.add_argument(
        "--going-on",
        action="store_true",
        help="fine-tune the run's weights instead of training from scratch",
    )
    parser.add_argument(
        "--test",
        action="store_true",
        help="show the test accuracy of the selected remedy, or of --remedy; every look is counted",
    )
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON in the last line"
    )


def run(options: argparse.Namespace) -> int:
    use_data_dir(options.data_dir)
    settings = load_settings()
    base = RunFolder.open(settings.runs_dir, find_run(options.run, settings).id)
    pair = Pair(_class(options.true), _class(options.predicted))
    offered = _offered(base, pair, options.going_on, settings)
    after, ended_well = "", True
    if options.remedy:
        remedy = _chosen(offered, options.remedy)
        after, ended_well = _try(base, pair, remedy, options.going_on, settings)
    results, failures = _results(base, pair, settings)
    shown = after or best_of(results) or ""
    test = _test_figure(base, pair, shown, settings) if options.test else None
    report = RemedyReport(base, pair, tuple(offered), results, failures, after, shown, test)
    print(json.dumps(report.to_json())) if options.json else print("\n".join(report.lines()))
    return 0 if ended_well else 130


def _class(text: str) -> int:
    try:
        label = label_of(text)
    except CollectionError:
        label = None
    if label in (None, OTHER_CLOTHING):
        raise ConfigError("A class is a number from 0 to 9 or a class's name.", received=text[:60])
    return label


def _offered(base: RunFolder, pair: Pair, going_on: bool, settings: Settings) -> list[Remedy]:
    ticked = LabelIssueStore(settings).ticked(validation_predictions(base).fingerprint)
    initial_weights = base.id if going_on else ""
    return remedies(base.config, pair, initial_weights=initial_weights, suspects=len(ticked))


def _chosen(offered: Sequence[Remedy], name: str) -> Remedy:
    found = next((remedy for remedy in offered if remedy.name == name), None)
    if found is None:
        names = ", ".join(remedy.name for remedy in offered)
        raise ConfigError(
            "There is no such remedy for this run.",
            received=name[:60],
            advice=f"There are: {names}.",
        )
    if found.obstacle:
        raise ConfigError(f"This remedy cannot be tried. {found.obstacle}", received=name)
    return found


def _try(
    base: RunFolder, pair: Pair, remedy: Remedy, going_on: bool, settings: Settings
) -> tuple[str, bool]:
    """The run that tried it, perhaps an earlier one, and whether it finished."""
    run_id = trained_already(remedy.config, settings)
    if run_id is not None:
        _note(base, pair, remedy, going_on, run_id)
        return run_id, True
    name = f"{base.name}: {remedy.title.lower()}"[:80]
    folder, data = begin(remedy.config, name, settings, chosen=True)
    _note(base, pair, remedy, going_on, folder.id)
    return folder.id, train_here(folder, data).status == "finished"


def _note(base: RunFolder, pair: Pair, remedy: Remedy, going_on: bool, run_id: str) -> None:
    note_tried(base, Tried(pair, remedy.name, remedy.title, going_on, run_id))


def _results(
    base: RunFolder, pair: Pair, settings: Settings
) -> tuple[dict[str, BeforeAfter], dict[str, str]]:
    """By run: the comparisons of remedies tried for the pair, and why others cannot be compared."""
    results, failures = {}, {}
    for tried in tried_from(base):
        if tried.pair == pair:
            try:
                after = RunFolder.open(settings.runs_dir, tried.run_id)
                results[tried.run_id] = before_after(base, after, pair, settings)
            except LabError as error:
                failures[tried.run_id] = str(error)
    return results, failures


def _test_figure(base: RunFolder, pair: Pair, run_id: str, settings: Settings) -> Revealed:
    if not run_id:
        raise ConfigError(
            "No remedy was selected, so there is no test accuracy to show.",
            advice="Try a remedy first; until then the original network is selected.",
        )
    after = RunFolder.open(settings.runs_dir, run_id)
    figures = reveal(base, after, pair)
    return Revealed(figures, reveal_count(after, pair))
