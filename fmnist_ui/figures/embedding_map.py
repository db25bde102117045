"""Test images as points of a map, with the mistakes in front, as a Plotly figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Palette, mix

BY_CLASS, BY_RIGHT, BY_CONFIDENCE = "class", "right", "confidence"
_OPACITY = 0.55


@dataclass(frozen=True, eq=False)
class Points:
    """The images of a map.

    Attributes:
        places: float32 (m, 2).
        labels: uint8 (m,), true classes.
        predicted: int64 (m,), what each was taken for.
        confidence: float32 (m,), the probability of that, 0 to 1.
        shown: bool (m,), those in colour; the others stay as a quiet ground.
    """

    places: NDArray[np.float32]
    labels: NDArray[np.uint8]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32]
    shown: NDArray[np.bool_]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """bool (m,)."""
        return self.labels != self.predicted


@dataclass(frozen=True)
class Zoom:
    """The part of the map that is in view: least and largest of each coordinate."""

    across: tuple[float, float]
    up: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Star:
    """The image that the page is about: float32 (2,), and its nearest images' rows of the map."""

    place: NDArray[np.float32]
    near: NDArray[np.int64]


def atlas_figure(
    points: Points,
    star: Star | None,
    palette: Palette,
    *,
    by: str = BY_CLASS,
    zoom: Zoom | None = None,
    height: int = 540,
) -> go.Figure:
    """The map; a click on a point gives its row as `customdata`.

    Mistakes are larger, of another shape, edged and above all others. Points have no label of
    their own: what floats beside one is for the page to draw.

    Args:
        by: What colours mean: `BY_CLASS` (the true one), `BY_RIGHT` or `BY_CONFIDENCE`.
        zoom: What is in view at first; by default all.
    """
    figure = go.Figure()
    ground = mix(palette.background, palette.text, 0.13)
    figure.add_trace(_dots(points, ~points.shown, ground, size=4, hover="skip"))
    right, wrong = points.shown & ~points.wrong, points.shown & points.wrong
    for trace in _right(points, right, palette, by):
        figure.add_trace(trace)
    figure.add_trace(_mistakes(points, wrong, palette, by))
    if star is not None:
        for trace in _star(points, star, palette):
            figure.add_trace(trace)
    figure.update_layout(**_layout(palette, height))
    if zoom is not None:
        figure.update_layout(xaxis_range=zoom.across, yaxis_range=zoom.up)
    return figure


def _right(points: Points, right: NDArray[np.bool_], palette: Palette, by: str) -> list[Any]:
    if by == BY_RIGHT:
        return [_dots(points, right, _quiet(palette))]
    if by == BY_CONFIDENCE:
        return [_dots(points, right, points.confidence[right])]
    return [
        _dots(points, right & (points.labels == number), CLASS_COLOURS[number])
        for number in range(len(CLASS_NAMES))
        if (right & (points.labels == number)).any()
    ]


def _mistakes(points: Points, wrong: NDArray[np.bool_], palette: Palette, by: str) -> Any:
    labels = points.labels[wrong]
    fill: Any = palette.bad
    if by == BY_CLASS:
        fill = np.asarray(CLASS_COLOURS)[labels]
    elif by == BY_CONFIDENCE:
        fill = points.confidence[wrong]
    trace = _dots(points, wrong, fill, size=6, opacity=1)
    trace.marker.update(symbol="diamond", line={"width": 1, "color": palette.bad})
    return trace


def _dots(
    points: Points,
    chosen: NDArray[np.bool_],
    colour: Any,
    *,
    size: int = 5,
    opacity: float = _OPACITY,
    hover: str = "none",
) -> Any:
    """One point for each image of `chosen`; colours may be numbers from 0 to 1."""
    rows = np.flatnonzero(chosen)
    marker: dict[str, Any] = {"size": size, "color": colour, "opacity": opacity}
    if isinstance(colour, np.ndarray) and colour.dtype.kind == "f":
        marker["coloraxis"] = "coloraxis"
    return go.Scattergl(
        x=points.places[rows, 0],
        y=points.places[rows, 1],
        customdata=rows.astype(np.int32),
        hoverinfo=hover,
        mode="markers",
        marker=marker,
        # The page marks what is open; Plotly would let all others fade.
        selected={"marker": {"opacity": opacity}},
        unselected={"marker": {"opacity": opacity}},
    )


def legend_html(points: Points, star: bool, palette: Palette, *, by: str = BY_CLASS) -> str:
    """What the map's colours and marks mean; of the classes only those that are in colour."""
    there = np.unique(points.labels[points.shown])
    entries = [("●", CLASS_COLOURS[label], CLASS_NAMES[label]) for label in there]
    if by == BY_RIGHT:
        entries = [("●", _quiet(palette), "correct")]
    elif by == BY_CONFIDENCE:
        entries = []
    entries.append(("◆", palette.bad, "mistaken"))
    if star:
        entries += [("★", palette.second, "this image"), ("○", palette.text, "nearest neighbor")]
    return card_html("legend", palette, entries, _scale(palette) if by == BY_CONFIDENCE else ())


def _quiet(palette: Palette) -> str:
    return mix(palette.background, palette.accent, 0.6)


def _star(points: Points, star: Star, palette: Palette) -> list[Any]:
    """Thin lines to the nearest images, rings around them, and the star itself on top.

    In WebGL as the points are, which would lie above all else.
    """
    near = points.places[star.near]
    ends = np.stack([near, np.broadcast_to(star.place, near.shape), np.full_like(near, np.nan)], 1)
    lines = ends.reshape(-1, 2)
    quiet = {"hoverinfo": "skip", "unselected": {"marker": {"opacity": 1}}}
    ring = {"size": 13, "symbol": "circle-open", "color": palette.text, "line": {"width": 2}}
    here = {
        "size": 22,
        "symbol": "star",
        "color": palette.second,
        "line": {"width": 2, "color": palette.background},
    }
    return [
        go.Scattergl(
            x=lines[:, 0],
            y=lines[:, 1],
            mode="lines",
            line={"color": palette.text, "width": 1},
            opacity=0.6,
            hoverinfo="skip",
        ),
        go.Scattergl(x=near[:, 0], y=near[:, 1], mode="markers", marker=ring, **quiet),
        go.Scattergl(
            x=star.place[:1],
            y=star.place[1:],
            mode="markers",
            marker=here,
            **quiet,
        ),
    ]


def _scale(palette: Palette) -> list[tuple[float, str]]:
    return [
        (0, palette.bad),
        (0.5, mix(palette.background, palette.text, 0.2)),
        (1, palette.accent),
    ]


def _layout(palette: Palette, height: int) -> dict[str, Any]:
    axis = {"visible": False}
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text},
        "xaxis": axis,
        # Distances mean the same in all directions.
        "yaxis": {**axis, "scaleanchor": "x"},
        # The legend is HTML, which breaks its rows where the screen is narrow.
        "showlegend": False,
        "coloraxis": {
            "colorscale": [[place, colour] for place, colour in _scale(palette)],
            "cmin": 0,
            "cmax": 1,
            "showscale": False,
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.text, "activecolor": palette.text},
        "clickmode": "event+select",
        "hovermode": "closest",
        "dragmode": "zoom",
    }
