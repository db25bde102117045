"""What stands on the first page: pictures, the next thing to do, the state of the lab."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_COLOURS, CLASS_COUNT, CLASS_NAMES
from fmnist_core.datasets import ImageSet
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.permissions import acting
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import load_settings
from fmnist_core.training.class_holdout import hidden_images
from fmnist_ui.components.current_network import current_network
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.data.sources import draw_garments
from fmnist_ui.frame import visited_pages
from fmnist_ui.lab_state import (
    LabState,
    data_words,
    engine_words,
    lab_state,
    own_runs,
    runs_words,
)
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.words import data_name, percent


@dataclass(frozen=True)
class NextStep:
    """The one thing to do next: what and why, and the page (with its run) to do it on."""

    title: str
    why: str
    button: str
    page: str
    run_id: str = ""


def show_home() -> None:
    """Everything below the lead."""
    state = lab_state()
    with page_errors():
        _show_strip(state)
    _show_step(next_step(state))
    _show_glance(state)


def next_step(state: LabState) -> NextStep:
    """What a person who has done what this lab shows would do now."""
    trains, waits = state.in_state("running", "paused"), state.in_state("queued")
    active = own_runs(trains) or own_runs(waits)
    if active:
        return _watch(active[-1])
    current = current_network(state.runs)
    if current is not None and current.test_accuracy is not None:
        return _understand(current)
    if not state.data.official_ready and not state.runs:
        return NextStep(
            "Download Fashion-MNIST, or start with synthetic images",
            "Fashion-MNIST is not on this machine yet (31 MB). Everything also works on the "
            "synthetic garments that the lab draws itself.",
            "Open Data",
            "pages/data.py",
        )
    return NextStep(
        "Train a first network",
        "Choose the preset Quick and press Train: the first curves appear within seconds.",
        "Open Train",
        "pages/train.py",
    )


def _watch(run: RunSummary) -> NextStep:
    doing = (
        "is queued" if run.state == "queued" else f"is in epoch {min(run.epoch + 1, run.epochs)}"
    )
    return NextStep(
        f"Watch {plain(run.name)} train",
        f"It {doing} of {run.epochs}." if run.state != "queued" else f"It {doing}.",
        "Watch training",
        "pages/train.py",
        run.id,
    )


def _understand(run: RunSummary) -> NextStep:
    """Evaluate, then explain, then improve it: the first that was not done in this session."""
    figure = f"Test accuracy {percent(run.test_accuracy)} ({data_name(run.data)})."
    name, visited = plain(run.name), visited_pages()
    if "evaluate" not in visited:
        return NextStep(
            f"See what {name} gets right and wrong",
            f"{figure} Which classes does it confuse?",
            "Evaluate",
            "pages/evaluate.py",
            run.id,
        )
    if "explain" not in visited:
        return NextStep(
            f"See how {name} decides",
            f"{figure} Which pixels drive a prediction?",
            "Explain",
            "pages/explain.py",
            run.id,
        )
    return NextStep(
        f"Train a better network than {name}",
        f"{figure} Change one setting, train again, and compare the two on the same test images.",
        "Open Train",
        "pages/train.py",
    )


def _show_step(step: NextStep) -> None:
    with st.container(border=True, key="card_next", gap="xsmall"):
        st.caption("Next step")
        st.markdown(f"#### {step.title}")
        st.markdown(step.why)
        if st.button(step.button, type="primary", icon=":material/arrow_forward:", key="next"):
            st.switch_page(step.page, query_params=_about(step))
    st.page_link(
        "pages/try.py",
        label="Or draw a garment, and see the prediction of a trained network",
        icon=":material/draw:",
    )


def _about(step: NextStep) -> dict[str, str] | None:
    if step.page == "pages/train.py" and not step.run_id:
        return {"run": "new"}
    return {"model" if "explain" in step.page else "run": step.run_id} if step.run_id else None


def _show_strip(state: LabState) -> None:
    names = at_hand(state.data)
    if not names:
        draw_garments()
        return
    data = dataset(names[0])
    images = _one_each(data.train, hidden_images(data, load_settings()))
    show_pictures(images, CLASS_NAMES, columns=CLASS_COUNT, colours=CLASS_COLOURS)


def _one_each(train: ImageSet, hidden: np.ndarray) -> np.ndarray:
    """An image of each class; the same ones at every visit, so that the page stays calm."""
    rng = np.random.default_rng(7)
    of_class = [np.flatnonzero(train.labels[:2000] == c) for c in range(CLASS_COUNT)]
    return train.images[[rng.choice(np.setdiff1d(each, hidden)) for each in of_class]]


def _show_glance(state: LabState) -> None:
    data, engine, runs = st.columns(3, gap="small")
    with data, st.container(border=True, key="card_data", height="stretch"):
        st.markdown(f"**Data**  \n{data_words(state)}")
        st.caption(_about_data(state))
    with engine, st.container(border=True, key="card_engine", height="stretch"):
        st.markdown(f"**Engine**  \n{engine_words(state)}")
        st.caption(_about_engine(state))
    with runs, st.container(border=True, key="card_runs", height="stretch"):
        st.markdown(f"**Runs**  \n{runs_words(state)}")
        st.caption(_about_runs(state))


def _about_data(state: LabState) -> str:
    if state.data.official_ready:
        return "60,000 training images, 10,000 test images."
    drawn = "drawn" if state.data.synthetic_ready else "being drawn"
    return f"12,000 training and 2,000 test images, {drawn} by the lab itself: not Fashion-MNIST."


def _about_engine(state: LabState) -> str:
    if state.engine.running:
        return "Trains in separate processes: training continues when you close this page."
    return "Starts when you press Train; training continues when you close this page."


def _about_runs(state: LabState) -> str:
    judged = [run for run in own_runs(state.runs) if run.test_accuracy is not None]
    same_data = [
        run for run in judged if (run.data == FASHION_MNIST) == bool(state.data.official_ready)
    ]
    is_class = acting() is not None
    if not same_data:
        return f"No run{' of yours' if is_class else ''} has a test accuracy yet."
    best = max(same_data, key=lambda run: run.test_accuracy or 0.0)
    return (
        f"{'Your best' if is_class else 'Best'} test accuracy: {percent(best.test_accuracy)}, "
        f"{plain(best.name)} "
        f"({data_name(best.data)})."
    )
