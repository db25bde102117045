"""Interaction on the map of the data: the image under the pointer, the open one's ring, the zoom.

At once, without asking the server. Plotly shows only text there, and a figure with one ring more
would forget its zoom. All images of the map are one picture (JPEG, 1.6 MB for 10 000) that travels
once a session; the component listens to the chart and shows the piece that belongs to the point.
The figure weighs 0.2 MB, a click 4 KB.

Streamlit makes a chart anew when its figure is another one, so that one begins at the last zoom.
A figure that stays the same must do so to the last digit: until then a new zoom waits.
"""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.classes import CLASS_NAMES, IMAGE_SIDE
from fmnist_ui.components.beside import REVEAL
from fmnist_ui.figures.embedding_map import Points, Zoom
from fmnist_ui.theme import palette

_SEEN, _BEGAN = "atlas/zoom", "atlas/zoom_began"


_ACROSS = 100
_QUALITY = 40

_HTML = '<figure class="float" hidden><div></div><figcaption></figcaption></figure>'
_CSS = """
.float { position: fixed; z-index: 1000; margin: 0; padding: 6px; pointer-events: none;
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: 8px; box-shadow: 0 4px 16px rgb(0 0 0 / .2); font-family: var(--st-font);
  color: var(--st-text-color); width: 124px; }
.float[hidden] { display: none; }
.float div { width: 112px; height: 112px; border-radius: 4px; image-rendering: pixelated;
  background-image: var(--atlas-images); }
.float figcaption { font-size: .75rem; line-height: 1.3; padding-top: 4px; text-align: center; }
"""
# The chart comes later than this and is made anew now and then, so it is looked for all the time.
# With new data this is called again, without a word to the call before.
_JS = (
    REVEAL
    + """
export default function ({ data, parentElement, setStateValue }) {
  const float = parentElement.querySelector(".float")
  float.end?.()
  const [image, words] = [float.querySelector("div"), float.querySelector("figcaption")]
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0))
  const [labels, predicted, sure] = [data.labels, data.predicted, data.sure].map(bytes)
  image.style.backgroundSize = `${data.across * 112}px auto`
  const show = (event) => {
    const point = event.points.find((one) => one.customdata !== undefined)
    if (!point) return
    const row = Number(point.customdata)
    const [x, y] = [row % data.across, Math.floor(row / data.across)]
    image.style.backgroundPosition = `${-112 * x}px ${-112 * y}px`
    const said = data.names[predicted[row]]
    const truth = data.names[labels[row]]
    const verdict = truth === said ? truth : `${truth}, taken for ${said}`
    words.textContent = `${verdict}, ${sure[row]} % sure`
    float.hidden = false
    const [px, py] = [event.event.clientX, event.event.clientY]
    float.style.left = `${px + 150 > window.innerWidth ? px - 140 : px + 14}px`
    float.style.top = `${Math.max(4, Math.min(py - 60, window.innerHeight - 170))}px`
  }
  const hide = () => { float.hidden = true }
  let chart = null
  const ring = document.createElement("div")
  ring.style.cssText = `position: absolute; width: 20px; height: 20px; margin: -10px; z-index: 5;
    border: 3px solid ${data.ring}; border-radius: 50%; box-sizing: border-box;
    pointer-events: none`
  // Inside the chart, so that it scrolls along; after each zoom it is put where its point is.
  const mark = () => {
    ring.remove()
    const trace = chart?._fullData?.find((one) => one.customdata?.includes(data.opened))
    if (!trace) return
    const at = trace.customdata.indexOf(data.opened)
    const { xaxis, yaxis } = chart._fullLayout
    const [x, y] = [xaxis.l2p(trace.x[at]), yaxis.l2p(trace.y[at])]
    if (x < 0 || y < 0 || x > xaxis._length || y > yaxis._length) return
    ring.style.left = `${xaxis._offset + x}px`
    ring.style.top = `${yaxis._offset + y}px`
    chart.querySelector(".plot-container").append(ring)
  }
  // Sizes change too, and say nothing of a range.
  const zoomed = (event) => {
    if (!["xaxis.range[0]", "xaxis.range", "xaxis.autorange"].some((one) => one in event)) return
    const { xaxis, yaxis } = chart._fullLayout
    const all = event["xaxis.autorange"]
    setStateValue("zoom", all ? null : { x: [...xaxis.range], y: [...yaxis.range] })
  }
  // A finger scrolls the page past the chart and taps its points, of which Plotly would make a
  // zoom; the pan button lets it move the map.
  const finger = (event) => {
    if (chart?._fullLayout?.dragmode !== "pan") event.stopPropagation()
  }
  const clicked = () => reveal(data.opens)
  const forget = () => {
    ring.remove()
    chart?.removeEventListener("touchstart", finger, true)
    document.removeEventListener("scroll", hide, true)
    chart?.removeListener?.("plotly_relayout", zoomed)
    chart?.removeListener?.("plotly_afterplot", mark)
    chart?.removeListener?.("plotly_relayout", mark)
    chart?.removeListener?.("plotly_click", clicked)
    chart?.removeListener?.("plotly_hover", show)
    chart?.removeListener?.("plotly_unhover", hide)
    chart?.removeEventListener("pointerleave", hide)
    chart = null
  }
  const listen = () => {
    const found = document.querySelector(`.st-key-${data.under} .js-plotly-plot`)
    if (found === chart || !found?.on) return
    forget()
    hide()
    chart = found
    chart.on("plotly_afterplot", mark)
    chart.on("plotly_relayout", mark)
    chart.on("plotly_relayout", zoomed)
    mark()
    chart.on("plotly_click", clicked)
    chart.on("plotly_hover", show)
    chart.on("plotly_unhover", hide)
    chart.addEventListener("pointerleave", hide)
    chart.addEventListener("touchstart", finger, { capture: true, passive: true })
    document.addEventListener("scroll", hide, { capture: true, passive: true })
  }
  listen()
  const looking = setInterval(listen, 300)
  float.end = () => { clearInterval(looking); forget() }
  return float.end
}
"""
)
_float = st.components.v2.component("fmnist_atlas_hover", html=_HTML, css=_CSS, js=_JS)


def show_hovered(
    images: NDArray[np.uint8],
    fingerprint: str,
    points: Points,
    opened: int | None,
    under: str,
    opens: str,
) -> None:
    """Lets images uint8 (m, 28, 28) float beside the points of the chart in the container `under`.

    Args:
        fingerprint: Equal for equal images.
        opened: The row that has the ring.
        under: Key of the container with the chart; the points' `customdata` are rows of `images`.
        opens: Key of the container in which a click opens: the page moves there if need be.
    """
    # On its own, since whatever changes is sent anew as a whole.
    sheet = _sprite(images, fingerprint, len(images))
    st.html(f"<style>:root {{ --atlas-images: url({sheet}) }}</style>")
    key = f"{under}_hover"
    percents = np.rint(100 * points.confidence).astype(np.uint8)
    _float(
        key=key,
        data={
            "across": _ACROSS,
            "labels": _packed(points.labels),
            "predicted": _packed(points.predicted.astype(np.uint8)),
            "sure": _packed(percents),
            "names": list(CLASS_NAMES),
            "opened": opened,
            "ring": palette().text,
            "under": under,
            "opens": opens,
        },
        on_zoom_change=lambda: remember_zoom(st.session_state[key].zoom),
    )


@st.cache_data(max_entries=2, show_spinner=False)
def _sprite(_images: NDArray[np.uint8], fingerprint: str, count: int) -> str:
    """All images as one picture, `_ACROSS` in a row."""
    missing = -count % _ACROSS
    padded = np.pad(_images, ((0, missing), (0, 0), (0, 0)))
    rows = padded.reshape(-1, _ACROSS, IMAGE_SIDE, IMAGE_SIDE).swapaxes(1, 2)
    sheet = Image.fromarray(rows.reshape(-1, _ACROSS * IMAGE_SIDE))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _packed(numbers: NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers).tobytes()).decode()


def remember_zoom(value: Any) -> None:
    """Keeps `{"x": [least, largest], "y": ...}`, or None for all; may come as anything."""
    st.session_state[_SEEN] = _checked(value)


def zoom_to_begin_with(places: object, look: object) -> Zoom | None:
    """The part of the map that its figure shows at first.

    Args:
        places: What says where points and star are; others are seen as a whole.
        look: What else makes a figure another one.
    """
    of_places, of_look, zoom = st.session_state.get(_BEGAN, (None, None, None))
    if of_places != places:
        zoom = st.session_state[_SEEN] = None
    elif of_look != look:
        zoom = st.session_state.get(_SEEN)
    st.session_state[_BEGAN] = places, look, zoom
    return zoom


def _checked(value: Any) -> Zoom | None:
    try:
        left, right, low, high = (float(end) for axis in "xy" for end in value[axis])
    except (TypeError, ValueError, KeyError):
        return None
    is_whole = all(math.isfinite(end) for end in (left, right, low, high))
    return Zoom((left, right), (low, high)) if is_whole else None
