"""The widget of a configuration's field: kind, label, limits, options and help by its rule.

Numbers: whatever is typed reaches the rule, which says below the widget what is wrong. Limits of
`st.number_input` hold in the browser alone: what lies outside them turns the field red and is
never sent, so that the page goes on with the number before it. An emptied field falls back to its
default there, and 2.7 becomes 2 in a field of integers. So a number of a form has neither limits
nor a default of Streamlit's, and is never one of integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import streamlit as st

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.config.rules import (
    Classes,
    Flag,
    Names,
    Number,
    Rule,
    Whole,
    Wholes,
    field_of,
    help_of,
    label_of,
    rule_of,
    typed_whole,
)
from fmnist_core.errors import ConfigError
from fmnist_ui.components.widget_start import start_among, start_of
from fmnist_ui.page_errors import plain

# Three beside each other in half a page, two on a phone.
FIELD_WIDTH = 142
# For options of more letters than a field of that width shows.
_WIDE = 186
_MOST_LETTERS = 11
# For lists, and for names of people's own.
_LIST_WIDTH = 420
# Browsers know every whole number up to here.
_MOST_WHOLE = 2**53
# How far one click on plus or minus goes.
_STEPS = {
    "learning_rate": 1e-3,
    "factor": 0.5,
    "weight_decay": 1e-3,
    "ema_decay": 1e-3,
    "temperature": 1.0,
    "gradient_clip_norm": 0.5,
    "final_factor": 0.01,
    "label_smoothing": 0.01,
    "shift": 1.0,
    "rotate": 5.0,
    "warmup_epochs": 1.0,
}


class Typed(NamedTuple):
    """What a field holds, and why it cannot be used; None where it can."""

    value: Any
    fault: ConfigError | None


def config_field(
    kind: Any,
    name: str,
    *,
    key: str,
    rule: Any = None,
    value: Any = None,
    options: Mapping[Any, str] | None = None,
    control: Literal["", "segmented", "slider"] = "",
    step: float | None = None,
    width: int | None = None,
    disabled: bool = False,
    locked: bool = False,
    **looks: Any,
) -> Typed:
    """Draws the field `name` of the dataclass `kind`; its value lives in the session state.

    Args:
        key: The session state's key, and the widget's.
        rule: In place of the field's, for other limits.
        value: What it begins with, in place of the field's default.
        options: Titles of what can be chosen, where the rule does not know it.
        control: Another widget than the usual one for options or for a number.
        disabled: Whether it counts for nothing now; a number whose rule is broken stays open, for
            it is judged all the same.
        locked: Whether it is disabled whatever it holds.
        looks: For the widget, such as another `label` or `help`, or `on_change`.
    """
    rule = rule or rule_of(kind, name)
    label = looks.pop("label", label_of(kind, name))
    st.session_state.setdefault(key, value if value is not None else as_typed(kind, name))
    looks = {"key": key, "help": help_of(kind, name), "persist_state": "session", **looks}
    if isinstance(rule, (Whole, Number)) and control != "slider":
        step = step or (1.0 if isinstance(rule, Whole) else _STEPS.get(name, 0.05))
        return number_field(
            label,
            rule,
            step=step,
            width=width or FIELD_WIDTH,
            disabled=disabled,
            locked=locked,
            **looks,
        )
    looks["disabled"] = disabled or locked
    start = start_of(key)
    if isinstance(rule, (Whole, Number)):
        # Both ends, the step and the value are of one type.
        plain_type = int if isinstance(rule, Whole) else float
        ends = plain_type(rule.low), plain_type(rule.high)
        st.slider(
            label, *ends, value=plain_type(start), step=step, width=width or "stretch", **looks
        )
    elif isinstance(rule, Flag):
        st.toggle(label, value=bool(start), width="content", **looks)
    elif isinstance(rule, (Classes, Names)):
        titles = options or dict(zip(range(CLASS_COUNT), CLASS_NAMES, strict=True))
        words = titles.__getitem__
        looks |= {"placeholder": "none", "width": width or _LIST_WIDTH}
        st.multiselect(label, list(titles), default=start, format_func=words, **looks)
    elif options is not None or hasattr(rule, "options"):
        _options(label, rule, options, segmented=control == "segmented", width=width, looks=looks)
    else:
        with st.container(width=width or 2 * FIELD_WIDTH, gap="xxsmall"):
            st.text_input(label, value=start, placeholder="none", **looks)
            typed = _judge(label, rule, key)
            _say_fault(typed.fault, label)
        return typed
    return _judge(label, rule, key)


def _options(
    label: str,
    rule: Any,
    options: Mapping[Any, str] | None,
    *,
    segmented: bool,
    width: int | None,
    looks: dict[str, Any],
) -> None:
    titles = options or {option: rule.label(option) for option in rule.options}
    looks["format_func"] = lambda option: titles.get(option, option)
    if segmented:
        st.segmented_control(
            label, list(titles), default=start_of(looks["key"]), required=True, **looks
        )
        return
    longest = max(map(len, titles.values()))
    usual = _WIDE if longest > _MOST_LETTERS else FIELD_WIDTH
    looks["index"] = start_among(titles, looks["key"])
    st.selectbox(label, list(titles), width=width or (_LIST_WIDTH if options else usual), **looks)


def as_typed(kind: Any, name: str) -> Any:
    """A field's default as its widget holds it."""
    return to_typed(rule_of(kind, name), field_of(kind, name).default)


def to_typed(rule: Any, value: Any) -> Any:
    """A value as the widget of its rule holds it: numbers in a row are typed as text."""
    if isinstance(rule, Wholes):
        return ", ".join(map(str, value))
    return list(value) if isinstance(value, tuple) else value


def from_typed(rule: Any, value: Any) -> Any:
    """The inverse; what is no number stays text, for the rule to refuse."""
    if isinstance(rule, Wholes):
        return [typed_whole(part.strip()) for part in (value or "").split(",") if part.strip()]
    return plain_number(value)


def number_field(
    label: str,
    rule: Whole | Number,
    *,
    key: str,
    value: float | None = None,
    step: float = 1.0,
    width: int = FIELD_WIDTH,
    disabled: bool = False,
    locked: bool = False,
    **looks: Any,
) -> Typed:
    """Draws a field for a number, with the sentence of a broken rule directly below it.

    Args:
        value: What it begins with, where the session state holds nothing for `key` yet.
        disabled, locked: As of `config_field`.
    """
    st.session_state.setdefault(key, value)
    typed = read_number(label, rule, key)
    with st.container(width=width, gap="xxsmall"):
        st.number_input(
            label,
            value=None,
            step=float(step),
            format="%g",
            key=key,
            disabled=locked or (disabled and typed.fault is None),
            **looks,
        )
        _say_fault(typed.fault, label)
    return typed


def read_number(label: str, rule: Rule, key: str, usual: float | None = None) -> Typed:
    """What the field of that key holds, before it is drawn; `usual` where it never was."""
    return judge_typed(label, rule, plain_number(st.session_state.get(key, usual)))


def _judge(label: str, rule: Rule, key: str) -> Typed:
    return judge_typed(label, rule, from_typed(rule, st.session_state[key]))


def judge_typed(label: str, rule: Rule, value: Any) -> Typed:
    """The value in its rule's type, or as it is with the fault."""
    try:
        return Typed(rule.check(label, value), None)
    except ConfigError as error:
        return Typed(value, error)


def plain_number(value: Any) -> Any:
    """Integers as such: browsers know one kind of number only."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _MOST_WHOLE:
        return int(value)
    return value


def _say_fault(fault: ConfigError | None, label: str) -> None:
    """The rule without the name that is above the field already."""
    if fault is not None:
        words = fault.rule.removeprefix(label).strip()
        st.markdown(f":red[:small[{plain(words[:1].upper() + words[1:])}]]")
