"""How numbers, times, states, data sets and results are worded, the same on every page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fmnist_core.evaluation import Evaluation
from fmnist_core.runs import naming
from fmnist_core.runs.library import RunSummary

UNKNOWN = "–"


@dataclass(frozen=True)
class StateWords:
    """A run's state for people: `sign` where there is only text, so that color is never alone."""

    word: str
    sign: str
    colour: str
    icon: str

    @property
    def in_text(self) -> str:
        """Such as "✓ finished"."""
        return f"{self.sign} {self.word}".strip()


_STATES = {
    "queued": StateWords("queued", "◷", "gray", ":material/hourglass_empty:"),
    "running": StateWords("training", "▶", "blue", ":material/model_training:"),
    "paused": StateWords("paused", "⏸", "orange", ":material/pause:"),
    "finished": StateWords("finished", "✓", "green", ":material/check_circle:"),
    "stopped": StateWords("stopped", "■", "gray", ":material/stop_circle:"),
    "failed": StateWords("failed", "✗", "red", ":material/error:"),
    "crashed": StateWords("crashed", "✗", "red", ":material/power_off:"),
    "damaged": StateWords("damaged", "?", "red", ":material/broken_image:"),
}
_DATA = {"fashion-mnist": "Fashion-MNIST", "synthetic-garments": "synthetic garments"}


def state_words(state: str) -> StateWords:
    """Word, sign, color and icon of a run's state."""
    return _STATES.get(state, StateWords(state, "", "gray", ":material/help:"))


def data_name(name: str) -> str:
    """A data set's name within a sentence."""
    return _DATA.get(name, name)


def data_title(name: str) -> str:
    """The same where it stands alone or begins."""
    words = data_name(name)
    return words[:1].upper() + words[1:]


def percent(share: float | None, digits: int = 1) -> str:
    """0.9123 as "91.2%"; a dash where there is none."""
    return UNKNOWN if share is None else f"{100 * share:.{digits}f}%"


def whole(number: float) -> str:
    """12345 as "12,345"."""
    return f"{number:,.0f}"


def big(number: float) -> str:
    """A count for people: 1,234, 56.7k, 3.2M, 1.1G."""
    for limit, scale, unit in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if number >= limit:
            return f"{number / scale:.3g}{unit}"
    return whole(number)


def duration(seconds: float) -> str:
    """A length of time in the two largest units that matter: 8 s, 3 min 20 s, 2 h 5 min."""
    rounded = round(seconds)
    if rounded < 10:
        return f"{seconds:.1f} s"
    if rounded < 60:
        return f"{rounded} s"
    if rounded < 3600:
        return f"{rounded // 60} min {rounded % 60} s"
    return f"{rounded // 3600} h {rounded % 3600 // 60} min"


def day(unix_time: float) -> str:
    """A day for people, such as "3 Nov 2026"."""
    found = datetime.fromtimestamp(unix_time)
    return f"{found.day} {found:%b %Y}"


def moment(unix_time: float) -> str:
    """A time of day for people, with the date."""
    return f"{datetime.fromtimestamp(unix_time):%d %b %Y, %H:%M}" if unix_time else ""


def clock(unix_time: float) -> str:
    """A time of today, such as "14:05"."""
    return f"{datetime.fromtimestamp(unix_time):%H:%M}"


def preset_title(run: RunSummary) -> str:
    """The preset's title; "Custom" for a free architecture."""
    if run.state == "damaged":
        return ""
    return naming.preset_title(run.preset)


def labels(runs: Sequence[RunSummary]) -> dict[str, str]:
    """A distinct name for each run's id: where names repeat, with data, seed or date as needed."""
    names = {run.id: run.name for run in runs}
    for told in (_told_data, _told_seed, _told_day, _told_moment, _told_id):
        alike: dict[str, list[RunSummary]] = {}
        for run in runs:
            alike.setdefault(names[run.id], []).append(run)
        for namesakes in alike.values():
            if len({told(run) for run in namesakes}) > 1:
                names |= {run.id: f"{names[run.id]} · {told(run)}" for run in namesakes}
    return names


def _told_data(run: RunSummary) -> str:
    return data_title(run.data)


def _told_seed(run: RunSummary) -> str:
    return f"seed {run.seed}"


def _told_day(run: RunSummary) -> str:
    return day(run.created)


def _told_moment(run: RunSummary) -> str:
    return f"{datetime.fromtimestamp(run.created):%H:%M}"


def _told_id(run: RunSummary) -> str:
    return run.id[-4:]


def basis(evaluation: Evaluation) -> str:
    """What an accuracy rests on: images, data, weights."""
    epochs = f"after {evaluation.epoch} epoch" + ("s" if evaluation.epoch != 1 else "")
    return f"{judged_on(evaluation)} · {evaluation.weights} weights, {epochs}"


def judged_on(evaluation: Evaluation) -> str:
    """Such as "10,000 test images of Fashion-MNIST"."""
    name = data_title(str(evaluation.data.get("name", "unknown data")))
    return f"{whole(evaluation.images)} {evaluation.split} images of {name}"


def spanning(interval: tuple[float, float], digits: int = 1) -> str:
    """An interval of shares, such as "61.5 to 67.3%"."""
    low, high = interval
    return f"{100 * low:.{digits}f} to {percent(high, digits)}"


def points(difference: float, digits: int = 2) -> str:
    """A difference of shares in percentage points, with its sign: "+1.25" or "−0.40"."""
    return f"{100 * difference:+.{digits}f}".replace("-", "−")


def between(interval: tuple[float, float], digits: int = 3) -> str:
    """An interval of plain numbers, such as "0.615 to 0.673"."""
    low, high = interval
    return f"{low:.{digits}f} to {high:.{digits}f}"


def chance(p: float) -> str:
    """A p-value with as many digits as mean anything."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}" if p < 0.01 else f"{p:.3f}"


def probability(share: float) -> str:
    """A probability for people: never a rounded 100% or 0% that is not quite so."""
    if share >= 0.995:
        return "> 99%" if share < 1 else "100%"
    return f"{100 * share:.0f}%" if share >= 0.005 else "< 1%"


def significant(value: float) -> str:
    """A number for people: about three figures, and a true minus."""
    if not math.isfinite(value):
        return "no number"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e4 or size < 5e-4:
        text = f"{value:.1e}"
    else:
        text = f"{value:.0f}" if size >= 1000 else f"{value:.3g}" if size >= 1 else f"{value:.3f}"
    return text.replace("-", "\N{MINUS SIGN}")
