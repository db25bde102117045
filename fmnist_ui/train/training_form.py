"""How to train: images, steps, schedule, stopping."""

from __future__ import annotations

import math

import streamlit as st

from fmnist_core.config import ClassWeightsConfig, ScheduleConfig, TrainConfig
from fmnist_core.machine import stored_speed
from fmnist_core.settings import load_settings
from fmnist_ui.train import draft
from fmnist_ui.train.fields import field, is_faulty

# Which settings a schedule listens to; the others are shown only to be mended.
_SCHEDULE_FIELDS = {
    "constant": ("warmup_epochs",),
    "cosine": ("warmup_epochs", "final_factor"),
    "one_cycle": ("peak_share", "final_factor"),
    "step": ("step_epochs", "drop_factor", "warmup_epochs"),
    "plateau": ("patience", "drop_factor", "warmup_epochs"),
}


def show_training_form() -> None:
    """All fields of a `TrainConfig` but its epochs and images, which stand further up."""
    _group("Steps", "optimizer", "learning_rate", "batch_size", *_momentum(), "weight_decay")
    with st.container(border=True, gap="small"):
        st.markdown("**Schedule of the learning rate**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            field(ScheduleConfig, "kind", "training.schedule")
            for name in _schedule_fields():
                field(ScheduleConfig, name, "training.schedule")
    _group("Validation and early stopping", "validation_share", "early_stopping", "keep_weights")
    _group(
        "Stability and precision", "ema_decay", "test_time_flip", "gradient_clip_norm", "precision"
    )
    _say_where_bfloat16_is_slow()
    _group("Data and seed", "train_images", "label_smoothing", "seed", "record_dynamics")
    _show_class_weights()
    _group("Experiment tracking", "tensorboard", "mlflow")


def _show_class_weights() -> None:
    with st.container(border=True, gap="small"):
        st.markdown("**Class weights and excluded images**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            field(ClassWeightsConfig, "labels", "training.class_weights")
            alike = not draft.get_or("training.class_weights.labels", ())
            field(ClassWeightsConfig, "factor", "training.class_weights", disabled=alike)
            field(TrainConfig, "exclude_label_issues", "training")


def _schedule_fields() -> list[str]:
    heard = _SCHEDULE_FIELDS[draft.get("training.schedule.kind")]
    known = dict.fromkeys(name for names in _SCHEDULE_FIELDS.values() for name in names)
    silent = [name for name in known if name not in heard]
    wrong = [name for name in silent if is_faulty(ScheduleConfig, name, "training.schedule")]
    return [*heard, *wrong]


def _say_where_bfloat16_is_slow() -> None:
    """Where it was measured and chosen all the same."""
    speed = stored_speed(load_settings())
    if draft.get("training.precision") != "mixed_bfloat16" or speed is None:
        return
    if speed.bfloat16_factor == math.inf:
        told = "TensorFlow refuses bfloat16 on this machine. Choose Auto or float32."
    elif speed.bfloat16_factor > 1:
        told = (
            f"On this machine a step takes {speed.bfloat16_factor:.1f} times as long in bfloat16 "
            "as in float32. Auto takes the faster one."
        )
    else:
        return
    st.warning(told, icon=":material/speed:")


def _momentum() -> tuple[str, ...]:
    needed = draft.get("training.optimizer") == "sgd"
    return ("momentum",) if needed or is_faulty(TrainConfig, "momentum", "training") else ()


def _group(title: str, *names: str) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**{title}**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for name in names:
                field(TrainConfig, name, "training")
