"""What a lesson is made of, and the figures of a run that its questions ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from fmnist_core.config.rules import Number, OneOf, Text, Whole, check_fields, ruled
from fmnist_core.errors import ConfigError, shown
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, SHIPPED_NETWORKS
from fmnist_ui.navigation import PAGE_NAMES


@dataclass(frozen=True)
class _Figure:
    """One figure of a run.

    Attributes:
        title: What it is called.
        percent: Whether it is a share, given in per cent.
    """

    title: str
    percent: bool


FIGURES = {
    "validation_accuracy": _Figure("Validation accuracy", percent=True),
    "test_accuracy": _Figure("Test accuracy", percent=True),
    "gap": _Figure("Training accuracy minus validation accuracy", percent=True),
    "seconds": _Figure("Training time in seconds", percent=False),
}


PAGES = tuple(name for name in PAGE_NAMES if name not in ("export", "lessons", "glossary"))
# Folded parts of the page Train, which a lesson may leave out.
PARTS = (
    "presets",
    "architecture",
    "training",
    "augmentation",
    "style_augmentation",
    "transfer",
    "distillation",
    "collections",
)
# What lessons written for earlier versions call some of them.
OLDER_PARTS = {"looks": "style_augmentation", "teacher": "distillation", "own": "collections"}
_COMPARED = ("", "validation_accuracy", "test_accuracy", "gap", "seconds")
_LONGEST_TEXT = 4_000
_MOST_OPTIONS = 6
# A slider with more stops than this cannot be set to a number one has in mind.
_MOST_STOPS = 200


class Words:
    """Some paragraphs in Markdown."""

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            raise ConfigError(
                f"{name} must be text of at most {_LONGEST_TEXT:,} characters.",
                received=shown(value),
            )
        return value.strip()


class Lines:
    """A list of lines of text; `known`, where there are any, are the only ones."""

    def __init__(self, most: int, known: tuple[str, ...] = ()) -> None:
        self.most, self.known = most, known

    def check(self, name: str, value: object) -> tuple[str, ...]:
        good = isinstance(value, (list, tuple)) and len(value) <= self.most
        lines = tuple(value) if isinstance(value, (list, tuple)) else ()
        if not good or not all(isinstance(line, str) and line.isprintable() for line in lines):
            raise ConfigError(
                f"{name} must be a list of at most {self.most} lines.", received=shown(value)
            )
        for line in lines:
            if self.known and line not in self.known:
                raise ConfigError(f"{name} may hold {', '.join(self.known)}.", received=shown(line))
        return lines


class Known:
    """A number, or None where there is none to know."""

    def check(self, name: str, value: object) -> float | None:
        return None if value is None else Number(-1e6, 1e6).check(name, value)


@dataclass(frozen=True)
class Question:
    """What is asked before the answer is shown.

    `options` make it a choice; `compare` a number that the next finished run will show.
    """

    text: str = ruled("", Text(300), "The question.")
    options: tuple[str, ...] = ruled(
        (), Lines(_MOST_OPTIONS), "The options; none: the answer is a number."
    )
    right: int = ruled(
        0, Whole(0, _MOST_OPTIONS), "Number of the correct option, from 1; 0: no option."
    )
    compare: str = ruled(
        "", OneOf(*_COMPARED), "The metric of the run that the answer is compared with."
    )
    low: float = ruled(0.0, Number(-1e6, 1e6), "The smallest answer.")
    high: float = ruled(100.0, Number(-1e6, 1e6), "The largest answer.")
    step: float = ruled(
        0.0,
        Number(0.0, 1e6),
        "Distance of the answers; 0: whole numbers, or tenths where the range is below 10.",
    )
    unit: str = ruled("", Text(20), "Unit of the number.")
    value: float | None = ruled(None, Known(), "The correct number, where there is one.")
    within: float = ruled(0.0, Number(0.0, 1e6), "How far a correct answer may be from value.")
    recall: int = ruled(
        0, Whole(0, 30), "An earlier step, from 1, whose answer is shown with this one; 0: none."
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.text:
            raise ConfigError("text must say what is asked.")
        if self.right > len(self.options):
            raise ConfigError(
                "right must be the number of one of the options, from 1.", received=self.right
            )
        if not self.options and self.low >= self.high:
            raise ConfigError("high must be above low.", received=f"{self.low:g}, {self.high:g}")
        if self.value is not None and (self.options or self.compare):
            raise ConfigError(
                "value is for a number that is not compared with a run.", received=self.value
            )
        if self.value is not None and not self.low <= self.value <= self.high:
            raise ConfigError("value must be from low to high.", received=self.value)
        if self.step > self.high - self.low:
            raise ConfigError("step must fit between low and high.", received=self.step)

    @property
    def distance(self) -> float:
        """Between two numbers that can be answered."""
        return self.step or (1.0 if self.high - self.low >= 10 else 0.1)

    @property
    def is_whole(self) -> bool:
        """Whether the answer is a whole number, such as a count."""
        return self.distance.is_integer() and self.low.is_integer()

    @property
    def is_typed(self) -> bool:
        """Whether the number is typed, since a slider has too many stops."""
        return (self.high - self.low) / self.distance > _MOST_STOPS

    @property
    def shows_something(self) -> bool:
        """Whether the question itself says what is correct, or what happened."""
        return bool(self.right or self.compare or self.value is not None)

    def says(self, answer: str | float) -> str:
        """An answer for people, with its unit."""
        if isinstance(answer, str):
            return answer
        unit = self.unit if self.unit == "%" else f" {self.unit}"
        return f"{answer:,.10g}{unit}".strip()

    @property
    def correct(self) -> str:
        """The correct answer for people; empty where there is none, or only a run shows it."""
        if self.right:
            return self.options[self.right - 1]
        return "" if self.value is None else self.says(self.value)

    def is_correct(self, answer: str | float) -> bool:
        """Whether the answer is the correct one; False where there is none."""
        if isinstance(answer, str):
            return bool(self.right) and answer == self.options[self.right - 1]
        return self.value is not None and abs(answer - self.value) <= self.within


@dataclass(frozen=True)
class Guess:
    """Test images to classify by eye; a shipped network has classified the same ones."""

    images: int = ruled(20, Whole(4, 40), "How many test images.")
    seed: int = ruled(0, Whole(0, 999_999), "Which ones.")
    network: str = ruled(
        SHIPPED_CATALOGUE, OneOf(*SHIPPED_NETWORKS), "The network to compare with."
    )
    recall: int = ruled(
        0, Whole(0, 30), "An earlier step, from 1, whose answer is shown with the score; 0: none."
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Step:
    """One step: words, the page they talk about, and how that page is set up."""

    title: str = ruled("", Text(100), "Heading of the step.")
    text: str = ruled("", Words(), "Instructions, in Markdown.")
    page: str = ruled("home", OneOf(*PAGES), "The page that the step uses.")
    set: dict[str, str] = field(default_factory=dict)
    lock: tuple[str, ...] = ruled((), Lines(40), "Fields of the page Train that cannot be changed.")
    hide: tuple[str, ...] = ruled((), Lines(8, PARTS), "Parts of the page Train that are hidden.")
    ask: Question | None = None
    guess: Guess | None = None
    answer: str = ruled("", Words(), "Shown once the question was answered.")
    key: str = ruled("", Words(), "For teachers: what to expect, and why.")

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.title or not self.text:
            raise ConfigError("title and text must not be empty.")
        if self.ask is not None and self.guess is not None:
            raise ConfigError("guess and ask are two steps.")
        if self.answer and self.task is None:
            raise ConfigError("answer needs a question (ask, or guess) before it.")

    @property
    def task(self) -> Question | Guess | None:
        """What the step wants to be answered; None where it is to be read or done only."""
        return self.ask or self.guess


@dataclass(frozen=True)
class Lesson:
    """A title and steps.

    Attributes:
        name: Of its file; what a link calls it.
        notes: For teachers, in Markdown: goal, preparation, what to discuss.
        own: Whether a teacher wrote it; else it came with the lab.
    """

    name: str
    title: str
    summary: str
    minutes: int
    steps: tuple[Step, ...]
    notes: str = ""
    own: bool = False


def run_metric(folder: RunFolder, figure: str) -> float | None:
    """A figure of a run that has ended, in per cent where it is a share; None where it has none."""
    status, history = folder.status, follow(folder.events_path).history
    last = history.epochs_done[-1] if history.epochs_done else None
    if status.active or last is None:
        return None
    if figure == "seconds":
        return status.seconds
    if figure == "test_accuracy":
        return None if status.test_accuracy is None else 100 * status.test_accuracy
    if last.val_accuracy is None:
        return None
    accuracy = last.val_accuracy
    return 100 * (last.accuracy - accuracy if figure == "gap" else accuracy)
