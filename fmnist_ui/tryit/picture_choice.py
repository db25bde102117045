"""A grid of small pictures of which one can be chosen by mouse, finger or keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Choice:
    """One picture of the grid; texts are shown as they are, whatever they hold.

    Attributes:
        id: Given back when it is chosen.
        source: Address that holds the picture; empty where there is none.
        title: Below the picture.
        words: A second, quieter line.
        colour: Of the line below the picture.
        pixels: Whether its pixels are to be seen, as of an image of 28x28.
    """

    id: str
    source: str
    title: str
    words: str = ""
    colour: str = "transparent"
    pixels: bool = False


_HTML = '<div class="grid" role="listbox"></div>'
_CSS = """
.grid { display: grid; gap: 10px;
  grid-template-columns: repeat(auto-fill, minmax(var(--least), 1fr)); }
@media (max-width: 640px) { .grid.line { display: flex; overflow-x: auto; }
  .grid.line button { flex: 0 0 calc(var(--least) + 12px); } }
.grid button { all: unset; box-sizing: border-box; cursor: pointer; min-width: 0; padding: 5px;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius, 8px);
  font: .75rem/1.35 var(--st-font); color: var(--st-text-color); text-align: center; }
.grid button:hover, .grid button:focus-visible { border-color: var(--st-primary-color); }
.grid button[aria-selected=true] { border-color: var(--st-primary-color);
  box-shadow: inset 0 0 0 1px var(--st-primary-color); }
.grid .frame { aspect-ratio: 1; display: flex; align-items: center; justify-content: center;
  border-bottom: 3px solid transparent; border-radius: 4px; overflow: hidden; margin-bottom: 4px; }
.grid img { width: 100%; height: 100%; object-fit: contain; }
.grid img.pixels { image-rendering: pixelated; }
.grid span { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.grid .title { font-weight: 600; }
.grid .words { opacity: .7; }
.grid .none { font-size: 1.6rem; opacity: .5; }
"""
# `textContent` only: a file may be called <img onerror=…>.
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid")
  const line = (kind, text) => {
    const span = document.createElement("span")
    span.className = kind
    span.textContent = text
    return span
  }
  // The old buttons go: the place in the line, and the keyboard's, are kept.
  const place = grid.scrollLeft
  const held = grid.getRootNode().activeElement?.dataset?.choice
  grid.classList.toggle("line", data.line)
  grid.setAttribute("aria-label", data.label)
  grid.style.setProperty("--least", `${data.least}px`)
  grid.replaceChildren(...data.choices.map((choice) => {
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.choice = choice.id
    button.setAttribute("role", "option")
    button.setAttribute("aria-selected", String(choice.id === data.chosen))
    button.title = [choice.title, choice.words].filter(Boolean).join("\\n")
    const frame = document.createElement("div")
    frame.className = "frame"
    frame.style.borderBottomColor = choice.colour
    if (choice.source) {
      const picture = document.createElement("img")
      picture.src = choice.source
      picture.alt = ""
      if (choice.pixels) picture.className = "pixels"
      frame.append(picture)
    } else frame.append(line("none", "!"))
    button.append(frame, line("title", choice.title))
    if (choice.words) button.append(line("words", choice.words))
    button.onclick = () => setTriggerValue("picked", choice.id)
    return button
  }))
  grid.scrollLeft = place
  if (held) [...grid.children].find((one) => one.dataset.choice === held)?.focus()
}
"""
_grid = st.components.v2.component("fmnist_picture_choice", html=_HTML, css=_CSS, js=_JS)


def show_choices(
    label: str,
    choices: Sequence[Choice],
    chosen: str,
    on_pick: Callable[[str], Any],
    *,
    key: str,
    least: int = 92,
    line: bool = False,
) -> None:
    """Draws the grid; `on_pick` gets the `id` of what was chosen, before the page's next run.

    Args:
        least: Pixels below which a picture is not shrunk; a row breaks instead.
        line: Whether a phone shows one row to push sideways, so that what follows stays in view.
    """

    def picked() -> None:
        value = st.session_state[key].picked
        if value is not None:
            on_pick(str(value))

    data = {"label": label, "chosen": chosen, "least": least, "line": line}
    _grid(
        key=key,
        data={**data, "choices": [asdict(one) for one in choices]},
        on_picked_change=picked,
    )
