"""The wall: a tile a student, live, for the teacher and for the projector.

All tiles are one block of HTML: thirty students cost one element, and a look every two seconds
reads no more than what the runs' event logs have gained since the last one, whoever looks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st
from jinja2 import Environment, Template

from fmnist_core.classroom import Member
from fmnist_core.classroom.stage import Stage, freeze, is_damaged, put_in_spotlight, stage_of
from fmnist_core.engine.waiting_line import ordinal, waiting_line
from fmnist_core.permissions import Person
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import Settings, load_settings
from fmnist_ui.classroom.joining import classroom
from fmnist_ui.classroom.presence import PageView, presence
from fmnist_ui.classroom.spotlight import show_spotlight
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.figures.chart import Palette
from fmnist_ui.followed_runs import history_of
from fmnist_ui.lab_state import known_runs
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette
from fmnist_ui.words import percent, state_words

_SECONDS = 2.0
_PICKED, _LARGE = "wall/picked", "wall/projector"
_IN_ADDRESS = "projector"
# Below this a curve lies on the ground of its tile: all tiles have the same scale.
_LOWEST = 0.5

# With words in it: Streamlit 1.67 leaves a style alone in place when the rest is gone.
_PROJECTOR = """
<style>
:is([data-testid="stSidebar"], [data-testid="stHeader"]) { display: none; }
.st-key-wall_projector { position: fixed; inset: 0; z-index: 999990; overflow: auto;
  width: auto !important; padding: .75rem 1.25rem; background: %(ground)s; }
.st-key-wall_projector h2 { margin: 0; padding: 0; font: 550 1.6rem/1 Fraunces, serif; }
.st-key-spotlight h3 { font-size: 2.6rem; padding: 0; }
.st-key-spotlight [data-testid="stMetricValue"] { font-size: clamp(2.2rem, 4.2vw, 4.5rem); }
.st-key-spotlight :is([data-testid="stMetricLabel"], [data-testid="stCaptionContainer"]) p {
  font-size: 1.25rem; }
</style>
<h2>%(name)s</h2>
"""


@dataclass(frozen=True)
class Tile:
    """One student on the wall.

    Attributes:
        here: Whether they have a browser open.
        doing: Page, step of the lesson, and for how long.
        hand: For how long their hand has been up; empty where it is not.
        run_id: Of the run below; empty where they have none.
        note: How far it is.
        figure: Its validation accuracy after the last epoch.
        curve: The same over the epochs, as points of a polyline in a field of 100 by 24.
        progress: 0 to 1.
        shown: Whether it is in the spotlight.
        hint: What the pointer is told.
    """

    person_id: str
    nickname: str
    here: bool
    doing: str
    hand: str = ""
    run_id: str = ""
    note: str = "no run yet"
    figure: str = ""
    curve: str = ""
    progress: float = 0.0
    shown: bool = False
    hint: str = ""


def show_wall(_teacher: Person, show_way_in: Callable[[], None]) -> None:
    """The section of the page Class.

    Args:
        show_way_in: Draws how to join, for a class in which nobody is yet.
    """
    if st.query_params.get(_IN_ADDRESS):
        st.session_state.setdefault(_LARGE, True)
    _look(show_way_in, bool(_students()))


@st.fragment(run_every=_SECONDS)
def _look(show_way_in: Callable[[], None], had_students: bool) -> None:
    settings, students = load_settings(), _students()
    if bool(students) != had_students:
        # Another page: with the wall, or with the way in.
        st.rerun()
    with page_errors():
        stage, large = stage_of(settings), bool(st.session_state.get(_LARGE))
        with st.container(key="wall_projector" if large else "wall", gap="small"):
            tiles = wall_tiles(students, stage, settings) if students else []
            _show_head(tiles, stage, large)
            if not students:
                st.caption(
                    "Nobody has joined yet. Show the code, or its QR code, on the projector."
                )
                show_way_in()
            elif large and stage.spotlight:
                left, right = st.columns([3, 2], gap="medium")
                with left:
                    _show_spotlight(stage, settings, large)
                with right:
                    _show_tiles(tiles, large=True, brief=True)
            else:
                if stage.spotlight:
                    _show_spotlight(stage, settings, large)
                _show_tiles(tiles, large)


def _students() -> list[Member]:
    return [member for member in classroom().members() if member.role == "student"]


def _show_head(tiles: Sequence[Tile], stage: Stage, large: bool) -> None:
    if is_damaged(load_settings()):
        st.warning(
            "The file class/stage.json is damaged, so nothing is frozen and no run is in the "
            "spotlight. The next change writes it anew.",
            icon=":material/broken_image:",
        )
    with st.container(horizontal=True, vertical_alignment="center", key="wall_head"):
        if large:
            name, ground = escape(classroom().name), palette().background
            st.html(_PROJECTOR % {"ground": ground, "name": name}, width="content")
        # Another window of the teacher's may have changed it.
        st.session_state["wall_freeze"] = stage.frozen
        st.toggle(
            "Eyes to the front",
            value=stage.frozen,
            key="wall_freeze",
            help="Freezes the students' pages, and nothing new trains until you give them back.",
            on_change=_turn_freeze,
        )
        if large:
            st.space("stretch")
        st.button(
            "Back to the page" if large else "Projector",
            icon=":material/close_fullscreen:" if large else ":material/cast:",
            type="primary" if large else "secondary",
            key="wall_projector_button",
            shortcut="Escape" if large else None,
            on_click=_turn_projector,
            args=(not large,),
        )
        if tiles and not large:
            _show_picked(tiles, stage)


def _show_picked(tiles: Sequence[Tile], stage: Stage) -> None:
    """What the teacher may do with the tile that was chosen."""
    picked = st.session_state.get(_PICKED)
    tile = next((tile for tile in tiles if tile.person_id == picked), None)
    if tile is None:
        st.caption("Select a student to show their run to all, or to lower their hand.")
        return
    st.markdown(f"**{plain(tile.nickname)}**", width="content")
    if not tile.run_id:
        st.caption("has no run yet", width="content")
    elif tile.run_id == stage.spotlight:
        st.button("End the spotlight", key="wall_dim", on_click=_shine, args=("",))
    else:
        st.button(
            "Put in the spotlight",
            icon=":material/cast:",
            key="wall_shine",
            on_click=_shine,
            args=(tile.run_id,),
        )
    if tile.hand:
        st.button(
            "Lower hand",
            icon=":material/back_hand:",
            key="wall_lower",
            on_click=_lower,
            args=(tile.person_id,),
        )


def _show_spotlight(stage: Stage, settings: Settings, large: bool) -> None:
    folder = RunFolder(settings.runs_dir / stage.spotlight)
    with st.container(key="spotlight", border=not large, gap="small"):
        show_spotlight(folder, history_of(folder), classroom().nickname(folder.owner), large=large)


def _show_tiles(tiles: Sequence[Tile], large: bool, brief: bool = False) -> None:
    # On the projector nothing can be chosen, but `st.html` would leave out the curves.
    show_pickable(
        wall_html(tiles, palette(), large=large, brief=brief),
        key="wall_tiles_large" if large else "wall_tiles",
        chosen=st.session_state.get(_PICKED, ""),
        on_pick=_pick,
    )


def _pick(person_id: str) -> None:
    st.session_state[_PICKED] = "" if st.session_state.get(_PICKED) == person_id else person_id


def _turn_freeze() -> None:
    with page_errors():
        freeze(load_settings(), bool(st.session_state["wall_freeze"]))


def _turn_projector(large: bool) -> None:
    st.session_state[_LARGE] = large
    if large:
        tell_choice(_IN_ADDRESS, "on")
    else:
        st.query_params.pop(_IN_ADDRESS, None)


def _shine(run_id: str) -> None:
    with page_errors():
        put_in_spotlight(load_settings(), run_id)


def _lower(person_id: str) -> None:
    with page_errors():
        presence.lower_hand(person_id)


def wall_tiles(students: Sequence[Member], stage: Stage, settings: Settings) -> list[Tile]:
    """Raised hands first, the oldest in front; then all by nickname; last who is away."""
    here, hands, now = presence.here(), presence.hands(), time.time()
    waiting = {place.run_id: place.position for place in waiting_line(settings).places}
    runs: dict[str, list[RunSummary]] = {}
    for run in known_runs(settings):
        runs.setdefault(run.owner, []).append(run)
    tiles = []
    for member in students:
        at = here.get(member.id)
        hand = hands.get(member.id) if at else None
        own = _current(runs.get(member.id, ()), waiting)
        tiles.append(
            Tile(
                member.id,
                member.nickname,
                at is not None,
                _doing(at, now),
                _since(hand, now) or "now" if hand else "",
                **(_about(own, waiting, stage, settings) if own else {}),
                hint=_hint(member, at, own),
            )
        )
    turn = list(hands)
    return sorted(
        tiles,
        key=lambda tile: (
            turn.index(tile.person_id) if tile.hand else len(turn),
            not tile.here,
            tile.nickname.casefold(),
        ),
    )


def _current(runs: Sequence[RunSummary], waiting: Mapping[str, int]) -> RunSummary | None:
    """The one that trains, else the next to start, else the newest."""
    last = len(waiting) + 1
    turns = {"running": 0, "paused": 1, "queued": 2}
    return min(
        runs,
        key=lambda run: (turns.get(run.state, 3), waiting.get(run.id, last), -run.created),
        default=None,
    )


def _doing(at: PageView | None, now: float) -> str:
    if at is None:
        return "away"
    step = f", step {at.step} of {at.steps}" if at.step else ""
    since = _since(at.since, now)
    return f"{at.page}{step} · {since}" if since else f"{at.page}{step}"


def _since(then: float | None, now: float) -> str:
    minutes = int((now - then) / 60) if then else 0
    return f"{minutes} min" if minutes else ""


def _hint(member: Member, at: PageView | None, run: RunSummary | None) -> str:
    lesson = at.lesson if at else ""
    return " · ".join(part for part in (member.nickname, lesson, run.name if run else "") if part)


def _about(
    run: RunSummary, waiting: Mapping[str, int], stage: Stage, settings: Settings
) -> dict[str, Any]:
    about: dict[str, Any] = {"run_id": run.id, "shown": run.id == stage.spotlight}
    if run.state == "queued":
        place = waiting.get(run.id)
        return {**about, "note": f"{ordinal(place)} in line" if place else "waits"}
    history = history_of(RunFolder(settings.runs_dir / run.id))
    values = [
        (point.epoch, point.val_accuracy)
        for point in history.epochs_done
        if point.val_accuracy is not None and math.isfinite(point.val_accuracy)
    ]
    latest = values[-1][1] if values else run.best_validation_accuracy
    epochs = history.epochs or run.epochs
    done = f"{max(history.epoch, run.epoch)} of {epochs} epochs"
    word = "" if run.state == "running" else f"{state_words(run.state).word}, "
    return {
        **about,
        "note": word + done,
        "figure": "" if latest is None else percent(latest),
        "curve": _curve(values, epochs),
        "progress": history.progress if run.active else 0.0,
    }


def _curve(values: Sequence[tuple[int, float]], epochs: int) -> str:
    """Points of a polyline; a single one becomes a dot, which a line of no length with round ends
    is."""
    heights = [max(0.0, value - _LOWEST) / (1 - _LOWEST) for _, value in values]
    points = [
        f"{100 * epoch / max(1, epochs):.1f},{24 * (1 - height):.1f}"
        for (epoch, _), height in zip(values, heights, strict=True)
    ]
    return " ".join(points if len(points) != 1 else points * 2)


def wall_html(
    tiles: Sequence[Tile], palette: Palette, *, large: bool = False, brief: bool = False
) -> str:
    """The tiles as one block; nicknames and names of runs are escaped.

    Args:
        large: For the projector: all of them fill the screen.
        brief: Beside a spotlight: names and figures alone.
    """
    # In a field of 16 by 9: as many letters of the size as a tile is wide, and lines as it is high.
    letters, lines, width = (11.0, 2.2, 36.0) if brief else (8.5, 6.1, 95.0)
    counts = range(1, max(1, len(tiles)) + 1)
    rows = {columns: math.ceil(len(tiles) / columns) or 1 for columns in counts}
    columns = max(counts, key=lambda one: min(48 / rows[one] / lines, width / one / letters))
    return _template().render(
        tiles=tiles,
        palette=palette,
        yellow=palette.series[4],
        large=large,
        brief=brief,
        columns=columns,
        rows=rows[columns],
        letters=letters,
        lines=lines,
        width=width,
    )


@cache
def _template() -> Template:
    source = Path(__file__).with_name("wall.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)
