"""Where Fashion-MNIST is missing: what was found, how to get it, and what stands in."""

from __future__ import annotations

import streamlit as st

from fmnist_core.datasets import FASHION_MNIST, SYNTHETIC_GARMENTS, DataStatus
from fmnist_core.datasets.published_files import OFFICIAL
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_job import DataWork, current_work, start_work, stop_work
from fmnist_ui.components.datasets import at_hand
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.words import duration, whole

_MEGABYTES = sum(file.size for file in OFFICIAL.files) / 1e6


def show_sources(status: DataStatus) -> None:
    """Nothing where Fashion-MNIST is whole and no file is broken."""
    if status.official_ready:
        _show_problems(status, "Some files were passed over; good copies were found elsewhere.")
        return
    with st.container(border=True):
        st.markdown("#### Fashion-MNIST is not on this machine")
        _show_problems(status, "What was found cannot be used:")
        _show_download(status)
    work = current_work()
    downloading = work is not None and work.running and work.name == FASHION_MNIST
    if not downloading and not at_hand(status):
        draw_garments()


def draw_garments() -> None:
    """Begins to draw the synthetic garments where nobody does, and shows how far it is."""
    work = current_work()
    if work is not None and not work.running and work.name == SYNTHETIC_GARMENTS and work.error:
        _show_end(work)
        st.button(
            "Draw the synthetic garments",
            icon=":material/draw:",
            on_click=_begin,
            args=(SYNTHETIC_GARMENTS,),
            key="draw_garments",
        )
        return
    _follow(start_work(SYNTHETIC_GARMENTS))


def _begin(name: str) -> None:
    start_work(name)


def _show_problems(status: DataStatus, title: str) -> None:
    if status.problems:
        lines = "\n".join(f"- {problem}" for problem in status.problems)
        st.text(f"{title}\n{lines}")


def _show_download(status: DataStatus) -> None:
    work = current_work()
    if work is not None and work.name == FASHION_MNIST:
        if work.running:
            _follow(work)
            return
        _show_end(work)
    if load_settings().offline:
        st.info(
            "The lab was told to stay offline (FMNIST_OFFLINE): nothing is downloaded. "
            "Synthetic garments stand in.",
            icon=":material/cloud_off:",
        )
        return
    busy = work is not None and work.running
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
        "Takes under a minute on most lines and can be stopped; every file is checked against "
        f"its published hash. It is kept in {plain(str(status.cache_folder))}. Without a network, "
        "put the four files in a folder and name it in FMNIST_DATA_DIR."
    )


def _show_end(work: DataWork) -> None:
    if work.stopped:
        st.info("Stopped. What is there so far is kept.", icon=":material/stop_circle:")
    elif work.error is not None:
        show_error(work.error)
        if work.name == FASHION_MNIST:
            st.caption("Meanwhile the lab does everything on the synthetic garments.")


def _follow(work: DataWork) -> None:
    st.fragment(_progress, run_every=0.5 if work.running else None)()
    if work.running:
        st.button("Stop", icon=":material/close:", on_click=stop_work, key=f"stop_{work.name}")


@page_errors()
def _progress() -> None:
    work = current_work()
    if work is None or not work.running:
        # Everything else on the page depends on what there is now.
        st.rerun()
        return
    st.progress(work.share, text=_words(work))
    for notice in work.notices[-3:]:
        st.text(notice)


def _words(work: DataWork) -> str:
    official = work.name == FASHION_MNIST
    doing = "Downloading Fashion-MNIST" if official else "Drawing the synthetic garments"
    progress = work.progress
    if progress is None:
        return f"{doing}…"
    if progress.unit == "bytes":
        words = f"{doing}: {progress.done / 1e6:.1f} of {progress.total / 1e6:.1f} MB"
    else:
        words = f"{doing}: {whole(progress.done)} of {whole(progress.total)}"
    left = work.seconds_left
    return words + (f", about {duration(left)} left" if left is not None else "")
