"""The section "Attribution": three ways to ask what a class's score hangs on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.engine.client import attribution_of, grad_cam_of, occlusion_of, tapped_layers
from fmnist_core.errors import LabError
from fmnist_core.explain.views import Attribution, Occlusion, TappedLayer
from fmnist_core.settings import load_settings
from fmnist_ui.components.predictions import verdicts
from fmnist_ui.components.widget_start import kept_selectbox, start_among
from fmnist_ui.explain.choice import Chosen, asked_once, offer_retry
from fmnist_ui.figures.cards import Tile, TileRow, tiles_html
from fmnist_ui.figures.heat_map import heat_url
from fmnist_ui.theme import palette
from fmnist_ui.words import probability, significant

CLASS, LAYER, PATCH = "where_class", "where_layer", "where_patch"
_BEST = "Predicted"
_PATCHES = (4, 6, 8, 10)
_SIDE = 224
# Few pixels carry much of a score: on their scale all others would look like nothing.
_FULL_SHARE = 0.98
_ABOUT = (
    "Three attribution methods for one class. **Warm** pixels raise its score, **blue** pixels "
    "lower it. An explanation is more reliable where the methods agree."
)
_GRAD_CAM = (
    "Selvaraju et al. 2017. The feature maps of a layer, weighted by the mean gradient of the "
    "class score. Late layers give coarse maps, early ones finer maps."
)
_OCCLUSION = (
    "Zeiler and Fergus 2014. A black square slides over the image; warm pixels are those whose "
    "occlusion lowers the probability of the class, blue ones those that raise it."
)
_INTEGRATED = (
    "Sundararajan et al. 2017. Integrates the gradients of the class score along the path from a "
    "black image to this one. The attributions sum to the difference of the two scores."
)


def show_where(chosen: Chosen) -> None:
    """Class and layer above, three pictures below; each is drawn as soon as it is known."""
    st.caption(_ABOUT)
    layers = asked_once("where/layers", chosen, "", partial(_layers, chosen))
    with st.container(horizontal=True, vertical_alignment="bottom", key="where_which"):
        label = _choose_class(chosen)
        layer = _choose_layer([one.name for one in layers if one.kind == "convolution"])
        patch = _choose_patch()
    with st.container(horizontal=True, gap="medium", key="where_pictures"):
        places = [st.container(width=_SIDE + 16) for _ in range(3)]
    with places[0]:
        _part("Grad-CAM", _GRAD_CAM, partial(_show_heat, chosen, label, layer))
    with places[1]:
        _part("Occlusion", _OCCLUSION, partial(_show_occlusion, chosen, label, patch))
    with places[2]:
        _part("Integrated gradients", _INTEGRATED, partial(_show_attribution, chosen, label))


def _choose_class(chosen: Chosen) -> int:
    """The class asked about: what the network says, unless another is chosen."""
    best = verdicts(chosen.model, [chosen.image])[0].label
    name = st.selectbox(
        "Target class",
        [_BEST, *CLASS_NAMES],
        key=CLASS,
        width=200,
        format_func=lambda one: f"{_BEST}: {CLASS_NAMES[best]}" if one == _BEST else one,
        persist_state="session",
    )
    return CLASS_NAMES.index(name) if name in CLASS_NAMES else best


def _choose_layer(names: list[str]) -> str | None:
    """A convolution, at first the last one; None of a network that has none."""
    if not names:
        return None
    return kept_selectbox("Grad-CAM layer", names, LAYER, names[-1], width=200)


def _choose_patch() -> int:
    st.session_state.setdefault(PATCH, 6)
    chosen = st.selectbox(
        "Occlusion size",
        _PATCHES,
        index=start_among(_PATCHES, PATCH),
        key=PATCH,
        width=120,
        format_func=lambda side: f"{side} × {side}",
        persist_state="session",
    )
    return int(chosen or 6)


def _part(title: str, about: str, show: Callable[[], None]) -> None:
    st.markdown(f"**{title}**", help=about)
    try:
        show()
    except LabError as error:
        offer_retry(error, title)


def _show_heat(chosen: Chosen, label: int, layer: str | None) -> None:
    if layer is None:
        st.caption("This network has no convolution, so Grad-CAM does not apply.")
        return
    found = asked_once("where/heat", chosen, (label, layer), partial(_heat, chosen, label, layer))
    if found is None or not found.any():
        _picture(chosen.image, np.zeros((chosen.side, chosen.side), np.float32))
        st.caption(f"No positive evidence for {CLASS_NAMES[label]} in this layer.")
        return
    _picture(chosen.image, found)
    st.caption(f"Evidence for {CLASS_NAMES[label]} at {layer}.")


def _show_occlusion(chosen: Chosen, label: int, patch: int) -> None:
    question = partial(_occlusion, chosen, label, patch)
    found = asked_once("where/occlusion", chosen, (label, patch), question)
    _picture(chosen.image, _scaled(found.loss))
    if found.least < found.share:
        st.caption(
            f"The most important square for {CLASS_NAMES[label]}: occluding it lowers the "
            "probability "
            f"from {probability(found.share)} to {probability(found.least)} (rows {found.row} to "
            f"{found.row + patch - 1}, columns "
            f"{found.column} to {found.column + patch - 1})."
        )
    else:
        st.caption(
            f"No square lowers the probability of {CLASS_NAMES[label]} "
            f"({probability(found.share)})."
        )


def _show_attribution(chosen: Chosen, label: int) -> None:
    question = partial(_attribution, chosen, label)
    found = asked_once("where/attribution", chosen, label, question)
    _picture(chosen.image, _scaled(found.shares, _FULL_SHARE))
    st.caption(
        f"Attributions sum to {significant(float(found.shares.sum()))}; score difference to a "
        "black "
        f"image: {significant(found.difference)}.",
        help=f"Completeness gap: {100 * found.gap:.2g}% with {found.steps} steps.",
    )


def _picture(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> None:
    row = TileRow("", "", [Tile(heat_url(image, heat), hint="The image with its attribution map")])
    st.html(tiles_html([row], palette(), side=_SIDE, smooth=True))


def _scaled(values: NDArray[np.float32], full: float = 1.0) -> NDArray[np.float32]:
    """-1 to 1; the share `full` of the pixels is not above the strongest color."""
    most = float(np.quantile(np.abs(values), full))
    return np.clip(values / max(most, 1e-12), -1, 1).astype(np.float32)


def _layers(chosen: Chosen) -> tuple[TappedLayer, ...]:
    return tapped_layers(chosen.model, load_settings())


def _heat(chosen: Chosen, label: int, layer: str) -> NDArray[np.float32] | None:
    return grad_cam_of(chosen.model, chosen.image, label, load_settings(), layer=layer)


def _occlusion(chosen: Chosen, label: int, patch: int) -> Occlusion:
    return occlusion_of(chosen.model, chosen.image, label, load_settings(), patch=patch)


def _attribution(chosen: Chosen, label: int) -> Attribution:
    return attribution_of(chosen.model, chosen.image, label, load_settings())
