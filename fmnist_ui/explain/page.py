"""The page "Inside": the image and its prediction above, one section below; filters and ablation.

A section is a title, an icon and a function that draws it. Only the open one is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.classes import CLASS_NAMES, OUTPUT_NAMES
from fmnist_core.engine.client import ablatable_layers, ablate, feature_maps_of, filters_of
from fmnist_core.errors import CalibrationError, LabError
from fmnist_core.explain.ablation import AblatableLayer, Ablation, AblationResult, PairedAccuracy
from fmnist_core.explain.views import Filters, Floats, LayerMaps
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import summary_of
from fmnist_core.settings import load_settings
from fmnist_ui.components import evaluated_model
from fmnist_ui.components.predictions import pause, verdicts
from fmnist_ui.components.share import show_share
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.explain.ablation_choice import choose_ablation
from fmnist_ui.explain.activation_view import show_excites
from fmnist_ui.explain.attribution_view import show_where
from fmnist_ui.explain.choice import Chosen, asked_once, choose, offer_retry
from fmnist_ui.explain.convolution_view import show_step
from fmnist_ui.explain.embedding_map_view import show_atlas
from fmnist_ui.explain.feature_maps_view import show_maps
from fmnist_ui.figures.cards import (
    Measured,
    SelectiveAccuracy,
    accuracies_html,
    answers_html,
    chosen_html,
)
from fmnist_ui.figures.filter_cards import FilterCard, filter_cards
from fmnist_ui.glossary import explained
from fmnist_ui.links.query_params import check_link, tell_choice
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.theme import palette
from fmnist_ui.words import data_name, percent, whole

ORDER, SHOWN = "filters_order", "filters/shown"

_BY_NUMBER, _BY_CHANGE = "By number", "Most changed first"

_PAGE = 32

_MOST_RESPONSES = 1024

_ABOUT = (
    "A **filter** of the first layer is applied at every position of the image: blue weights are "
    "positive, orange ones negative."
)

_TEMPLATES = (
    "The first layer of this network is dense, so each of its units has a weight for every pixel: "
    "blue is positive, orange negative."
)

_HELP = (
    "Large: the trained filter. Small: its initial weights, and the change since then (on its own "
    "scale). Below: its pre-activation for the image above."
)

_TITLES = ("Before", "After")

_OPEN = "section"
_DRAWN = "explain/drawn"
# The height of a row of pictures, and the time in which the browser is sent what was drawn.
_SKELETON, _SENT_SECONDS = 260, 0.1


def show_filters(chosen: Chosen) -> None:
    """A card for each filter: now, before, the change, and what it makes of the image."""
    found = asked_once("filters/found", chosen, "", partial(_filters, chosen.model))
    if found.now is None:
        st.info(
            "The first layer of this network does not read pixels, so it has no filters to draw.",
            icon=":material/grid_off:",
        )
        return
    kernels = found.now.kernels
    templates = kernels.shape[1] == chosen.image.shape[0]
    st.caption(_TEMPLATES if templates else _ABOUT, help=_HELP)
    responses = () if templates else _responses(chosen, found.now.layer)
    order = _choose_order(found)
    shown = _shown(chosen, len(kernels))
    cards = _cards(found, responses, order[:shown], named=_is_answer(found))
    st.html(filter_cards(cards, palette(), large=112 if templates else 84))
    if shown < len(kernels):
        st.button(
            f"Show more of {len(kernels)}",
            icon=":material/expand_more:",
            on_click=_show_more,
            args=(chosen.model, shown + _PAGE),
        )


def show_break(chosen: Chosen) -> None:
    """Controls, then accuracy and the answer before and after."""
    st.caption(
        "Ablation sets the output of a filter or layer to 0 in a copy of the network; shortcut "
        "connections stay.",
        help=explained("Ablation"),
    )
    parts = asked_once("break/parts", chosen, "", partial(_parts, chosen.model))
    ablation = choose_ablation(parts)
    if ablation.nothing:
        st.info("Nothing is ablated.", icon=":material/check_circle:")
        return
    result = asked_once("break/broken", chosen, ablation, partial(_ablated, chosen, ablation))
    _show_accuracy(result.accuracy, chosen.dataset)
    _show_answers(chosen, result)


@dataclass(frozen=True)
class Section:
    """One view into the network; `show` draws it below the choice."""

    title: str
    icon: str
    show: Callable[[Chosen], None]


SECTIONS: tuple[Section, ...] = (
    Section("Attribution", ":material/visibility:", show_where),
    Section("Feature maps", ":material/grid_on:", show_maps),
    Section("Filters", ":material/blur_on:", show_filters),
    Section("Activation maximization", ":material/bolt:", show_excites),
    Section("Step through", ":material/calculate:", show_step),
    Section("Data map", ":material/scatter_plot:", show_atlas),
    Section("Ablation", ":material/construction:", show_break),
)


def show_inside() -> None:
    """Everything below the lead."""
    check_link("explain")
    chosen = choose()
    if chosen is None or not _show_chosen(chosen):
        return
    section = _choose_section()
    if section is not None:
        with _cleared(section):
            _show(section, chosen)
    show_share(key="share_inside")


def _choose_section() -> Section | None:
    by_title = {section.title: section for section in SECTIONS}
    if st.session_state.get(_OPEN) not in by_title:
        st.session_state[_OPEN] = st.query_params.get(_OPEN)
    if st.session_state[_OPEN] not in by_title:
        st.session_state[_OPEN] = next(iter(by_title))
    title = st.pills(
        "Section",
        list(by_title),
        default=start_of(_OPEN),
        key=_OPEN,
        format_func=lambda name: f"{by_title[name].icon} {name}",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    tell_choice(_OPEN, title)
    return by_title.get(str(title))


@st.fragment
@page_errors()
def _show(section: Section, chosen: Chosen) -> None:
    try:
        section.show(chosen)
    except LabError as error:
        offer_retry(error, section.title)


def _cleared(section: Section) -> DeltaGenerator:
    """Where the section is drawn; what another one left there is gone at once.

    Streamlit would leave it, faded, until the new section has been drawn to its end.
    """
    if st.session_state.get(_DRAWN) == section.title:
        # Not emptied: a component that is drawn anew would lose the keyboard's place in it.
        return st.container()
    place = st.empty()
    place.skeleton(height=_SKELETON)
    # What is put in its place before the browser was sent it would keep the old contents.
    pause(_SENT_SECONDS)
    st.session_state[_DRAWN] = section.title
    return place.container()


def _show_chosen(chosen: Chosen) -> bool:
    """The image and its prediction; False where the network gave no answer, which is explained.

    What lies inside can be looked at also where only the answer cannot be believed.
    """
    truth = "" if chosen.true_label is None else CLASS_NAMES[chosen.true_label]
    try:
        with st.skeleton(height=100):
            shares = verdicts(chosen.model, [chosen.image])[0].probabilities
    except CalibrationError as error:
        show_error(error)
        _offer_evaluation(chosen.model)
        shares = np.empty(0, np.float32)
    except LabError as error:
        show_error(error)
        st.button("Retry", icon=":material/refresh:", key="inside_again")
        return False
    st.html(chosen_html(chosen.image, chosen.image_name, truth, shares, palette()))
    return True


def _offer_evaluation(model: str) -> None:
    folder = RunFolder.open(load_settings().runs_dir, model)
    evaluated_model.offer_evaluation(summary_of(folder))


def _parts(model: str) -> tuple[AblatableLayer, ...]:
    return ablatable_layers(model, load_settings())


def _ablated(chosen: Chosen, ablation: Ablation) -> AblationResult:
    return ablate(chosen.model, chosen.image, ablation, load_settings())


def _show_accuracy(accuracy: PairedAccuracy | None, dataset: str) -> None:
    st.markdown("**Accuracy**")
    if accuracy is None:
        st.caption(f"Unknown: {data_name(dataset)} is not on this machine.")
        return
    accuracies, intervals = accuracy.accuracies, accuracy.intervals
    rows = [Measured(*row) for row in zip(_TITLES, accuracies, intervals, strict=True)]
    st.html(accuracies_html(rows, palette()))
    st.markdown(_verdict(accuracy))
    st.caption(
        f"Measured on the same {whole(accuracy.images)} test images of "
        f"{data_name(accuracy.dataset)}, balanced over the classes. "
        f"{whole(accuracy.changed)} predictions changed. Intervals are 95%."
    )


def _verdict(accuracy: PairedAccuracy) -> str:
    loss = accuracy.loss
    low, high = (100 * limit for limit in loss.interval)
    if loss.difference == 0:
        return f"No change in accuracy ({_span(low, high)} points)."
    size, way = 100 * abs(loss.difference), "lost" if loss.difference > 0 else "gained"
    if loss.difference < 0:
        low, high = -high, -low
    further = _worst(accuracy) if loss.more_than_chance else " Not significant."
    return f"**{size:.1f} points {way}** ({_span(low, high)}).{further}"


def _span(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}".replace("-", "\N{MINUS SIGN}")


def _worst(accuracy: PairedAccuracy) -> str:
    """The class that lost most, where one lost something worth a word."""
    before, after = accuracy.recalls
    lost = np.nan_to_num(before - after)
    worst = int(lost.argmax())
    if lost[worst] < 0.05:
        return ""
    return (
        f" Largest drop: {CLASS_NAMES[worst]}, recall {percent(before[worst], 0)} before, "
        f"{percent(after[worst], 0)} after."
    )


def _show_answers(chosen: Chosen, result: AblationResult) -> None:
    st.markdown("**This image**")
    before, after = result.before, result.after
    images = chosen.image, result.image
    shares = before.probabilities[0], after.probabilities[0]
    rows = [SelectiveAccuracy(*row) for row in zip(_TITLES, images, shares, strict=True)]
    st.html(answers_html(rows, palette()))
    if before.labels[0] != after.labels[0]:
        st.markdown(
            f"**{CLASS_NAMES[before.labels[0]]}** became **{CLASS_NAMES[after.labels[0]]}**."
        )


def _choose_order(found: Filters) -> list[int]:
    """The filters' numbers; how far they moved is said beside the choice."""
    count = len(found.now.kernels) if found.now else 0
    if found.now is None or found.before is None:
        st.caption(f":material/history_toggle_off: {found.why_not}")
        return list(range(count))
    moved = _lengths(found.now.kernels - found.before.kernels)
    began = np.maximum(_lengths(found.before.kernels), 1e-12)
    with st.container(horizontal=True, vertical_alignment="center", key="filters_which"):
        order = st.segmented_control(
            "Order",
            (_BY_NUMBER, _BY_CHANGE),
            default=_BY_NUMBER,
            required=True,
            key=ORDER,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.caption(
            f"Training changed a filter by {np.median(moved / began):.2f} times its initial norm "
            f"(median; maximum {np.max(moved / began):.2f})."
        )
    if order == _BY_CHANGE:
        return [int(number) for number in np.argsort(-moved, kind="stable")]
    return list(range(count))


def _cards(
    found: Filters, responses: tuple[LayerMaps, ...], order: list[int], *, named: bool
) -> list[FilterCard]:
    maps = responses[0].maps if responses else None
    return [
        FilterCard(
            OUTPUT_NAMES[number] if named else str(number),
            found.now.kernels[number] if found.now else np.zeros((1, 1), np.float32),
            None if found.before is None else found.before.kernels[number],
            None if maps is None or number >= len(maps) else maps[number],
        )
        for number in order
    ]


def _is_answer(found: Filters) -> bool:
    return (
        found.now is not None
        and found.now.layer == "answer"
        and (len(found.now.kernels) <= len(OUTPUT_NAMES))
    )


def _lengths(kernels: Floats) -> Floats:
    return np.linalg.norm(kernels.reshape(len(kernels), -1), axis=1)


def _shown(chosen: Chosen, count: int) -> int:
    return min(count, int(st.session_state.get(SHOWN, {}).get(chosen.model, _PAGE)))


def _show_more(model: str, count: int) -> None:
    st.session_state[SHOWN] = {model: count}


def _filters(model: str) -> Filters:
    return filters_of(model, load_settings())


def _responses(chosen: Chosen, layer: str) -> tuple[LayerMaps, ...]:
    def question() -> tuple[LayerMaps, ...]:
        return feature_maps_of(
            chosen.model,
            chosen.image,
            load_settings(),
            layer=layer,
            count=_MOST_RESPONSES,
            strongest=False,
        )

    return asked_once("filters/responses", chosen, layer, question)
