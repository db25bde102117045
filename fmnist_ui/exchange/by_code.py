"""In a class, a run goes to a neighbor by a short code; who types it gets a copy."""

from __future__ import annotations

import time

import streamlit as st

from fmnist_core.exchange.copying import give, take
from fmnist_core.permissions import may_change
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import copied_from, exchange, is_class
from fmnist_ui.components.current_network import make_current
from fmnist_ui.page_errors import page_errors, plain

_TYPED, _TAKEN = "exchange_code", "exchange_taken"
_CODE = (
    '<p style="font:600 3.2rem/1.2 var(--st-code-font, monospace);letter-spacing:.12em;'
    'text-align:center;margin:0">{code}</p>'
)


def show_exchange(network: str, chosen: str) -> None:
    """On Export & import: the button to give the network away, and the field for a code.

    Args:
        chosen: The session's key of the network that the page is about: the copy, once it is taken.
    """
    if not is_class():
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="exchange_by_code"):
        if network not in (SHIPPED, *SHIPPED_NETWORKS) and may_change(_owner(network)):
            show_give(network)
        st.text_input(
            "Code from a neighbor", key=_TYPED, max_chars=20, width=200, placeholder="abc def"
        )
        st.button(
            "Import a copy",
            icon=":material/content_copy:",
            key="exchange_take",
            on_click=_take,
            args=(chosen,),
        )
    if (run_id := st.session_state.get(_TAKEN)) is not None:
        _show_taken(run_id)


def show_give(run_id: str) -> None:
    """The button for a run of one's own; nothing outside a class, or before it has a network."""
    if not is_class():
        return
    folder = RunFolder(load_settings().runs_dir / run_id)
    if folder.status.active or not folder.model_path.is_file():
        return
    if st.button(
        "Share with a classmate",
        icon=":material/ios_share:",
        key="exchange_give",
        help="Shows a code. Whoever types it gets a copy of this run.",
    ):
        _give(run_id)


@st.dialog("Share with a classmate", icon=":material/ios_share:")
def _give(run_id: str) -> None:
    with page_errors():
        offer = give(run_id, exchange(), load_settings())
        # As on a board: large, in two halves, in letters that are not taken for each other.
        st.html(_CODE.format(code=f"{offer.code[:3]} {offer.code[3:]}".upper()))
        until = time.strftime("%H:%M", time.localtime(offer.until))
        st.markdown(
            "Whoever in the class types it on **Export & import** gets a copy of this run, which "
            f"is theirs. It works for everybody, until {until}. Your run stays as it is."
        )


def _take(chosen: str) -> None:
    """Callback, so that the list of networks above has the copy."""
    st.session_state.pop(_TAKEN, None)
    with page_errors():
        taken = take(str(st.session_state.get(_TYPED) or ""), exchange(), load_settings())
        st.session_state[_TAKEN], st.session_state[_TYPED] = taken.id, ""
        st.session_state[chosen] = taken.id
        make_current(taken.id)


def _show_taken(run_id: str) -> None:
    folder = RunFolder.open(load_settings().runs_dir, run_id)
    said = copied_from(folder.meta.origin)
    st.success(
        f"**{plain(folder.name)}** is yours now, {plain(said)}.", icon=":material/check_circle:"
    )
    st.page_link(
        "pages/evaluate.py",
        label="Evaluate",
        icon=":material/fact_check:",
        query_params={"run": run_id},
    )


def _owner(run_id: str) -> str:
    return RunFolder(load_settings().runs_dir / run_id).owner
