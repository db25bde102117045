"""Over time: one slider moves everything, and runs without a trace are told as such."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import Probe, ProbeStore
from fmnist_core.runs.trace import LayerFacts, LayerState, Snapshot, TraceWriter
from fmnist_core.settings import load_settings
from tests.pages.conftest import MakeRun

Open = Callable[..., AppTest]
PROBE = Probe(np.full((28, 28), 40, np.uint8), "my <shoe>", 7, "drawn")


def snapshot(epochs: float, *, right: int, filters: bool = True, dead: float = 0.1) -> Snapshot:
    """`right` of ten images of each class recognised, the others taken for the next class."""
    confusion = np.eye(10, dtype=np.int32) * right + np.roll(np.eye(10, dtype=np.int32), 1, 1) * (
        10 - right
    )
    said = np.full((1, 10), 0.02, np.float32)
    said[0, 7 if right > 5 else 9] = 0.82
    kernel = np.full((3, 3, 1, 4), epochs, np.float32)
    layers = (LayerState(1.0, 0.5, 1e-3, dead), LayerState(2.0, 0.5, 1e-3, None))
    step = round(9 * epochs)
    return Snapshot(epochs, step, 60 * step, confusion, kernel if filters else None, said, layers)


def write_trace(folder: RunFolder, *snapshots: Snapshot) -> None:
    writer = TraceWriter(folder.trace_path)
    layers = (LayerFacts("block1_conv1", 36, 40), LayerFacts("answer", 100, 10))
    writer.begin(
        attempt=1, epoch=0, epochs=3, steps_per_epoch=9, watched="validation", layers=layers,
        probes=[PROBE],
    )  # fmt: skip
    for one in snapshots:
        writer.snapshot(one)
    writer.close()


@pytest.fixture
def traced(make_run: MakeRun) -> RunFolder:
    folder = make_run("traced")
    places = ((0.0, 1), (0.25, 4), (1.0, 6), (2.0, 7), (3.0, 8))
    write_trace(folder, *(snapshot(epochs, right=right) for epochs, right in places))
    return folder


def shown(app: AppTest) -> str:
    html = [element.proto.body for element in app.get("html")]
    return "\n".join([*(one.value for one in (*app.markdown, *app.caption)), *html])


def test_the_end_is_shown_first_and_the_slider_moves_all(traced: RunFolder, open_app: Open) -> None:
    app = open_app("overtime", run=traced.id)
    assert not app.exception
    assert "**Epoch 3**" in shown(app)
    assert "80.0 % of 100 held-back images" in shown(app)
    assert "✓ Sneaker" in shown(app)
    assert "Their change since the beginning" in shown(app)
    assert "Nothing found" in shown(app)
    app.select_slider(key=f"overtime/{traced.id}/place").set_value(0).run()
    assert "**Beginning**" in shown(app)
    assert "10.0 % of 100" in shown(app)
    assert "✗ Ankle boot" in shown(app)
    assert "82 % · really Sneaker" in shown(app)
    assert "my &lt;shoe&gt;" in shown(app)
    assert "my <shoe>" not in shown(app)


def test_playing_goes_from_the_beginning_to_the_end(traced: RunFolder, open_app: Open) -> None:
    app = open_app("overtime", run=traced.id)
    app.button(key="overtime_play").click().run()
    places = []
    for _ in range(8):
        places.append(app.session_state[f"overtime/{traced.id}/place"])
        app.run()
    assert places[:5] == sorted(set(places[:5]))
    assert places[0] <= 1
    assert app.session_state[f"overtime/{traced.id}/place"] == 4
    assert app.button(key="overtime_play").label == "Play"


def test_who_looks_at_the_end_follows_a_run_that_trains(
    make_run: MakeRun, open_app: Open, engine_there: None
) -> None:
    folder = make_run("live", state="running", judged=False, worker="training-1")
    write_trace(folder, snapshot(0.0, right=1), snapshot(1.0, right=3))
    app = open_app("overtime", run=folder.id)
    assert "**Epoch 1**" in shown(app)
    write_trace(folder, snapshot(0.0, right=1), snapshot(1.0, right=3), snapshot(2.0, right=5))
    app.run()
    assert "**Epoch 2**" in shown(app)
    app.select_slider(key=f"overtime/{folder.id}/place").set_value(0).run()
    write_trace(folder, *(snapshot(float(n), right=n + 1) for n in range(5)))
    app.run()
    assert "**Beginning**" in shown(app)


def test_what_was_found_stands_on_top_with_its_evidence(make_run: MakeRun, open_app: Open) -> None:
    folder = make_run("dying")
    write_trace(folder, snapshot(0.0, right=1), snapshot(1.0, right=8, dead=0.9))
    app = open_app("overtime", run=folder.id)
    (warning,) = app.warning
    assert "dead" in warning.value
    assert "36 of 40" in warning.value


def test_an_older_run_shows_its_curves_and_says_what_is_missing(
    make_run: MakeRun, open_app: Open
) -> None:
    app = open_app("overtime", run=make_run("older").id)
    assert not app.exception
    assert "has no snapshots" in shown(app)
    assert "Only the curves" in shown(app)
    assert "**Accuracy**" in shown(app)


def test_a_run_stopped_before_its_first_step_is_told_calmly(
    make_run: MakeRun, open_app: Open
) -> None:
    app = open_app("overtime", run=make_run("stopped", state="stopped", epochs=0, judged=False).id)
    assert not app.exception
    assert not app.error
    assert "has no snapshots" in shown(app)


def test_a_damaged_trace_shows_the_rest(traced: RunFolder, open_app: Open) -> None:
    lines = traced.trace_path.read_bytes().splitlines(keepends=True)
    lines[3] = b'{"kind": "snapshot", "epochs": 1.0, "conf\n'
    traced.trace_path.write_bytes(b"".join(lines))
    app = open_app("overtime", run=traced.id)
    assert "cannot be read" in shown(app)
    assert "No snapshot was kept after epoch 1" in shown(app)
    assert "**Epoch 3**" in shown(app)


def test_a_network_without_filters_and_with_one_snapshot(make_run: MakeRun, open_app: Open) -> None:
    folder = make_run("plain")
    write_trace(folder, snapshot(0.0, right=1, filters=False))
    app = open_app("overtime", run=folder.id)
    assert not app.exception
    assert "no layer whose weights" in shown(app)
    assert not app.select_slider


def test_without_runs_there_is_a_way_to_the_first(open_app: Open, home: object) -> None:
    app = open_app("overtime")
    assert not app.exception
    assert "No finished run of your own yet" in shown(app)


def test_without_runs_a_shipped_network_shows_what_is_known_of_its_training(
    open_app: Open, home: object
) -> None:
    app = open_app("overtime")
    assert app.selectbox(key="overtime_run").value == "shipped-catalogue"
    assert "**Comes with the lab**" in shown(app)
    assert app.get("vega_lite_chart")
    assert "This run has no snapshots" not in shown(app)
    # It is older than snapshots are.
    app.selectbox(key="overtime_run").set_value("shipped-everyday").run()
    assert not app.exception
    assert "This run has no snapshots" in shown(app)


def test_pins_are_listed_and_taken_away(open_app: Open, traced: RunFolder) -> None:
    store = ProbeStore(load_settings())
    store.pin(PROBE)
    app = open_app("overtime", run=traced.id)
    assert "my &lt;shoe&gt;" in shown(app)
    assert app.selectbox(key="overtime_unpin").options == ["my <shoe>, Sneaker (drawn)"]
    app.selectbox(key="overtime_unpin").select_index(0).run()
    app.button(key="overtime_unpin_now").click().run()
    assert not app.exception
    assert store.list() == ()


def test_trains_live_view_shows_what_the_probes_are_taken_for(
    make_run: MakeRun, open_app: Open, engine_there: None
) -> None:
    folder = make_run("live", state="running", judged=False, worker="training-1")
    write_trace(folder, snapshot(0.0, right=1), snapshot(1.0, right=8))
    app = open_app("train", run=folder.id)
    assert not app.exception
    assert "✓ Sneaker" in shown(app)


def _page_with_a_pin() -> None:
    import numpy as np

    from fmnist_ui.components.pinned_images import pin_button

    pin_button(np.full((28, 28), 5, np.uint8), "my bag", 8, "drawn", "pin")


def test_an_image_is_pinned_and_unpinned_where_it_is_seen(home: object) -> None:
    app = AppTest.from_function(_page_with_a_pin).run()
    app.button(key="pin").click().run()
    (pinned,) = ProbeStore(load_settings()).list()
    assert (pinned.title, pinned.label, pinned.source) == ("my bag", 8, "drawn")
    assert app.button(key="pin").label == "Unpin"
    app.button(key="pin").click().run()
    assert ProbeStore(load_settings()).list() == ()


def test_what_is_said_of_an_image_after_it_was_pinned_is_known(home: object) -> None:
    ProbeStore(load_settings()).pin(Probe(np.full((28, 28), 5, np.uint8), "my bag", None, "drawn"))
    AppTest.from_function(_page_with_a_pin).run()
    (pinned,) = ProbeStore(load_settings()).list()
    assert pinned.label == 8


def test_one_pin_too_many_is_explained(home: object) -> None:
    store = ProbeStore(load_settings())
    for number in range(24):
        store.pin(Probe(np.full((28, 28), 100 + number, np.uint8), f"Probe {number}"))
    app = AppTest.from_function(_page_with_a_pin).run()
    app.button(key="pin").click().run()
    assert "At most 24" in app.error[0].value
    assert len(store.list()) == 24
