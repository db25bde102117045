"""The difference of two confusion matrices as a Plotly figure whose cells can be clicked."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.confusion import matrix_layout, squares
from fmnist_core.figures.palette import Palette, mix

_SIDE = len(CLASS_NAMES)


def confusion_change_figure(
    change: NDArray[np.int64], palette: Palette, *, height: int = 560
) -> go.Figure:
    """Rows are true classes, columns what they are taken for; cells hold what came or went.

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
    figure.add_trace(squares([_sentence(int(change[cell]), *cell) for cell in cells], palette))
    figure.update_layout(**matrix_layout(palette, height))
    return figure


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else ""


def _sentence(change: int, true: int, predicted: int) -> str:
    much = f"{abs(change)} {'more' if change > 0 else 'fewer'}" if change else "as many"
    if true == predicted:
        return f"<b>{CLASS_NAMES[true]}</b> recognised: {much}"
    return f"<b>{CLASS_NAMES[true]}</b> taken for <b>{CLASS_NAMES[predicted]}</b>: {much}"
