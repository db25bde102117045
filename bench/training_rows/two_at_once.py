"""Two trainings at once on all cores, against one after the other."""

from __future__ import annotations

import time

from bench.training_rows.row import Raw, Row, Session

# A preset and its epochs: enough for one run to outlast its start.
_KINDS = {"quick": 4, "small": 2}


def _two(session: Session, seed: int) -> Raw:
    """The worse of both ratios; which comes first alternates."""
    session.check_data()
    both = [1, 2] if seed % 2 == 0 else [2, 1]
    seconds = {slots: _seconds(session, slots, seed) for slots in both}
    raw: Raw = {name: seconds[2][name] / seconds[1][name] for name in _KINDS}
    return {"value": max(raw.values()), **raw, "seconds": seconds}


def _seconds(session: Session, slots: int, seed: int) -> dict[str, float]:
    session.engine.start(slots)
    return {name: _pair(session, name, slots, seed) for name in _KINDS}


def _pair(session: Session, name: str, slots: int, seed: int) -> float:
    """From handing in both to the end of the later one."""
    epochs = session.size.epochs(_KINDS[name])
    one, other = (
        session.config(name, f"seed={2 * seed + number}", f"epochs={epochs}") for number in (0, 1)
    )
    began = time.time()
    return max(run.ended for run in session.engine.train(one, other, slots=slots)) - began


ROWS = (
    Row(
        "two-at-once",
        "Wall time of two runs at once (FMNIST_SLOTS=2) over that of one after the other (1), "
        "from handing in to judged, engine warm; the worse of the presets quick (4 epochs) and "
        "small (2).",
        _two,
        goal=1.0,
        beside={name: name for name in _KINDS},
    ),
)
