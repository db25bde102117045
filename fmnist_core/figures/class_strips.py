"""A row of small images for each class: the best, the typical, the worst recognised."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.exemplars import Exemplars
from fmnist_core.evaluation.predictions import Indices, Predictions
from fmnist_core.figures.cards import per_cent
from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette

_KINDS = (("best", "surest of it"), ("typical", "in the middle"), ("worst", "least sure of it"))


def class_strips(
    images: NDArray[np.uint8],
    said: Predictions,
    rows: Sequence[tuple[int, Exemplars]],
    palette: Palette,
) -> str:
    """For each class (its number and its images) three strips, as one piece of HTML.

    An image taken for another class has a frame in the colour of mistakes; what was said about it
    is told where the pointer rests on it.

    Args:
        images: uint8 (n, 28, 28), in the order of `said`.
    """
    heads = "".join(f"<span>{title}</span>" for _, title in _KINDS)
    lines = "".join(_line(images, said, number, found) for number, found in rows)
    return (
        f'{_style(palette)}<div class="strips"><div class="line head"><span></span>{heads}</div>'
        f"{lines}</div>"
    )


def _line(images: NDArray[np.uint8], said: Predictions, number: int, found: Exemplars) -> str:
    strips = "".join(
        f'<div class="few" title="{title}">{_few(images, said, getattr(found, kind))}</div>'
        for kind, title in _KINDS
    )
    return f'<div class="line"><b>{escape(CLASS_NAMES[number])}</b>{strips}</div>'


def _few(images: NDArray[np.uint8], said: Predictions, indices: Indices) -> str:
    return "".join(_image(images[index], said, int(index)) for index in indices)


def _image(image: NDArray[np.uint8], said: Predictions, index: int) -> str:
    true, taken = CLASS_NAMES[said.labels[index]], CLASS_NAMES[said.predicted[index]]
    share = per_cent(float(said.of_truth[index]))
    verdict = "recognised" if said.right[index] else f"taken for {taken}"
    text = escape(f"Test image {index}: {true} {share}, {verdict}")
    kind = "" if said.right[index] else ' class="wrong"'
    return f'<img{kind} src="{data_url(image)}" alt="{text}" title="{text}">'


def _style(palette: Palette) -> str:
    return f"""<style>
.strips .line {{ display: grid; grid-template-columns: 6.5rem repeat(3, minmax(0, 1fr));
  gap: 6px 18px; align-items: center; padding: 5px 0; border-top: 1px solid {palette.grid}; }}
.strips .line.head {{ border-top: 0; font-size: .8rem; opacity: .75; padding-bottom: 2px; }}
.strips b {{ font-size: .85rem; font-weight: 600; }}
.strips .few {{ display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 3px; }}
.strips img {{ width: 100%; aspect-ratio: 1; image-rendering: pixelated; border-radius: 3px;
  display: block; background: #000; }}
.strips img.wrong {{ outline: 2px solid {palette.bad}; outline-offset: -1px; }}
@media (max-width: 640px) {{
  .strips .line {{ grid-template-columns: 1fr; gap: 3px; padding: 8px 0; }}
  .strips .line.head {{ display: none; }}
  .strips .few::before {{ content: attr(title); grid-column: 1 / -1; font-size: .7rem;
    opacity: .7; }}
}}
</style>"""
