"""What a lesson's step keeps as it is, or leaves out, on the page Train."""

from __future__ import annotations

from functools import lru_cache

from fmnist_core.config.override import full_path
from fmnist_core.errors import LessonError
from fmnist_ui.lessons import Step
from fmnist_ui.lessons.place import current
from fmnist_ui.links import training_of


def is_locked(path: str) -> bool:
    """Whether a field of the form, or the group it belongs to, stays as the step set it."""
    return any(path == locked or path.startswith(f"{locked}.") for locked in locked_paths())


def locked_paths() -> tuple[str, ...]:
    """All that stays as it is, by its paths in the step's own configuration."""
    step = _step()
    if step is None:
        return ()
    return _paths(tuple(step.set.items()), step.lock)


# Every field of the form asks, each time it is drawn.
@lru_cache(maxsize=64)
def _paths(choices: tuple[tuple[str, str], ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    # As the lesson's file was checked: a block that the usual network has not may be locked.
    config, _ = training_of(dict(choices))
    return tuple(full_path(config, key) for key in keys)


def is_hidden(part: str) -> bool:
    """Whether a part of the form is left out."""
    step = _step()
    return step is not None and part in step.hide


def _step() -> Step | None:
    try:
        place = current()
    except LessonError:
        # The panel says it.
        return None
    return place.step if place is not None and place.step.page == "train" else None
