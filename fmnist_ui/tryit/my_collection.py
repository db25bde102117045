"""A collection on the page "Try it": its items, and fine-tuning a network on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fmnist_core.collections import CollectionStore, Item
from fmnist_core.config import TrainConfig
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.rules import Whole
from fmnist_core.engine.client import submit
from fmnist_core.errors import LabError
from fmnist_core.permissions import carried
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, SHIPPED_TITLES
from fmnist_core.settings import load_settings
from fmnist_core.training.fine_tuning import EPOCHS, fine_tuning
from fmnist_ui.components.collected import (
    collected,
    follow_fine_tuning,
    label_words,
    show_before_after,
    thumbnail,
)
from fmnist_ui.components.config_field import config_field
from fmnist_ui.components.evaluated_model import runs_with_network
from fmnist_ui.components.widget_start import start_among
from fmnist_ui.lab_state import owner
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.tryit.correct import COLLECTION, collection_name
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.words import labels

_MOST = 48

_WORDS = (
    "Fine-tuning: a trained network continues training on your items at a low learning rate. The "
    "result is a new run on the page **Runs**; the original network does not change."
)

_EPOCHS_HELP = (
    "Passes over your items and the Fashion-MNIST images trained along with them. "
    "More epochs take longer and fit your items more closely."
)

_BASE, _COUNT = "try_base", "try_epochs"

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
            "Choose the true class of an item and press **Add to collection**: your items appear "
            "here, and you can train networks on them."
        )
        return
    if len(names) > 1:
        st.selectbox(
            "Collection",
            names,
            index=start_among(names, COLLECTION),
            key=COLLECTION,
            width=260,
            persist_state="session",
        )
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
        show_choices("Items", choices, chosen, _choose, key="try_kept")
    if any(item.id == chosen for item in newest):
        st.button(
            "Remove the selected item",
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
        st.session_state["try/remove_failed"] = error.to_keep()


def _choice(item: Item) -> Choice:
    title, colour = label_words(item.label)
    return Choice(item.id, thumbnail(str(item.path), item.added), title, colour=colour)


def _show_next_steps(store: CollectionStore, name: str, items: Sequence[Item]) -> None:
    with st.container(horizontal=True, key="try_next_steps"):
        if st.button(
            "Train with this collection",
            icon=":material/model_training:",
            disabled=not items,
            key="try_train_with",
            help="Opens Train with this collection added to the training images.",
        ):
            _train_with(name)
        st.download_button(
            "Download",
            # Called by the server as the file is fetched, where nobody acts.
            carried(lambda: store.archive(name)),
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


@st.dialog("Delete permanently?", icon=":material/delete:")
def confirm_deletion(name: str, count: int) -> None:
    """Deletes a collection after a second yes."""
    st.markdown(
        f"The collection **{name}** with {_items(count)}. Networks trained on it do not change."
    )
    with st.container(horizontal=True):
        confirmed = st.button(
            "Delete", type="primary", icon=":material/delete:", key="try_delete_confirm"
        )
        if st.button("Cancel", key="try_delete_keep"):
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


def show_fine_tuning(collection: str) -> None:
    """The offer; below it how the last fine-tuning with this collection goes, or went."""
    with st.container(border=True, key="try_fine_tune"):
        st.markdown("**Fine-tune a network on this collection**")
        st.caption(_WORDS)
        _show_offer(collection)
        follow_fine_tuning(collection, partial(_show_before_after, collection))


def _show_offer(collection: str) -> None:
    names = {SHIPPED: SHIPPED_TITLES[SHIPPED_EVERYDAY], **labels(runs_with_network())}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        base = st.selectbox(
            "Initial weights", list(names), key=_BASE, format_func=lambda one: names[one], width=260
        )
        epochs = config_field(
            TrainConfig,
            "epochs",
            rule=Whole(1, 20),
            value=EPOCHS,
            key=_COUNT,
            width=120,
            help=_EPOCHS_HELP,
        )
        pressed = st.button(
            "Fine-tune",
            type="primary",
            icon=":material/model_training:",
            key="try_fine_tune_go",
            disabled=epochs.fault is not None,
        )
    if pressed and base in names:
        with page_errors():
            _start(base, names[base], collection, epochs.value)


def _start(base: str, name: str, collection: str, epochs: int) -> None:
    settings = load_settings()
    config = fine_tuning(base, collection, settings, epochs=epochs)
    submit(config, name=f"{name} + {collection}"[:80], owner=owner(), settings=settings)
    st.rerun()


def _show_before_after(collection: str, run: RunSummary) -> None:
    items = CollectionStore(load_settings()).items(collection)
    pictures = [item for item in reversed(items) if item.is_picture][:_MOST]
    kept = [one for item in pictures if (one := collected(item.id, item.path, item.label))]
    if kept:
        show_before_after(run, kept, held_out=False)
