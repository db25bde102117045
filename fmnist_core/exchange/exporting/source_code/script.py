"""The exported training as one program: data, network, loss, schedule, `fit` and evaluation.

`program.py.j2` and what it includes are the program; here is what they need to know. Equal seeds
give the images in the same order, changed in the same way, as in the lab.
Not every training can be repeated with Keras and NumPy alone; for the others, it says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise

from jinja2 import Environment, PackageLoader, StrictUndefined

from fmnist_core.augmentation.geometric import CHUNK, ERASED_AREA, ERASED_ASPECT
from fmnist_core.classes import CLASS_NAMES, IMAGE_SIDE
from fmnist_core.config import ModelConfig, RunConfig
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.errors import ConfigError
from fmnist_core.exchange.exporting.formats import one_line
from fmnist_core.exchange.exporting.source_code.cells import Cell, as_cells, as_script
from fmnist_core.models import summarise
from fmnist_core.models.plan import STANDARD_DEVIATION, STANDARD_MEAN, Layer, plan
from fmnist_core.training.schedule import START

PACKAGES = ("keras", "tensorflow", "numpy")
KERAS_MOMENTUM = 0.99
# The lab goes through each batch in halves: see `models/build.py`, which needs Keras, as this must
# not.
HALVES = 2

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}

_TEMPLATES = Environment(
    loader=PackageLoader("fmnist_core.exchange.exporting", "source_code"),
    # Python is no HTML: `_plain` keeps a name within the docstring.
    autoescape=False,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["g"] = "{:g}".format


def script(config: RunConfig, title: str, known: str) -> str:
    """The program as one Python file.

    Raises:
        ConfigError: The run learned from what only this lab has.
    """
    return as_script(program(config, title, known))


def program(config: RunConfig, title: str, known: str) -> list[Cell]:
    """The cells of a program that repeats the training.

    Args:
        title: What it is called; one line.
        known: What the training in the lab came to, as a sentence.

    Raises:
        ConfigError: The run learned from what only this lab has.
    """
    _check_can_be_written(config)
    training, schedule = config.training, config.training.schedule
    text = _TEMPLATES.get_template("program.py.j2").render(
        title=_plain(one_line(title)),
        known=known,
        packages=[f"{name}=={version(name)}" for name in PACKAGES],
        model=config.model,
        training=training,
        augmentation=training.augmentation,
        # In pixels of the image that the network reads.
        shift=training.augmentation.shift * config.model.input_side / IMAGE_SIDE,
        schedule=schedule,
        constant_rate=schedule.kind == "constant" and not schedule.warmup_epochs,
        mixed=training.precision == "mixed_bfloat16",
        optimizers=_OPTIMIZERS,
        halves=HALVES,
        steps_per_execution=HALVES * max(1, min(16, 512 // training.batch_size)),
        class_names=CLASS_NAMES,
        chunk=CHUNK,
        erased_area=ERASED_AREA,
        erased_aspect=ERASED_ASPECT,
        start=START,
        network=_network(config.model),
        parameters=summarise(config.model).parameters,
        mean=STANDARD_MEAN,
        deviation=STANDARD_DEVIATION,
        # What is averaged over a thousand steps needs statistics of as many; each half of a step
        # moves them on.
        norm_momentum=max(KERAS_MOMENTUM, training.ema_decay) ** (1 / HALVES),
    )
    return as_cells(text)


def _plain(title: str) -> str:
    """Nothing in a run's name may end the docstring it stands in, or count as Markdown."""
    for sign, instead in (("\\", "/"), ('"', "'"), ("[", "("), ("]", ")"), ("!", ".")):
        title = title.replace(sign, instead)
    return " ".join(title.split())


def _check_can_be_written(config: RunConfig) -> None:
    """Whether all that the run learned from is public.

    Raises:
        ConfigError: It learned from something that only this lab has; all such things are named.
    """
    training = config.training
    beyond = {
        f"{training.dataset} in place of Fashion-MNIST": training.dataset != FASHION_MNIST,
        "own collections": bool(training.collections),
        "other looks of the images": training.style_augmentation.active,
        "training images left out as suspects": training.exclude_label_issues,
        "images held back by a class": training.class_holdout.active,
        "weights of another network to begin with": bool(training.initial_weights),
        "Muon": training.optimizer == "muon",
        "flips that alternate": training.augmentation.alternates,
        "kernels that do not begin at random": training.whitened_first_layer
        or training.dirac_initialization,
        "a teacher": training.distillation.active,
        "a backbone": config.model.backbone.active,
        "averaged weights that stop early": bool(training.ema_decay and training.early_stopping),
        "a network from a file": config.model.imported.active,
        "an output for other clothing": config.model.other_clothing,
    }
    found = [name for name, there in beyond.items() if there]
    if found:
        raise ConfigError(
            "A script can repeat what needs Keras, NumPy and Fashion-MNIST alone.",
            received=f"a run with {', '.join(found)}",
            advice="Export its network instead, or train without.",
        )


@dataclass(frozen=True)
class _Step:
    """A layer as a line of `build_model`.

    Attributes:
        reads: The variables it reads: `x`, but another one where a shortcut leads past.
        kept_as: The variable that keeps its output for a later layer, or "".
        title: A comment above it, or "".
    """

    layer: Layer
    reads: tuple[str, ...]
    kept_as: str
    title: str


def _network(config: ModelConfig) -> list[_Step]:
    layers = plan(config)
    before = {layer.name: last.name for last, layer in pairwise(layers)}
    paths = {layer.inputs[0] for layer in layers if layer.kind == "add"}
    # What is read by others than the layer right behind; `block2` for what block 2 gives.
    kept = {
        name: "path" if name in paths else name.split("_")[0]
        for layer in layers
        for name in layer.inputs
        if before[layer.name] != name
    }
    return [
        _Step(
            layer,
            tuple(kept.get(name, "x") for name in layer.inputs),
            kept.get(layer.name, ""),
            _title(layer),
        )
        for layer in layers[1:]
    ]


def _title(layer: Layer) -> str:
    if layer.name.endswith(("_conv1", "_conv1_depth")) and "block" in layer.name:
        first = layer.kind == "depthwise" or "kernel" in layer.options
        return f"Block {layer.name[5:].split('_')[0]}" if first else ""
    return {"flatten": "The answer", "global_pool": "The answer"}.get(layer.kind, "")
