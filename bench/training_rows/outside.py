"""Which share of an epoch's wall time is not spent in the compiled step."""

from __future__ import annotations

from bench.training_rows.row import Raw, Row, Session

_PRESETS = ("quick", "strong")
_EPOCHS = 7


def _outside(session: Session, seed: int) -> Raw:
    """The worse of both presets; of each, what it was and what lies between the step's calls."""
    session.check_data()
    numbers = (session.size.images, session.size.epochs(_EPOCHS), seed)
    raw: Raw = {}
    for name in _PRESETS:
        session.config(name)
        found = session.ask("-m", "bench.outside_step", name, *map(str, numbers))
        raw |= {f"{name}/{key}": value for key, value in found.items()}
    worst = max(_PRESETS, key=lambda name: raw[f"{name}/outside"])
    return {"value": raw[f"{worst}/outside"], "note": f"The worse one is {worst}.", **raw}


ROWS = (
    Row(
        "outside-step",
        "Share of an epoch's wall time beyond that of as many bare compiled steps on a batch that "
        "lies in memory, which take turns with the epochs in the same process; 60 000 images, no "
        "validation, first epoch left out, the worse of the presets quick and strong.",
        _outside,
        goal=0.05,
        beside={
            f"{name}/{key}": f"{name}, {words}"
            for name in _PRESETS
            for key, words in (("outside", "all"), ("between", "between the calls of the step"))
        },
    ),
)
