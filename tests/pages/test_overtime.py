"""Training dynamics: one slider moves everything, and runs without a trace are told as such."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage, PinnedImageStore
from fmnist_core.runs.trace import LayerFacts, LayerState, Snapshot, TraceWriter
from fmnist_core.settings import load_settings
from tests.pages.conftest import MakeRun
from tests.pages.reading import text as shown

PROBE = PinnedImage(np.full((28, 28), 40, np.uint8), "my <shoe>", 7, "drawn")


def snapshot(epochs: float, *, right: int, filters: bool = True, dead: float = 0.1) -> Snapshot:
    """`right` of ten images of each class recognised, the others taken for the next class."""
    each = np.eye(10, dtype=np.int32)
    confusion = each * right + np.roll(each, 1, 1) * (10 - right)
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
        pinned_images=[PROBE],
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


def test_the_end_is_shown_first_and_the_slider_moves_all(traced, open_app):
    app = open_app("training_dynamics", run=traced.id)
    assert "**Epoch 3**" in shown(app)
    assert "80.0% of 100 validation images" in shown(app)
    assert "✓ Sneaker" in shown(app)
    assert "Their change since initialization" in shown(app)
    assert "No problem found" in shown(app)
    app.select_slider(key=f"overtime/{traced.id}/place").set_value(0).run()
    assert "**Beginning**" in shown(app)
    assert "10.0% of 100" in shown(app)
    assert "✗ Ankle boot" in shown(app)
    assert "82% · true Sneaker" in shown(app)
    assert "my &lt;shoe&gt;" in shown(app)
    assert "my <shoe>" not in shown(app)


def test_playing_goes_from_the_beginning_to_the_end(traced, open_app):
    app = open_app("training_dynamics", run=traced.id)
    app.button(key="overtime_play").click().run()
    places = []
    for _ in range(8):
        places.append(app.session_state[f"overtime/{traced.id}/place"])
        app.run()
    assert places[:5] == sorted(set(places[:5]))
    assert places[0] <= 1
    assert app.session_state[f"overtime/{traced.id}/place"] == 4
    assert app.button(key="overtime_play").label == "Play"


def test_who_looks_at_the_end_follows_a_run_that_trains(busy, open_app, engine_there):
    write_trace(busy, snapshot(0.0, right=1), snapshot(1.0, right=3))
    app = open_app("training_dynamics", run=busy.id)
    assert "**Epoch 1**" in shown(app)
    write_trace(busy, snapshot(0.0, right=1), snapshot(1.0, right=3), snapshot(2.0, right=5))
    app.run()
    assert "**Epoch 2**" in shown(app)
    app.select_slider(key=f"overtime/{busy.id}/place").set_value(0).run()
    write_trace(busy, *(snapshot(float(n), right=n + 1) for n in range(5)))
    app.run()
    assert "**Beginning**" in shown(app)


def test_what_was_found_stands_on_top_with_its_evidence(make_run, open_app):
    folder = make_run("dying")
    write_trace(folder, snapshot(0.0, right=1), snapshot(1.0, right=8, dead=0.9))
    app = open_app("training_dynamics", run=folder.id)
    (warning,) = app.warning
    assert "dead" in warning.value
    assert "36 of 40" in warning.value


def test_an_older_run_shows_its_curves_and_says_what_is_missing(make_run, open_app):
    app = open_app("training_dynamics", run=make_run("older").id)
    assert "has no snapshots" in shown(app)
    assert "Only the curves" in shown(app)
    assert "**Accuracy**" in shown(app)


def test_a_run_stopped_before_its_first_step_is_told_calmly(make_run, open_app):
    run = make_run("stopped", state="stopped", epochs=0, judged=False)
    app = open_app("training_dynamics", run=run.id)
    assert not app.error
    assert "has no snapshots" in shown(app)


def test_a_damaged_trace_shows_the_rest(traced, open_app):
    lines = traced.trace_path.read_bytes().splitlines(keepends=True)
    lines[3] = b'{"kind": "snapshot", "epochs": 1.0, "conf\n'
    traced.trace_path.write_bytes(b"".join(lines))
    app = open_app("training_dynamics", run=traced.id)
    assert "cannot be read" in shown(app)
    assert "No snapshot was kept after epoch 1" in shown(app)
    assert "**Epoch 3**" in shown(app)


def test_a_network_without_filters_and_with_one_snapshot(make_run, open_app):
    folder = make_run("plain")
    write_trace(folder, snapshot(0.0, right=1, filters=False))
    app = open_app("training_dynamics", run=folder.id)
    assert "no layer whose weights" in shown(app)
    assert not app.select_slider


def test_without_runs_there_is_a_way_to_the_first_and_a_shipped_network_to_look_at(open_app, home):
    app = open_app("training_dynamics")
    assert "No finished run of your own yet" in shown(app)
    assert app.selectbox(key="overtime_run").value == "shipped-catalogue"
    assert "**Comes with the lab**" in shown(app)
    assert app.get("vega_lite_chart")
    none = "This run does not record its training dynamics."
    assert none not in shown(app)
    app.selectbox(key="overtime_run").set_value("shipped-everyday").run()
    assert none in shown(app)


def test_pins_are_listed_and_taken_away(open_app, traced):
    store = PinnedImageStore(load_settings())
    store.pin(PROBE)
    app = open_app("training_dynamics", run=traced.id)
    assert "my &lt;shoe&gt;" in shown(app)
    assert app.selectbox(key="overtime_unpin").options == ["my <shoe>, Sneaker (drawn)"]
    app.selectbox(key="overtime_unpin").select_index(0).run()
    app.button(key="overtime_unpin_now").click().run()
    assert store.list() == ()


def test_trains_live_view_shows_what_the_probes_are_taken_for(busy, open_app, engine_there):
    write_trace(busy, snapshot(0.0, right=1), snapshot(1.0, right=8))
    assert "✓ Sneaker" in shown(open_app("train", run=busy.id))


def _page_with_a_pin() -> None:
    import numpy as np

    from fmnist_ui.components.pinned_images import pin_button

    pin_button(np.full((28, 28), 5, np.uint8), "my bag", 8, "drawn", "pin")


def test_an_image_is_pinned_and_unpinned_where_it_is_seen(home):
    app = AppTest.from_function(_page_with_a_pin).run()
    app.button(key="pin").click().run()
    (pinned,) = PinnedImageStore(load_settings()).list()
    assert (pinned.title, pinned.label, pinned.source) == ("my bag", 8, "drawn")
    assert app.button(key="pin").label == "Unpin"
    app.button(key="pin").click().run()
    assert PinnedImageStore(load_settings()).list() == ()
    PinnedImageStore(load_settings()).pin(
        PinnedImage(np.full((28, 28), 5, np.uint8), "my bag", None, "drawn")
    )
    AppTest.from_function(_page_with_a_pin).run()
    (pinned,) = PinnedImageStore(load_settings()).list()
    assert pinned.label == 8


def test_one_pin_too_many_is_explained(home):
    store = PinnedImageStore(load_settings())
    for number in range(24):
        store.pin(PinnedImage(np.full((28, 28), 100 + number, np.uint8), f"Image {number}"))
    app = AppTest.from_function(_page_with_a_pin).run()
    app.button(key="pin").click().run()
    assert "At most 24" in app.error[0].value
    assert len(store.list()) == 24
