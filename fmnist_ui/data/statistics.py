"""What the images are like in numbers: counts, pixel values, mean images."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import (
    ClassImages,
    Dataset,
    PixelStatistics,
    class_counts,
    class_images,
    pixel_statistics,
    rescaled,
    stratified_split,
)
from fmnist_core.figures.class_bars import class_counts as class_counts_chart
from fmnist_core.figures.histogram import pixel_histogram
from fmnist_core.model.normalisation import (
    STANDARD_DEVIATION,
    STANDARD_MEAN,
    scale_and_offset,
)
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.datasets import dataset
from fmnist_ui.pixels import show_pictures
from fmnist_ui.train.words import option_label
from fmnist_ui.words import whole

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


def show_counts(data: Dataset) -> None:
    """Images of each class, with the share that a training would hold back."""
    share = st.slider(
        "Validation share",
        0.0,
        0.5,
        0.1,
        0.05,
        format="percent",
        key="counts_share",
        help="How much of the training images is held back, the same share of every class.",
        persist_state="session",
    )
    counts = _counts(data.identity.name, data.identity.fingerprint, share)
    show_chart(class_counts_chart(counts, palette()), "class_counts")
    totals = (f"{part} {whole(sum(numbers))}" for part, numbers in counts.items())
    st.caption(" · ".join(totals))


def show_pixel_values(data: Dataset) -> None:
    """The distribution of grey before and after what the network does to it first."""
    pixels = _pixels(data.identity.name, data.identity.fingerprint)
    kind = st.segmented_control(
        "Normalisation",
        ("unit", "standard"),
        default="unit",
        required=True,
        format_func=option_label,
        key="normalisation",
        persist_state="session",
    )
    before, after = st.columns(2, gap="medium")
    with before:
        _distribution(pixels, "grey value as stored", "pixels_before", digits=1)
    with after:
        scaled = rescaled(pixels, *scale_and_offset(kind or "unit"))
        _distribution(scaled, "value that the network sees", "pixels_after", digits=3)
    if kind == "standard":
        st.caption(
            f"(value / 255 - {STANDARD_MEAN:.3f}) / {STANDARD_DEVIATION:.3f}: mean about 0 and "
            "deviation about 1 on Fashion-MNIST, and the same arithmetic for all other images."
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


def show_class_images(data: Dataset) -> None:
    """What the images of a class share, and where they differ."""
    images = _class_images(data.identity.name, data.identity.fingerprint)
    st.markdown("**Mean image of each class**")
    show_pictures(_grey(images.mean), CLASS_NAMES, columns=10)
    st.markdown("**Spread: bright where images of one class differ**")
    # Twice as bright: a deviation can at most be half of the range.
    show_pictures(_grey(2 * images.deviation), CLASS_NAMES, columns=10)


def _grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)
