"""What several networks say about one item, a line each, as one piece of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.figures.cards import per_cent
from fmnist_core.figures.palette import Palette


@dataclass(frozen=True, eq=False)
class Compared:
    """One network: its name, its verdict in a word, its probabilities float32 (10,)."""

    name: str
    verdict: str
    probabilities: NDArray[np.float32]


def compared_html(rows: Sequence[Compared], palette: Palette) -> str:
    """For each network its ten probabilities as one line in the classes' colours."""
    return f'{_style(palette)}<div class="compared">{"".join(_row(row) for row in rows)}</div>'


def _row(row: Compared) -> str:
    parts = "".join(
        f'<i style="width:{100 * share:.2f}%;background:{CLASS_COLOURS[number]}" '
        f'title="{escape(CLASS_NAMES[number])}: {escape(per_cent(float(share)))}"></i>'
        for number, share in enumerate(row.probabilities)
    )
    return (
        f'<span class="model">{escape(row.name)}</span><span class="said">{escape(row.verdict)} '
        f"<small>{escape(per_cent(float(row.probabilities.max())))}</small></span>"
        f'<span class="line">{parts}</span>'
    )


def _style(palette: Palette) -> str:
    return f"""<style>
.compared {{ display: grid; grid-template-columns: minmax(7rem, 14rem) 10rem 1fr; gap: 8px 14px;
  align-items: center; max-width: 56rem; }}
.compared .model {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.compared .said {{ font-weight: 600; }} .compared small {{ font-weight: 400; opacity: .75; }}
.compared .line {{ display: flex; height: 16px; border-radius: 4px; overflow: hidden;
  border: 1px solid {palette.grid}; }}
@media (max-width: 640px) {{ .compared {{ grid-template-columns: 1fr 1fr; }}
  .compared .line {{ grid-column: 1 / -1; margin-bottom: 6px; }} }}
</style>"""
