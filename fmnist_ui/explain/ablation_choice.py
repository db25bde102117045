"""What is broken: one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from fmnist_core.explain.ablation import STRONGEST, AblatableLayer, Ablation
from fmnist_ui.components.widget_start import kept_selectbox, start_of

KIND = "break_kind"
_FILTERS, _LAYER, _WEIGHTS, _IMAGE = "Filters", "Layer", "Weights", "Image"
_ICONS = {_FILTERS: "apps", _LAYER: "layers_clear", _WEIGHTS: "graphic_eq", _IMAGE: "image"}
_WAYS = {
    "Noise": "noise",
    "Salt and pepper": "salt",
    "Blur": "blur",
    "Shift": "shift",
    "Rotation": "turn",
}
# Label, first value, step and format of each strength.
_SLIDERS = {
    "weights": ("Noise SD, relative to the SD of the weights", 0.3, 0.05, "%.2f"),
    "noise": ("Noise SD, in gray levels of 255", 30.0, 1.0, "%.0f"),
    "salt": ("Share of pixels set to black or white", 0.1, 0.01, "%.2f"),
    "blur": ("Blur SD, in pixels", 1.0, 0.1, "%.1f"),
    "shift": ("Shift to the right, in pixels", 3.0, 0.5, "%.1f"),
    "turn": ("Rotation clockwise, in degrees", 20.0, 5.0, "%.0f"),
}
_BY_CHANCE = ("weights", "noise", "salt")
_EVERY_LAYER = "All layers"
# Until the first mending something is broken at once, so that there is something to see.
_MENDED = "break/mended"


def choose_ablation(parts: Sequence[AblatableLayer]) -> Ablation:
    """The controls; a network of one layer only has no filters and layers to switch off."""
    hidden = [part for part in parts if part.kind != "answer"]
    offered = [_FILTERS, _LAYER, _WEIGHTS, _IMAGE] if hidden else [_WEIGHTS, _IMAGE]
    if st.session_state.get(KIND) not in offered:
        st.session_state[KIND] = offered[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.pills(
            "What to ablate",
            offered,
            default=start_of(KIND),
            key=KIND,
            format_func=lambda name: f":material/{_ICONS[name]}: {name}",
            required=True,
            persist_state="session",
        )
        st.button("Restore", icon=":material/healing:", key="break_mend", on_click=mend)
    ways: dict[str, Callable[[], Ablation]] = {
        _FILTERS: lambda: _filters(hidden),
        _LAYER: lambda: Ablation("layer", layer=_layer(hidden, "Layer").name),
        _WEIGHTS: lambda: _weights(parts),
        _IMAGE: _image,
    }
    return ways.get(str(kind), _image)()


def mend() -> None:
    """Lets all controls begin anew, with nothing broken; for callbacks."""
    st.session_state[_MENDED] = _times_mended() + 1
    # A layer is off as soon as it is named.
    if st.session_state.get(KIND) == _LAYER:
        st.session_state[KIND] = _FILTERS


def _times_mended() -> int:
    return int(st.session_state.get(_MENDED, 0))


def _key(what: str) -> str:
    """Another one after each mending, since Streamlit brings back what a hidden control held."""
    return f"break/{_times_mended()}/{what}"


def _filters(hidden: Sequence[AblatableLayer]) -> Ablation:
    part = _layer(hidden, "Layer")
    key = _key(f"filters/{part.name}")
    if not _are_filters(st.session_state.get(key), part):
        st.session_state[key] = [] if _times_mended() else [0]
    what = "units" if part.kind == "dense" else "filters"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            f"Ablated {what}, of {part.channels}",
            range(part.channels),
            default=start_of(key),
            key=key,
            placeholder="None",
            width=460,
            persist_state="session",
        )
        st.button("Ablate 10% more", key="break_more", on_click=_switch_off_more, args=(part, key))
    return Ablation("filters", layer=part.name, channels=tuple(sorted(chosen)))


def _are_filters(value: object, part: AblatableLayer) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, int) and 0 <= each < part.channels for each in value
    )


def _switch_off_more(part: AblatableLayer, key: str) -> None:
    off = set(st.session_state[key])
    still_on = [channel for channel in range(part.channels) if channel not in off]
    by_chance = np.random.default_rng().permutation(still_on).tolist()
    st.session_state[key] = sorted(off | set(by_chance[: max(1, round(part.channels / 10))]))


def _weights(parts: Sequence[AblatableLayer]) -> Ablation:
    names = [_EVERY_LAYER, *(part.name for part in parts)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = kept_selectbox(
            "Add noise to the weights of", names, "break_noisy", _EVERY_LAYER, width=260
        )
        strength, seed = _strength("weights")
    layer = "" if name == _EVERY_LAYER else name
    return Ablation("weights", layer=layer, strength=strength, seed=seed)


def _image() -> Ablation:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.selectbox(
            "Corruption", list(_WAYS), key="break_way", width=200, persist_state="session"
        )
        kind = _WAYS.get(str(way), "noise")
        strength, seed = _strength(kind)
    return Ablation(kind, strength=strength, seed=seed)


def _strength(kind: str) -> tuple[float, int]:
    """A slider, and where chance plays a part a button to let it fall otherwise."""
    label, first, step, form = _SLIDERS[kind]
    start = 0.0 if _times_mended() else first
    most = STRONGEST[kind]
    least = -most if kind in ("shift", "turn") else 0.0
    key = _key(f"strength/{kind}")
    value = st.session_state.get(key, start)
    good = isinstance(value, (int, float)) and least <= value <= most
    st.session_state[key] = float(value) if good else start
    with st.container(width=340):
        st.slider(
            label,
            least,
            most,
            value=start_of(key),
            step=step,
            format=form,
            key=key,
            persist_state="session",
        )
    if kind not in _BY_CHANCE:
        return st.session_state[key], 0
    st.button("New random seed", icon=":material/casino:", on_click=_throw, key="break_again")
    return st.session_state[key], st.session_state.get(_key("seed"), 0)


def _throw() -> None:
    st.session_state[_key("seed")] = int(np.random.default_rng().integers(2**31))


def _layer(parts: Sequence[AblatableLayer], label: str) -> AblatableLayer:
    by_name = {part.name: part for part in parts}
    return by_name[kept_selectbox(label, by_name, "break_layer", parts[0].name, width=260)]
