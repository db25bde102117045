"""A table as a page gets it: types, formats, what can be ticked."""

import json
from typing import Any

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
    chosen = data_table(columns, alt="Two rows.", key="t", selection="multi-row", ticked=[1])
    st.session_state["ticked"] = chosen


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
