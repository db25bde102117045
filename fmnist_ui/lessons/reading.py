"""Reads a lesson from YAML, or says which file, line and rule is wrong.

The YAML may hold plain mappings, lists, texts and numbers: no tags, no aliases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from fmnist_core.config.override import full_path
from fmnist_core.config.rules import Rule, Text, Whole
from fmnist_core.errors import LabError, LessonError, shown
from fmnist_ui.lessons.lesson import OLDER_PARTS, Guess, Lesson, Question, Step, Words
from fmnist_ui.links import PAGES as CHOSEN_ON
from fmnist_ui.links import page_choices, training_of
from fmnist_ui.navigation import page_name

_MOST_BYTES = 128 * 2**10

_MOST_DEPTH = 8

_MOST_BITS = 64

_TAGS = {"str", "int", "float", "bool", "null"}

Path_ = tuple[str | int, ...]
Made = TypeVar("Made")
_HEAD: dict[str, Rule] = {
    "title": Text(100),
    "summary": Text(300),
    "minutes": Whole(1, 300),
    "notes": Words(),
}
MOST_STEPS = 30
_USUAL = {"title": "", "summary": "", "minutes": 20, "notes": ""}


@lru_cache(maxsize=64)
def read_lesson(text: str, name: str, *, own: bool = False) -> Lesson:
    """The lesson in a YAML file called `name`.

    Raises:
        LessonError: A field that is unknown, missing or breaks its rule.
    """
    marked = _read_marked(text, name)
    reader = _Reader(marked, name)
    value = reader.mapping(marked.value, (), {*_HEAD, "steps"})
    head = {key: reader.checked(key, value.get(key, _USUAL[key]), (key,)) for key in _HEAD}
    if not head["title"]:
        raise reader.fault((), "a lesson needs a title.")
    steps = value.get("steps")
    if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
        raise reader.fault(("steps",), f"steps must be a list of 1 to {MOST_STEPS} steps.")
    made = tuple(reader.step(step, ("steps", place)) for place, step in enumerate(steps))
    for place, step in enumerate(made):
        before = step.task.recall if step.task else 0
        if before > place or (before and made[before - 1].ask is None):
            where = ("steps", place, "ask" if step.ask else "guess", "recall")
            raise reader.fault(where, "recall must be an earlier step that asks something.", before)
    return Lesson(name=Path(name).stem, steps=made, own=own, **head)


class _Reader:
    """Makes parts of a lesson, and says where one breaks a rule."""

    def __init__(self, marked: _Marked, name: str) -> None:
        self._marked, self._name = marked, name

    def fault(self, path: Path_, rule: str, received: object = None) -> LessonError:
        return LessonError(
            f"{self._name}, line {self._marked.line(path)}: {rule}", received=received
        )

    def mapping(self, value: Any, path: Path_, known: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fault(path, f"expected fields such as {', '.join(sorted(known)[:4])}.")
        for key in value:
            if key not in known:
                names = ", ".join(sorted(known))
                raise self.fault((*path, key), f"unknown field {key[:40]!r}; known: {names}.")
        return value

    def checked(self, key: str, value: Any, path: Path_) -> Any:
        return self._told(path, lambda: _HEAD[key].check(key, value))

    def step(self, value: Any, path: Path_) -> Step:
        found = dict(self.mapping(value, path, {item.name for item in fields(Step)}))
        if found.get("ask") is not None:
            found["ask"] = self.part(Question, found["ask"], (*path, "ask"))
        if found.get("guess") is not None:
            found["guess"] = self.part(Guess, found["guess"], (*path, "guess"))
        if isinstance(page := found.get("page"), str):
            found["page"] = page_name(page)
        if isinstance(hidden := found.get("hide"), list):
            found["hide"] = [
                OLDER_PARTS.get(part, part) if isinstance(part, str) else part for part in hidden
            ]
        found["set"] = self._setting(found.get("set", {}), (*path, "set"))
        step = self._told(path, lambda: Step(**found))
        self._check_setting(step, (*path, "set"))
        self._check_locks(step, path)
        return step

    def part(self, kind: Callable[..., Made], value: Any, path: Path_) -> Made:
        found = self.mapping(value, path, {item.name for item in fields(cast(Any, kind))})
        return self._told(path, lambda: kind(**found))

    def _setting(self, value: Any, path: Path_) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.fault(path, "set must be choices of the page, one a line.")
        return {key: _as_in_a_link(item) for key, item in value.items()}

    def _check_locks(self, step: Step, path: Path_) -> None:
        if step.page != "train" and (step.lock or step.hide):
            where = "lock" if step.lock else "hide"
            raise self.fault((*path, where), f"{where} is for the page train alone.")
        config, _ = training_of(step.set)
        for key in step.lock:
            self._told((*path, "lock"), partial(full_path, config, key))

    def _check_setting(self, step: Step, path: Path_) -> None:
        if step.set and step.page != "train" and step.page not in CHOSEN_ON:
            raise self.fault(path, f"the page {step.page} has no choices to set.")
        if faults := _faults(step.page, step.set):
            # The line of the one choice that is wrong by itself, if there is one.
            wrong = (key for key in step.set if _faults(step.page, {key: step.set[key]}))
            where = next(wrong, None)
            place = path if where is None else (*path, where)
            raise self.fault(place, _lower(faults[0].rule), faults[0].received)

    def _told(self, path: Path_, make: Callable[[], Made]) -> Made:
        try:
            return make()
        except LabError as error:
            # A rule begins with the name of its field.
            field = re.split(r"[\s\[]", error.rule, maxsplit=1)[0]
            raise self.fault((*path, field), _lower(error.rule), error.received) from error


class _Marked:
    """Values, and the lines they stand in.

    Attributes:
        value: Dictionaries, lists, texts and numbers.
    """

    def __init__(self, value: Any, lines: dict[tuple[str | int, ...], int]) -> None:
        self.value, self._lines = value, lines

    def line(self, path: tuple[str | int, ...]) -> int:
        """Where a value stands, from 1; of one that is not there, where it would belong."""
        while path not in self._lines and path:
            path = path[:-1]
        return self._lines.get(path, 1)


def _faults(page: str, choices: dict[str, str]) -> list[Any]:
    if page == "train":
        return list(training_of(choices)[1])
    return list(page_choices(page, choices)[1]) if choices else []


def _as_in_a_link(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)


def _lower(rule: str) -> str:
    return rule[:1].lower() + rule[1:]


def _read_marked(text: str, name: str) -> _Marked:
    """Reads YAML 1.1.

    Raises:
        LessonError: It is no YAML, too long, too deep, or uses tags or aliases.
    """
    if len(text.encode()) > _MOST_BYTES:
        raise LessonError(f"{name}: a lesson has at most {_MOST_BYTES // 2**10} kB.")
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LessonError(
            f"{name}, line {line}: this is not valid YAML.", received=error.problem
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        # PyYAML makes signs of any number that is escaped, if Python can.
        raise LessonError(f"{name}: this is not valid YAML.") from error
    if node is None:
        raise LessonError(f"{name} is empty.", advice="Begin with `title:`.")
    lines: dict[tuple[str | int, ...], int] = {}
    return _Marked(_value(node, (), lines, name), lines)


def _check_events(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            # An alias of an alias of an alias is how a small file becomes a huge one.
            raise LessonError(f"{name}, line {line}: YAML aliases and tags are not allowed.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEPTH:
            raise LessonError(f"{name}, line {line}: nested too deeply.")


def _value(
    node: yaml.Node,
    path: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
    name: str,
) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                raise LessonError(f"{name}, line {line}: a field name must be text.")
            if key.value in found:
                line = key.start_mark.line + 1
                raise LessonError(f"{name}, line {line}: {str(key.value)[:40]} is given twice.")
            found[str(key.value)] = _value(item, (*path, str(key.value)), lines, name)
            lines[(*path, str(key.value))] = key.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), lines, name) for i, item in enumerate(node.value)]
    return _scalar(node, name)


def _scalar(node: yaml.Node, name: str) -> Any:
    line = node.start_mark.line + 1
    if any("\ud800" <= sign <= "\udfff" for sign in node.value):
        raise LessonError(f"{name}, line {line}: a lone surrogate is not valid text.")
    kind = node.tag.rsplit(":", 1)[-1]
    if kind not in _TAGS:
        # A date, say: who wrote it meant text.
        return node.value
    try:
        value = yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise LessonError(
            f"{name}, line {line}: this value cannot be read.", received=shown(node.value, 40)
        ) from error
    # Also in other notations (hexadecimal, base 60), which Python reads at any length.
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise LessonError(
            f"{name}, line {line}: this number is too long.", received=shown(node.value, 40)
        )
    if isinstance(value, str):
        # A picture is shown as a link to it: no page fetches anything from elsewhere by itself.
        return value.replace("![", "[")
    return value
