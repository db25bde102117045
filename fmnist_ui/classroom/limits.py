"""The limits of each student: the teacher sets them, and forms say them before the press."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classroom import RANGES, Limits, kept_by, megabytes
from fmnist_core.engine.submission import waiting_of
from fmnist_core.permissions import acting
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import classroom
from fmnist_ui.page_errors import page_errors

# Of `Limits`: label and help.
_LABELS = {
    "training": ("Runs training", "At once while others wait; free slots may be used by anybody."),
    "waiting": ("Runs waiting", "In the queue at once; a sweep counts as one."),
    "epochs": ("Epochs", "Of one run."),
    "parameters": ("Parameters", "Weights of one network."),
    "minutes": (
        "Minutes of a run",
        "Expected on this machine. A run that takes longer gives way to others after so many, "
        "and goes on when a slot is free.",
    ),
    "disk": ("MB on the disk", "Of all runs and collections."),
    "uploads": ("Uploads an hour", "Pictures, photos, ZIP files and networks."),
    "upload": ("MB of one upload", "The lab itself takes at most 32 MB."),
}


def show_limits() -> None:
    """The teacher's form."""
    limits = classroom().limits
    with (
        st.expander("Limits for each student", icon=":material/speed:", key="class_limits"),
        st.form("limits", border=False),
    ):
        values, columns = {}, st.columns(2)
        for number, (name, (least, most)) in enumerate(RANGES.items()):
            label, explained = _LABELS[name]
            values[name] = columns[number % 2].number_input(
                label, least, most, getattr(limits, name), key=f"limit_{name}", help=explained
            )
        if st.form_submit_button("Save", key="limits_save"):
            with page_errors():
                classroom().limit(Limits(**values))
                st.toast("The limits hold for what is started from now on.")


def say_limits() -> None:
    """For a student, beside the button that starts a training: what they may, and what is left."""
    limits, person, settings = classroom().limits_for(), acting(), load_settings()
    if limits is None or person is None:
        return
    kept = sum(one.size for one in kept_by(person.id, settings))
    st.caption(
        f":material/speed: Your limits: {limits.epochs} epochs, {limits.parameters:,} parameters, "
        f"{limits.minutes} min a run, after which it gives way to others · "
        f"{waiting_of(person.id, settings)} of {limits.waiting} waiting · "
        f"{megabytes(kept)} of {limits.disk:,} MB kept"
    )
