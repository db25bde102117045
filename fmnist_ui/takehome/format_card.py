"""One format: what it is good for, a button that makes it, how its check went, the download."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from pathlib import Path

import streamlit as st

from fmnist_core.export.checking import Check
from fmnist_core.export.formats import Format
from fmnist_core.export.job import ExportState, begin_export, export_state, stop_export
from fmnist_core.export.subject import Subject
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.words import duration, percent, whole


def show_format(subject: Subject, wanted: Format) -> ExportState:
    """Draws the card; returns how far the file is."""
    state = export_state(subject, wanted, load_settings())
    with st.container(border=True, key=f"card_{wanted.name}", height="stretch", gap="small"):
        st.markdown(f"**{wanted.title}**  \n:small[{wanted.purpose}]")
        _SHOWN[state.state](subject, wanted, state)
    return state


def _offer(subject: Subject, wanted: Format, state: ExportState) -> None:
    if st.button("Make it", key=f"make_{wanted.name}", width="stretch"):
        _begin(subject, wanted)


def _begin(subject: Subject, wanted: Format) -> None:
    with page_errors():
        begin_export(subject, wanted, load_settings())
        st.rerun()


def _wait(subject: Subject, wanted: Format, state: ExportState) -> None:
    words = plain(state.what) + " …"
    if (left := state.seconds_left) is not None:
        words += f" about {duration(left)} left"
    st.progress(min(1.0, state.share), text=words)
    if st.button("Stop", key=f"stop_{wanted.name}", type="tertiary"):
        with page_errors():
            stop_export(subject, wanted, load_settings())
            st.rerun()


def _explain(subject: Subject, wanted: Format, state: ExportState) -> None:
    st.error(f"{plain(state.rule)}  \n{plain(state.advice)}", icon=":material/error:")
    _offer(subject, wanted, state)


def _hand_out(subject: Subject, wanted: Format, state: ExportState) -> None:
    if state.path is None:
        return
    st.caption(_facts(state))
    path, card = state.path, state.card_path
    alone = path.suffix in (".html", ".py", ".ipynb") or card is None or not card.is_file()
    st.download_button(
        f"Download, {state.size / 1e6:.2f} MB",
        path.read_bytes if alone or card is None else partial(_packed, path, card),
        path.name if alone else f"{path.stem}.zip",
        "application/octet-stream" if alone else "application/zip",
        key=f"download_{wanted.name}",
        icon=":material/download:",
        type="primary",
        width="stretch",
        on_click="ignore",
    )
    with st.container(horizontal=True, gap="small"):
        if st.button("Make it again", key=f"again_{wanted.name}", type="tertiary"):
            _begin(subject, wanted)
        if alone and card is not None and card.is_file():
            st.download_button(
                "Its card",
                card.read_bytes,
                f"{path.stem}-{card.name}",
                "text/markdown",
                key=f"its_card_{wanted.name}",
                type="tertiary",
                on_click="ignore",
            )


def _facts(state: ExportState) -> str:
    if state.check is None:
        return "Ready."
    return check_words(state.check)


def check_words(check: Check) -> str:
    """How a file compares with its network, in a sentence."""
    same = f"{whole(check.labels_equal)} of {whole(check.images)}"
    return f"Read back: {same} test images named as before, {percent(check.accuracy, 2)} right."


def _packed(path: Path, card: Path) -> bytes:
    """A network goes with its card; what is read in a browser goes alone."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
        archive.write(card, card.name)
    return packed.getvalue()


_SHOWN = {"none": _offer, "running": _wait, "failed": _explain, "done": _hand_out}
