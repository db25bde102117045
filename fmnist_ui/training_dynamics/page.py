"""The page "Training dynamics": snapshots of a run, its diagnosis, and one slider for all panels.

The moving part runs again with the slider, while playing, and while the run trains.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.errors import LabError
from fmnist_core.evaluation.diagnosis import Finding, diagnose
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_core.runs.library import DAMAGED, RunSummary, summary_of
from fmnist_core.runs.pretrained import folder_of, shipped_runs
from fmnist_core.runs.trace import TRAINING, Snapshot, Trace
from fmnist_core.settings import load_settings
from fmnist_ui.components import evaluated_model
from fmnist_ui.components.pinned_images import show_pins
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.figures.cards import tiles_html
from fmnist_ui.figures.confusion import matrix_html
from fmnist_ui.figures.filter_cards import filter_rows
from fmnist_ui.figures.layer_curves import (
    LAYER_FIGURES,
    layer_curves,
    pinned_image_cards,
    pinned_image_curves,
)
from fmnist_ui.followed_runs import history_of, trace_of
from fmnist_ui.lab_state import known_runs, own_runs
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train.run_header import show_curves
from fmnist_ui.words import percent, whole

_PLAYING = "overtime_playing"

_PLAY_SECONDS, _LIVE_SECONDS = 0.8, 1.5


_RUN = "overtime_run"


def show_overtime() -> None:
    """Everything below the lead."""
    settings = load_settings()
    runs = [run for run in known_runs(settings) if run.state != DAMAGED]
    shipped = shipped_runs()
    _prefer(runs)
    if not runs:
        evaluated_model.show_no_finished_run(training=False, instead=bool(shipped))
    if runs or shipped:
        chosen = evaluated_model.show_run_picker([*runs, *shipped], _RUN)
        evaluated_model.show_pretrained_card(chosen)
        _show_moving(folder_of(chosen.id, settings))
    with page_errors():
        show_pins()


def _prefer(runs: Sequence[RunSummary]) -> None:
    """What trains now comes first, then the newest run that has a trace."""
    known = {run.id for run in runs}
    if st.session_state.get(_RUN) in known or st.query_params.get("run"):
        return
    place, own = load_settings().runs_dir, own_runs(runs)
    wanted = [run for run in own if run.active] + [
        run for run in own if RunFolder(place / run.id).trace_path.is_file()
    ]
    if wanted:
        st.session_state[_RUN] = wanted[0].id


def _show_moving(folder: RunFolder) -> None:
    """Diagnosis, slider and all that hangs on it."""
    pace = _pace(folder)
    # A fragment of its own interval: Streamlit takes it where the fragment is made.
    st.fragment(_tick, run_every=pace)(folder.id, pace)


def _pace(folder: RunFolder) -> float | None:
    if st.session_state.get(_PLAYING):
        return _PLAY_SECONDS
    return _LIVE_SECONDS if summary_of(folder).active else None


@page_errors()
def _tick(run_id: str, pace: float | None) -> None:
    folder = folder_of(run_id, load_settings())
    if _pace(folder) != pace:
        st.rerun()
    trace = trace_of(folder)
    history = history_of(folder)
    _show_findings(history, trace, folder)
    _show_missing(trace)
    if not trace.snapshots:
        show_curves(history)
        return
    _show_panels(trace, _choose_moment(run_id, trace))


def _show_missing(trace: Trace) -> None:
    if trace.missing:
        st.caption(":material/info: " + " ".join(trace.missing))


def _choose_moment(run_id: str, trace: Trace) -> Snapshot:
    """The slider; while playing it steps on, and while training it stays at the end."""
    key, count = f"overtime/{run_id}/place", len(trace.snapshots)
    _step(key, count)
    with st.container(horizontal=True, vertical_alignment="bottom", key="overtime_moment"):
        _show_play(key, count)
        place = 0
        if count > 1:
            place = st.select_slider(
                "Epoch",
                range(count),
                value=start_of(key),
                key=key,
                format_func=lambda index: _place_words(trace.snapshots[index]),
            )
    chosen = trace.snapshots[min(place, count - 1)]
    st.markdown(_moment_words(chosen, trace))
    return chosen


def _show_play(key: str, count: int) -> None:
    playing = bool(st.session_state.get(_PLAYING))
    st.button(
        "Pause" if playing else "Play",
        icon=":material/pause:" if playing else ":material/play_arrow:",
        key="overtime_play",
        on_click=_toggle,
        args=(key, count),
        disabled=count < 2,
        width=110,
    )


def _step(key: str, count: int) -> None:
    last = f"{key}/last"
    before = st.session_state.get(key, count - 1)
    at_end = before >= st.session_state.get(last, count) - 1
    if st.session_state.get(_PLAYING):
        now = before + 1
        if now >= count - 1:
            st.session_state[_PLAYING] = False
    else:
        # Who looks at the end goes on looking at it as it moves.
        now = count - 1 if at_end and st.session_state.get(last, count) < count else before
    st.session_state[key] = max(0, min(now, count - 1))
    st.session_state[last] = count


def _toggle(key: str, count: int) -> None:
    playing = not st.session_state.get(_PLAYING)
    st.session_state[_PLAYING] = playing
    if playing and st.session_state.get(key, 0) >= count - 1:
        # One before the beginning: the first step of playing leads there.
        st.session_state[key] = -1


def _place_words(one: Snapshot) -> str:
    """Such as "beginning", "0.04 epochs" or "epoch 3"."""
    if one.epochs == 0:
        return "beginning"
    if one.epochs == int(one.epochs):
        return f"epoch {int(one.epochs)}"
    return f"{one.epochs:.2f} epochs"


def _moment_words(one: Snapshot, trace: Trace) -> str:
    """What is seen at that moment, in one line of Markdown."""
    kind = "training images" if trace.watched == TRAINING else "validation images"
    place = _place_words(one)
    return (
        f"**{place[0].upper()}{place[1:]}** · {whole(one.images_seen)} images seen · "
        f"{percent(one.accuracy)} of {whole(one.images)} {kind} classified correctly"
    )


def _show_findings(history: History, trace: Trace, folder: RunFolder) -> None:
    """A card a finding; one quiet line where there is none."""
    try:
        config = folder.config
    except LabError:
        config = None
    diagnosis = diagnose(history, trace, config)
    if not history.epochs_done and not diagnosis.findings:
        return
    with st.container(key="overtime_findings", gap="small"):
        if not diagnosis.findings:
            st.markdown(
                f":green[:material/check_circle:] **No problem found.** {plain(diagnosis.evidence)}"
            )
        for finding in diagnosis.findings:
            _show(finding)


def _show(finding: Finding) -> None:
    st.warning(
        f"**{plain(finding.claim)}**  \n{plain(finding.evidence)}  \n"
        f":material/lightbulb: {plain(finding.advice)}",
        icon=":material/stethoscope:",
    )


def _show_panels(trace: Trace, now: Snapshot) -> None:
    """All panels at the moment `now` of the trace."""
    left, right = st.columns([6, 7], gap="large")
    with left:
        st.markdown("**Confusion matrix**, in % of the true class")
        st.html(matrix_html(now.confusion, palette()))
    with right:
        _show_pinned_images(trace, now)
    _show_filters(trace, now)
    _show_layers(trace, now)


def _show_pinned_images(trace: Trace, now: Snapshot) -> None:
    if not trace.pinned_images:
        st.caption("This run recorded no pinned images.")
        return
    st.markdown("**Predictions for the pinned images**")
    st.html(pinned_image_cards(trace.pinned_images, now.probabilities, palette()))
    st.markdown("**Probability of the true class** of each pinned image")
    show_chart(pinned_image_curves(trace, now.epochs, palette()), "overtime_probe_curves")
    if any(pinned_image.label is None for pinned_image in trace.pinned_images):
        st.caption("For images without a label, the line follows the latest prediction.")


def _show_filters(trace: Trace, now: Snapshot) -> None:
    rows = filter_rows(trace, now, palette())
    if rows:
        st.html(tiles_html(rows, palette(), side=44))


def _show_layers(trace: Trace, now: Snapshot) -> None:
    names = list(LAYER_FIGURES)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Layers**")
        chosen = st.segmented_control(
            "Figure",
            names,
            default=names[0],
            required=True,
            key="overtime_figure",
            label_visibility="collapsed",
            persist_state="session",
        )
    figure = LAYER_FIGURES[chosen or names[0]]
    st.caption(figure.explanation)
    show_chart(layer_curves(trace, figure, now.epochs, palette()), f"overtime_{figure.field}")
