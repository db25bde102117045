"""A page's choices in its address: taken from a link once, told to the address ever after."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

from fmnist_core.errors import LabError
from fmnist_ui.links import checked_parameters, page_choices, with_current_words
from fmnist_ui.page_errors import plain

# How long a browser may go on sending an address that is no longer the latest.
_LATE_SECONDS = 3.0
# What belongs to the frame, on every page.
FRAME = ("lesson", "step", "pupil")

# Streamlit pushes an entry onto the browser's history whenever the address changes, and
# `st.switch_page` puts the next page's parameters into the address of the page that it leaves,
# for a moment, sometimes in several steps: the address from before the press is put back. A page
# opened by a bare address may have told its address before this is there: then its entry stays.
# Going back to fold it would tell Streamlit the older address, seconds late on a busy machine, and
# with it older choices.
_ONE_ENTRY_JS = """
// Between a press and the page it leads to lies one rerun: seconds on a busy machine.
const MOMENT = 30000

export default function () {
  const history = window.history
  // Once a document: the pages share it.
  if (history.fmnistOneEntryAPage) return
  history.fmnistOneEntryAPage = true
  const push = history.pushState.bind(history)
  let pressed = null
  const note = () => {
    const { href, pathname } = window.location
    pressed = { href, pathname, at: performance.now() }
  }
  window.addEventListener("pointerdown", note, true)
  window.addEventListener("keydown", note, true)
  window.addEventListener("popstate", () => { pressed = null })
  history.pushState = (state, title, url) => {
    const here = window.location
    const next = new URL(url ?? here.href, here.href)
    if (next.origin === here.origin && next.pathname === here.pathname) {
      history.replaceState(state, title, url)
      return
    }
    const recent = pressed && performance.now() - pressed.at < MOMENT
    if (recent && pressed.pathname === here.pathname && pressed.href !== here.href) {
      history.replaceState(history.state, "", pressed.href)
    }
    pressed = null
    push(state, title, url)
  }
}
"""
_one_entry = st.components.v2.component(
    "fmnist_one_entry_a_page", html="<span></span>\n", js=_ONE_ENTRY_JS
)


def keep_one_entry_a_page() -> None:
    """Lets one press of the browser's Back leave a page, whatever was chosen on it.

    What a page tells its address takes the place of what it told before. Draws nothing.
    """
    _one_entry(key="one_entry_a_page")


def own_parameters() -> dict[str, str]:
    """The page's own parameters in the address.

    Raises:
        LinkError: They are more than a link of the lab has.
    """
    return checked_parameters(
        {key: value for key, value in st.query_params.items() if key not in FRAME}
    )


def tell_address(parameters: Mapping[str, str]) -> None:
    """Puts the page's own parameters into the address and leaves the frame's."""
    kept = {key: value for key, value in st.query_params.items() if key in FRAME}
    wanted = {**parameters, **kept}
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)


def tell_choice(name: str, value: object) -> None:
    """Puts one choice into the address and leaves all others."""
    if st.query_params.get(name) != str(value):
        st.query_params[name] = str(value)


def explain_faults(faults: list[LabError]) -> None:
    """Says what in a link could not be followed; the rest of it was."""
    if not faults:
        return
    lines = "\n".join(f"- {plain(fault.fact)}" for fault in faults[:5])
    more = f"\n- and {len(faults) - 5} more" if len(faults) > 5 else ""
    st.info(
        f"**Part of the link could not be followed; the rest was.**\n{lines}{more}",
        icon=":material/link_off:",
    )


def check_link(page: str) -> None:
    """For pages whose widgets read the address themselves: says what in it they cannot use.

    Words of older links are replaced in the address, so that the widgets read those of today.
    """
    try:
        asked = own_parameters()
        told = with_current_words(page, asked)
        if told != asked:
            # Refused where a bound widget was drawn already: that one tells the address itself.
            with suppress(StreamlitAPIException):
                st.query_params.from_dict({**st.query_params.to_dict(), **told})
                # Anew, since bound widgets are seeded from the address as the run began.
                st.rerun()
        _, faults = page_choices(page, asked)
    except LabError as error:
        explain_faults([error])
        return
    explain_faults(list(faults))


def take_choices(page: str, keys: Mapping[str, str]) -> None:
    """Fills widgets from a link that was opened, before they are drawn.

    Args:
        keys: The session state's key of each parameter.
    """
    seen = f"linked/{page}"
    try:
        asked = own_parameters()
        if is_news(page, asked):
            st.session_state[seen] = asked
            found, faults = page_choices(page, asked)
            for name, value in found.items():
                st.session_state[keys[name]] = value
            st.session_state[f"{seen}/faults"] = list(faults)
    except LabError as error:
        st.session_state[f"{seen}/faults"] = [error.to_keep()]
    explain_faults(st.session_state.get(f"{seen}/faults", []))


def tell_choices(page: str, keys: Mapping[str, str]) -> None:
    """The other way round, after the widgets were drawn."""
    there = {name: st.session_state.get(key) for name, key in keys.items()}
    parameters = {name: str(value) for name, value in there.items() if value is not None}
    if parameters != st.session_state.get(f"linked/{page}"):
        # Something was chosen since: what was wrong with the link is of no interest any more.
        st.session_state.pop(f"linked/{page}/faults", None)
    note_told(page, parameters)
    tell_address(parameters)


def is_news(page: str, asked: dict[str, str]) -> bool:
    """Whether a link was opened, rather than an address that we ourselves have told.

    The browser sends its address with every rerun, and may not have heard of the latest yet.
    """
    told: list[tuple[float, dict[str, str]]] = st.session_state.get(f"linked/{page}/told", [])
    recent = [parameters for then, parameters in told if time.monotonic() - then < _LATE_SECONDS]
    return bool(asked) and asked != st.session_state.get(f"linked/{page}") and asked not in recent


def note_told(page: str, parameters: dict[str, str]) -> None:
    """Remembers the last few addresses that we have told."""
    st.session_state[f"linked/{page}"] = parameters
    key = f"linked/{page}/told"
    told = st.session_state.get(key, [])
    if not told or told[-1][1] != parameters:
        st.session_state[key] = [*told[-9:], (time.monotonic(), parameters)]
    else:
        st.session_state[key] = [*told[:-1], (time.monotonic(), parameters)]
