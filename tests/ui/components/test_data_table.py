"""A table as a page gets it: types, formats, what can be ticked."""

import json
import math
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


def _table() -> None:
    from datetime import datetime

    import streamlit as st

    from fmnist_ui.components.data_table import (
        COUNT,
        CURVE,
        MOMENT,
        SHARE,
        TAGS,
        WRITTEN,
        Column,
        data_table,
        work_table,
    )

    columns = [
        Column("Name", ["a", "b"], pinned=True),
        Column("Parameters", [12_345, None], COUNT, width=92),
        Column("Test", [0.5, None], SHARE, "Accuracy on the test images."),
        Column("Interval", ["0.1 to 0.2", None], WRITTEN),
        Column("Rate", [1, 0.25], "%.4g"),
        Column("Curve", [[0.2, 0.4], []], CURVE),
        Column("Tags", [["x"], []], TAGS),
        Column("Created", [datetime(2026, 11, 3), datetime(2026, 11, 4)], MOMENT),
    ]
    st.session_state["plain"] = data_table(columns, alt="Two rows.")
    chosen = data_table(columns, alt="Two rows.", key="t", selection="single-row", ticked=[1])
    st.session_state["ticked"] = chosen
    picked = work_table(columns, alt="Two rows.", key="w", ticked=[0, 1], clicked=1)
    st.session_state["picked"] = picked.ticked, picked.clicked


def _configs(app: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(app.dataframe[0].proto.columns)
    return found


def test_every_kind_of_column_has_its_type_and_its_format() -> None:
    app = AppTest.from_function(_table).run()
    assert not app.exception
    frame = app.dataframe[0].value
    assert frame["Parameters"].tolist()[0] == 12_345
    assert frame["Parameters"].isna().tolist() == [False, True]
    assert frame["Test"].isna().tolist() == [False, True]
    assert frame["Rate"].tolist() == [1.0, 0.25]
    config = _configs(app)
    assert config["Name"]["pinned"] is True
    assert config["Test"]["type_config"]["format"] == "percent"
    assert config["Test"]["help"] == "Accuracy on the test images."
    assert config["Parameters"]["width"] == 92
    assert (config["Name"]["alignment"], config["Interval"]["alignment"]) == ("left", "right")
    curve = config["Curve"]["type_config"]
    assert (curve["y_min"], curve["y_max"]) == (0.2, 0.4)


def test_only_a_table_with_a_selection_returns_ticked_rows() -> None:
    app = AppTest.from_function(_table).run()
    assert app.session_state["plain"] == []
    assert app.session_state["ticked"] == [1]


def test_rows_of_a_work_table_are_ticked_and_clicked_apart() -> None:
    app = AppTest.from_function(_table).run()
    assert app.session_state["picked"] == ([0, 1], 1)


@pytest.mark.parametrize(
    ("curves", "scale"),
    [
        ([[0.5]], (0.0, 1.0)),
        ([[2.0, 2.0], []], (1.5, 2.5)),
        ([None, [0.25, None, math.nan, 0.75]], (0.25, 0.75)),
        ([[]], (0.0, 1.0)),
    ],
)
def test_curves_have_a_scale_that_can_be_drawn(
    curves: list[Any], scale: tuple[float, float]
) -> None:
    def page(curves: list) -> None:  # type: ignore[type-arg]
        from fmnist_ui.components.data_table import CURVE, Column, data_table

        data_table([Column("Curve", curves, CURVE)], alt="Curves.")

    app = AppTest.from_function(page, args=(curves,)).run()
    assert not app.exception
    kind = _configs(app)["Curve"]["type_config"]
    assert (kind["y_min"], kind["y_max"]) == scale
