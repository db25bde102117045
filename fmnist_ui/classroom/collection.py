"""A collection of the whole class on page Class: the teacher moderates and trains, students look.

Items come from page Try it ("Also for the class"). What is evaluated was never trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from fmnist_core.collections.of_class import ClassCollection, ClassItem, Rules
from fmnist_core.engine.client import submit
from fmnist_core.permissions import Person
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.pretrained import SHIPPED
from fmnist_core.settings import load_settings
from fmnist_core.training.fine_tuning import fine_tuning
from fmnist_ui.components.collected import (
    collected,
    follow_fine_tuning,
    label_words,
    last_with,
    show_before_after,
    thumbnail,
)
from fmnist_ui.figures.cards import Tile, TileRow, tiles_html
from fmnist_ui.lab_state import nickname_of, owner
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette

_PACE = 3.0
# New items in view at once, and accepted ones.
_MOST_NEW, _MOST_SHOWN = 9, 60


def class_collection() -> ClassCollection:
    """The collection of this lab's class."""
    return ClassCollection(load_settings())


def show_collection_section(_teacher: Person) -> None:
    """For the teacher: what is new, what came in, and training on it."""
    rules = class_collection().rules
    if rules is None:
        st.markdown(
            "Students give drawings and photos on **Try it**, each with a press; you decide which "
            "come in, and train a network on them."
        )
        st.button(
            "Begin a collection",
            type="primary",
            icon=":material/add_photo_alternate:",
            key="class_collection_begin",
            on_click=_done,
            args=(class_collection().begin,),
        )
        return
    # Below each other where there is no room for both.
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=520):
            st.fragment(_show_new, run_every=_PACE)()
        with st.container(width=340):
            _show_training(rules)
    _show_accepted_and_rules(rules)


@page_errors()
def _show_new() -> None:
    collection = class_collection()
    new = collection.new_items()
    st.subheader(f"{len(new)} new", anchor=False)
    if not new:
        st.caption("What students give on **Try it** appears here.")
        return
    shown = new[:_MOST_NEW]
    with st.container(horizontal=True):
        every = "Accept all" if len(new) == len(shown) else f"Accept these {len(shown)}"
        ids = [one.id for one in shown]
        _button(every, "accept_all", partial(collection.accept, ids), kind="primary")
        _button(
            "Reject all" if len(new) == len(shown) else f"Reject these {len(shown)}",
            "reject_all",
            partial(collection.reject, ids),
        )
    with st.container(horizontal=True, gap="small"):
        for item in shown:
            _show_item(item, nickname_of(item.maker) or "nobody in the class")


def _show_item(item: ClassItem, maker: str) -> None:
    collection, (title, colour) = class_collection(), label_words(item.label)
    with st.container(border=True, gap="xxsmall", width=162, key=f"class_new_{item.id}"):
        tile = Tile(thumbnail(str(item.path), item.added), "", title, colour)
        st.html(tiles_html([TileRow("", "", [tile])], palette(), side=96, smooth=True))
        st.markdown(f"**{plain(title)}**  \n:small[{plain(maker)}]")
        with st.container(horizontal=True, gap="small"):
            _button("Accept", f"accept_{item.id}", partial(collection.accept, [item.id]))
            _button("Reject", f"reject_{item.id}", partial(collection.reject, [item.id]))


def _button(label: str, key: str, deed: Callable[[], object], kind: str = "tertiary") -> None:
    """Draws the whole page anew: what came in is counted beside the fragment of new items."""
    if st.button(label, key=f"class_{key}", type=kind):  # type: ignore[arg-type]
        _done(deed)
        st.rerun()


def _done(deed: Callable[[], object]) -> None:
    with page_errors():
        deed()


def _show_training(rules: Rules) -> None:
    """One press, then how it goes, then before and after on the items held out."""
    items = class_collection().accepted()
    held = [one for one in items if one.state == "held out"]
    training = len(items) - len(held)
    st.subheader("Train on it", anchor=False)
    st.caption(
        f"{len(items)} accepted: {training} to train on, {len(held)} held out to evaluate on "
        "(every fourth). The shipped network is fine-tuned."
    )
    last = last_with(rules.name)
    if st.button(
        "Fine-tune on the class's items",
        type="primary",
        icon=":material/model_training:",
        key="class_train",
        disabled=not training or (last is not None and last.active),
    ):
        with page_errors():
            settings = load_settings()
            config = fine_tuning(SHIPPED, rules.name, settings)
            submit(config, name=f"Shipped + {rules.name}", owner=owner(), settings=settings)
            st.rerun()
    with st.container():
        follow_fine_tuning(rules.name, _show_before_after)


def _show_before_after(run: RunSummary) -> None:
    held = [one for one in class_collection().accepted() if one.state == "held out"]
    kept = [one for item in held if (one := collected(item.id, item.path, item.label))]
    if not kept:
        st.caption("Nothing is held out yet, so there is nothing to compare on: accept four items.")
        return
    show_before_after(run, kept, held_out=True)


def _show_accepted_and_rules(rules: Rules) -> None:
    items, collection = class_collection().accepted(), class_collection()
    title = f"Accepted items ({len(items)}), and what students may do"
    with st.expander(title, icon=":material/photo_library:", key="class_accepted"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _toggle("Students can add", "adding", rules.open)
            _toggle("Students see who made an item", "names", rules.named)
            if st.button("Delete the collection", icon=":material/delete:", key="class_end"):
                _confirm_end(len(collection.new_items()) + len(items))
        _show_items(items)


def _toggle(label: str, name: str, value: bool) -> None:
    key = f"class_collection_{name}"

    def changed_to() -> None:
        with page_errors():
            class_collection().allow(**{name: bool(st.session_state[key])})

    st.toggle(label, value=value, key=key, on_change=changed_to)


@st.dialog("Delete permanently?", icon=":material/delete:")
def _confirm_end(count: int) -> None:
    st.markdown(f"The class's collection with {count} items. Networks trained on it do not change.")
    if st.button("Delete", type="primary", icon=":material/delete:", key="class_end_confirm"):
        with page_errors():
            class_collection().end()
            st.rerun()


def _show_items(items: Sequence[ClassItem]) -> None:
    tiles = []
    for item in items[:_MOST_SHOWN]:
        title, colour = label_words(item.label)
        maker = nickname_of(item.maker)
        hint = f"{title}, by {maker}" if maker else title
        picture = thumbnail(str(item.path), item.added)
        tiles.append(Tile(picture, maker or title, hint, colour))
    if tiles:
        st.html(tiles_html([TileRow("", "", tiles)], palette(), side=84, smooth=True))


def show_class_items(person: Person) -> None:
    """For a student: what the class collected, and what of it is theirs."""
    collection = class_collection()
    rules = collection.rules
    if rules is None:
        st.caption("Your teacher has not begun a collection yet.")
        return
    items, waiting = collection.accepted(), collection.new_items()
    st.subheader(f"{len(items)} items of the class", anchor=False)
    closed = "" if rules.open else " It takes nothing more at the moment."
    st.caption(
        "Draw or photograph something on **Try it**, choose its true class, and press **Also for "
        f"the class**. Your teacher looks at it first.{closed}"
    )
    mine = sum(one.maker == person.id for one in items)
    if waiting or mine:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Yours: {mine} accepted, {len(waiting)} waiting.")
            st.button(
                "Remove all of mine",
                icon=":material/delete:",
                type="tertiary",
                key="class_remove_mine",
                on_click=_done,
                args=(partial(collection.remove_items_of, person.id),),
                help="Networks that were trained on them do not change.",
            )
    _show_items(items)
