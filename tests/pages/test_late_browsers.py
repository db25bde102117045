"""What a widget holds is its default too, or a browser that is late to draw it begins elsewhere."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest


def told(app: AppTest) -> Iterator[tuple[str, object, object]]:
    """Each widget with a key: what it begins with in the browser, and what the session holds."""
    for kind in ("selectbox", "radio"):
        for one in app.get(kind):
            yield one.key, one.proto.default if one.proto.HasField("default") else None, one.index
    for one in app.multiselect:
        yield one.key, list(one.proto.default), list(one.indices)
    for one in app.get("button_group"):
        begins = [one.proto.options[place] for place in one.proto.default]
        words = [f"{option.content_icon} {option.content}".strip() for option in begins]
        yield one.key, words, list(one._widget_state.string_array_value.data)
    # One that begins empty can be emptied: see widget_start.py.
    for one in app.number_input:
        if one.proto.HasField("default"):
            yield one.key, one.proto.default, one.value
    for one in app.slider:
        begins = list(one.proto.default)
        yield one.key, begins if len(begins) > 1 else begins[0], _listed(one.value)
    for one in app.select_slider:
        yield one.key, [int(place) for place in one.proto.default], _places(one)
    for kind in ("checkbox", "toggle", "text_input"):
        for one in app.get(kind):
            yield one.key, one.proto.default, one.value


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _places(one: object) -> list[int]:
    return [one.options.index(one.format_func(one.value))]  # type: ignore[attr-defined]


PAGES = (
    *[(name, "") for name in ("data", "sweeps", "try")],
    *[("evaluate", section) for section in ("Confusion matrix", "Calibration")],
    ("train", ""),
)


@pytest.mark.parametrize(("name", "section"), PAGES)
def test_a_second_run_draws_each_widget_with_what_it_holds(
    name, section, open_app, make_run, engine_there
):
    asked = {"section": section} if section else {}
    run = make_run().id
    app = open_app(name, run="new" if name == "train" else run, **asked).run()
    held = list(told(app))
    assert held
    assert [(key, begins, holds) for key, begins, holds in held if key and begins != holds] == []
