"""What a student of a class may upload, said beside a field for files."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classroom import Classroom
from fmnist_core.settings import load_settings


def say_upload_limits() -> None:
    """How large a file may be and how many an hour; nothing alone and for the teacher.

    What the gate of uploads answers is not shown: Streamlit's field names the status code alone.
    """
    limits = Classroom(load_settings()).limits_for()
    if limits is not None:
        st.caption(
            f":material/speed: Your limits: {limits.upload} MB a file, {limits.uploads:,} files an "
            "hour. Status code 413 means too large, 429 too many: wait a little."
        )
