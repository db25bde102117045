"""The answer beside the click: a choice on the left, what it opens on the right, both in view.

What is chosen is outlined. The shorter of the two sides stays where it is while the longer one is
scrolled, and the page moves where an answer would open out of sight. Where there is no room for
both, they stand below each other (the rules of `[class*="st-key-answered"]` in `theme.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_ui.theme import palette

# For the script of a component: moves the page by as little as shows all of the answer or, where
# that is too high, of the container in it that changed, its top before its end. Goes on with that
# while the answer grows, until the person does something. Whoever wants no motion is there at once.
REVEAL = """
let following = 0
const calm = matchMedia("(prefers-reduced-motion: reduce)")
const leave = () => clearInterval(following)
for (const act of ["wheel", "touchstart", "pointerdown", "keydown"]) {
  document.addEventListener(act, leave, { capture: true, passive: true })
}
const reveal = (name) => {
  const move = () => {
    const place = name && document.querySelector(`.st-key-${name}`)
    const page = place && place.closest("[data-testid=stMain]")
    if (!page) return
    // Below the bar that stays on top.
    const [first, last] = [64, window.innerHeight - 8]
    const answer = place.closest("[class*=st-key-answer_]")?.getBoundingClientRect()
    const fits = answer && answer.height <= last - first
    const { top, bottom } = fits ? answer : place.getBoundingClientRect()
    const by = top < first ? top - first : Math.max(0, Math.min(bottom - last, top - first))
    if (Math.abs(by) > 1) page.scrollBy({ top: by, behavior: calm.matches ? "instant" : "smooth" })
  }
  leave()
  move()
  const begun = performance.now()
  following = setInterval(() => performance.now() - begun > 20000 ? leave() : move(), 250)
}
"""

_CHART = "chosen_chart"
_HTML = '<div class="choice"></div>'
# The outline lies on the chart and not in its figure, which would be drawn anew with each choice.
# The chart comes later than this and is made anew now and then, so it is looked for all the time.
# With new data this is called again, without a word to the call before.
_JS = (
    REVEAL
    + """
export default function ({ data, parentElement, setTriggerValue }) {
  const choice = parentElement.querySelector(".choice")
  choice.end?.()
  let chart = null
  let cell = data.cell
  const outline = document.createElement("div")
  outline.className = "chosen-cell"
  outline.style.cssText = `position: absolute; z-index: 5; box-sizing: border-box;
    border: 3px solid ${data.ink}; box-shadow: 0 0 0 1.5px ${data.paper},
    inset 0 0 0 1.5px ${data.paper}; border-radius: 3px; pointer-events: none`
  const mark = () => {
    outline.remove()
    if (!chart?._fullLayout?.xaxis) return
    const { xaxis, yaxis } = chart._fullLayout
    const [top, left] = [yaxis.l2p(cell[0] - 0.5), xaxis.l2p(cell[1] - 0.5)]
    outline.style.top = `${yaxis._offset + top}px`
    outline.style.left = `${xaxis._offset + left}px`
    outline.style.height = `${yaxis.l2p(cell[0] + 0.5) - top}px`
    outline.style.width = `${xaxis.l2p(cell[1] + 0.5) - left}px`
    outline.dataset.cell = cell.join("-")
    chart.querySelector(".plot-container")?.append(outline)
  }
  const clicked = (event) => {
    const point = event.points.find((one) => one.customdata)
    if (!point) return
    cell = point.customdata.slice(0, 2)
    mark()
    setTriggerValue("cell", [...cell])
    reveal(data.opens)
  }
  const listen = () => {
    const found = document.querySelector(`.st-key-${data.under} .js-plotly-plot`)
    if (found === chart || !found?.on) return
    end()
    chart = found
    chart.on("plotly_afterplot", mark)
    chart.on("plotly_click", clicked)
    mark()
  }
  const end = () => {
    outline.remove()
    chart?.removeListener?.("plotly_afterplot", mark)
    chart?.removeListener?.("plotly_click", clicked)
    chart = null
  }
  listen()
  const looking = setInterval(listen, 200)
  choice.end = () => { clearInterval(looking); end() }
  // Chosen by a button elsewhere on the page.
  if (choice.moves !== undefined && choice.moves !== data.moves) reveal(data.opens)
  choice.moves = data.moves
  return choice.end
}
"""
)
_outlined = st.components.v2.component("fmnist_outlined_cell", html=_HTML, js=_JS)


def columns(name: str, widths: tuple[int, int] = (5, 3)) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The places of a choice and of its answer; what opens the answer names it `answer(name)`.

    Args:
        name: One per page.
    """
    with st.container(key=f"answered_{name}"):
        left, right = st.columns(widths, gap="small")
    return left, right.container(key=answer(name), gap="xsmall")


def answer(name: str) -> str:
    """Key of the container with the answer."""
    return f"answer_{name}"


def show_cells(
    figure: go.Figure,
    *,
    key: str,
    chosen: tuple[int, int],
    on_choose: Callable[[int, int], Any],
    opens: str,
    moves: int,
    alt: str,
) -> None:
    """A matrix of which a cell is outlined; a click on another one chooses that.

    Args:
        figure: Has points with `customdata` = row, column; they may be invisible.
        key: One per figure.
        chosen: Row and column.
        on_choose: Gets row and column, before the page's next run.
        opens: Key of the container in which a choice opens: the page moves there if need be.
        moves: Another number lets the page move there now, for a choice made elsewhere.
    """
    with st.container(key=_CHART):
        st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)
    listener = f"listens_{_CHART}"

    def clicked() -> None:
        cell = st.session_state[listener].cell
        if cell is not None:
            row, column = cell
            on_choose(int(row), int(column))

    colors = palette()
    _outlined(
        key=listener,
        data={
            "under": _CHART,
            "cell": list(chosen),
            "opens": opens,
            "moves": moves,
            "ink": colors.text,
            "paper": colors.background,
        },
        on_cell_change=clicked,
    )
