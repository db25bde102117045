"""Epochs, images, a name and the button; whether the form can be trained, and what to expect."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.run import SEED_COUNT
from fmnist_core.datasets.dataset import SYNTHETIC_GARMENTS
from fmnist_core.datasets.load import available
from fmnist_core.engine.client import repeat
from fmnist_core.engine.submission import check_waiting
from fmnist_core.errors import LabError
from fmnist_core.models import ModelSummary, training_bytes
from fmnist_core.runs.expected import expected_epoch_seconds, machine_is_measured
from fmnist_core.runs.naming import changes
from fmnist_core.settings import load_settings
from fmnist_core.training.check import check_run, check_trainable
from fmnist_ui.classroom.limits import say_limits
from fmnist_ui.components.config_field import number_field, read_number
from fmnist_ui.lab_state import owner
from fmnist_ui.lessons.place import locked_paths
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.train import draft
from fmnist_ui.train.choice import watch
from fmnist_ui.train.fields import field
from fmnist_ui.words import big, duration


@dataclass(frozen=True)
class Expectation:
    """A network's table, and what training it takes (bytes, seconds; both estimates).

    Attributes:
        measured: Whether the seconds are this machine's; else a fast one's.
    """

    summary: ModelSummary
    memory_bytes: int
    seconds_per_epoch: float
    measured: bool


@dataclass(frozen=True)
class FormCheck:
    """Whether the form can be trained: its configuration and expectation, or the broken rule.

    Attributes:
        config: None where a field breaks its rule.
        expectation: None where the network cannot be built.
        error: What is wrong; None when the run can start.
    """

    config: RunConfig | None = None
    expectation: Expectation | None = None
    error: LabError | None = None


def show_essentials() -> None:
    """The fields that stand open."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        field(TrainConfig, "epochs", "training")
        field(TrainConfig, "dataset", "training", width=210)
        st.text_input(
            "Name",
            key=draft.key_of("name"),
            placeholder="Automatic",
            max_chars=80,
            help="Name of the run; empty: its preset and what differs from it. You can change it "
            "later.",
            persist_state="session",
            width=260,
        )


def show_launch(check: FormCheck) -> None:
    """What to expect, what differs from the preset, and the button."""
    if check.error is not None:
        show_error(check.error)
    elif check.config is not None:
        _say_which_images(check.config)
    seeds_fault = read_number("Seeds", SEED_COUNT, draft.key_of("seeds"), usual=1).fault
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        pressed = st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            disabled=check.error is not None or seeds_fault is not None,
            key="train_button",
            width=140,
        )
        seeds = _choose_seeds()
        if check.config is not None and check.expectation is not None:
            st.markdown(_expected(check.config, check.expectation, seeds))
        if check.config is not None:
            _show_changes(check.config)
    say_limits()
    if pressed and check.config is not None:
        with page_errors():
            _launch(check.config, seeds)


def _choose_seeds() -> int:
    """How often it is trained, each time with other random numbers."""
    chosen = number_field(
        "Seeds",
        SEED_COUNT,
        key=draft.key_of("seeds"),
        value=1,
        help="Number of runs with consecutive seeds; mean and standard deviation show how much "
        "of a result is chance.",
        persist_state="session",
    )
    return 1 if chosen.fault else chosen.value


def _say_which_images(config: RunConfig) -> None:
    # Without the official files the banner above says it already.
    drawn = config.training.dataset == SYNTHETIC_GARMENTS
    if drawn and available(load_settings()).official_ready:
        st.caption(
            ":orange[:material/draw:] **Synthetic garments, not Fashion-MNIST.** Results "
            "cannot be compared with those on the real images, which are also on this machine."
        )


def _launch(config: RunConfig, seeds: int) -> None:
    submissions = repeat(
        config,
        seeds,
        name=(draft.get_or("name", "") or "").strip(),
        owner=owner(),
        settings=load_settings(),
    )
    first = submissions[0].run_id
    if all(submission.already for submission in submissions):
        st.session_state["already_there"] = first
    watch(first, seeds=seeds > 1)
    st.rerun()


def _expected(config: RunConfig, expectation: Expectation, seeds: int) -> str:
    seconds = expectation.seconds_per_epoch * config.training.epochs
    words = (
        f"{big(expectation.summary.parameters)} parameters · about "
        f"{duration(expectation.seconds_per_epoch)} per epoch, {duration(seconds)} in total"
    )
    if not expectation.measured:
        words += " (estimate; not measured on this machine yet)"
    # Several at once share the cores, so that places in the engine make it no shorter.
    return words if seeds == 1 else f"{words}, {duration(seeds * seconds)} for {seeds} seeds"


def _show_changes(config: RunConfig) -> None:
    changed = changes(config)
    if not changed:
        return
    title = PRESETS[config.preset].title
    with st.popover(
        f"{len(changed)} changed from {title}", icon=":material/edit:", type="tertiary"
    ):
        st.markdown("\n".join(f"- {plain(change.sentence)}" for change in changed))
        st.button(
            f"Reset to {title}",
            icon=":material/undo:",
            on_click=draft.choose_preset,
            args=(config.preset, locked_paths()),
            key="back_to_preset",
        )


def check_form() -> FormCheck:
    """Builds the configuration as the engine would; arithmetic only, so at every rerun."""
    config: RunConfig | None = None
    expectation: Expectation | None = None
    try:
        config = RunConfig.from_json(draft.collect())
        expectation = expect(config)
        check_trainable(config, load_settings())
        seeds = read_number("Seeds", SEED_COUNT, draft.key_of("seeds"), usual=1)
        check_waiting(load_settings(), 1 if seeds.fault else seeds.value)
    except LabError as error:
        return FormCheck(config, expectation, error)
    return FormCheck(config, expectation)


def expect(config: RunConfig) -> Expectation:
    """Arithmetic only, in about a millisecond.

    Raises:
        ArchitectureError, ConfigError: It cannot be trained; the engine would say the same.
    """
    training = config.training
    summary = check_run(config)
    return Expectation(
        summary,
        training_bytes(summary, training.batch_size),
        expected_epoch_seconds(config, summary),
        machine_is_measured(),
    )
