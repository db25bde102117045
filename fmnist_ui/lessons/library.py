"""Which lessons there are: those that came with the lab, and a teacher's own."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from fmnist_core.errors import LessonError, shown
from fmnist_core.settings import Settings
from fmnist_ui.lessons.lesson import Lesson
from fmnist_ui.lessons.reading import read_lesson

_log = logging.getLogger(__name__)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def own_lessons_dir(settings: Settings) -> Path:
    """Where a teacher puts lessons: `NAME.yaml`, small letters, digits and `-`."""
    return settings.home / "lessons"


def lessons(settings: Settings) -> tuple[list[Lesson], list[LessonError]]:
    """All lessons, a teacher's own first; and what is wrong with those that cannot be read."""
    found: list[Lesson] = []
    faults = list(_misnamed(own_lessons_dir(settings)))
    for name, own in _names(settings):
        try:
            found.append(_read(name, own, settings))
        except LessonError as error:
            faults.append(error)
    return found, faults


def find_lesson(name: str, settings: Settings) -> Lesson:
    """The lesson of that name; a teacher's own takes the place of a shipped one.

    Raises:
        LessonError: There is none, or it breaks a rule.
    """
    for known, own in _names(settings):
        if known == name:
            return _read(name, own, settings)
    raise LessonError(
        "There is no such lesson.",
        received=shown(name[:60]),
        advice=f"Put NAME.yaml into {own_lessons_dir(settings)}.",
    )


def _names(settings: Settings) -> Iterator[tuple[str, bool]]:
    own = sorted(path.stem for path in own_lessons_dir(settings).glob("*.yaml"))
    yield from ((name, True) for name in own if _NAME.fullmatch(name))
    shipped = files("fmnist_ui.lessons") / "shipped"
    names = sorted(part.name.removesuffix(".yaml") for part in shipped.iterdir())
    yield from ((name, False) for name in names if name not in own and _NAME.fullmatch(name))


def _misnamed(folder: Path) -> Iterator[LessonError]:
    """A file that is meant for a lesson must not be passed over without a word."""
    for path in sorted(folder.glob("[!.]*.[yY]*[mM][lL]")):
        if path.suffix != ".yaml" or not _NAME.fullmatch(path.stem):
            yield LessonError(
                f"{path.name[:60]} is not a valid name for a lesson.",
                advice="Call it NAME.yaml, NAME of small letters, digits and `-`.",
            )


def _read(name: str, own: bool, settings: Settings) -> Lesson:
    file = f"{name}.yaml"
    try:
        if own:
            text = (own_lessons_dir(settings) / file).read_text("utf-8")
        else:
            text = (files("fmnist_ui.lessons") / "shipped" / file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{file} cannot be read.", received=type(error).__name__) from error
    try:
        return read_lesson(text, file, own=own)
    except LessonError:
        raise
    except Exception as error:
        # Whatever a file holds, it is one lesson that is missing, not the page of all of them.
        _log.exception("A lesson's file could not be read: %s", file)
        raise LessonError(
            f"{file} cannot be read.",
            received=type(error).__name__,
            advice="See the server log.",
        ) from error
