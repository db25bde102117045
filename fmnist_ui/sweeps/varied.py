"""What varies: ticked settings, each with its range or its values."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.config.override import path_label, rule_at, value_at, value_label
from fmnist_core.config.rules import Flag, Number, OneOf, Whole
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.sweeps import MOST_DIMENSIONS, DimensionConfig, parse_values
from fmnist_core.sweeps.config import FIRST_FIELDS, fields_to_vary, suggested_dimension
from fmnist_ui.components.config_field import Typed, config_field, judge_typed, number_field

_RANGE, _VALUES = "Range", "Values"
_FIELDS = "sweep/fields"

Found = tuple[tuple[DimensionConfig, ...], LabError | None]


def choose_varied(base: RunConfig) -> None:
    """The menu of what may vary."""
    offered = fields_to_vary(base)
    # Another base may have fewer blocks.
    kept = [path for path in st.session_state.get(_FIELDS, FIRST_FIELDS) if path in offered]
    st.session_state[_FIELDS] = kept
    st.multiselect(
        "What varies",
        offered,
        key=_FIELDS,
        format_func=_title,
        max_selections=MOST_DIMENSIONS,
        placeholder="Choose settings",
        persist_state="session",
        width="stretch",
    )


def show_varied(base: RunConfig, *, grid: bool) -> Found:
    """The dimensions as they stand on the form, and what is wrong with the first bad one."""
    dimensions: list[DimensionConfig] = []
    problem: LabError | None = None
    for path in st.session_state[_FIELDS]:
        try:
            dimensions.append(_dimension(base, path, grid))
        except LabError as error:
            problem = problem or error
    return tuple(dimensions), problem


def _title(path: str) -> str:
    return path_label(path, grouped=True)


def _dimension(base: RunConfig, path: str, grid: bool) -> DimensionConfig:
    rule, suggested = rule_at(base, path), suggested_dimension(base, path)
    key = f"sweep/{path}/{value_at(base, path)}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.markdown(
            f"**{_title(path)}**  \n:gray[:small[now {value_label(path, value_at(base, path))}]]",
            width=170,
        )
        if isinstance(rule, Flag):
            st.caption("on and off")
            return suggested
        if isinstance(rule, OneOf):
            return _options(path, rule, key)
        if isinstance(rule, (Whole, Number)):
            return _numbers(path, rule, suggested, key, grid)
        return _lists(path, suggested, key)


def _options(path: str, rule: OneOf, key: str) -> DimensionConfig:
    chosen = st.multiselect(
        "Values",
        rule.options,
        default=rule.options,
        key=f"{key}/options",
        format_func=rule.label,
        persist_state="session",
        width=420,
    )
    return _checked(DimensionConfig(field=path, choices=tuple(chosen)))


def _numbers(
    path: str, rule: Whole | Number, suggested: DimensionConfig, key: str, grid: bool
) -> DimensionConfig:
    kind = st.segmented_control(
        "Try",
        [_RANGE, _VALUES],
        default=_RANGE if suggested.is_range else _VALUES,
        required=True,
        key=f"{key}/kind",
        persist_state="session",
    )
    if kind == _VALUES:
        return _values(path, suggested, key)
    low = _end("From", path, rule, suggested.low or suggested.grid_values[0], f"{key}/low")
    high = _end("To", path, rule, suggested.high or suggested.grid_values[-1], f"{key}/high")
    log = config_field(
        DimensionConfig,
        "log",
        value=suggested.log,
        key=f"{key}/log",
        help="From 0.001 to 0.01 counts as much as from 0.01 to 0.1.",
    ).value
    steps = Typed(DimensionConfig.steps, None)
    if grid:
        steps = config_field(
            DimensionConfig,
            "steps",
            rule=Whole(2, 20),
            key=f"{key}/steps",
            help="How many of the range the grid tries, both ends included.",
            width=100,
        )
    for typed in (low, high, steps):
        if typed.fault is not None:
            raise typed.fault
    return DimensionConfig(path, low.value, high.value, log=log, steps=steps.value)


def _end(label: str, path: str, rule: Whole | Number, value: float, key: str) -> Typed:
    typed = number_field(
        label,
        rule,
        value=value,
        step=1 if isinstance(rule, Whole) else max(value / 2, 0.001),
        key=key,
        persist_state="session",
    )
    # Several settings have a field of this name.
    return judge_typed(f"{_title(path)}: {label}", rule, typed.value) if typed.fault else typed


def _values(path: str, suggested: DimensionConfig, key: str) -> DimensionConfig:
    text = st.text_input(
        "Values, with commas",
        value=", ".join(value_label(path, value) for value in suggested.grid_values),
        key=f"{key}/values",
        persist_state="session",
        width=260,
    )
    return _checked(DimensionConfig(field=path, choices=parse_values(text)))


def _lists(path: str, suggested: DimensionConfig, key: str) -> DimensionConfig:
    text = st.text_input(
        "Values, with semicolons",
        value="; ".join(value_label(path, value) for value in suggested.choices),
        key=f"{key}/lists",
        help="Each a list such as 128, 64.",
        persist_state="session",
        width=260,
    )
    lists = [part.strip() for part in text.split(";") if part.strip()]
    choices = tuple(() if part == "none" else parse_values(part) for part in lists)
    return _checked(DimensionConfig(field=path, choices=choices))


def _checked(dimension: DimensionConfig) -> DimensionConfig:
    if not dimension.choices:
        raise ConfigError(
            f"{_title(dimension.field)} varies, but no values are named.",
            advice="Name at least two, or take it out of what varies.",
        )
    return dimension
