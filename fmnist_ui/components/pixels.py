"""28x28 images on a page: a grid with captions, and a picture whose pixels are selectable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_ui.figures.cards import pictures_html

_HTML = '<div class="pad" tabindex="0" role="application"><img alt=""><i></i></div>'

_CSS = """
.pad { position: relative; margin: 5px; cursor: crosshair; outline: none; border-radius: 2px;
  box-shadow: 0 0 0 1px var(--st-border-color); }
.pad:focus-visible { box-shadow: 0 0 0 2px var(--st-primary-color); }
.pad img { display: block; width: 100%; image-rendering: pixelated; border-radius: 2px;
  user-select: none; -webkit-user-drag: none; }
.pad i { position: absolute; box-sizing: border-box; pointer-events: none;
  border: 2px solid var(--st-text-color); box-shadow: 0 0 0 1px var(--st-background-color); }
"""

# The frame moves at once. Until the page has caught up with the last key, or seems to have lost it,
# where the page has the frame does not count: otherwise quick keys would be undone.
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const pad = parentElement.querySelector(".pad")
  const image = pad.querySelector("img")
  const frame = pad.querySelector("i")
  if (image.src !== data.url) image.src = data.url
  image.style.aspectRatio = `${data.columns} / ${data.rows}`
  pad.setAttribute("aria-label", data.label)
  const isThere = pad.row === data.row && pad.column === data.column
  if (isThere || !(Date.now() < pad.waitsUntil)) {
    Object.assign(pad, { row: data.row, column: data.column, waitsUntil: 0 })
  }
  const place = () => {
    frame.style.top = `${(100 * pad.row) / data.rows}%`
    frame.style.left = `${(100 * pad.column) / data.columns}%`
    frame.style.height = `${(100 * data.height) / data.rows}%`
    frame.style.width = `${(100 * data.width) / data.columns}%`
  }
  place()
  pad.onclick = (event) => {
    pad.waitsUntil = 0
    const box = pad.getBoundingClientRect()
    const at = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)))
    const down = at((event.clientY - box.top) / box.height, data.rows)
    const right = at((event.clientX - box.left) / box.width, data.columns)
    setTriggerValue("picked", `${down},${right}`)
  }
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
  pad.onkeydown = (event) => {
    const step = data.keys && steps[event.key]
    if (!step) return
    event.preventDefault()
    pad.row = Math.min(data.rows - 1, Math.max(0, pad.row + step[0]))
    pad.column = Math.min(data.columns - 1, Math.max(0, pad.column + step[1]))
    pad.waitsUntil = Date.now() + 3000
    place()
    setTriggerValue("picked", `${pad.row},${pad.column}`)
  }
}
"""

_pad = st.components.v2.component("fmnist_pixel_pad", html=_HTML, css=_CSS, js=_JS)


@dataclass(frozen=True)
class Frame:
    """A frame around some pixels; it may reach beyond the picture."""

    row: int
    column: int
    height: int = 1
    width: int = 1


def show_pictures(
    images: NDArray[np.uint8],
    captions: Sequence[str] = (),
    *,
    columns: int,
    least_width: int = 56,
    colours: Sequence[str] = (),
) -> None:
    """Draws what `pictures_html` makes of images (n, 28, 28)."""
    grid = pictures_html(
        images, captions, columns=columns, least_width=least_width, colours=colours
    )
    st.html(grid)


def show_pad(
    url: str,
    rows: int,
    columns: int,
    frame: Frame,
    *,
    key: str,
    label: str,
    on_pick: Callable[[int, int], Any],
    keys: bool = False,
) -> None:
    """Draws the picture; `on_pick(row, column)` runs before the page's next run.

    Args:
        url: The picture, `rows` times `columns` pixels.
        label: For those who do not see it.
        keys: Whether arrow keys move the frame by a pixel.
    """

    def picked() -> None:
        value = str(st.session_state[key].picked or "")
        numbers = value.split(",")
        # What comes from a browser may be anything.
        if len(numbers) == 2 and all(number.isdecimal() for number in numbers):
            on_pick(min(rows - 1, int(numbers[0])), min(columns - 1, int(numbers[1])))

    _pad(
        key=key,
        data={
            "url": url,
            "rows": rows,
            "columns": columns,
            "row": frame.row,
            "column": frame.column,
            "height": frame.height,
            "width": frame.width,
            "label": label,
            "keys": keys,
        },
        on_picked_change=picked,
    )
