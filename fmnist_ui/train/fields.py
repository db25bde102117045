"""One form field for one configuration field: limits, options and help come from its rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.config.model import ImageSize
from fmnist_core.config.rules import (
    Classes,
    Flag,
    Number,
    OneOf,
    Whole,
    Wholes,
    field_of,
    help_of,
    rule_of,
)
from fmnist_ui.components.config_labels import label_of, option_label
from fmnist_ui.components.number_field import (
    FIELD_WIDTH,
    judge_typed,
    number_field,
    read_number,
    say_fault,
)
from fmnist_ui.lessons.place import is_locked
from fmnist_ui.train.draft import key_of, parse_wholes

_WIDTH = FIELD_WIDTH
# For options of more letters than a field of that width shows.
_WIDE = 186
_MOST_LETTERS = 11


def field(kind: Any, name: str, path: str, *, disabled: bool = False) -> None:
    """Draws the field `name` of the dataclass `kind`; its value lives at `path` of the draft."""
    rule, usual = rule_of(kind, name), _usual(kind, name)
    if isinstance(rule, (Whole, Number)):
        number_field(
            label_of(name),
            rule,
            key=key_of(f"{path}.{name}"),
            value=usual,
            step=1.0 if isinstance(rule, Whole) else _STEPS.get(name, 0.05),
            disabled=disabled,
            locked=is_locked(f"{path}.{name}"),
            help=help_of(kind, name),
            persist_state="session",
        )
        return
    common: dict[str, Any] = {
        "label": label_of(name),
        "key": key_of(f"{path}.{name}"),
        "help": help_of(kind, name),
        "disabled": disabled or is_locked(f"{path}.{name}"),
        "persist_state": "session",
    }
    if isinstance(rule, Flag):
        st.toggle(**common, width="content")
    elif isinstance(rule, OneOf):
        _options(rule.options, option_label, common)
    elif isinstance(rule, ImageSize):
        _options(rule.options, _side_words, common)
    elif isinstance(rule, Classes):
        classes = list(range(CLASS_COUNT))
        names = CLASS_NAMES.__getitem__
        st.multiselect(**common, options=classes, format_func=names, placeholder="none", width=420)
    else:
        with st.container(width=2 * _WIDTH, gap="xxsmall"):
            st.text_input(**common, placeholder="none")
            if isinstance(rule, Wholes):
                label, value = label_of(name), parse_wholes(st.session_state[common["key"]] or "")
                say_fault(judge_typed(label, rule, value).fault, label)


def is_faulty(kind: Any, name: str, path: str) -> bool:
    """Whether a field of a number holds what its rule refuses: then it must be there."""
    rule, usual = rule_of(kind, name), _usual(kind, name)
    return read_number(name, rule, key_of(f"{path}.{name}"), usual).fault is not None


def _usual(kind: Any, name: str) -> Any:
    return field_of(kind, name).default


def _options(options: Sequence[Any], words: Callable[[Any], str], common: dict[str, Any]) -> None:
    longest = max(len(words(option)) for option in options)
    width = _WIDE if longest > _MOST_LETTERS else _WIDTH
    st.selectbox(**common, options=options, format_func=words, width=width)


def _side_words(side: int) -> str:
    return f"{side} pixels" if side else "What suits it"


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
