"""The drawing canvas with its tools; the drawing stays while the person visits other pages.

Drawings are JSON of Fabric.js. The canvas always has the same number of pixels, so that a drawing
means the same on every screen and stays when the window changes; it is shown as wide as its column
allows, and finds the pointer by the size that is shown. Its own bar, which would appear on hover
over the tools of this page and offer Undo and the bin a second time, is hidden.

The canvas waits 200 ms for more strokes before it tells the server: half of the time in which
an answer should be there. Its own bar has a button that tells at once; this presses it. Should
a later canvas have no such button, the answers come 200 ms later and nothing else changes.
For a finger it also sends what the canvas needs to know before a shape's corner can be dragged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit_drawable_canvas import CanvasResult, st_canvas

from fmnist_ui.components.widget_start import start_among, start_of
from fmnist_ui.tryit import drawing as sheet
from fmnist_ui.tryit.by_hand import DRAWING, Item
from fmnist_ui.tryit.drawing import FIRST_PAPER, PAPERS, Drawing, Paper

_JS = """
// The canvas lives in a shadow root, where the page's own rules do not reach.
const style = new CSSStyleSheet()
style.replaceSync(`
  .dc-root, .dc-scroll { width: 100%; overflow: hidden; }
  .dc-container { width: 100% !important; height: auto !important;
    aspect-ratio: var(--canvas-ratio, 1); }
  .canvas-container .lower-canvas { opacity: var(--canvas-strokes, 1); }
  .canvas-container, .dc-container canvas { width: 100% !important; height: 100% !important; }
  .dc-toolbar { display: none !important; }
`)
let last = () => {}

export default function ({ data }) {
  // Called anew for each change of `data`; what was returned before is not called in between.
  last()
  last = listen(data)
  return last
}

function listen({ canvas, active }) {
  let drawing = false
  let frame = 0
  const sheet = () => document.querySelector(`.st-key-${canvas}`)
  const shadow = () => [...(sheet()?.querySelectorAll("*") ?? [])]
    .map((one) => one.shadowRoot).find(Boolean)
  const dress = () => {
    const root = shadow()
    cancelAnimationFrame(frame)
    // The element is there before its shadow root, which no observer tells of.
    if (!root && sheet()) frame = requestAnimationFrame(dress)
    if (root && !root.adoptedStyleSheets.includes(style)) root.adoptedStyleSheets.push(style)
  }
  const tell = () => shadow()?.querySelector('button[title^="Update the app"]')?.click()
  const put = (event) => { drawing = sheet()?.contains(event.target) ?? false }
  const touch = (event) => {
    put(event)
    // The canvas takes a corner of a shape only from a mouse's main button; a finger has none.
    if (drawing) event.button = 0
  }
  const lift = () => {
    // After the canvas itself has heard of it, in the same event and its microtasks.
    if (drawing && active) setTimeout(tell)
    drawing = false
  }
  const heard = { mousedown: put, touchstart: touch, mouseup: lift, touchend: lift }
  for (const [kind, act] of Object.entries(heard)) document.addEventListener(kind, act, true)
  const observer = new MutationObserver(dress)
  observer.observe(document.body, { childList: true, subtree: true })
  dress()
  return () => {
    observer.disconnect()
    cancelAnimationFrame(frame)
    for (const [kind, act] of Object.entries(heard)) document.removeEventListener(kind, act, true)
  }
}
"""

_listener = st.components.v2.component("fmnist_canvas", html="<span></span>\n", js=_JS)


# In the pixels of the drawing. On the screen the sheet is as wide or narrower (canvas_in_browser).
SIDE = 320
CANVAS = "try_canvas"
TOOL, WIDTH, PAPER = "try_tool", "try_width", "try_paper"

# What the canvas last told, and what it was given to begin with: Streamlit forgets the canvas
# itself as soon as another page or another way to bring an item is shown.
_KEPT, _PICTURE, _GIVEN, _COUNT = "try/drawing", "try/picture", "try/given", "try/given_count"

_TOOLS = {
    "pen": ":material/edit: Pen",
    "shape": ":material/polyline: Shape",
    "eraser": ":material/ink_eraser: Eraser",
}
_TOOL_WORDS = {
    "pen": "Draw the outline of a garment as large as the canvas.",
    "shape": "Tap the corners of a shape, then the first corner again to fill it.",
    "eraser": "Erase parts of the drawing.",
}


def show_canvas() -> Item | None:
    """Sheet and tools; returns the drawing, or None while the sheet is empty."""
    _begin()
    paper = PAPERS[st.session_state[PAPER]]
    tool = _show_tools()
    _take(_sheet(paper, tool))
    _show_actions(tool)
    st.container(key=f"try_hint_{tool}").caption(_TOOL_WORDS[tool])
    picture = st.session_state.get(_PICTURE)
    if picture is None or sheet.is_empty(st.session_state[_KEPT]):
        return None
    digest = hashlib.sha256(picture.tobytes()).hexdigest()[:16]
    return Item(DRAWING, f"drawing {digest[:6]}", picture)


def _begin() -> None:
    state = st.session_state
    state.setdefault(PAPER, FIRST_PAPER)
    state.setdefault(WIDTH, 8)
    state.setdefault(TOOL, "pen")
    state.setdefault(_KEPT, sheet.empty())
    if CANVAS not in state or _GIVEN not in state:
        _give(state[_KEPT])


def _give(drawing: Drawing) -> None:
    """Hands a drawing to the canvas, which takes it up only where it differs from the last one."""
    count = st.session_state.get(_COUNT, 0) + 1
    st.session_state.update({_KEPT: drawing, _COUNT: count, _GIVEN: {**drawing, "given": count}})


def _sheet(paper: Paper, tool: str) -> CanvasResult:
    colour = paper.ground if tool == "eraser" else paper.ink
    width = st.session_state[WIDTH]
    return st_canvas(
        key=CANVAS,
        width=SIDE,
        height=SIDE,
        stroke_width=3 * width if tool == "eraser" else width,
        stroke_color=colour,
        fill_color=colour,
        background_color=paper.ground,
        drawing_mode="polygon" if tool == "shape" else "freedraw",
        initial_drawing=st.session_state[_GIVEN],
        return_image_data=True,
        on_change=_heard,
    )


def _heard() -> None:
    """The canvas told something new: what was handed to it has arrived."""
    st.session_state["try/waiting"] = False


def _take(result: CanvasResult) -> None:
    """Keeps what the canvas told, unless that is older than what was handed to it."""
    if st.session_state.get("try/waiting") or result.json_data is None:
        return
    picture = result.image_data
    if picture is not None:
        st.session_state[_KEPT] = result.json_data
        st.session_state[_PICTURE] = _flat(picture)


def _flat(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(picture[..., :3])


def _show_tools() -> str:
    tool = st.segmented_control(
        "Tool",
        list(_TOOLS),
        default=start_of(TOOL),
        key=TOOL,
        format_func=_TOOLS.__getitem__,
        label_visibility="collapsed",
        required=True,
        persist_state="session",
        help=None,
    )
    return tool or "pen"


def _show_actions(tool: str) -> None:
    with st.container(horizontal=True, gap="xsmall", key="try_actions"):
        _action("Undo", ":material/undo:", sheet.without_last)
        _action("Fill the last outline", ":material/format_color_fill:", sheet.last_filled)
        _action("Clear the canvas", ":material/delete:", lambda _: sheet.empty())
        with st.popover(":material/tune:", help="Pen width and canvas color"):
            st.slider("Pen width", 2, 24, value=start_of(WIDTH), key=WIDTH, persist_state="session")
            st.radio(
                "Canvas",
                list(PAPERS),
                index=start_among(PAPERS, PAPER),
                key=PAPER,
                on_change=_change_paper,
                args=(st.session_state[PAPER],),
                persist_state="session",
            )
        adapt_canvas(CANVAS, active=tool != "shape")


def _action(words: str, icon: str, change: Callable[[Drawing], Drawing]) -> None:
    st.button(
        icon,
        help=words,
        key=f"try_{words.split()[0].lower()}",
        on_click=_do,
        args=(change,),
        disabled=sheet.is_empty(st.session_state[_KEPT]),
    )


def _do(change: Callable[[Drawing], Drawing]) -> None:
    _replace(change(st.session_state[_KEPT]))


def _change_paper(before: str) -> None:
    after = st.session_state[PAPER]
    _replace(sheet.on_other_paper(st.session_state[_KEPT], PAPERS[before], PAPERS[after]))


def _replace(drawing: Drawing) -> None:
    _give(drawing)
    # While shapes are drawn the canvas keeps silent about what it was handed.
    if st.session_state.get(TOOL) == "shape":
        st.session_state[TOOL] = "pen"
    st.session_state["try/waiting"] = True


def adapt_canvas(canvas: str, *, active: bool) -> None:
    """Fits a canvas into its column and lets it tell each stroke at once; draws nothing.

    CSS of the page sets `--canvas-ratio` (width / height) and `--canvas-strokes`, their opacity.

    Args:
        canvas: Key of the canvas.
        active: False while its tool draws shapes in several taps: a part of one is none.
    """
    _listener(key=f"{canvas}_lifted", data={"canvas": canvas, "active": active}, width="content")
