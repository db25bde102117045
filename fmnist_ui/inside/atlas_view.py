"""The section "Map of the data": the test images laid out by what the network makes of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data.dataset import ImageSet
from fmnist_core.engine.client import data_map, place_on_map
from fmnist_core.errors import DataError
from fmnist_core.explain.data_map import DataMap, Spot
from fmnist_core.figures.atlas import (
    BY_CLASS,
    BY_CONFIDENCE,
    BY_RIGHT,
    Points,
    Star,
    atlas_figure,
    legend_html,
)
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette
from fmnist_ui.datasets import dataset
from fmnist_ui.inside.asked_once import asked_once
from fmnist_ui.inside.atlas_hover import show_hovered
from fmnist_ui.inside.atlas_panel import clicked, opened_row, others, show_panel
from fmnist_ui.inside.atlas_unfolding import unfolded_places
from fmnist_ui.inside.atlas_zoom import zoom_to_begin_with
from fmnist_ui.inside.choice import Chosen
from fmnist_ui.words import data_name, percent, whole

_AXES, _NEIGHBOURS = "Principal axes", "Neighbours (t-SNE)"
_COLOURS = {"Class": BY_CLASS, "Right or wrong": BY_RIGHT, "Confidence": BY_CONFIDENCE}
_CHART = "atlas_chart"
_NEAREST = 5


def show_atlas(chosen: Chosen) -> None:
    """Controls, the map, and beside it the image that was clicked and those nearest the star."""
    found: DataMap = asked_once("atlas/map", chosen, "", partial(_map, chosen.model))
    test = _images(found)
    st.caption(_about(found))
    with st.container(horizontal=True, vertical_alignment="bottom", key="atlas_controls"):
        layout = _choose("Laid out by", [_AXES, _NEIGHBOURS], "atlas_layout")
        colour = _choose("Coloured by", list(_COLOURS), "atlas_colour")
    classes = st.pills(
        "Only these classes",
        CLASS_NAMES,
        selection_mode="multi",
        key="atlas_classes",
        persist_state="session",
    )
    # A place of its own, also where it is empty: what follows would move about otherwise.
    with st.container(key="atlas_wait"):
        unfolded = unfolded_places(chosen.model, found) if layout == _NEIGHBOURS else None
    spot: Spot = asked_once(
        "atlas/spot", chosen, unfolded is not None, partial(_spot, chosen.model, chosen.image)
    )
    points = _points(found, test, unfolded, classes)
    near = others(chosen.image, test, spot.rows)[:_NEAREST]
    left, right = st.columns([5, 3], gap="medium")
    with left:
        star = _star(spot, near, unfolded)
        _show_map(chosen, points, star, _COLOURS[colour])
        st.html(legend_html(points, star is not None, palette(), by=_COLOURS[colour]))
        st.caption(_reading(found, unfolded))
    with right:
        show_panel(chosen, found, test, points, near)
    opened = opened_row(chosen.model)
    show_hovered(test.images, found.fingerprint, points, opened, _CHART)


def _map(model: str) -> DataMap:
    return data_map(model, load_settings())


def _spot(model: str, image: NDArray[np.uint8]) -> Spot:
    return place_on_map(model, image, load_settings())


def _images(found: DataMap) -> ImageSet:
    """The map's images from this machine's own copy."""
    data = dataset(found.dataset)
    if data.identity.fingerprint != found.fingerprint:
        raise DataError(
            "The engine has other images than this page.",
            received=data_name(found.dataset),
            advice="Stop the engine, and it begins anew with these.",
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
    found: DataMap, test: ImageSet, unfolded: NDArray[np.float32] | None, classes: Any
) -> Points:
    wanted = [CLASS_NAMES.index(name) for name in classes] or list(range(len(CLASS_NAMES)))
    shares = found.answers.probabilities
    places = found.plane if unfolded is None else unfolded
    shown = np.isin(test.labels, wanted)
    return Points(places, test.labels, found.answers.labels, shares.max(axis=1), shown)


def _star(spot: Spot, near: NDArray[np.int64], unfolded: NDArray[np.float32] | None) -> Star | None:
    place = spot.plane if unfolded is None else spot.unfolded
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
            on_select=partial(clicked, chosen.model, "atlas_figure", len(points.labels)),
            selection_mode="points",
            config={
                "displaylogo": False,
                "modeBarButtons": [["pan2d", "zoom2d", "zoomIn2d", "zoomOut2d", "autoScale2d"]],
                # All of it, wherever the figure began.
                "doubleClick": "autosize",
            },
            alt="Test images as points, coloured; mistakes are diamonds, this image is a star.",
        )


def _reading(found: DataMap, unfolded: NDArray[np.float32] | None) -> str:
    if unfolded is None:
        first, second = (percent(float(share), 0) for share in found.shares)
        return (
            f"The two directions in which the images differ most: {first} and {second} of all "
            "variance. What lies together here may be apart in the others."
        )
    return (
        "t-SNE keeps neighbours together. How far groups are apart, and how large they are, means "
        "little. The star lies between its five nearest, the nearer the more."
    )
