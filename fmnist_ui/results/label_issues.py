"""The section on label issues: find mislabeled images and copies of test images, exclude them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fmnist_core.background_job import JobState
from fmnist_core.datasets import FASHION_MNIST, Dataset
from fmnist_core.datasets.label_issues import CopyPair, LabelIssues, LabelIssueStore, Mislabelled
from fmnist_core.engine.client import (
    known_label_issues,
    label_issue_search,
    search_label_issues,
    stop_label_issue_search,
)
from fmnist_core.errors import DataError, LabError
from fmnist_core.runs.pretrained import SHIPPED_TITLES
from fmnist_core.settings import load_settings
from fmnist_ui.components import beside
from fmnist_ui.components.datasets import dataset
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.components.prediction_details import show_closer_look
from fmnist_ui.components.widget_start import start_among, start_of
from fmnist_ui.explain.choice import look_inside
from fmnist_ui.figures.cards import copy_cards, mislabelled_cards
from fmnist_ui.glossary import explained
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.results import in_address
from fmnist_ui.theme import palette
from fmnist_ui.words import whole

_PAGE = 30

_STAMP, _OPENED, _SUSPECTS = "suspects/stamp", "suspects/opened", "suspects"

_MISLABELLED = (
    "The given label is crossed out; the suggested label follows. Click an image to open it, its "
    "box to select it."
)

_COPIES = (
    "Left: training image; right: test image. Click a pair to open it, its box to select the "
    "training image."
)


# Seconds between two looks at a search.
_PACE = 1.0
_LOOKS = "suspecting_network"
_METHOD = """
**Mislabeled.** Confident learning (Northcutt, Jiang & Chuang 2021): a label is suspect if the
probability of another class exceeds the mean confidence of the images with that label. For
validation images this alone decides. The network may have memorized wrong labels of its training
images: there, more than half of the 20 nearest neighbors in the embedding must also have another
label. Some garments are truly ambiguous.

**Near-duplicates.** Of the training images nearest to each test image in the amplitudes of their
Fourier transforms, which a shift leaves as they are, those that the pixels confirm: after a shift
of at most 2 pixels they correlate by 0.98, and inside the outlines by 0.93.
"""


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """Lets a network search for label issues, and a person tick them."""
    st.subheader("Label issues", anchor=False, help=explained("Label issue"))
    st.caption(
        "Probably mislabeled training images harm training, and near-duplicates of test images "
        "bias "
        "the test accuracy upwards. A training can exclude the images selected here."
    )
    model = _choose_network(chosen)
    settings = load_settings()
    with st.expander("How they are found", icon=":material/menu_book:"):
        st.markdown(_METHOD)
    found = known_label_issues(model, settings)
    if found is not None:
        _show_suspect_gallery(found, str(chosen.evaluation.data.get("name")), model)
        return
    state = _state(model)
    if state.running:
        st.fragment(_watch, run_every=_PACE)(model)
        return
    if state.error is not None:
        show_error(state.error)
    _offer(model)


def _choose_network(chosen: Judged) -> str:
    names = {chosen.run.id: f"This run: {chosen.run.name}"}
    if chosen.run.data == FASHION_MNIST:
        names |= SHIPPED_TITLES
    in_address.begin("looks", _LOOKS, among=names)
    model = st.selectbox(
        "Network",
        list(names),
        index=start_among(names, _LOOKS),
        format_func=names.__getitem__,
        key=_LOOKS,
    )
    tell_choice("looks", model)
    return model if model in names else chosen.run.id


def _state(model: str) -> JobState[LabelIssues]:
    try:
        return label_issue_search(model, load_settings())
    except LabError as error:
        st.caption(f"The state of the search is unknown: {plain(str(error))}")
        return JobState()


def _offer(model: str) -> None:
    st.markdown(
        "No search with this network yet. It takes one to five minutes; the result is kept."
    )
    if st.button("Find label issues", type="primary", icon=":material/search:", key="suspects_go"):
        with page_errors():
            with st.spinner("Starting the engine…"):
                search_label_issues(model, load_settings())
            st.rerun(scope="fragment")


@page_errors()
def _watch(model: str) -> None:
    state = _state(model)
    if not state.running:
        st.rerun()
    stop = partial(stop_label_issue_search, model, load_settings())
    show_job_progress(state, "Waiting for another search to end", key="suspects_stop", stop=stop)


def _show_suspect_gallery(found: LabelIssues, dataset_name: str, model: str) -> None:
    """Two galleries, one open: mislabeled images, and near-duplicates of test images.

    Args:
        model: Whose suspects these are.
    """
    data = dataset(dataset_name)
    if data.identity.fingerprint != found.fingerprint:
        raise DataError("These label issues belong to other images than those on this machine.")
    st.caption(_basis(found))
    words = (
        f"Probably mislabeled: {whole(len(found.mislabelled))}",
        f"Near-duplicates of test images: {whole(len(found.copies))}",
    )
    in_address.begin("suspects", "suspects_kind", 0)
    copies = st.segmented_control(
        "Which label issues",
        (0, 1),
        default=start_of("suspects_kind"),
        required=True,
        format_func=words.__getitem__,
        key="suspects_kind",
        label_visibility="collapsed",
    )
    tell_choice("suspects", copies)
    try:
        ticked = LabelIssueStore(load_settings()).ticked(found.fingerprint)
    except DataError as error:
        show_error(error)
        _offer_untick(found.fingerprint)
        return
    suspects = found.copies if copies else found.mislabelled
    if not suspects:
        st.success("None found.", icon=":material/check:")
        _show_ticked(ticked, found.fingerprint)
        return
    left, right = beside.columns(_SUSPECTS)
    with left:
        st.caption(_COPIES if copies else _MISLABELLED)
        shown = _show_page(suspects, data, ticked, f"{model}-{copies}")
    # Last, since it asks the engine.
    with right:
        _show_ticked(ticked, found.fingerprint)
        _show_opened(shown, data, ticked, model)


def _basis(found: LabelIssues) -> str:
    held = (
        f"{whole(found.held_back)} of them are validation images"
        if found.held_back
        else "the network was trained on all of them, as far as is known"
    )
    return f"{whole(found.images)} training images searched; {held}."


def _show_ticked(ticked: Sequence[int], fingerprint: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        count = len(ticked)
        images = "1 training image is" if count == 1 else f"{whole(count)} training images are"
        st.markdown(f"**{images} selected.**", width="content")
        if count:
            _offer_untick(fingerprint)


def _offer_untick(fingerprint: str) -> None:
    st.button(
        "Clear selection", icon=":material/remove_done:", on_click=_untick, args=(fingerprint,)
    )


def _untick(fingerprint: str) -> None:
    with page_errors():
        LabelIssueStore(load_settings()).clear(fingerprint)
    _draw_ticks_anew()


def _draw_ticks_anew() -> None:
    st.session_state[_STAMP] = st.session_state.get(_STAMP, 0) + 1


def _show_page(
    suspects: Sequence[Mislabelled] | Sequence[CopyPair],
    data: Dataset,
    ticked: Sequence[int],
    key: str,
) -> Sequence[Mislabelled] | Sequence[CopyPair]:
    """The gallery; returns those on its page."""
    above, page = st.container(), 1
    if len(suspects) > _PAGE:
        page = st.pagination(-(-len(suspects) // _PAGE), key=f"suspects/{key}/page")
    shown = suspects[(page - 1) * _PAGE : page * _PAGE]
    indices = [_index(one) for one in shown]
    fingerprint = data.identity.fingerprint
    with above:
        st.button(
            "Select all on this page",
            icon=":material/done_all:",
            on_click=_tick_all,
            args=(fingerprint, indices),
        )
        show_pickable(
            _html(shown, data),
            key="suspects_gallery",
            chosen=str(st.session_state.get(_OPENED, "")),
            on_pick=lambda picked: st.session_state.update({_OPENED: int(picked)}),
            ticked=[str(index) for index in indices if index in set(ticked)],
            on_tick=lambda ids: _tick(fingerprint, indices, [int(each) for each in ids]),
            stamp=f"{key}-{page}-{st.session_state.get(_STAMP, 0)}",
            opens=beside.answer(_SUSPECTS),
        )
    return shown


def _show_opened(
    shown: Sequence[Mislabelled] | Sequence[CopyPair],
    data: Dataset,
    ticked: Sequence[int],
    model: str,
) -> None:
    """The suspect that was clicked, and what the searching network makes of it."""
    opened = st.session_state.get(_OPENED)
    one = next((one for one in shown if _index(one) == opened), None)
    if one is None:
        st.caption("Click an image to see the reasons.")
        return
    index = _index(one)
    selected = index in ticked
    image, label = data.train.images[index], int(data.train.labels[index])
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**Training image {index}**", width="content")
        st.button(
            "Unselect" if selected else "Select",
            icon=":material/check_box:"
            if index in ticked
            else ":material/check_box_outline_blank:",
            key="suspects_select",
            type="tertiary",
            on_click=_tick_one,
            args=(data.identity.fingerprint, index, not selected),
        )
        if st.button("Explain", icon=":material/layers:", key="suspects_inside", type="tertiary"):
            look_inside(model, image, f"Training image {index}", label)
    st.html(_html([one], data, alone=True))
    doubted = one.suggested if isinstance(one, Mislabelled) else label
    with st.spinner("Asking the network…", show_time=False):
        show_closer_look(model, image, doubted)


def _tick_one(fingerprint: str, index: int, ticked: bool) -> None:
    _tick(fingerprint, [index], [index] if ticked else [])
    _draw_ticks_anew()


def _index(one: Mislabelled | CopyPair) -> int:
    return one.index if isinstance(one, Mislabelled) else one.train


def _html(shown: Sequence[Mislabelled | CopyPair], data: Dataset, *, alone: bool = False) -> str:
    copies = [one for one in shown if isinstance(one, CopyPair)]
    if copies:
        return copy_cards(copies, data.train.images, data.test.images, palette(), alone=alone)
    found = [one for one in shown if isinstance(one, Mislabelled)]
    return mislabelled_cards(found, data.train.images, palette(), alone=alone)


def _tick(fingerprint: str, shown: Sequence[int], ticked: Sequence[int]) -> None:
    with page_errors():
        LabelIssueStore(load_settings()).tick(fingerprint, shown, set(ticked) & set(shown))


def _tick_all(fingerprint: str, shown: Sequence[int]) -> None:
    _tick(fingerprint, shown, shown)
    _draw_ticks_anew()
