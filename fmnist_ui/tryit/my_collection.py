"""A collection of one's own on the page: what is in it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.collection import CollectionStore, Item
from fmnist_core.collection.content import decode_picture
from fmnist_core.errors import CollectionError, LabError
from fmnist_core.figures.thumbnail import thumbnail_url
from fmnist_core.presets import PRESETS
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.tryit.correct import COLLECTION, collection_name
from fmnist_ui.tryit.fine_tune import show_fine_tuning
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.tryit.words import NOT_CLOTHING

_SHOWN, _CHOSEN = 24, "try/kept_item"


def show_collection() -> None:
    """Count, gallery and next steps; an invitation where nothing was kept yet."""
    store = CollectionStore(load_settings())
    names = store.names()
    st.subheader("Your collection", anchor=False)
    if collection_name() not in names and names:
        st.session_state[COLLECTION] = names[0]
    if not names:
        st.markdown(
            "Tell the page what an item really is, and keep it: what you keep lies here, and "
            "networks can learn from it."
        )
        return
    if len(names) > 1:
        st.selectbox("Collection", names, key=COLLECTION, width=260, persist_state="session")
    name = collection_name()
    items = store.items(name)
    _show_items(store, name, items)
    _show_next_steps(store, name, items)


def _show_items(store: CollectionStore, name: str, items: Sequence[Item]) -> None:
    st.caption(_count(items))
    newest = [item for item in reversed(items) if item.is_picture][:_SHOWN]
    chosen = st.session_state.get(_CHOSEN, "")
    if newest:
        choices = [_choice(item) for item in newest]
        show_choices("Kept items", choices, chosen, _choose, key="try_kept")
    if any(item.id == chosen for item in newest):
        st.button(
            "Take the marked one out",
            icon=":material/bookmark_remove:",
            on_click=_remove,
            args=(store, name, chosen),
            key="try_take_out",
        )
    if (error := st.session_state.pop("try/remove_failed", None)) is not None:
        show_error(error)


def _choose(item_id: str) -> None:
    st.session_state[_CHOSEN] = item_id


def _remove(store: CollectionStore, name: str, item_id: str) -> None:
    try:
        store.remove(name, item_id)
    except LabError as error:
        st.session_state["try/remove_failed"] = error


def _choice(item: Item) -> Choice:
    title = NOT_CLOTHING if item.label is None else CLASS_NAMES[item.label]
    colour = "transparent" if item.label is None else CLASS_COLOURS[item.label]
    return Choice(item.id, _thumb(str(item.path), item.added), title, colour=colour)


@st.cache_data(max_entries=500, show_spinner=False)
def _thumb(path: str, added: float) -> str:
    """Of one file; `added` makes a file that was put back a new one."""
    try:
        return thumbnail_url(decode_picture(Path(path).read_bytes(), path), 96)
    except (CollectionError, FileNotFoundError):
        return ""


def _show_next_steps(store: CollectionStore, name: str, items: Sequence[Item]) -> None:
    with st.container(horizontal=True, key="try_next_steps"):
        if st.button(
            "Add to a training",
            icon=":material/model_training:",
            disabled=not items,
            key="try_train_with",
            help="Opens the Train page with this collection among the images to learn from.",
        ):
            _train_with(name)
        st.download_button(
            "Download",
            lambda: store.archive(name),
            f"{name}.zip",
            "application/zip",
            icon=":material/download:",
            key="try_download",
            on_click="ignore",
        )
        if st.button("Delete the collection", icon=":material/delete:", key="try_delete"):
            confirm_deletion(name, len(items))
    if items:
        with page_errors():
            show_fine_tuning(name)


def _train_with(name: str) -> None:
    config = PRESETS["quick"].config.to_json()
    config["training"]["collections"] = [name]
    st.session_state["train_config"] = config
    st.switch_page("pages/train.py", query_params={"run": "new"})


@st.dialog("Delete for good?", icon=":material/delete:")
def confirm_deletion(name: str, count: int) -> None:
    """Deletes a collection after a second yes."""
    st.markdown(f"The collection **{name}** with {_items(count)}. Networks keep what they learned.")
    with st.container(horizontal=True):
        confirmed = st.button(
            "Delete", type="primary", icon=":material/delete:", key="try_delete_confirm"
        )
        if st.button("Keep", key="try_delete_keep"):
            st.rerun()
    if confirmed:
        with page_errors():
            CollectionStore(load_settings()).delete(name)
            st.rerun()


def _count(items: Sequence[Item]) -> str:
    shown = min(_SHOWN, sum(item.is_picture for item in items))
    return _items(len(items)) + (f"; the newest {shown}:" if len(items) > shown > 0 else "")


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
