"""The Data page: a gallery of images, class counts, pixel values and mean images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.config import ModelConfig, TrainConfig
from fmnist_core.datasets import (
    ClassImages,
    Dataset,
    ImageSet,
    PixelStatistics,
    available,
    class_counts,
    class_images,
    pixel_statistics,
    rescaled,
    stratified_split,
)
from fmnist_core.errors import LinkError
from fmnist_core.images import data_url
from fmnist_core.models.plan import (
    STANDARD_DEVIATION,
    STANDARD_MEAN,
    scale_and_offset,
)
from fmnist_core.settings import load_settings
from fmnist_core.training.class_holdout import hidden_images
from fmnist_ui.components import beside
from fmnist_ui.components.config_field import config_field
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.components.pinned_images import pin_button
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.components.share import show_share
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.data.sources import show_sources
from fmnist_ui.explain.choice import look_inside
from fmnist_ui.figures.cards import Tile, TileRow, pictures_html, tiles_html
from fmnist_ui.figures.dataset_charts import class_counts as class_counts_chart
from fmnist_ui.figures.dataset_charts import pixel_histogram
from fmnist_ui.glossary import explained
from fmnist_ui.lessons.place import KEYS
from fmnist_ui.links import MOST_SEED
from fmnist_ui.links.query_params import explain_faults, take_choices, tell_choices
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import data_title, whole

_ALL = "All classes"

_SEED, _OPENED = "gallery_seed", "gallery/opened"
_GALLERY, _DETAIL = "gallery", "gallery_opened"

_PICTURES, _LARGE = 25, 168


# The session state's keys of what is in the address.
_CHOICES = KEYS["data"]


def show_data() -> None:
    """Where images are missing, how to get them; then those that are there."""
    take_choices("data", _CHOICES)
    status = available(load_settings())
    with page_errors():
        show_sources(status)
    names = at_hand(status)
    if names:
        _show(dataset(_choice(names)))
        tell_choices("data", _CHOICES)
        show_share(key="share_data")


def _choice(names: tuple[str, ...]) -> str:
    asked = st.session_state.get(_CHOICES["data"])
    if asked is not None and asked not in names:
        del st.session_state[_CHOICES["data"]]
        explain_faults(
            [LinkError("The data set in the link is not on this machine.", received=asked)]
        )
    if len(names) == 1:
        return names[0]
    chosen = st.segmented_control(
        "Images",
        names,
        default=names[0],
        required=True,
        format_func=data_title,
        key="data_name",
        persist_state="session",
    )
    return chosen if chosen in names else names[0]


def _show(data: Dataset) -> None:
    st.caption(_origin(data))
    pictures, opened = beside.columns(_GALLERY, (3, 2))
    with pictures, page_errors():
        st.subheader("Images", anchor=False)
        _show_gallery(data)
    with opened, page_errors():
        _show_opened(data)
    with opened, page_errors():
        st.subheader("Images per class", anchor=False)
        _show_counts(data)
    st.subheader("Pixel values", anchor=False, help=explained("Normalization"))
    with page_errors():
        _show_pixel_values(data)
    st.subheader("Mean and variation of each class", anchor=False)
    with page_errors():
        _show_class_images(data)


def _origin(data: Dataset) -> str:
    identity = data.identity
    what = "Official images" if identity.official else "Synthetic images"
    mark = identity.fingerprint[:12]
    return f"{what} · {plain(identity.source)} · fingerprint `{mark}`"


def _show_gallery(data: Dataset) -> None:
    """25 images of the chosen part and class, drawn with the chosen seed."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        part = st.segmented_control(
            "Split",
            ("Training", "Test"),
            default="Training",
            required=True,
            key="gallery_part",
            persist_state="session",
        )
        name = st.selectbox(
            "Class",
            (_ALL, *CLASS_NAMES),
            key="gallery_class",
            width=132,
            persist_state="session",
        )
        st.session_state.setdefault(_SEED, 0)
        seed = st.number_input(
            "Seed",
            0,
            MOST_SEED,
            value=start_of(_SEED),
            step=1,
            key=_SEED,
            width=92,
            persist_state="session",
        )
        st.button("Shuffle", icon=":material/shuffle:", on_click=_shuffle, key="gallery_shuffle")
    images = data.test if part == "Test" else data.train
    label = None if name == _ALL else CLASS_NAMES.index(name)
    hidden = hidden_images(data, load_settings()) if images is data.train else ()
    shown = _drawn(images, label, seed or 0, hidden)
    _gallery_show(images, shown, part)


def _drawn(
    images: ImageSet, label: int | None, seed: int, hidden: Sequence[int] | NDArray[np.intp]
) -> NDArray[np.intp]:
    fitting = np.arange(len(images)) if label is None else np.flatnonzero(images.labels == label)
    if len(hidden):
        fitting = np.setdiff1d(fitting, hidden, assume_unique=True)
    count = min(_PICTURES, len(fitting))
    return np.random.default_rng(seed).choice(fitting, count, replace=False)


def _gallery_show(images: ImageSet, indices: NDArray[np.intp], part: str) -> None:
    labels = images.labels[indices]
    of_part, index = st.session_state.get(_OPENED, ("", -1))
    show_pickable(
        pictures_html(
            images.images[indices],
            [CLASS_NAMES[label] for label in labels],
            columns=5,
            colours=[CLASS_COLOURS[label] for label in labels],
            picks=indices.tolist(),
        ),
        key="gallery_pictures",
        chosen=str(index) if of_part == part else "",
        on_pick=lambda picked: st.session_state.update({_OPENED: (part, int(picked))}),
        opens=_DETAIL,
    )


def _show_opened(data: Dataset) -> None:
    """The image that was clicked, with what can be done with it."""
    part, index = st.session_state.get(_OPENED, ("", -1))
    images = {"Training": data.train, "Test": data.test}.get(part)
    with st.container(key=_DETAIL, gap="xsmall"):
        is_hidden = part == "Training" and index in hidden_images(data, load_settings())
        if images is None or not 0 <= index < len(images) or is_hidden:
            st.caption("Click an image to open it, to explain a prediction for it, or to pin it.")
            return
        image, label = images.images[index], int(images.labels[index])
        name = f"{part} image {index}"
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{name}**", width="content")
            if st.button(
                "Explain", icon=":material/layers:", key="gallery_inside", type="tertiary"
            ):
                look_inside("", image, name, label)
            pin_button(image, name, label, f"{part.lower()} image", "gallery_pin")
        hint = f"{name}: {CLASS_NAMES[label]}"
        tile = Tile(data_url(image), CLASS_NAMES[label], hint, CLASS_COLOURS[label])
        st.html(tiles_html([TileRow("", "", [tile])], palette(), side=_LARGE))


def _shuffle() -> None:
    st.session_state[_SEED] = ((st.session_state[_SEED] or 0) + 1) % (MOST_SEED + 1)


# The results of a pass over all images are kept: small, and the same for everybody.


@st.cache_data(show_spinner=False, max_entries=8)
def _pixels(name: str, fingerprint: str) -> PixelStatistics:
    return pixel_statistics(dataset(name).train.images)


@st.cache_data(show_spinner=False, max_entries=8)
def _class_images(name: str, fingerprint: str) -> ClassImages:
    return class_images(dataset(name).train)


@st.cache_data(show_spinner=False, max_entries=32)
def _counts(name: str, fingerprint: str, share: float) -> dict[str, list[int]]:
    data = dataset(name)
    training, validation = stratified_split(data.train.labels, share, seed=0)
    labels = data.train.labels
    parts = {"Training": labels[training], "Validation": labels[validation]}
    parts["Test"] = data.test.labels
    return {part: class_counts(of_part).tolist() for part, of_part in parts.items()}


def _show_counts(data: Dataset) -> None:
    """Images of each class, with the share that a training would hold back."""
    share = config_field(
        TrainConfig,
        "validation_share",
        key="counts_share",
        control="slider",
        step=0.05,
        format="percent",
        help="Share of the training images held back for validation, the same in every class.",
    )
    counts = _counts(data.identity.name, data.identity.fingerprint, share.value)
    show_chart(class_counts_chart(counts, palette()), "class_counts")
    totals = (f"{part} {whole(sum(numbers))}" for part, numbers in counts.items())
    st.caption(" · ".join(totals))


def _show_pixel_values(data: Dataset) -> None:
    """The distribution of grey before and after what the network does to it first."""
    pixels = _pixels(data.identity.name, data.identity.fingerprint)
    kind = config_field(
        ModelConfig, "normalization", key="normalisation", control="segmented"
    ).value
    before, after = st.columns(2, gap="medium")
    with before:
        _distribution(pixels, "gray value as stored", "pixels_before", digits=1)
    with after:
        scaled = rescaled(pixels, *scale_and_offset(kind))
        _distribution(scaled, "network input value", "pixels_after", digits=3)
    if kind == "standard":
        st.caption(
            f"(value / 255 - {STANDARD_MEAN:.3f}) / {STANDARD_DEVIATION:.3f}: mean about 0 and "
            "standard deviation about 1 on Fashion-MNIST; other images use the same constants."
        )


def _distribution(pixels: PixelStatistics, title: str, key: str, *, digits: int) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric("Mean", f"{pixels.mean:.{digits}f}", width="content")
        st.metric("Standard deviation", f"{pixels.deviation:.{digits}f}", width="content")
    counts, edges = _in_bins(pixels)
    show_chart(pixel_histogram(counts, edges, palette(), title=title), key)


def _in_bins(pixels: PixelStatistics) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """64 bins of four grey levels each: 256 bars are narrower than a screen's dots."""
    step = pixels.values[1] - pixels.values[0]
    edges = np.append(pixels.values[::4], pixels.values[-1] + step)
    return pixels.counts.reshape(64, 4).sum(axis=1), edges


def _show_class_images(data: Dataset) -> None:
    """What the images of a class share, and where they differ."""
    images = _class_images(data.identity.name, data.identity.fingerprint)
    st.markdown("**Mean image of each class**")
    show_pictures(_grey(images.mean), CLASS_NAMES, columns=10)
    st.markdown("**Standard deviation of each class: bright where its images differ**")
    # Twice as bright: a deviation can at most be half of the range.
    show_pictures(_grey(2 * images.deviation), CLASS_NAMES, columns=10)


def _grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)
