"""What the browser adds to the sheet: its size on the screen, no second bar, an answer at once.

The canvas always has the same number of pixels, so that a drawing means the same on every screen
and stays when the window changes; it is shown as wide as its column allows. The canvas finds the
pointer by the size that is shown. Its own bar, which would appear on hover above the sheet, over
the tools of this page, and offer Undo and the bin a second time, is hidden.

The canvas waits 200 ms for more strokes before it tells the server: half of the time in which
an answer should be there. Its own bar has a button that tells at once; this presses it. Should
a later canvas have no such button, the answers come 200 ms later and nothing else changes.
For a finger it also says what the canvas wants to know before it takes the corner of a shape.
"""

from __future__ import annotations

import streamlit as st

_JS = """
// The canvas lives in a shadow root, where the page's own rules do not reach.
const style = new CSSStyleSheet()
style.replaceSync(`
  .dc-root, .dc-scroll { width: 100%; overflow: hidden; }
  .dc-container { width: 100% !important; height: auto !important; aspect-ratio: 1; }
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


def adapt_canvas(canvas: str, *, active: bool) -> None:
    """Draws nothing.

    Args:
        canvas: Key of the canvas.
        active: False while its tool draws shapes in several taps: a part of one is none.
    """
    _listener(key=f"{canvas}_lifted", data={"canvas": canvas, "active": active}, width="content")
