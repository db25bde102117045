"""Who is at this browser: one person is one session."""

from __future__ import annotations

import uuid

import streamlit as st


def owner() -> str:
    """The queue shares its places between owners."""
    return str(st.session_state.setdefault("owner", uuid.uuid4().hex[:12]))
