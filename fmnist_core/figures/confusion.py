"""The confusion matrix as a Plotly figure whose cells can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.palette import Palette, mix

_SIDE = len(CLASS_NAMES)


def confusion_figure(
    counts: NDArray[np.int64], palette: Palette, *, share: bool = False, height: int = 560
) -> go.Figure:
    """Rows are true classes, columns what they were taken for.

    What was recognised and what was confused have a colour each, and a scale each: otherwise the
    diagonal outshines the mistakes, which are what one looks for. A click is reported by the
    invisible squares above the cells (`customdata` = true, predicted), since heat maps report none.

    Args:
        counts: int (10, 10).
        share: Label the cells with per cent of the true class in place of counts.
    """
    support = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(support, 1)
    labels = _labels(counts, shares, share)
    diagonal = np.eye(_SIDE, dtype=bool)
    figure = go.Figure()
    paper, ink = palette.background, palette.text
    right = (mix(paper, palette.accent, 0.6), palette.accent, paper)
    figure.add_trace(_cells(shares, labels, diagonal, right))
    # The root lifts a single mistake above nothing; a third of a class is as red as it gets.
    mistakes = np.sqrt(np.minimum(shares * 3, 1.0))
    wrong = (mix(paper, ink, 0.04), mix(paper, palette.bad, 0.75), ink)
    figure.add_trace(_cells(mistakes, labels, ~diagonal, wrong))
    figure.add_trace(squares(_sentences(counts, shares), palette))
    figure.update_layout(**matrix_layout(palette, height))
    return figure


def squares(sentences: Sequence[str], palette: Palette) -> go.Scatter:
    """What of a matrix is pointed at and clicked: 100 invisible squares, row by row."""
    cells = [(true, predicted) for true in range(_SIDE) for predicted in range(_SIDE)]
    return go.Scatter(
        x=[predicted for _, predicted in cells],
        y=[true for true, _ in cells],
        customdata=[[true, predicted] for true, predicted in cells],
        text=list(sentences),
        hovertemplate="%{text}<extra></extra>",
        mode="markers",
        marker={"symbol": "square", "size": 32, "opacity": 0, "color": palette.text},
        selected={"marker": {"opacity": 0.45}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )


def _labels(counts: NDArray[np.int64], shares: NDArray[np.float64], share: bool) -> Any:
    if not share:
        return np.where(counts > 0, counts.astype(str), "")
    text = np.array([[f"{100 * item:.1f}" for item in row] for row in shares])
    return np.where(counts > 0, text, "")


def _cells(
    values: NDArray[np.float64],
    labels: Any,
    where: NDArray[np.bool_],
    colours: tuple[str, str, str],
) -> go.Heatmap:
    """Cells from 0 to 1; `colours` are those of nothing, of all, and of the text on both."""
    low, high, text = colours
    return go.Heatmap(
        z=np.where(where, values, np.nan),
        # Plotly writes the text of an empty cell too.
        text=np.where(where, labels, ""),
        texttemplate="%{text}",
        zmin=0,
        zmax=1,
        colorscale=[[0, low], [1, high]],
        textfont={"color": text},
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )


def _sentences(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> list[str]:
    cells = [(true, predicted) for true in range(_SIDE) for predicted in range(_SIDE)]
    return [_sentence(counts, shares, *cell) for cell in cells]


def _sentence(
    counts: NDArray[np.int64], shares: NDArray[np.float64], true: int, predicted: int
) -> str:
    of = f"{counts[true, predicted]} of {counts[true].sum()} ({shares[true, predicted]:.1%})"
    if true == predicted:
        return f"<b>{CLASS_NAMES[true]}</b> recognised: {of}"
    return f"<b>{CLASS_NAMES[true]}</b> taken for <b>{CLASS_NAMES[predicted]}</b>: {of}"


def matrix_layout(palette: Palette, height: int) -> dict[str, Any]:
    """Axes of a matrix of classes: rows are true classes, columns what they were taken for."""

    def axis(title: str, names: Sequence[str], **more: Any) -> dict[str, Any]:
        return {
            "title": {"text": title, "standoff": 10},
            "tickvals": list(range(_SIDE)),
            "ticktext": list(names),
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "color": palette.text,
            "automargin": True,
            **more,
        }

    return {
        "height": height,
        "xaxis": axis("taken for", CLASS_NAMES, tickangle=-45, range=[-0.5, _SIDE - 0.5]),
        "yaxis": axis("really", CLASS_NAMES, range=[_SIDE - 0.5, -0.5]),
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text},
        "dragmode": False,
        "clickmode": "event+select",
        "hovermode": "closest",
    }
