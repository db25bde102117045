"""The page Sweeps: the form with what varies and its expected time, the open sweep, past ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import mean
from typing import Any

import streamlit as st

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.config.override import path_label, rule_at, value_at, value_label
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.rules import Flag, Number, OneOf, OneOfWholes, Whole
from fmnist_core.datasets.load import choose_dataset
from fmnist_core.datasets.split import TRAIN_IMAGES
from fmnist_core.engine.client import engine_status, list_sweeps, open_sweep, start_sweep
from fmnist_core.engine.submission import check_waiting
from fmnist_core.errors import ArchitectureError, ConfigError, LabError, SweepError
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import (
    GRID,
    MOST_DIMENSIONS,
    MOST_EPOCHS,
    DimensionConfig,
    Sweep,
    SweepConfig,
    parse_values,
)
from fmnist_core.sweeps.config import FIRST_FIELDS, fields_to_vary, suggested_dimension
from fmnist_core.training.check import check_trainable
from fmnist_ui.classroom.limits import say_limits
from fmnist_ui.components.config_field import Typed, config_field, judge_typed, number_field
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.lab_state import maker_of, owner
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.sweeps.watched import chosen_sweep, set_up_another, show_sweep, sweep_words, watch
from fmnist_ui.train import draft
from fmnist_ui.train.launch import expect
from fmnist_ui.words import duration, moment, percent

_TRAIN_FORM = "train-form"


# Networks of a sweep may differ in cost by ten; so many of them tell the mean well enough.
_SAMPLES = 12

# A child process begins, and at the end it judges the run on images held back.
_SECONDS_AROUND = 3.0

_RANGE, _VALUES = "Range", "Values"
_FIELDS = "sweep/fields"

Found = tuple[tuple[DimensionConfig, ...], LabError | None]


def show_sweeps() -> None:
    """Draws the page."""
    sweeps = list_sweeps(load_settings())
    sweep_id = chosen_sweep(sweeps)
    if sweep_id is None:
        _show_form()
    else:
        try:
            found = open_sweep(sweep_id, load_settings())
        except SweepError as error:
            show_error(error)
            st.button("Set up a sweep", icon=":material/tune:", on_click=set_up_another)
        else:
            watch(sweep_id)
            show_sweep(found)
    _show_past([sweep for sweep in sweeps if sweep.id != sweep_id])


def _show_past(sweeps: Sequence[Sweep]) -> None:
    """A line each, the newest first; nothing where there is none."""
    if not sweeps:
        return
    st.space("small")
    st.markdown("**Other sweeps**")
    for sweep in sweeps:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                plain(sweep.meta.name),
                key=f"watch_{sweep.id}",
                type="tertiary",
                icon=":material/visibility:",
                on_click=watch,
                args=(sweep.id,),
            )
            st.caption(plain(_facts(sweep)))


def _facts(sweep: Sweep) -> str:
    best = sweep.best
    facts = [
        maker_of(sweep.meta.owner),
        sweep_words(sweep.state).in_text,
        f"{sweep.ended} of {sweep.total} trials" if sweep.active else f"{sweep.ended} trials",
        f"best {percent(best.score)}" if best else "",
        moment(sweep.meta.created),
    ]
    return " · ".join(fact for fact in facts if fact)


def _show_form() -> None:
    """The form and its button; an error of any field stands above the button."""
    with st.container(border=True):
        base, base_problem = _show_base()
    if base is None:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            method = config_field(
                SweepConfig, "method", key="sweep/method", control="segmented"
            ).value
            _choose_varied(base)
        dimensions, varied_problem = _show_varied(base, grid=method == GRID)
    with st.container(border=True):
        wishes, search_problem = _show_search(base, method)
        wishes |= {"dimensions": dimensions, "method": method}
        _show_launch(base, wishes, base_problem or varied_problem or search_problem)


def _show_search(base: RunConfig, method: str) -> tuple[dict[str, Any], LabError | None]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        trials = config_field(SweepConfig, "trials", key="sweep/trials", disabled=method == GRID)
        epochs = config_field(
            SweepConfig,
            "epochs",
            rule=Whole(1, MOST_EPOCHS),
            value=max(1, (base.training.epochs + 1) // 2),
            key=f"sweep/{base.preset}/epochs",
            help="Epochs per trial. A few are enough to compare; train the best one longer.",
        )
        st.text_input(
            "Name",
            key="sweep/name",
            placeholder="My sweep",
            max_chars=30,
            help="Name of the sweep; also the tag of its runs.",
            persist_state="session",
            width=260,
        )
        pruning = config_field(SweepConfig, "pruning", key="sweep/pruning")
    wishes = {"trials": trials.value, "epochs": epochs.value, "pruning": pruning.value}
    return wishes, trials.fault or epochs.fault


def _show_launch(base: RunConfig, wishes: dict[str, Any], problem: LabError | None) -> None:
    config: SweepConfig | None = None
    words = ""
    if problem is None:
        try:
            config = SweepConfig(base=base, **wishes)
            check_trainable(base, load_settings())
            check_waiting(load_settings())
            words = _expected(config)
        except LabError as error:
            problem = error
    if problem is not None:
        show_error(problem)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button(
            "Start the sweep",
            type="primary",
            icon=":material/play_arrow:",
            key="sweep_start",
            disabled=problem is not None,
        )
        st.markdown(words)
    say_limits()
    if pressed and problem is None and config is not None:
        with page_errors():
            _start(config)


def _expected(config: SweepConfig) -> str:
    each = _expected_seconds(config)
    slots = min(config.total, max(1, engine_status(load_settings()).slots))
    epochs = config.epochs_of_a_run
    less = ", less with early pruning" if config.pruning else ""
    return (
        f"{_runs_of(config.total)} of {epochs} epoch{'s' if epochs != 1 else ''}, "
        f"about {duration(each)} each · {duration(each * config.total / slots)} in total{less}"
    )


def _runs_of(count: int) -> str:
    """1 run, 12 runs."""
    return f"{count} run" + ("" if count == 1 else "s")


def _start(config: SweepConfig) -> None:
    name = (st.session_state.get("sweep/name") or "").strip()
    folder = start_sweep(config, name=name, owner=owner(), settings=load_settings())
    watch(folder.id)
    st.rerun()


def _expected_seconds(config: SweepConfig) -> float:
    """Seconds of one run, averaged over some combinations of what varies; arithmetic only.

    Raises:
        ArchitectureError: None of them can be trained.
    """
    chance = random.Random(0)
    found: list[float] = []
    refused: LabError | None = None
    for _ in range(_SAMPLES):
        values = {one.field: chance.choice(one.grid_values) for one in config.dimensions}
        try:
            run = config.run_config(values)
            found.append(expect(run).seconds_per_epoch * run.training.epochs)
        except LabError as error:
            refused = error
    if not found and refused is not None:
        raise ArchitectureError(
            "None of the combinations can be trained.", received=refused.fact, advice=refused.advice
        )
    return mean(found) + _SECONDS_AROUND


def _show_base() -> tuple[RunConfig | None, LabError | None]:
    """The configuration that all trials share but for what varies; None where it breaks a rule.

    And what is wrong with the number of images.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox(
            "Base configuration",
            _names(),
            index=_names().index(draft.FIRST_PRESET),
            key="sweep/base",
            format_func=_title,
            help="Settings that do not vary are the same in all trials.",
            persist_state="session",
            width=190,
        )
        config = _config(name)
        if config is None:
            return None, None
        return _with_essentials(name, config)


def _names() -> list[str]:
    # Who holds nothing back has nothing to choose by.
    names = [name for name, one in PRESETS.items() if one.config.training.validation_share]
    return [*names, *([_TRAIN_FORM] if draft.ready() else [])]


def _title(name: str) -> str:
    return PRESETS[name].title if name in PRESETS else "Current settings on Train"


def _config(name: str) -> RunConfig | None:
    if name in PRESETS:
        return PRESETS[name].config
    try:
        return RunConfig.from_json(draft.collect())
    except LabError as error:
        show_error(error)
        return None


def _with_essentials(name: str, config: RunConfig) -> tuple[RunConfig, LabError | None]:
    training = config.training
    images = config_field(
        TrainConfig,
        "dataset",
        value=choose_dataset(load_settings()),
        key="sweep/dataset",
        width=210,
    ).value
    count = config_field(
        TrainConfig,
        "train_images",
        rule=Whole(0, TRAIN_IMAGES[images]),
        value=training.train_images,
        step=1000,
        key=f"sweep/{name}/train_images",
        width=160,
    )
    images_wanted = training.train_images if count.fault else count.value
    wanted = replace(training, dataset=images, train_images=images_wanted)
    return replace(config, training=wanted), count.fault


_title_of = partial(path_label, grouped=True)


def _choose_varied(base: RunConfig) -> None:
    """The menu of what may vary."""
    offered = fields_to_vary(base)
    # Another base may have fewer blocks.
    kept = [path for path in st.session_state.get(_FIELDS, FIRST_FIELDS) if path in offered]
    st.session_state[_FIELDS] = kept
    st.multiselect(
        "Settings to vary",
        offered,
        default=start_of(_FIELDS),
        key=_FIELDS,
        format_func=_title_of,
        max_selections=MOST_DIMENSIONS,
        placeholder="Choose settings",
        persist_state="session",
        width="stretch",
    )


def _show_varied(base: RunConfig, *, grid: bool) -> Found:
    """The dimensions as they stand on the form, and what is wrong with the first bad one."""
    dimensions: list[DimensionConfig] = []
    problem: LabError | None = None
    for path in st.session_state[_FIELDS]:
        try:
            dimensions.append(_dimension(base, path, grid))
        except LabError as error:
            problem = problem or error
    return tuple(dimensions), problem


def _dimension(base: RunConfig, path: str, grid: bool) -> DimensionConfig:
    rule, suggested = rule_at(base, path), suggested_dimension(base, path)
    key, now = f"sweep/{path}/{value_at(base, path)}", value_label(path, value_at(base, path))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.markdown(
            f"**{_title_of(path)}**  \n:gray[:small[now {now}]]",
            width=170,
        )
        if isinstance(rule, Flag):
            st.caption("on and off")
            return suggested
        if isinstance(rule, (OneOf, OneOfWholes)):
            return _several(path, rule, key)
        if isinstance(rule, (Whole, Number)):
            return _numbers(path, rule, suggested, key, grid)
        return _typed_lists(path, suggested, key)


def _several(path: str, rule: OneOf | OneOfWholes, key: str) -> DimensionConfig:
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
        return _typed_values(path, suggested, key)
    low = _end("From", path, rule, suggested.low or suggested.grid_values[0], f"{key}/low")
    high = _end("To", path, rule, suggested.high or suggested.grid_values[-1], f"{key}/high")
    log = config_field(
        DimensionConfig,
        "log",
        value=suggested.log,
        key=f"{key}/log",
        help="Samples by ratio: 0.001 to 0.01 is as likely as 0.01 to 0.1.",
    ).value
    steps = Typed(DimensionConfig.steps, None)
    if grid:
        steps = config_field(
            DimensionConfig,
            "steps",
            rule=Whole(2, 20),
            key=f"{key}/steps",
            help="Number of values in the grid, including both ends.",
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
    return judge_typed(f"{_title_of(path)}: {label}", rule, typed.value) if typed.fault else typed


def _typed_values(path: str, suggested: DimensionConfig, key: str) -> DimensionConfig:
    text = st.text_input(
        "Values, separated by commas",
        value=", ".join(value_label(path, value) for value in suggested.grid_values),
        key=f"{key}/values",
        persist_state="session",
        width=260,
    )
    return _checked(DimensionConfig(field=path, choices=parse_values(text)))


def _typed_lists(path: str, suggested: DimensionConfig, key: str) -> DimensionConfig:
    text = st.text_input(
        "Values, separated by semicolons",
        value="; ".join(value_label(path, value) for value in suggested.choices),
        key=f"{key}/lists",
        help="Each value is a list, such as 128, 64.",
        persist_state="session",
        width=260,
    )
    lists = [part.strip() for part in text.split(";") if part.strip()]
    choices = tuple(() if part == "none" else parse_values(part) for part in lists)
    return _checked(DimensionConfig(field=path, choices=choices))


def _checked(dimension: DimensionConfig) -> DimensionConfig:
    if not dimension.choices:
        raise ConfigError(
            f"{_title_of(dimension.field)} has no values to try.",
            advice="Enter at least two values, or remove the setting.",
        )
    return dimension
