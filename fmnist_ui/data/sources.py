"""Where Fashion-MNIST is missing: what was found, how to get it, and what stands in."""

from __future__ import annotations

import streamlit as st

from fmnist_core.datasets import FASHION_MNIST, SYNTHETIC_GARMENTS, DataStatus
from fmnist_core.datasets.published_files import OFFICIAL
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_job import DataWork, current_work, start_work, stop_work
from fmnist_ui.components.datasets import at_hand
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.page_errors import page_errors, plain, show_error

_MEGABYTES = sum(file.size for file in OFFICIAL.files) / 1e6


def show_sources(status: DataStatus) -> None:
    """Nothing where Fashion-MNIST is whole and no file is broken."""
    if status.official_ready:
        _show_problems(
            status, "Some files were damaged and skipped; good copies were found elsewhere."
        )
        return
    work = current_work()
    downloading = work is not None and work.state.running and work.name == FASHION_MNIST
    drawing = not downloading and not at_hand(status)
    if drawing and not _drawing_ended(work):
        # Before the button below: while one set is made ready, the other cannot be.
        start_work(SYNTHETIC_GARMENTS)
    with st.container(border=True):
        st.markdown("#### Fashion-MNIST is not on this machine")
        _show_problems(status, "These files cannot be used:")
        _show_download(status)
    if drawing:
        draw_garments()


def draw_garments() -> None:
    """Begins to draw the synthetic garments where nobody does, and shows how far it is."""
    work = current_work()
    if work is not None and _drawing_ended(work):
        _show_end(work)
        st.button(
            "Generate synthetic garments",
            icon=":material/draw:",
            on_click=_begin,
            args=(SYNTHETIC_GARMENTS,),
            key="draw_garments",
        )
        return
    start_work(SYNTHETIC_GARMENTS)
    _follow()


def _begin(name: str) -> None:
    start_work(name)


def _show_problems(status: DataStatus, title: str) -> None:
    if status.problems:
        lines = "\n".join(f"- {problem}" for problem in status.problems)
        st.text(f"{title}\n{lines}")


def _show_download(status: DataStatus) -> None:
    work = current_work()
    if work is not None and work.name == FASHION_MNIST:
        if work.state.running:
            _follow()
            return
        _show_end(work)
    if load_settings().offline:
        st.info(
            "The lab is in offline mode (FMNIST_OFFLINE): nothing is downloaded. "
            "The lab uses synthetic garments instead.",
            icon=":material/cloud_off:",
        )
        return
    busy = work is not None and work.state.running
    st.button(
        f"Download ({_MEGABYTES:.0f} MB)",
        icon=":material/download:",
        type="primary",
        disabled=busy,
        on_click=_begin,
        args=(FASHION_MNIST,),
        key="download",
    )
    st.caption(
        "Takes under a minute on most connections. Every file is checked against its published "
        f"hash and stored in {plain(str(status.cache_folder))}. Without a network, "
        "put the four files in a folder and set FMNIST_DATA_DIR to it."
    )


def _drawing_ended(work: DataWork | None) -> bool:
    """Whether the garments were stopped or failed."""
    if work is None or work.name != SYNTHETIC_GARMENTS:
        return False
    return work.state.stopped or work.state.error is not None


def _show_end(work: DataWork) -> None:
    if work.state.stopped:
        st.info("Stopped. Completed files are kept.", icon=":material/stop_circle:")
    elif work.state.error is not None:
        show_error(work.state.error)
        if work.name == FASHION_MNIST:
            st.caption("Until then, the lab uses the synthetic garments.")


def _follow() -> None:
    st.fragment(_progress, run_every=0.5)()


@page_errors()
def _progress() -> None:
    work = current_work()
    if work is None or not work.state.running:
        # Everything else on the page depends on what there is now.
        st.rerun()
        return
    show_job_progress(work.state, work.title, key=f"stop_{work.name}", stop=stop_work)
    for notice in work.notices[-3:]:
        st.text(notice)
