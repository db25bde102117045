"""Training with Keras. `check`, `schedule` and `splits` do without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fmnist_core.training.evaluate import evaluate_run_folder
    from fmnist_core.training.loop import TrainResult, train

__all__ = ["TrainResult", "evaluate_run_folder", "train"]


def __getattr__(name: str) -> Any:
    # Lazy: the pages draw `training.schedule` and must never import Keras.
    if name in ("train", "TrainResult"):
        import fmnist_core.training.loop as module

        return getattr(module, name)
    if name == "evaluate_run_folder":
        from fmnist_core.training.evaluate import evaluate_run_folder

        return evaluate_run_folder
    raise AttributeError(name)
