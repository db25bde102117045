"""What is written on a page, and its widgets by their labels."""

import re
from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest


def words(app: AppTest) -> str:
    """Everything that is written on the page, kind by kind."""
    plain = (app.title, app.subheader, app.markdown, app.caption, app.text)
    told = (app.info, app.success, app.warning, app.error)
    return "\n".join(part.value for parts in (*plain, *told) for part in parts)


def html(app: AppTest) -> str:
    return "\n".join(part.proto.body for part in app.get("html"))


def text(app: AppTest) -> str:
    """Everything that is written on the page, HTML included."""
    return f"{words(app)}\n{html(app)}"


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def accuracy_said(app: AppTest) -> str:
    """The test accuracy above the sections of Evaluate: a figure, or in one line."""
    line = re.search(r"\*\*Test accuracy ([\d.]+%)\*\*", words(app))
    return line[1] if line else metrics(app)["Test accuracy"]


def labelled(widgets: Iterable[Any], label: str) -> Any:
    """The first of `widgets` with this label; StopIteration where there is none."""
    return next(widget for widget in widgets if widget.label == label)


def pickable(app: AppTest) -> list[Any]:
    """The pictures that can be clicked, which are given their HTML; the frame's script is not."""
    return [part for part in app.get("bidi_component") if part.proto.json]
