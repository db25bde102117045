"""What a search for suspects found, a page at a time, with a tick on each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.data import Dataset
from fmnist_core.errors import DataError
from fmnist_core.figures.suspect_cards import copy_cards, mislabelled_cards
from fmnist_core.settings import load_settings
from fmnist_core.suspects import CopyPair, Mislabelled, Suspects, SuspectStore
from fmnist_ui.charts import palette
from fmnist_ui.datasets import dataset
from fmnist_ui.linked import tell_choice
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.pickable import show_pickable
from fmnist_ui.results import in_address
from fmnist_ui.words import whole

_PAGE = 30
_STAMP = "suspects/stamp"
_MISLABELLED = (
    "The label as it was given is crossed out, what it probably should be follows. Click an image "
    "to tick it."
)
_COPIES = "Left the training image, right the test image. A tick is on the training image."


def show(found: Suspects, dataset_name: str, model: str) -> None:
    """Two galleries, one open: mislabelled images, and copies of test images.

    Args:
        model: Whose suspects these are.
    """
    data = dataset(dataset_name)
    if data.identity.fingerprint != found.fingerprint:
        raise DataError("These suspects are of other images than those on this machine.")
    st.caption(_basis(found))
    words = (
        f"Probably mislabelled: {whole(len(found.mislabelled))}",
        f"Copies of test images: {whole(len(found.copies))}",
    )
    in_address.begin("suspects", "suspects_kind", 0)
    copies = st.segmented_control(
        "Which suspects",
        (0, 1),
        required=True,
        format_func=words.__getitem__,
        key="suspects_kind",
        label_visibility="collapsed",
    )
    tell_choice("suspects", copies)
    try:
        ticked = SuspectStore(load_settings()).ticked(found.fingerprint)
    except DataError as error:
        show_error(error)
        _offer_untick(found.fingerprint)
        return
    st.caption(_COPIES if copies else _MISLABELLED)
    _show_ticked(ticked, found.fingerprint)
    suspects = found.copies if copies else found.mislabelled
    if not suspects:
        st.success("None was found.", icon=":material/check:")
        return
    _show_page(suspects, data, ticked, f"{model}-{copies}")


def _basis(found: Suspects) -> str:
    held = (
        f"{whole(found.held_back)} of them it never learned from"
        if found.held_back
        else "it learned from all of them, as far as is known"
    )
    return f"{whole(found.images)} training images looked at; {held}."


def _show_ticked(ticked: Sequence[int], fingerprint: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        count = len(ticked)
        images = "1 training image is" if count == 1 else f"{whole(count)} training images are"
        st.markdown(f"**{images} ticked.**", width="content")
        if count:
            _offer_untick(fingerprint)


def _offer_untick(fingerprint: str) -> None:
    st.button("Untick all", icon=":material/remove_done:", on_click=_untick, args=(fingerprint,))


def _untick(fingerprint: str) -> None:
    with page_errors():
        SuspectStore(load_settings()).clear(fingerprint)
    _draw_ticks_anew()


def _draw_ticks_anew() -> None:
    st.session_state[_STAMP] = st.session_state.get(_STAMP, 0) + 1


def _show_page(
    suspects: Sequence[Mislabelled] | Sequence[CopyPair],
    data: Dataset,
    ticked: Sequence[int],
    key: str,
) -> None:
    above, page = st.container(), 1
    if len(suspects) > _PAGE:
        page = st.pagination(-(-len(suspects) // _PAGE), key=f"suspects/{key}/page")
    shown = suspects[(page - 1) * _PAGE : page * _PAGE]
    indices = [_index(one) for one in shown]
    fingerprint = data.identity.fingerprint
    with above:
        st.button(
            "Tick all on this page",
            icon=":material/done_all:",
            on_click=_tick_all,
            args=(fingerprint, indices),
        )
        show_pickable(
            _html(shown, data),
            key="suspects_gallery",
            ticked=[str(index) for index in indices if index in set(ticked)],
            on_tick=lambda ids: _tick(fingerprint, indices, [int(each) for each in ids]),
            stamp=f"{key}-{page}-{st.session_state.get(_STAMP, 0)}",
        )


def _index(one: Mislabelled | CopyPair) -> int:
    return one.index if isinstance(one, Mislabelled) else one.train


def _html(shown: Sequence[Mislabelled] | Sequence[CopyPair], data: Dataset) -> str:
    copies = [one for one in shown if isinstance(one, CopyPair)]
    if copies:
        return copy_cards(copies, data.train.images, data.test.images, palette())
    found = [one for one in shown if isinstance(one, Mislabelled)]
    return mislabelled_cards(found, data.train.images, palette())


def _tick(fingerprint: str, shown: Sequence[int], ticked: Sequence[int]) -> None:
    with page_errors():
        SuspectStore(load_settings()).tick(fingerprint, shown, set(ticked) & set(shown))


def _tick_all(fingerprint: str, shown: Sequence[int]) -> None:
    _tick(fingerprint, shown, shown)
    _draw_ticks_anew()
