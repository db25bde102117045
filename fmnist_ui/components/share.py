"""Sharing what a page shows: its link to copy, and a QR code for the room."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from fmnist_core.classroom import own_address
from fmnist_ui.links import MOST_LENGTH, with_parameters

_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
# Beyond this a phone's camera no longer reads the code from a wall.
_MOST_IN_A_CODE = 1_200


def show_share(*, key: str) -> None:
    """A button that opens link and QR code of the page as its address says."""
    if st.button("Share", icon=":material/share:", type="tertiary", key=key):
        address = page_address()
        hand_out(with_parameters(address, _shared()) if address else "")


def _shared() -> dict[str, str]:
    # Whoever opens it in a lesson answers for themselves.
    return {name: value for name, value in st.query_params.items() if name != "pupil"}


@st.dialog("Share", icon=":material/share:")
def hand_out(link: str, words: str = "The link brings these choices back.") -> None:
    """A link to copy, and its QR code; empty where the page's own address is not known.

    Args:
        words: What the link does, above it.
    """
    if not link:
        st.caption("Copy the address from the browser: it brings these choices back.")
        return
    if len(link) > MOST_LENGTH:
        st.caption("These choices are too many for a link. Export the run instead.")
        return
    st.caption(f"{words} Point at it: a button to copy it appears.")
    if urlsplit(link).hostname in _HERE:
        st.warning("It works on this machine alone: no address was found that the room could use.")
    st.code(link, language=None, wrap_lines=True)
    if len(link) > _MOST_IN_A_CODE:
        st.caption("For a QR code the link is too long.")
        return
    st.image(qr_code(link), width=420)


def page_address() -> str:
    """Where this page is, as others in the room reach it; empty where that is not known."""
    address = st.context.url
    if not address:
        return ""
    scheme, place, path, _, _ = urlsplit(address)
    reached = st.get_option("server.address") not in _HERE
    if reached and urlsplit(address).hostname in _HERE and (found := own_address()):
        port = urlsplit(address).port
        place = f"{found}:{port}" if port else found
    return urlunsplit((scheme, place, path, "", ""))


def qr_code(text: str) -> str:
    """The code as a picture (SVG), dark on white whatever the theme."""
    made = segno.make(text, error="m", micro=False)
    return str(made.svg_data_uri(scale=5, border=3, light="white", dark="black"))
