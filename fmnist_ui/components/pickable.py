"""HTML of which parts can be chosen by mouse, finger or keyboard: to look at, or to tick."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import streamlit as st

from fmnist_ui.components.beside import REVEAL

_HTML = '<div class="whole"></div>'
_CSS = """
.whole { font-family: var(--st-font); color: var(--st-text-color); padding: 2px; }
[data-pick], [data-tick] { cursor: pointer; outline: none; }
[data-pick]:hover, [data-pick]:focus-visible,
[data-tick]:hover, [data-tick]:focus-visible { border-color: var(--st-primary-color) !important; }
[aria-pressed=true], [aria-checked=true] { border-color: var(--st-primary-color) !important;
  box-shadow: 0 0 0 2px var(--st-primary-color); }
"""
# The HTML is the lab's own, with every name escaped. Marks change without drawing it anew, so that
# the keyboard's place is kept. Ticks are sent all at once: of two quick ones none is lost.
_JS = (
    REVEAL
    + """
export default function (props) {
  const whole = props.parentElement.querySelector(".whole")
  // What is pressed right now stays until it is let go: its click would be lost.
  if (whole.matches(":active")) {
    window.addEventListener("pointerup", () => setTimeout(() => draw(whole, props)), { once: true })
  } else draw(whole, props)
}

function draw(whole, { data, setTriggerValue, setStateValue }) {
  const at = whole.getRootNode().activeElement?.dataset?.pick
  if (whole.shown !== data.html) {
    whole.innerHTML = data.html
    whole.shown = data.html
    whole.ticked = new Set(data.ticked)
  }
  if (whole.stamp !== data.stamp) {
    whole.stamp = data.stamp
    whole.ticked = new Set(data.ticked)
  }
  const all = (kind) => [...whole.querySelectorAll(`[data-${kind}]`)]
  const mark = () => {
    for (const one of all("tick")) {
      one.setAttribute("aria-checked", String(whole.ticked.has(one.dataset.tick)))
    }
  }
  const pick = (one) => {
    for (const other of all("pick")) other.setAttribute("aria-pressed", String(other === one))
    setTriggerValue("picked", one.dataset.pick)
    reveal(data.opens)
  }
  const tick = (one) => {
    const id = one.dataset.tick
    whole.ticked.has(id) ? whole.ticked.delete(id) : whole.ticked.add(id)
    mark()
    // The moment, since ticking what was ticked before anything else changed it is news too.
    setStateValue("ticked", { at: performance.now(), ids: [...whole.ticked] })
  }
  const reachable = (one, role, act) => {
    one.tabIndex = 0
    one.setAttribute("role", role)
    one.onclick = (event) => { event.stopPropagation(); act(one) }
    one.onkeydown = (event) => {
      if (event.target !== one || (event.key !== "Enter" && event.key !== " ")) return
      event.preventDefault()
      act(one)
    }
  }
  for (const one of all("pick")) {
    reachable(one, "button", pick)
    one.setAttribute("aria-pressed", String(one.dataset.pick === data.chosen))
  }
  for (const one of all("tick")) reachable(one, "checkbox", tick)
  mark()
  // The keyboard stays where it was, also where the figures around it have changed.
  const same = at && all("pick").find((one) => one.dataset.pick === at)
  if (same && whole.getRootNode().activeElement !== same) same.focus({ preventScroll: true })
}
"""
)
_parts = st.components.v2.component("fmnist_pickable", html=_HTML, css=_CSS, js=_JS)


def show_pickable(
    html: str,
    *,
    key: str,
    chosen: str = "",
    on_pick: Callable[[str], Any] | None = None,
    ticked: Collection[str] = (),
    on_tick: Callable[[frozenset[str]], Any] | None = None,
    stamp: str = "",
    opens: str = "",
) -> None:
    """Draws `html`; both callbacks run before the page's next run.

    Args:
        html: The lab's own. Parts with `data-pick="ID"` are chosen, those with `data-tick="ID"`
            ticked and unticked.
        chosen: The part that is marked as chosen.
        on_pick: Gets the id of what was chosen.
        ticked: The parts that are ticked when `html` or `stamp` is new.
        on_tick: Gets all ids that are ticked now.
        stamp: Another one lets the ticks be those of `ticked` again.
        opens: Key of the container in which a choice opens: the page moves there if need be.
    """

    def picked() -> None:
        value = st.session_state[key].picked
        if on_pick is not None and value is not None:
            on_pick(str(value))

    def marked() -> None:
        value = st.session_state[key].ticked
        if on_tick is not None and value is not None:
            on_tick(frozenset(str(each) for each in value["ids"]))

    _parts(
        key=key,
        data={
            "html": html,
            "chosen": chosen,
            "ticked": list(ticked),
            "stamp": stamp,
            "opens": opens,
        },
        on_picked_change=picked,
        on_ticked_change=marked,
    )
