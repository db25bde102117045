"""What is written on a page, and its widgets by their labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest


def words(app: AppTest) -> str:
    """Everything that is written on the page, kind by kind."""
    plain = (app.title, app.subheader, app.markdown, app.caption, app.text)
    told = (app.info, app.success, app.warning, app.error)
    return "\n".join(part.value for parts in (*plain, *told) for part in parts)


def labelled(widgets: Iterable[Any], label: str) -> Any:
    """The first of `widgets` with this label; StopIteration where there is none."""
    return next(widget for widget in widgets if widget.label == label)


def pickable(app: AppTest) -> list[Any]:
    """The pictures that can be clicked, which are given their HTML; the frame's script is not."""
    return [part for part in app.get("bidi_component") if part.proto.json]
