"""A photo, straight from the camera."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from fmnist_core.inputs.decode import open_picture
from fmnist_ui.tryit.item import Item
from fmnist_ui.tryit.upload import item_of

_LOCAL = ("localhost", "127.0.0.1", "::1")


def show_camera() -> Item | None:
    """The camera, or why the browser will not give it; returns the photo once one is taken.

    Raises:
        InputError: The photo cannot be read.
    """
    if not camera_allowed(str(st.context.url or "")):
        st.info(
            "Browsers give a page the camera only over https, or on the machine that the lab runs "
            "on itself. Take the photo with your camera and bring it under **Upload**.",
            icon=":material/no_photography:",
        )
        return None
    photo = st.camera_input(
        "Lay the garment on a plain ground and fill the picture with it.", key="try_camera"
    )
    if photo is None:
        return None
    content = photo.getvalue()
    return item_of(open_picture(content, "photo"), content)


def camera_allowed(address: str) -> bool:
    """Whether browsers consider the page at this address safe enough; yes where it is unknown."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme != "http" or host in _LOCAL or host.endswith(".localhost")
