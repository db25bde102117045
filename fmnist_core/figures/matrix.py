"""A confusion matrix as one piece of HTML, light enough to be drawn anew several times a second."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.palette import Palette, mix


def matrix_html(counts: NDArray[np.integer], palette: Palette) -> str:
    """Rows are true classes, columns what they were taken for, cells per cent of the row.

    Args:
        counts: int (10, 10).
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    head = "".join(f"<th><span>{escape(name)}</span></th>" for name in CLASS_NAMES)
    rows = "".join(_row(true, counts, shares, palette) for true in range(len(CLASS_NAMES)))
    return (
        f"{_STYLE}<table class='mixed'><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _row(
    true: int, counts: NDArray[np.integer], shares: NDArray[np.float64], palette: Palette
) -> str:
    cells = "".join(
        _cell(true, said, int(counts[true, said]), float(shares[true, said]), palette)
        for said in range(len(CLASS_NAMES))
    )
    return f"<tr><th>{escape(CLASS_NAMES[true])}</th>{cells}</tr>"


def _cell(true: int, said: int, count: int, share: float, palette: Palette) -> str:
    paper = mix(palette.background, palette.text, 0.04)
    # A third of a class mistaken is as red as it gets; the root lifts one mistake above none.
    strength = share if true == said else float(np.sqrt(min(3 * share, 1.0)))
    colour = mix(paper, palette.accent if true == said else palette.bad, 0.85 * strength)
    ink = palette.background if strength > 0.6 else palette.text
    what = "recognised" if true == said else f"taken for {CLASS_NAMES[said]}"
    hint = escape(f"{CLASS_NAMES[true]} {what}: {count}")
    text = f"{100 * share:.0f}" if count else ""
    return f'<td style="background:{colour};color:{ink}" title="{hint}">{text}</td>'


_STYLE = """<style>
.mixed { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 2px;
  font-size: clamp(.55rem, 1.6vw, .8rem); font-variant-numeric: tabular-nums; }
.mixed tbody td { text-align: center; height: 2.1em; border-radius: 3px; padding: 0; }
.mixed tr > :first-child { width: 7em; }
.mixed th { font-weight: normal; opacity: .8; text-align: right; padding: 0 4px 0 0;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.mixed thead th { height: 6.2em; vertical-align: bottom; padding: 0; overflow: visible;
  text-align: center; }
.mixed thead span { writing-mode: vertical-rl; transform: rotate(180deg); }
</style>"""
