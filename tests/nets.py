"""Networks that the tests train, plain, small and quick to learn something, and their trainings.

All in float32, so that they do the same on every processor.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core.config import (
    AugmentationConfig,
    BlockConfig,
    ModelConfig,
    RunConfig,
    ScheduleConfig,
    TrainConfig,
    override,
)
from fmnist_core.config.presets import preset
from fmnist_core.runs.events import read_events
from fmnist_core.runs.status import Control

if TYPE_CHECKING:
    from fmnist_core.training import TrainResult


def write_blue_finder(path: Path) -> Path:
    """A cut-out network for tests: what is more blue than red is the garment."""
    import onnx
    from onnx import TensorProto, helper

    shapes = {"picture": (1, 3, 128, 128), "garment": (1, 1, 128, 128)}
    ends = [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()]
    weights = helper.make_tensor("weights", TensorProto.FLOAT, (1, 3, 1, 1), (-20.0, 0.0, 20.0))
    nodes = [
        helper.make_node("Conv", ["picture", "weights"], ["blueness"]),
        helper.make_node("Sigmoid", ["blueness"], ["garment"]),
    ]
    graph = helper.make_graph(nodes, "blue", ends[:1], ends[1:], [weights])
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def train(*args: Any, **options: Any) -> TrainResult:
    """`fmnist_core.training.train`, which loads TensorFlow: not before a test needs it."""
    from fmnist_core import training

    return training.train(*args, **options)


PLAIN = RunConfig(
    model=ModelConfig(
        blocks=(
            BlockConfig(filters=8, batch_norm=True),
            BlockConfig(filters=16, batch_norm=True),
            BlockConfig(filters=32, batch_norm=True, pooling="none"),
        ),
        head="global_average",
        dense=(),
        normalization="standard",
    ),
    training=TrainConfig(
        precision="float32",
        learning_rate=5e-3,
        batch_size=64,
        epochs=8,
        schedule=ScheduleConfig(kind="one_cycle"),
    ),
)

# With shortcuts past its later convolutions.
RESIDUAL = RunConfig(
    model=ModelConfig(
        blocks=(
            BlockConfig(filters=32, convolutions=1, batch_norm=True, pooling="max"),
            BlockConfig(filters=64, convolutions=2, batch_norm=True, pooling="max", residual=True),
            BlockConfig(
                filters=128, convolutions=2, batch_norm=True, pooling="none", residual=True
            ),
        ),
        head="global_average",
        dense=(),
        head_dropout=0.2,
        normalization="standard",
    ),
    training=TrainConfig(
        precision="float32",
        optimizer="adamw",
        learning_rate=4e-3,
        weight_decay=0.02,
        label_smoothing=0.05,
        batch_size=128,
        epochs=12,
        schedule=ScheduleConfig(kind="one_cycle"),
        augmentation=AugmentationConfig(flip=True, shift=2),
    ),
)

# The preset Quick, slimmer.
SMALL = (
    *("precision=float32", "dataset=synthetic-garments", "batch_size=20", "epochs=1"),
    *("schedule=constant", "model.blocks.0.filters=6", "model.blocks.1.filters=8", "dense=[16]"),
)


def small(*changes: str) -> RunConfig:
    return override(preset("quick").config, [*SMALL, *changes])


def tiny(*changes: str) -> RunConfig:
    return override(PLAIN, ["dataset=synthetic-garments", *changes])


def seeded(config: RunConfig, seed: int) -> Any:
    """The network of a configuration as this seed draws it."""
    import keras

    from fmnist_core.models.build import build_model

    keras.utils.set_random_seed(seed)
    return build_model(config.model)


def crash(epoch: int) -> Any:
    """Ends a training when it begins this epoch, counted from 0, as a power cut would."""
    import keras

    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, now: int, logs: object = None) -> None:
            if now == epoch:
                raise SystemError("as if the machine went away")

    return Crash()


def slow(seconds: float) -> Any:
    """Makes each step of a training last."""
    import time

    import keras

    class Slow(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            self.steps += 1
            time.sleep(seconds)

    return Slow()


class StopsAtOnce:
    """A person who stops a training from the beginning."""

    def read(self) -> Control:
        return Control(stop=True)


class Stops:
    """A person who stops a training once it has taken a step, which lasts so many seconds.

    Not before: where the first images take long, a training would end without any.
    """

    def __init__(self, seconds: float) -> None:
        self._slow = slow(seconds)
        self.arguments = {"control": self, "callbacks": [self._slow]}

    def read(self) -> Control:
        return Control(stop=self._slow.steps > 0)


def events(run: Path, kind: str) -> list[dict[str, Any]]:
    """What a training told of this kind."""
    return [event for event in read_events(run / "events.jsonl")[0] if event["kind"] == kind]


def figures(run: Path, name: str) -> list[float]:
    """One figure of each epoch."""
    return [event[name] for event in events(run, "epoch")]
