"""The section "Filters": what the first layer looks for, and what training made of it."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.engine.client import filters_of, maps_of
from fmnist_core.explain.views import Filters, Floats, LayerMaps
from fmnist_core.figures.filter_cards import FilterCard, filter_cards
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette
from fmnist_ui.inside.asked_once import asked_once
from fmnist_ui.inside.choice import Chosen

ORDER, SHOWN = "filters_order", "filters/shown"
_BY_NUMBER, _BY_CHANGE = "By number", "Most changed first"
_PAGE = 32
_MOST_RESPONSES = 1024
_ABOUT = (
    "A **filter** of the first layer lies on every spot of the image in turn: blue weights want "
    "light there, orange ones want dark. Together they find edges, spots and plain areas."
)
_TEMPLATES = (
    "This network's first layer reads all pixels at once, so each of its units has a weight for "
    "every pixel: blue wants light there, orange wants dark."
)
_HELP = (
    "Large: the filter now. Small: before training, and what was added since (on a scale of its "
    "own). Below: what it makes of the image above, before it is bent."
)


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
            f"In training a filter moved by {np.median(moved / began):.2f} times its first length "
            f"(median; the most by {np.max(moved / began):.2f})."
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
            CLASS_NAMES[number] if named else str(number),
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
        and (len(found.now.kernels) == CLASS_COUNT)
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
        return maps_of(
            chosen.model,
            chosen.image,
            load_settings(),
            layer=layer,
            count=_MOST_RESPONSES,
            strongest=False,
        )

    return asked_once("filters/responses", chosen, layer, question)
