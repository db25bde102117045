"""Confusion matrices: in Plotly or plain HTML, their difference, one cell over epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Chart, Palette, base_spec, contrast, epoch_axis, mix

_SIDE = len(CLASS_NAMES)


@dataclass(frozen=True, eq=False)
class Changed:
    """One image uint8 (28, 28) with its true class, and two predictions, right or wrong."""

    image: NDArray[np.uint8]
    name: str
    colour: str
    before: tuple[str, bool]
    after: tuple[str, bool]


def confusion_figure(
    counts: NDArray[np.int64], palette: Palette, *, share: bool = False, height: int = 440
) -> go.Figure:
    """Rows are true classes, columns what they were taken for.

    What was recognised and what was confused have a colour each, and a scale each: otherwise the
    diagonal outshines the mistakes, which are what one looks for. A click is reported by the
    invisible squares above the cells (`customdata` = true, predicted); which cell is chosen is for
    the page to mark.

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
        return f"<b>{CLASS_NAMES[true]}</b>, correct: {of}"
    return f"True <b>{CLASS_NAMES[true]}</b>, predicted <b>{CLASS_NAMES[predicted]}</b>: {of}"


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
        "xaxis": axis("Predicted class", CLASS_NAMES, tickangle=-45, range=[-0.5, _SIDE - 0.5]),
        "yaxis": axis("True class", CLASS_NAMES, range=[_SIDE - 0.5, -0.5]),
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text},
        "dragmode": False,
        "clickmode": "event",
        "hovermode": "closest",
    }


def confusion_difference(
    change: NDArray[np.int64], palette: Palette, *, height: int = 440
) -> go.Figure:
    """The difference of two confusion matrices: true classes by predicted ones.

    Blue is for the better and red for the worse, whichever sign the number has: more recognised
    and fewer mistakes are both better. No change has the colour of the paper.

    Args:
        change: int (10, 10), images more (or, below 0, fewer) than before.
    """
    better = np.where(np.eye(_SIDE, dtype=bool), change, -change)
    # The root lets a few images be seen beside many.
    strength = np.sign(better) * np.sqrt(np.abs(better) / max(1, int(np.abs(change).max())))
    paper = mix(palette.background, palette.text, 0.04)
    scale = [[0, mix(paper, palette.bad, 0.75)], [0.5, paper], [1, mix(paper, palette.accent, 0.7)]]
    figure = go.Figure(
        go.Heatmap(
            z=strength,
            text=[[_signed(number) for number in row] for row in change.tolist()],
            texttemplate="%{text}",
            zmin=-1,
            zmax=1,
            colorscale=scale,
            textfont={"color": palette.text},
            showscale=False,
            hoverinfo="skip",
            xgap=2,
            ygap=2,
        )
    )
    cells = [(true, said) for true in range(_SIDE) for said in range(_SIDE)]
    figure.add_trace(
        squares([_difference_text(int(change[cell]), *cell) for cell in cells], palette)
    )
    figure.update_layout(**matrix_layout(palette, height))
    return figure


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else ""


def _difference_text(change: int, true: int, predicted: int) -> str:
    much = f"{abs(change)} {'more' if change > 0 else 'fewer'}" if change else "no change"
    if true == predicted:
        return f"<b>{CLASS_NAMES[true]}</b>, correct: {much}"
    return f"True <b>{CLASS_NAMES[true]}</b>, predicted <b>{CLASS_NAMES[predicted]}</b>: {much}"


def matrix_html(counts: NDArray[np.integer], palette: Palette) -> str:
    """The confusion matrix as HTML: true classes by predicted ones, in percent of the row.

    Args:
        counts: int (10, 10).
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = [
        [
            _cell(true, said, int(counts[true, said]), float(shares[true, said]), palette)
            for said in range(len(CLASS_NAMES))
        ]
        for true in range(len(CLASS_NAMES))
    ]
    return card_html("matrix", palette, rows)


def _cell(
    true: int, said: int, count: int, share: float, palette: Palette
) -> tuple[str, str, str, str]:
    """Color, ink, hint and text."""
    paper = mix(palette.background, palette.text, 0.04)
    # A third of a class mistaken is as red as it gets; the root lifts one mistake above none.
    strength = share if true == said else float(np.sqrt(min(3 * share, 1.0)))
    colour = mix(paper, palette.accent if true == said else palette.bad, 0.85 * strength)
    # Black or white, whichever is easier to read: one of them always has a contrast of 4.5.
    ink = max("#000000", "#FFFFFF", key=partial(contrast, colour))
    what = "correct" if true == said else f"predicted {CLASS_NAMES[said]}"
    hint = f"True {CLASS_NAMES[true]}, {what}: {count}"
    return colour, ink, hint, f"{100 * share:.0f}" if count else ""


def cell_curve(
    epochs: Sequence[float],
    shares: Sequence[float],
    now: float,
    of: float,
    palette: Palette,
    height: int = 220,
) -> Chart:
    """The share of a class in one cell over epochs, with a line at the chosen moment.

    Args:
        epochs: Epochs done at each moment, rising.
        shares: 0 to 1, one for each moment.
        now: The moment looked at, in epochs.
        of: Epochs of the whole run.
    """
    share = {
        "field": "share",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": True, "nice": True},
        "axis": {"format": ".3~p", "tickCount": 5},
    }
    moment = {"field": "epoch", **epoch_axis(max(1, round(of)))}
    line = {"mark": {"type": "line", "point": True, "color": palette.accent}}
    rule = {
        "mark": {"type": "rule", "color": palette.text, "opacity": 0.5},
        "transform": [{"filter": "datum.now"}],
        "encoding": {"x": moment},
    }
    layers = [{**line, "encoding": {"x": moment, "y": share}}, rule]
    data = pd.DataFrame({"epoch": epochs, "share": shares, "now": [one == now for one in epochs]})
    alt = "Share of a class in one cell of the confusion matrix over the epochs."
    return Chart(data, {**base_spec(palette, height), "layer": layers}, alt)


def change_html(rows: Sequence[Changed], palette: Palette) -> str:
    """A card for each image: the earlier verdict above the later one, right and wrong marked."""
    return card_html("changes", palette, rows)
