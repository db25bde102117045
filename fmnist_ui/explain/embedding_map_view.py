"""The section "Data map": test images by PCA or t-SNE, the opened one and its neighbors."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.engine.client import data_map, place_on_map, stop_tsne, tsne_map
from fmnist_core.errors import DataError, LabError
from fmnist_core.explain.tsne_map import DataMap, MapPosition
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.settings import load_settings
from fmnist_ui.components import beside
from fmnist_ui.components.datasets import dataset
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.explain.choice import Chosen, asked_once, look_inside
from fmnist_ui.explain.embedding_map_hover import show_hovered, zoom_to_begin_with
from fmnist_ui.figures.cards import opened_html
from fmnist_ui.figures.embedding_map import (
    BY_CLASS,
    BY_CONFIDENCE,
    BY_RIGHT,
    Points,
    Star,
    atlas_figure,
    legend_html,
)
from fmnist_ui.glossary import explained
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette
from fmnist_ui.words import data_name, percent, whole

_OPENED, _BOX = "atlas/opened", "atlas_mistake"

_MISTAKES = 100


_PLACES, _STOPPED = "atlas/places", "atlas/stopped"

_PACE = 1.0


_AXES, _NEIGHBOURS = "PCA", "t-SNE"
_COLOURS = {"Class": BY_CLASS, "Correct or wrong": BY_RIGHT, "Confidence": BY_CONFIDENCE}
_CHART = "atlas_chart"
_MAP, _DETAIL = "map", "map_opened"
_NEAREST = 5


def show_atlas(chosen: Chosen) -> None:
    """Controls, the map, and beside it the image that was clicked and those nearest the star."""
    found: DataMap = asked_once("atlas/map", chosen, "", partial(_map, chosen.model))
    test = _images(found)
    st.caption(_about(found), help=explained("Embedding", "PCA", "t-SNE"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="atlas_controls"):
        layout = _choose("Projection", [_AXES, _NEIGHBOURS], "atlas_layout")
        colour = _choose("Color", list(_COLOURS), "atlas_colour")
    classes = st.pills(
        "Classes",
        CLASS_NAMES,
        selection_mode="multi",
        key="atlas_classes",
        persist_state="session",
    )
    # A place of its own, also where it is empty: what follows would move about otherwise.
    with st.container(key="atlas_wait"):
        tsne = tsne_places(chosen.model, found) if layout == _NEIGHBOURS else None
    spot: MapPosition = asked_once(
        "atlas/spot", chosen, tsne is not None, partial(_spot, chosen.model, chosen.image)
    )
    points = _points(found, test, tsne, classes)
    near = _others(chosen.image, test, spot.rows)[:_NEAREST]
    left, right = beside.columns(_MAP)
    with left:
        star = _star(spot, near, tsne)
        _show_map(chosen, points, star, _COLOURS[colour])
        st.html(legend_html(points, star is not None, palette(), by=_COLOURS[colour]))
        st.caption(_reading(found, tsne))
    with right:
        _show_panel(chosen, found, test, points, near)
    opened = _opened_row(chosen.model)
    show_hovered(test.images, found.fingerprint, points, opened, _CHART, opens=_DETAIL)


def _map(model: str) -> DataMap:
    return data_map(model, load_settings())


def _spot(model: str, image: NDArray[np.uint8]) -> MapPosition:
    return place_on_map(model, image, load_settings())


def _images(found: DataMap) -> ImageSet:
    """The map's images from this machine's own copy."""
    data = dataset(found.dataset)
    if data.identity.fingerprint != found.fingerprint:
        raise DataError(
            "The engine has other images than this page.",
            received=data_name(found.dataset),
            advice="Restart the engine to use these.",
        )
    return data.test.take(found.indices)


def _about(found: DataMap) -> str:
    count, name = whole(len(found.indices)), data_name(found.dataset)
    return (
        f"Each point is one of {count} test images of {name}. Near ones are alike to the network: "
        "to its last layer, just before the answer."
    )


def _choose(label: str, options: list[str], key: str) -> str:
    chosen = st.segmented_control(
        label, options, default=options[0], key=key, required=True, persist_state="session"
    )
    return chosen if chosen in options else options[0]


def _points(
    found: DataMap, test: ImageSet, tsne: NDArray[np.float32] | None, classes: Any
) -> Points:
    wanted = [CLASS_NAMES.index(name) for name in classes] or list(range(len(CLASS_NAMES)))
    shares = found.answers.probabilities
    places = found.plane if tsne is None else tsne
    shown = np.isin(test.labels, wanted)
    return Points(places, test.labels, found.answers.labels, shares.max(axis=1), shown)


def _star(
    spot: MapPosition, near: NDArray[np.int64], tsne: NDArray[np.float32] | None
) -> Star | None:
    place = spot.plane if tsne is None else spot.tsne
    return None if place is None else Star(place, near)


def _show_map(chosen: Chosen, points: Points, star: Star | None, by: str) -> None:
    places = chosen.model, points.places.shape, points.places[:1].tobytes(), chosen.image.tobytes()
    zoom = zoom_to_begin_with(places, (by, points.shown.tobytes(), palette()))
    # A figure that is not the same again would forget where one has zoomed to: nothing here
    # depends on what was clicked.
    with st.container(key=_CHART):
        st.plotly_chart(
            atlas_figure(points, star, palette(), by=by, zoom=zoom),
            key="atlas_figure",
            on_select=partial(_clicked, chosen.model, "atlas_figure", len(points.labels)),
            selection_mode="points",
            config={
                "displaylogo": False,
                "modeBarButtons": [["pan2d", "zoom2d", "zoomIn2d", "zoomOut2d", "autoScale2d"]],
                # All of it, wherever the figure began.
                "doubleClick": "autosize",
            },
            alt="Test images as points, colored; errors are diamonds, this image is a star.",
        )


def _reading(found: DataMap, tsne: NDArray[np.float32] | None) -> str:
    if tsne is None:
        first, second = (percent(float(share), 0) for share in found.shares)
        return (
            f"The two directions in which the images differ most: {first} and {second} of all "
            "variance. What lies together here may be apart in the others."
        )
    return (
        "t-SNE preserves neighborhoods. Distances between clusters and their sizes mean "
        "little. The star lies between its five nearest, the nearer the more."
    )


def tsne_places(model: str, found: DataMap) -> NDArray[np.float32] | None:
    """float32 (m, 2); None while the map is being made, which is then shown here."""
    kept = st.session_state.get(_PLACES)
    if kept is not None and kept[0] == (model, found.fingerprint, len(found.indices)):
        places: NDArray[np.float32] = kept[1]
        return places
    wanted = st.session_state.get(_STOPPED) != model
    state = tsne_map(model, load_settings(), begin=wanted)
    if state.result is not None:
        st.session_state[_PLACES] = (model, found.fingerprint, len(found.indices)), state.result
    elif state.running:
        st.fragment(_wait, run_every=_PACE)(model)
    else:
        _offer(model, state.error)
    return state.result


@page_errors()
def _wait(model: str) -> None:
    state = tsne_map(model, load_settings())
    if not state.running:
        st.rerun()
    words = "Finding the nearest neighbors of each image"
    show_job_progress(state, words, key="atlas_stop", stop=partial(_stop, model))


def _stop(model: str) -> None:
    stop_tsne(model, load_settings())
    st.session_state[_STOPPED] = model


def _offer(model: str, error: LabError | None) -> None:
    if error is not None:
        show_error(error)
    else:
        st.caption("t-SNE is not computed yet. The result is kept.")
    if st.button("Compute t-SNE", icon=":material/scatter_plot:", key="atlas_unfold"):
        stop_tsne(model, load_settings())
        st.session_state.pop(_STOPPED, None)
        st.rerun()


def _clicked(model: str, chart: str, count: int) -> None:
    """Opens the point that was clicked; what comes from a browser may be anything."""
    event: Any = st.session_state.get(chart)
    for point in event.selection.points if event else []:
        row = point.get("customdata")
        row = row[0] if isinstance(row, list) and row else row
        if isinstance(row, (int, float)) and 0 <= row < count:
            st.session_state[_OPENED] = model, int(row)
            st.session_state[_BOX] = None


def _opened_row(model: str) -> int | None:
    """The row that is open, of this network's map."""
    of_model, row = st.session_state.get(_OPENED, ("", None))
    return row if of_model == model else None


def _show_panel(
    chosen: Chosen, found: DataMap, test: ImageSet, points: Points, near: NDArray[np.int64]
) -> None:
    """The clicked image and its neighbors, and a select box of errors instead of a click."""
    _show_mistakes(chosen.model, found, points)
    row = _opened_row(chosen.model)
    with st.container(key=_DETAIL, gap="xsmall"):
        if row is not None:
            _show_opened(chosen.model, found, test, points, row)
        else:
            st.caption("Click a point to open its image.")
    _show_nearest(chosen, test, near)


def _show_mistakes(model: str, found: DataMap, points: Points) -> None:
    wrong = np.flatnonzero(points.wrong & points.shown)
    surest = wrong[np.argsort(-points.confidence[wrong], kind="stable")][:_MISTAKES].tolist()
    if st.session_state.get(_BOX) not in surest:
        st.session_state[_BOX] = None
    st.selectbox(
        f"Errors, most confident first ({len(wrong)})",
        surest,
        key=_BOX,
        index=None,
        placeholder="Open one" if surest else "None among these",
        format_func=lambda row: _mistake(found, points, row),
        on_change=_chosen,
        args=(model,),
    )


def _chosen(model: str) -> None:
    row = st.session_state[_BOX]
    if row is not None:
        st.session_state[_OPENED] = model, row


def _mistake(found: DataMap, points: Points, row: int) -> str:
    truth, said = CLASS_NAMES[points.labels[row]], CLASS_NAMES[points.predicted[row]]
    return f"{truth} → {said}, {percent(points.confidence[row], 0)} · {found.indices[row]}"


def _show_opened(model: str, found: DataMap, test: ImageSet, points: Points, row: int) -> None:
    true, said = int(points.labels[row]), int(points.predicted[row])
    image, name = test.images[row], f"Test image {found.indices[row]}"
    verdict = "correct" if true == said else f"predicted {CLASS_NAMES[said]}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{name}**", width="content")
        if st.button("Explain", icon=":material/layers:", key="atlas_inside", type="tertiary"):
            look_inside(model, image, name, true)
    st.caption(f"{CLASS_NAMES[true]}, {verdict}")
    alt = f"{name}: {CLASS_NAMES[true]}"
    st.html(opened_html(image, found.answers.probabilities[row], alt, palette()))


def _show_nearest(chosen: Chosen, test: ImageSet, near: NDArray[np.int64]) -> None:
    st.markdown("**Nearest neighbors of your image**")
    labels = test.labels[near]
    show_pictures(
        test.images[near],
        [CLASS_NAMES[label] for label in labels],
        columns=5,
        least_width=48,
        colours=[CLASS_COLOURS[label] for label in labels],
    )
    st.caption(
        f"The star is {plain(chosen.image_name)}. These are test images, nearest by what the "
        "network makes of them."
    )


def _others(image: NDArray[np.uint8], test: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows whose images are not the image itself, which has the side that the network reads."""
    same = (fit_to(test.images[rows], len(image)) == image).all(axis=(1, 2))
    return rows[~same]
