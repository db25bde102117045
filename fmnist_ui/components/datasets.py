"""The images that pages show: one read-only copy for all sessions, mapped from the disk."""

from __future__ import annotations

import streamlit as st

from fmnist_core.datasets.dataset import FASHION_MNIST, SYNTHETIC_GARMENTS, Dataset
from fmnist_core.datasets.load import DataStatus, load_dataset
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_job import current_work
from fmnist_ui.lab_state import known_data


def at_hand(status: DataStatus | None = None) -> tuple[str, ...]:
    """Names of the data sets that can be shown at once, the official one first."""
    status = status or known_data()
    official = (FASHION_MNIST,) if status.official_ready else ()
    drawn = status.synthetic_ready or _in_memory(SYNTHETIC_GARMENTS) is not None
    return official + ((SYNTHETIC_GARMENTS,) if drawn else ())


def dataset(name: str) -> Dataset:
    """The data set called `name`; quick for those that are `at_hand`.

    Raises:
        DataError: It is not on this machine.
    """
    return _in_memory(name) or _on_disk(name, str(load_settings().cache_dir))


def _in_memory(name: str) -> Dataset | None:
    work = current_work()
    return work.state.result if work is not None and work.name == name else None


@st.cache_resource(max_entries=2, show_spinner=False)
def _on_disk(name: str, cache_dir: str) -> Dataset:
    # The folder is part of the key only: a test or a notebook may change it between calls.
    return load_dataset(name, load_settings())
