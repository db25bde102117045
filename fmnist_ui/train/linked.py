"""The Train form's choices in its address."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.config.rules import Rule, Text, typed_whole
from fmnist_core.config.seeds import SEED_COUNT
from fmnist_core.errors import LabError, LinkError
from fmnist_core.links import training_of, training_parameters
from fmnist_ui.linked import explain_faults, is_news, note_told, own_parameters, tell_address
from fmnist_ui.number_field import read_number
from fmnist_ui.train import draft
from fmnist_ui.train.choice import NEW

_SEEN, _FAULTS = "linked/train", "linked/train/faults"
# What is no part of a configuration.
_RUN, _SEEDS, _NAME, _REPEAT = "run", "seeds", "name", "repeat"
_MOST_NAME = 80
_REPEATS: Rule = SEED_COUNT
# What the form calls them.
_FORM = {_NAME: "name", _REPEAT: "seeds"}


def take_link() -> None:
    """Fills the form from a link that was opened, before it is drawn; once."""
    try:
        asked = _asked()
        if is_news("train", asked):
            st.session_state[_SEEN] = asked
            st.session_state[_FAULTS] = _fill(asked)
    except LabError as error:
        st.session_state[_FAULTS] = [error]
    explain_faults(st.session_state.get(_FAULTS, []))


def tell_link(config: RunConfig | None) -> None:
    """Puts the form's choices into the address; of a form that cannot be trained, nothing new."""
    if config is None:
        return
    parameters = training_parameters(config)
    if name := (draft.get_or("name", "") or "").strip():
        parameters[_NAME] = name
    repeat = read_number("Seeds", SEED_COUNT, draft.key_of("seeds"), usual=1)
    if repeat.fault is None and repeat.value > 1:
        parameters[_REPEAT] = str(repeat.value)
    if parameters != st.session_state.get(_SEEN):
        st.session_state.pop(_FAULTS, None)
    st.session_state[_SEEN] = parameters
    note_told("train", parameters)
    tell_address({_RUN: NEW, **parameters})


def _asked() -> dict[str, str]:
    return {key: value for key, value in own_parameters().items() if key not in (_RUN, _SEEDS)}


def _fill(asked: dict[str, str]) -> list[LabError]:
    choices = dict(asked)
    name, repeat = choices.pop(_NAME, ""), choices.pop(_REPEAT, "1")
    config, faults = training_of(choices)
    dataset = draft.get("training.dataset")
    draft.fill(config)
    if "training.dataset" not in choices:
        draft.put("training.dataset", dataset)
    found: list[LabError] = list(faults)
    for key, rule, value in ((_NAME, Text(_MOST_NAME), name), (_REPEAT, _REPEATS, repeat)):
        try:
            number = typed_whole(value) if rule is _REPEATS else value
            draft.put(_FORM[key], rule.check(key, number))
        except LabError as error:
            found.append(LinkError(error.rule, received=error.received))
    return found
