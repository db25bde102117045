"""Transfer learning on the form: initial weights, backbone, frozen epochs, distillation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from fmnist_core.config import (
    BackboneConfig,
    DistillationConfig,
    ModelConfig,
    RunConfig,
    TrainConfig,
)
from fmnist_core.config.model import NO_BACKBONE
from fmnist_core.errors import ArchitectureError, LabError
from fmnist_core.models import summarise
from fmnist_core.models.backbones import BACKBONES, IMAGENET, side_of
from fmnist_core.models.imagenet import find_weights
from fmnist_core.models.weight_matching import WeightMatch
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, SHIPPED_TITLES
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.distillation import Teacher, check_teacher
from fmnist_core.training.initial_weights import initial_fit
from fmnist_ui.lab_state import known_runs
from fmnist_ui.train import draft
from fmnist_ui.train.fields import box, field, row
from fmnist_ui.train.launch import FormCheck
from fmnist_ui.words import whole

# So many runs are looked into.
_MOST_RUNS = 30

_SHIPPED = {SHIPPED: SHIPPED_TITLES[SHIPPED_EVERYDAY]}

_DISTILLATION = (
    "Distillation: the network also learns from the class probabilities of a stronger network (the "
    "teacher). A small network can become more accurate than with the labels alone."
)

# What goes well with a backbone, for somebody who has just chosen one: few images and epochs,
# since each costs many times as much as with a network made for this size.
_SUITS = {
    "model.head": "global_average",
    "model.dense": "",
    "model.head_dropout": 0.2,
    "training.optimizer": "adam",
    "training.learning_rate": 1e-3,
    "training.schedule.kind": "constant",
    "training.batch_size": 32,
    "training.epochs": 4,
    "training.frozen_epochs": 2,
    "training.fine_tune_factor": 0.1,
    "training.train_images": 5000,
}

_BACKBONE = (
    "A well-known network pretrained on a million photos (ImageNet) replaces your blocks. Made for "
    "large color photos, it costs far more than a network made for small grayscale images."
)


def show_transfer_form(check: FormCheck) -> None:
    """The backbone, the weights to begin with, and how long they stay frozen."""
    with box("Backbone"):
        _show_backbone()
    with box("Initial weights"):
        _show_initial_weights(check)
    with box("Freeze, then fine-tune"):
        with row():
            frozen = field(TrainConfig, "frozen_epochs", "training").value
            field(TrainConfig, "fine_tune_factor", "training", disabled=not frozen)
        st.caption(
            "At first only the new layers train, so that their large first gradients do not "
            "destroy the pretrained weights. Then all layers train at a lower learning rate."
        )


def _show_backbone() -> None:
    name = draft.get_or("model.backbone.name", NO_BACKBONE)
    chosen = name in BACKBONES
    with row():
        field(BackboneConfig, "name", "model.backbone")
        for item in ("weights", "image_size"):
            field(BackboneConfig, item, "model.backbone", disabled=not chosen)
        if chosen:
            st.button(
                "Use suggested settings",
                icon=":material/auto_fix_high:",
                key="suit_backbone",
                on_click=_suit,
                help="A simple classifier head, 5,000 images, 4 epochs, 2 of them frozen.",
            )
    st.caption(_cost(name) if chosen else _BACKBONE)
    if chosen and draft.get("model.backbone.weights") == "imagenet":
        st.caption(_where(name))


def _suit() -> None:
    for path, value in _SUITS.items():
        draft.put(path, value)
    if draft.get("model.backbone.weights") == "random":
        # What has learned nothing has no reason to rest.
        draft.put("training.frozen_epochs", 0)


def _cost(name: str) -> str:
    facts = BACKBONES[name]
    side = side_of(BackboneConfig(name))
    return (
        f"**{facts.title}** ({facts.source}) gets the images enlarged to {side} × {side} by "
        f"default. Cost at that size on two CPU cores, per 1,000 images: "
        f"{facts.seconds_resting:g} s frozen, {facts.seconds_learning:g} s with all layers "
        f"training (Quick: under 0.1 s). It needs {facts.megabytes / 1000:g} GB of memory; a saved "
        f"network has {whole(facts.parameters * 4 / 1e6)} MB. Its accuracy with ImageNet weights "
        "was not measured in this lab."
    )


def _where(name: str) -> str:
    settings = load_settings()
    found = find_weights(name, settings)
    if found.path is not None:
        return f":material/check: ImageNet weights found: {found.title}."
    size = whole(IMAGENET[name].size / 1e6)
    passed = " ".join(found.problems)
    if settings.offline:
        return f":material/cloud_off: ImageNet weights are not on this machine. {passed}"
    return (
        f":material/cloud_download: ImageNet weights ({size} MB) are downloaded when "
        f"training starts. {passed}"
    )


def show_teacher_form(check: FormCheck) -> None:
    """The teacher, how much it counts, and how far its answers are softened."""
    settings = load_settings()
    offers = _offers(check.config, settings) if check.config else {}
    chosen = draft.get_or("training.distillation.teacher", "") or ""
    able = {"": "None (labels only)"} | {name: title for name, (title, _) in offers.items()}
    titles = _with_chosen(able, chosen, SHIPPED_TITLES, settings)
    with row():
        field(DistillationConfig, "teacher", "training.distillation", options=titles)
        for item in ("weight", "temperature"):
            field(DistillationConfig, item, "training.distillation", disabled=not chosen)
    found = offers.get(chosen)
    st.caption(_what_to_expect(found[1]) if found else _DISTILLATION)


def _offers(config: RunConfig, settings: Settings) -> dict[str, tuple[str, Teacher]]:
    """All networks that may be the teacher: titles, and what is known of them."""
    titles = _network_titles(SHIPPED_TITLES, settings)
    found = ((name, title, _teacher(config, name, settings)) for name, title in titles.items())
    return {name: (title, teacher) for name, title, teacher in found if teacher}


def _teacher(config: RunConfig, name: str, settings: Settings) -> Teacher | None:
    asked = replace(config.training, distillation=DistillationConfig(name))
    try:
        return check_teacher(replace(config, training=asked), settings)
    except LabError:
        return None


def _what_to_expect(teacher: Teacher) -> str:
    once = (
        "The teacher predicts each training image once, before the first epoch. The training loss "
        "includes its predictions; the validation loss uses the labels only."
    )
    if not teacher.saw_validation:
        return f"{once} The teacher was not trained on the validation images of this run."
    return (
        f"{once} The teacher may have been trained on validation images of this run, which makes "
        "the validation accuracy slightly optimistic. The test accuracy is not affected."
    )


def _show_initial_weights(check: FormCheck) -> None:
    """The choice of initial weights, and which layers take them over."""
    settings = load_settings()
    offers = _initial_weights_offers(check, settings)
    chosen = draft.get_or("training.initial_weights", "") or ""
    fitting = {source: title for source, (title, _) in offers.items()}
    titles = _with_chosen(fitting, chosen, _SHIPPED, settings)
    field(TrainConfig, "initial_weights", "training", options=titles)
    _, fit = offers.get(chosen, ("", None))
    if fit is not None:
        st.caption(_taken(fit))
    elif len(offers) == 1:
        st.caption("Finished runs with at least one matching layer appear here.")


def _initial_weights_offers(
    check: FormCheck, settings: Settings
) -> dict[str, tuple[str, WeightMatch | None]]:
    """No network and all that fit: `initial_weights`, a title, and what is taken over."""
    offers: dict[str, tuple[str, WeightMatch | None]] = {"": ("Random initialization", None)}
    # Also beside an error: perhaps weights to start from are what it lacks.
    size = None if check.config is None else _size(check.config.model)
    if check.config is None or size is None:
        return offers
    titles = _network_titles(_SHIPPED, settings, size)
    fits = {source: _fit(check.config, source, settings) for source in titles}
    whole_first = sorted(
        titles, key=lambda source: not (fits[source] or WeightMatch((), ("",))).whole
    )
    for source in whole_first:
        if (fit := fits[source]) is not None:
            offers[source] = (titles[source], fit)
    return offers


def _size(model: ModelConfig) -> int | None:
    try:
        return summarise(model).parameters
    except ArchitectureError:
        return None


def _fit(config: RunConfig, source: str, settings: Settings) -> WeightMatch | None:
    training = replace(config.training, initial_weights=source)
    try:
        return initial_fit(replace(config, training=training), settings)
    except LabError:
        return None


def _taken(fit: WeightMatch) -> str:
    if fit.whole:
        return "All layers match and are copied."
    count = len(fit.taken) + len(fit.fresh)
    return (
        f"**Copied, {len(fit.taken)} of {count} layers:** {', '.join(fit.taken)}. "
        f"**Randomly initialized:** {', '.join(fit.fresh)}."
    )


def _network_titles(
    shipped: Mapping[str, str], settings: Settings, size: int | None = None
) -> dict[str, str]:
    """What can be chosen: `shipped`, then the newest judged runs, of `size` parameters first."""
    runs = [run for run in known_runs(settings) if run.evaluated]
    if size is not None:
        runs = sorted(runs, key=lambda run: run.parameters != size)
    return {**shipped, **{run.id: _title(run) for run in runs[:_MOST_RUNS]}}


def _with_chosen(
    offered: Mapping[str, str], chosen: str, shipped: Mapping[str, str], settings: Settings
) -> dict[str, str]:
    """What is offered, and what is chosen already though it does not fit, or is gone.

    It keeps the title that it was chosen by: the browser takes another one for another choice.
    """
    if chosen in offered:
        return dict(offered)
    runs = {run.id: _title(run) for run in known_runs(settings) if run.id == chosen}
    return {**offered, chosen: {**shipped, **runs}.get(chosen, chosen)}


def _title(run: RunSummary) -> str:
    accuracy = "" if run.test_accuracy is None else f", {run.test_accuracy:.2%}"
    return f"{run.name}{accuracy} ({run.id})"
