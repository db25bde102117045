"""The wall's tiles: who, what they do, how their run goes; nothing in a name becomes HTML."""

import re

import pytest

from fmnist_core.classroom.stage import Stage
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.settings import load_settings
from fmnist_ui.classroom import wall
from fmnist_ui.classroom.presence import PageView, Presence
from fmnist_ui.figures.chart import Palette
from tests.conftest import act_as

NO_STAGE = Stage()
PALETTE = Palette(*["#000000"] * 7, series=("#111111",) * 8)
CONFIG = override(preset("tiny").config, ("dataset=synthetic-garments", "epochs=4"))


@pytest.fixture
def presence(monkeypatch):
    made = Presence(lambda session: True)
    monkeypatch.setattr(wall, "presence", made)
    return made


@pytest.fixture
def people(classroom, ada):
    """Ada, Bob and Cleo."""
    return [ada, *(classroom.join(classroom.code, name) for name in ("Bob", "Cleo"))]


def tiles(classroom, stage=NO_STAGE):
    students = [member for member in classroom.members() if member.role == "student"]
    return {tile.nickname: tile for tile in wall.wall_tiles(students, stage, load_settings())}


def make_run(person, state="running", name="", accuracies=()):
    act_as(person)
    folder = RunFolder.create(load_settings().runs_dir, CONFIG, name=name)
    writer = EventWriter(folder.events_path)
    if accuracies:
        writer.write("start", attempt=1, epoch=0, epochs=4, steps_per_epoch=9, train_images=540)
    for number, value in enumerate(accuracies, start=1):
        figures = {"loss": 0.5, "accuracy": 0.7, "learning_rate": 1e-3, "val_loss": 0.9}
        writer.write("epoch", epoch=number, seconds=2.0, val_accuracy=value, **figures)
    writer.close()
    folder.change_status(state=state, epoch=len(accuracies), epochs=4, worker="training-1")
    return folder


def test_hands_come_first_then_names_then_who_is_away(classroom, people, presence):
    ada, bob, cleo = people
    for person, session in ((ada, "one"), (cleo, "two")):
        presence.note(person.id, session, PageView("Train", "Overfitting", 3, 7))
    assert list(tiles(classroom)) == ["Ada", "Cleo", "Bob"]
    act_as(cleo)
    presence.raise_hand()
    act_as(bob)
    presence.raise_hand()
    found = tiles(classroom)
    assert list(found) == ["Cleo", "Ada", "Bob"]
    assert (found["Cleo"].hand, found["Bob"].hand) == ("now", "")
    assert (found["Ada"].doing, found["Bob"].doing) == ("Train, step 3 of 7", "away")
    assert "Overfitting" in found["Ada"].hint


def test_a_tile_tells_how_the_run_goes(classroom, people, presence):
    run = make_run(people[0], accuracies=(0.5, 0.75))
    tile = tiles(classroom, Stage(spotlight=run.id))["Ada"]
    assert (tile.note, tile.figure, tile.progress) == ("2 of 4 epochs", "75.0%", 0.5)
    assert (tile.curve, tile.shown) == ("25.0,24.0 50.0,12.0", True)
    assert tiles(classroom)["Bob"].note == "no run yet"


def test_what_trains_is_shown_before_what_waits_and_what_waits_says_its_turn(
    classroom, people, presence
):
    ada, bob, _ = people
    index = RunIndex(load_settings().index_path)
    for person in (bob, ada):
        run = make_run(person, "queued")
        index.add(run.id, fingerprint=run.id, owner=person.id)
    assert tiles(classroom)["Ada"].note == "2nd in line"
    make_run(ada, "finished", accuracies=(0.9,))
    assert tiles(classroom)["Ada"].note == "2nd in line"
    make_run(ada, "paused", accuracies=(0.5,))
    assert tiles(classroom)["Ada"].note == "paused, 1 of 4 epochs"


def test_names_are_text_and_nothing_else(classroom, people, presence):
    hostile = '"><img onerror=x>'
    person = classroom.join(classroom.code, hostile)
    presence.note(person.id, "one", PageView("Train"))
    make_run(person, name="</div><script>x</script>", accuracies=(0.5,))
    for large in (False, True):
        html = wall.wall_html(list(tiles(classroom).values()), PALETTE, large=large)
        assert "<img" not in html
        assert "<script" not in html
        assert "&#34;&gt;&lt;img" in html


@pytest.mark.parametrize(("students", "columns"), [(1, 1), (4, 2), (12, 4), (30, 6)])
def test_the_projector_s_tiles_fill_the_screen(students, columns):
    shown = [wall.Tile(str(number), "Ada", True, "Train") for number in range(students)]
    html = wall.wall_html(shown, PALETTE, large=True)
    assert re.search(r"repeat\((\d+), 1fr\)", html)[1] == str(columns)
    assert "data-pick" not in html
