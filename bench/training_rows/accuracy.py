"""How soon, and how accurate: the presets beside ten epochs of a bare Keras script."""

from __future__ import annotations

from collections.abc import Callable

from bench.training_rows.row import Raw, Row, Session
from bench.training_rows.scripts import ROOT, CannotMeasureError
from fmnist_core.models import summarise

REFERENCE = "reference-time"
_GOOD = 0.90


def _reference(session: Session, seed: int) -> Raw:
    session.check_data()
    script = str(ROOT / "bench" / "bare_keras.py")
    epochs = str(session.size.epochs(10))
    found = session.ask(script, "reference-a", str(seed), epochs, str(session.size.images))
    return {"value": found["seconds"], "test_accuracy": found["test_accuracy"]}


def _judged(session: Session, name: str, seed: int) -> Raw:
    """A preset trained as it is: its seconds, and its accuracy as single view and with flip."""
    trained = session.train(session.config(name, f"seed={seed}"))
    return {"seconds": trained.seconds, **session.views(trained.folder.model_path)}


def _quick(session: Session, seed: int) -> Raw:
    reference = session.of(REFERENCE, seed)["value"]
    found = _judged(session, "quick", seed)
    if found["single"] < _GOOD:
        note = f"Only {found['single']:.4f} on the test images, so that its time does not count."
        return {"value": None, "note": note, **found}
    return {"value": found["seconds"] / reference, **found}


def _within(name: str, times: float) -> Callable[[Session, int], Raw]:
    def measure(session: Session, seed: int) -> Raw:
        reference = session.of(REFERENCE, seed)["value"]
        found = _judged(session, name, seed)
        taken = found["seconds"] / reference
        raw = {"value": found["single"], "taken": taken, **found}
        if taken > times:
            raw |= {"missed": True, "note": f"Took {taken:.2f} reference times."}
        return raw

    return measure


def _below(name: str, parameters: int) -> Callable[[Session, int], Raw]:
    def measure(session: Session, seed: int) -> Raw:
        count = summarise(session.config(name).model).parameters
        if count >= parameters:
            raise CannotMeasureError(f"`{name}` has {count} parameters, not under {parameters}.")
        found = _judged(session, name, seed)
        return {"value": found["single"], "parameters": count, **found}

    return measure


_TAKEN = {"taken": "Reference times taken", "flip": "With the mirror image"}
_COUNTED = {"parameters": "Parameters", "flip": "With the mirror image", "seconds": "Seconds"}

ROWS = (
    Row(
        REFERENCE,
        "Seconds of reference-a's 10 epochs in a bare Keras script, 60 000 images.",
        _reference,
        unit="s",
        beside={"test_accuracy": "Test accuracy"},
    ),
    Row(
        "quick-time",
        "Seconds of preset quick over those of the script; counts with 0.90 on the 10 000 test "
        "images, single view, last epoch.",
        _quick,
        goal=0.10,
        beside={"single": "Test accuracy", "seconds": "Seconds"},
    ),
    Row(
        "strong-accuracy",
        "Preset strong on the 10 000 test images, single view, within one reference time.",
        _within("strong", 1.0),
        goal=0.935,
        at_least=True,
        beside=_TAKEN,
    ),
    Row(
        "lesson-accuracy",
        "Preset lesson on the 10 000 test images, single view, within three reference times.",
        _within("lesson", 3.0),
        goal=0.945,
        at_least=True,
        beside=_TAKEN,
    ),
    Row(
        "small-accuracy",
        "Preset small, under 100 000 parameters, on the 10 000 test images, single view.",
        _below("small", 100_000),
        goal=0.940,
        at_least=True,
        beside=_COUNTED,
    ),
    Row(
        "tiny-accuracy",
        "Preset tiny, under 10 000 parameters, on the 10 000 test images, single view.",
        _below("tiny", 10_000),
        goal=0.915,
        at_least=True,
        beside=_COUNTED,
    ),
)
