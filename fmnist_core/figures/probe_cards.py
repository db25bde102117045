"""Probes with what a network takes them for at one moment, as one piece of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.figures.cards import per_cent
from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette, mix
from fmnist_core.probes import Probe


def probe_cards(
    probes: Sequence[Probe], probabilities: NDArray[np.float32], palette: Palette
) -> str:
    """An image each, what it is taken for and how surely, and a sign where that is right.

    Args:
        probabilities: float32 (p, 10), a row a probe.
    """
    cards = "".join(
        _card(probe, row, palette) for probe, row in zip(probes, probabilities, strict=True)
    )
    return f'{_style(palette)}<div class="probes">{cards}</div>'


def _card(probe: Probe, row: NDArray[np.float32], palette: Palette) -> str:
    best = int(row.argmax())
    right = probe.label == best
    sign = "" if probe.label is None else ("✓ " if right else "✗ ")
    colour = palette.text if probe.label is None else (palette.good if right else palette.bad)
    name = escape(probe.title)
    hint = f"{name}, {escape(probe.source)}" if probe.source else name
    return (
        f'<figure title="{hint}"><img src="{data_url(probe.image)}" alt="{hint}">'
        f'<figcaption><b style="color:{colour}">{sign}{escape(CLASS_NAMES[best])}</b>'
        f'<span class="track"><i style="width:{100 * row[best]:.1f}%;'
        f'background:{CLASS_COLOURS[best]}"></i></span>'
        f"<small>{per_cent(float(row[best]))} · {_who(probe, right)}</small></figcaption></figure>"
    )


def _who(probe: Probe, right: bool) -> str:
    """What the image does not tell by itself: what it really is, or whose it is."""
    if probe.label is not None and not right:
        return f"really {escape(CLASS_NAMES[probe.label])}"
    is_named = probe.label is None or probe.title != CLASS_NAMES[probe.label]
    return escape(probe.title if is_named else probe.source)


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.probes {{ display: grid; gap: 8px 14px;
  grid-template-columns: repeat(auto-fill, minmax(min(170px, 46%), 1fr)); }}
.probes figure {{ margin: 0; display: flex; gap: 8px; align-items: center; min-width: 0; }}
.probes img {{ width: 48px; height: 48px; image-rendering: pixelated; border-radius: 4px; }}
.probes figcaption {{ min-width: 0; flex: 1; font-size: .8rem; line-height: 1.35; }}
.probes b {{ font-weight: 600; }}
.probes b, .probes small {{ display: block; overflow-wrap: anywhere; }}
.probes small {{ opacity: .7; font-size: .7rem; }}
.probes .track {{ display: block; background: {quiet}; border-radius: 3px; height: 7px;
  overflow: hidden; }}
.probes .track i {{ display: block; height: 100%; min-width: 1px; transition: width .3s ease; }}
</style>"""
