"""A field for a number: whatever is typed reaches its rule, which says below it what is wrong.

Limits of `st.number_input` hold in the browser alone: what lies outside them turns the field red
and is never sent, so that the page goes on with the number before it. An emptied field falls back
to its default there, and 2.7 becomes 2 in a field of integers. So a field of a form has
neither limits nor a default of Streamlit's, and is never one of integers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from fmnist_core.config.rules import Number, Whole
from fmnist_core.errors import ConfigError
from fmnist_ui.page_errors import plain

# Three beside each other in half a page, two on a phone.
FIELD_WIDTH = 142
# Browsers know every whole number up to here.
_MOST_WHOLE = 2**53


class Typed(NamedTuple):
    """What stands in a field, and why it cannot be used; None where it can."""

    value: Any
    fault: ConfigError | None


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
    """Draws the field, with the sentence of a broken rule directly below it.

    Args:
        value: What it begins with, where the session state holds nothing for `key` yet.
        disabled: Whether it counts for nothing now; where its rule is broken it stays open, for it
            is judged all the same.
        locked: Whether it is disabled whatever it holds.
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
        say_fault(typed.fault, label)
    return typed


def read_number(label: str, rule: Whole | Number, key: str, usual: float | None = None) -> Typed:
    """What stands in the field of that key, before it is drawn; `usual` where it never was."""
    return judge_typed(label, rule, plain_number(st.session_state.get(key, usual)))


def judge_typed(label: str, rule: Any, value: Any) -> Typed:
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


def say_fault(fault: ConfigError | None, label: str) -> None:
    """The rule without the name that stands above the field already."""
    if fault is not None:
        words = fault.rule.removeprefix(label).strip()
        st.markdown(f":red[:small[{plain(words[:1].upper() + words[1:])}]]")
