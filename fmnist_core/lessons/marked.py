"""YAML with the line of each value: plain mappings, lists, texts and numbers, nothing else."""

from __future__ import annotations

from typing import Any

import yaml

from fmnist_core.errors import LessonError, shown

MOST_BYTES = 128 * 2**10
_MOST_DEPTH = 8
_MOST_BITS = 64
_TAGS = {"str", "int", "float", "bool", "null"}


class Marked:
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


def read_marked(text: str, name: str) -> Marked:
    """Reads YAML 1.1.

    Raises:
        LessonError: It is no YAML, too long, too deep, or uses tags or aliases.
    """
    if len(text.encode()) > MOST_BYTES:
        raise LessonError(f"{name}: a lesson has at most {MOST_BYTES // 2**10} kB.")
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LessonError(
            f"{name}, line {line}: this is no YAML.", received=error.problem
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        # PyYAML makes signs of any number that is escaped, if Python can.
        raise LessonError(f"{name}: this is no YAML.") from error
    if node is None:
        raise LessonError(f"{name} is empty.", advice="Begin with `title:`.")
    lines: dict[tuple[str | int, ...], int] = {}
    return Marked(_value(node, (), lines, name), lines)


def _check_events(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            # An alias of an alias of an alias is how a small file becomes a huge one.
            raise LessonError(f"{name}, line {line}: a lesson has no aliases and no tags.")
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
                raise LessonError(f"{name}, line {line}: a field's name must be a word.")
            if key.value in found:
                line = key.start_mark.line + 1
                raise LessonError(f"{name}, line {line}: {str(key.value)[:40]} stands here twice.")
            found[str(key.value)] = _value(item, (*path, str(key.value)), lines, name)
            lines[(*path, str(key.value))] = key.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), lines, name) for i, item in enumerate(node.value)]
    return _scalar(node, name)


def _scalar(node: yaml.Node, name: str) -> Any:
    line = node.start_mark.line + 1
    if any("\ud800" <= sign <= "\udfff" for sign in node.value):
        raise LessonError(f"{name}, line {line}: half a sign (a surrogate) is no text.")
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
    return value
