"""Lets the sheet tell of a stroke as soon as the pen is lifted.

The canvas waits 200 ms for more strokes before it tells the server: half of the time in which
an answer should be there. Its own bar has a button that tells at once; this presses it. Should
a later canvas have no such button, the answers come 200 ms later and nothing else changes.
For a finger it also says what the canvas wants to know before it takes the corner of a shape.
"""

from __future__ import annotations

import streamlit as st

_JS = """
let last = () => {}

export default function ({ data }) {
  // Called anew for each change of `data`; what was returned before is not called in between.
  last()
  last = listen(data)
  return last
}

function listen({ canvas, active }) {
  let drawing = false
  const sheet = () => document.querySelector(`.st-key-${canvas}`)
  const shadows = () => [...(sheet()?.querySelectorAll("*") ?? [])].map((one) => one.shadowRoot)
  const tell = () => shadows().find(Boolean)
    ?.querySelector('button[title^="Update the app"]')?.click()
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
  return () => {
    for (const [kind, act] of Object.entries(heard)) document.removeEventListener(kind, act, true)
  }
}
"""
_listener = st.components.v2.component("fmnist_pen_lifted", html="<span></span>\n", js=_JS)


def tell_at_once(canvas: str, *, active: bool) -> None:
    """Draws nothing.

    Args:
        canvas: Key of the canvas.
        active: False while its tool draws shapes in several taps: a part of one is none.
    """
    _listener(key=f"{canvas}_lifted", data={"canvas": canvas, "active": active}, width="content")
