"""The training form's fields: those of a configuration, held in the draft, locked by lessons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.config.rules import rule_of
from fmnist_ui.components.config_field import Typed, as_typed, config_field, read_number
from fmnist_ui.lessons.place import is_locked
from fmnist_ui.train.draft import key_of


def field(kind: Any, name: str, path: str, **more: Any) -> Typed:
    """Draws the field `name` of the dataclass `kind`, whose values live at `path` of the draft.

    Args:
        more: As `config_field` takes it.
    """
    place = f"{path}.{name}"
    return config_field(kind, name, key=key_of(place), locked=is_locked(place), **more)


def is_faulty(kind: Any, name: str, path: str) -> bool:
    """Whether a field of a number holds what its rule refuses: then it must be there."""
    usual = as_typed(kind, name)
    return read_number(name, rule_of(kind, name), key_of(f"{path}.{name}"), usual).fault is not None


@contextmanager
def box(title: str) -> Iterator[None]:
    """A frame with a title around what belongs together."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{title}**")
        yield


def row() -> DeltaGenerator:
    """Fields side by side, as many as there is room for."""
    return st.container(horizontal=True, gap="small", vertical_alignment="bottom")


def field_group(title: str, kind: Any, path: str, *names: str) -> None:
    """A frame with fields of one configuration."""
    with box(title), row():
        for name in names:
            field(kind, name, path)
