"""What steps cost: in two halves of the batch, of backbones and of larger networks.

    python -m bench.steps halves [PRESET …] [--rounds 5] [--precision float32|mixed_bfloat16]
    python -m bench.steps backbones [NAME …]
    python -m bench.steps growth [--rounds 5] [--output docs/images/cost.svg]

docs/performance.md, "Steps in two halves" and "oneDNN and steps in two halves": whole and halved
steps take turns, each with the threads that it is meant to have; milliseconds an image, median over
the rounds, and the median of the rounds' ratios. "Transfer learning": seconds for 1 000 images at
rest and learning (processor time over the cores, so that what else runs counts little), MB of
memory and of a saved network. "How the cost grows": a picture and its table, of reference-a with
its filters times a width, and (dashed) the machine's limit: three times the counted multiply-adds
(forward, and backward twice as much) over the rate of a matrix product of the same precision. A
quick look at any: `--images 256 --rounds 1`. Each is measured in a process of its own, with random
images and weights, which do not change the cost. `bench.records` has other functions
called.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from fmnist_core.config import BackboneConfig, ModelConfig, RunConfig, TrainConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.config.training import COMPUTED_PRECISIONS
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.label_issues import near_duplicate_images
from fmnist_core.datasets.load import load_dataset
from fmnist_core.models import summarise
from fmnist_core.models.backbones import BACKBONES, side_of
from fmnist_core.settings import load_settings
from fmnist_core.training.threads import share_cores

ROOT = Path(__file__).parent.parent
_PRESETS = ("quick", "strong", "lesson", "small", "tiny", "best", "reference-a")
# What of the growth is varied: its values, what the panel shows, the name of its x, and what x is.
_AXES: dict[str, tuple[list[float], str, str, str]] = {
    "images": ([1024, 4096, 16384, 60000], "Seconds an epoch", "images in an epoch", "images"),
    "width": ([0.125, 0.25, 0.5, 1, 2, 4], "µs an image", "parameters", "parameters"),
    "batch": ([8, 32, 128, 512, 2048], "µs an image", "images in a step", "batch_size"),
}
_NAMES = {"float32": "float32", "mixed_bfloat16": "bfloat16"}
_LIGHT = ("#ffffff", "#5f6b76", "#1f2933", "#e3e7ea", "#0b6bcb", "#c2410c")
_DARK = ("#12181e", "#9aa7b2", "#e6ebef", "#2a333b", "#6cb4ff", "#ff9d5c")
_RULES = ".card{{fill:{0}}} text{{fill:{1}}} .head{{fill:{2}}} .grid{{stroke:{3};stroke-width:1}} "
_RULES += ".s0{{stroke:{4}}} .d0{{fill:{4}}} .s1{{stroke:{5}}} .d1{{fill:{5}}}"


class CannotMeasureError(Exception):
    """Something is not here, or did not run; says in a sentence what."""


def ask(
    *command: str, python: str = sys.executable, given: Any = None, home: Path | None = None
) -> dict[str, Any]:
    """Runs `python COMMAND…` from the project's folder, `given` as JSON; ends with a JSON line."""
    surroundings = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", **os.environ}
    surroundings |= {"FMNIST_HOME": str(home)} if home else {}
    how: Any = {"capture_output": True, "text": True, "cwd": ROOT, "env": surroundings}
    done = subprocess.run([python, *command], input=json.dumps(given), **how)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise CannotMeasureError(f"`{' '.join(command)[:100]}` failed: {last[:300]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def call(function: str, *given: Any, home: Path | None = None) -> dict[str, Any]:
    """A function of this module, such as `fit`, in a process of its own (see `ask`)."""
    code = "import json, sys, bench.steps as s; "
    code += f"print(json.dumps(s.{function}(*json.load(sys.stdin))))"
    return ask("-c", code, given=given, home=home)


def markdown(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """A table; `heads` may be empty where rows are added to one."""
    above = [heads, ["---"] * len(heads)] if heads else []
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in [*above, *rows])


def least(work: Callable[[], Any], tries: int = 3) -> tuple[float, float]:
    """Wall and processor time of the fastest try but the first: what else runs only adds to it."""
    taken = []
    for _ in range(tries + 1):
        began = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    walls, processor = zip(*taken[1:], strict=True)
    return min(walls), min(processor)


def run_through(function: Callable[[Iterator[Any]], Any], steps: Iterator[Any]) -> None:
    """Calls a compiled step function until `steps` has no batch left, without `fit` around it."""
    import tensorflow as tf

    try:
        while True:
            function(steps)
    except (StopIteration, tf.errors.OutOfRangeError):
        # The latter where it takes several steps at once and finds the end in the midst of them.
        return


def seconds_of(
    config: RunConfig, images: int, *, epoch: int = 0, whole: bool = False
) -> tuple[float, float]:
    """Wall and processor time of the compiled step (or, `whole`, of Keras' own) over random
    images, with what learns in this epoch."""
    from fmnist_core.lab_keras import keras
    from fmnist_core.training.compile import compile_for, compiled_model
    from fmnist_core.training.dataloader import batches
    from fmnist_core.training.freezing import Freezing

    size = config.training.batch_size
    steps = -(-images // size)
    model: Any = compiled_model(config, steps)
    if Freezing(config, tuple).apply(model, epoch):
        compile_for(model, config, steps)
    if whole:
        model.train_step = keras.Model.train_step.__get__(model)
    random = np.random.default_rng(0)
    shown = random.integers(0, 256, (images, 28, 28), np.uint8)
    fed = batches((shown, random.integers(0, 10, images, np.uint8)), size)
    model.make_train_function()
    return least(lambda: run_through(model.train_function, iter(fed)))


def halves(options: argparse.Namespace) -> None:
    print(markdown(["preset", "batch", "whole, ms an image", "halved", "ratio"], []))
    for name in options.names or _PRESETS:
        config = override(preset(name).config, [f"precision={options.precision}"])
        took: dict[str, list[float]] = {"whole": [], "halved": []}
        for _ in range(options.rounds):
            for side, own in took.items():
                given = (name, side, options.precision, options.images or 8_192)
                own.append(call("side", *given)["ms"])
        whole, halved = took.values()
        ratio = median(h / w for h, w in zip(halved, whole, strict=True))
        medians = f"{median(whole):.3f}", f"{median(halved):.3f}", f"{ratio:.2f}"
        print(markdown([], [[name, config.training.batch_size, *medians]]), flush=True)


def side(name: str, which: str, precision: str, images: int) -> dict[str, float]:
    """`ms` an image of `whole` or `halved` steps."""
    if which == "halved":
        share_cores(os.cpu_count() or 1)
    config = override(preset(name).config, [f"precision={precision}"])
    return {"ms": 1000 * seconds_of(config, images, whole=which == "whole")[0] / images}


def backbones(options: argparse.Namespace) -> None:
    for name in options.names or BACKBONES:
        print(json.dumps(call("backbone", name, options.images or 256)), flush=True)


def backbone(name: str, images: int) -> dict[str, Any]:
    share_cores(os.cpu_count() or 1)
    from fmnist_core.models.build import build_model

    model = ModelConfig(blocks=(), backbone=BackboneConfig(name), head="global_average", dense=())
    training = TrainConfig(epochs=2, frozen_epochs=1, batch_size=32, precision="float32")
    found: dict[str, Any] = {"backbone": name, "side": side_of(BackboneConfig(name))}
    for epoch, what in enumerate(("resting", "learning")):
        seconds = seconds_of(RunConfig(model, training), images, epoch=epoch)[1]
        found[f"seconds_{what}"] = round(1000 * seconds / images / (os.cpu_count() or 1), 2)
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        build_model(model).save(path)
        found["file_mb"] = round(path.stat().st_size / 1e6, 1)
    summary = summarise(model)
    return found | {"parameters": summary.parameters, "multiply_adds": summary.multiply_adds}


def growth(options: argparse.Namespace) -> None:
    tries: dict[str, list[list[dict[str, Any]]]] = {precision: [] for precision in _NAMES}
    for precision in [*_NAMES] * options.rounds:
        # The rate in a process of its own, since a training shares out the cores otherwise.
        most = call("rate", precision, options.images)["rate"]
        found = call("points", precision, options.images)["points"]
        for one in found:
            one["limit"] = 3 * one["multiply_adds"] * one["images"] / most
        tries[precision].append(found)
    lines: dict[str, list[dict[str, Any]]] = {}
    for precision, own in tries.items():
        lines[precision] = [same[0] for same in zip(*own, strict=True)]
        for point, *same in zip(lines[precision], *own, strict=True):
            point |= {key: median(one[key] for one in same) for key in ("seconds", "limit")}
    options.output.write_text(svg(lines))
    heads, rows = ["parameters", "batch", "images", "float32", "limit", "bfloat16", "limit"], []
    for both in zip(*lines.values(), strict=True):
        facts = [f"{both[0][key]:,}" for key in ("parameters", "batch_size", "images")]
        rows.append(facts + [f"{one[key]:.3g}" for one in both for key in ("seconds", "limit")])
    print(markdown(heads, rows))


def points(precision: str, few: int | None) -> dict[str, list[dict[str, Any]]]:
    """`points`: what each took in this precision; with `few` images, one point an axis."""
    share_cores(os.cpu_count() or 1)
    found = []
    steps = [(axis, one) for axis, (own, *_) in _AXES.items() for one in own[: 1 if few else None]]
    for axis, value in steps:
        count = int(value) if axis == "images" else few or 8_192
        batch, width = int(value) if axis == "batch" else 128, value if axis == "width" else 1
        network = preset("reference-a").config.model
        wide = [replace(one, filters=max(1, round(one.filters * width))) for one in network.blocks]
        network = replace(network, blocks=tuple(wide))
        plain: Any = {"validation_share": 0, "keep_weights": "last", "precision": precision}
        training, summary = TrainConfig(batch_size=batch, **plain), summarise(network)
        point = {"parameters": summary.parameters, "multiply_adds": summary.multiply_adds}
        point |= {"axis": axis, "images": count, "batch_size": batch}
        found.append(point | {"seconds": seconds_of(RunConfig(network, training), count)[0]})
    return {"points": found}


def rate(precision: str, few: int | None) -> dict[str, float]:
    """`rate`: multiply-adds a second in products of square matrices on all cores."""
    import tensorflow as tf

    dtype, side = tf.bfloat16 if precision == "mixed_bfloat16" else tf.float32, few or 2_048
    one = tf.cast(tf.random.normal((side, side)), dtype)
    return {"rate": side**3 / least(lambda: tf.linalg.matmul(one, one).numpy(), 10)[0]}


def svg(lines: dict[str, list[dict[str, Any]]]) -> str:
    """Panels of lines on logarithmic axes, legible in light and in dark."""
    title, x = "Time of the compiled training step", 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1144 394" role="img" '
        f'aria-label="{title}"><style>text{{font:12px system-ui,sans-serif}} '
        ".head{font-weight:600} path{fill:none;stroke-width:2;stroke-linejoin:round} "
        f".limit{{stroke-dasharray:5 4;stroke-width:1.5}} {_RULES.format(*_LIGHT)} "
        f"@media (prefers-color-scheme:dark){{{_RULES.format(*_DARK)}}}</style>",
        '<rect class="card" width="1144" height="394" rx="10"/>'
        f'<text class="head" x="24" y="34">{title}</text>',
    ]
    for (color, name), limit in product(enumerate(_NAMES.values()), (False, True)):
        parts.append(f'<path class="s{color}{" limit" * limit}" d="M{x} 52h26"/>')
        parts.append(_text(x + 34, 56, name + ", machine&apos;s limit" * limit, "start"))
        x += 240 if limit else 120
    for number, (axis, (_, title, x_name, key)) in enumerate(_AXES.items()):
        left, drawn = 64 + 376 * number, []
        for (color, line), what in product(enumerate(lines.values()), ("seconds", "limit")):
            own = [point for point in line if point["axis"] == axis]
            scaled = [p[what] * (1 if axis == "images" else 1e6 / p["images"]) for p in own]
            drawn.append((color, what == "limit", [p[key] for p in own], scaled))
        across, x_ticks = _axis([x for *_, xs, _ in drawn for x in xs], left, left + 300)
        up, y_ticks = _axis([y for *_, ys in drawn for y in ys], 332, 92)
        parts.append(f'<text class="head" x="{left}" y="80">{title}</text>')
        parts += [f'<path class="grid" d="M{left} {up(y):.1f}h300"/>' for y in y_ticks]
        parts += [_text(left - 8, up(y) + 4, f"{y:g}", "end") for y in y_ticks]
        parts += [_text(across(x), 350, f"{x:,g}") for x in x_ticks]
        parts.append(_text(left + 150, 372, x_name))
        for color, limit, xs, ys in drawn:
            places = [(across(x), up(y)) for x, y in sorted(zip(xs, ys, strict=True))]
            way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            parts.append(f'<path class="s{color}{" limit" * limit}" d="M{way}"/>')
            dot = f'<circle class="d{color}" r="3.5"'
            parts += [f'{dot} cx="{x:.1f}" cy="{y:.1f}"/>' for x, y in places if not limit]
    return "\n".join([*parts, "</svg>\n"])


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def _axis(values: list[float], start: int, end: int) -> tuple[Callable[[float], float], list]:
    """Where a value above 0 stands, with a little room at both ends; powers of ten, or more."""
    low, high = math.log10(min(values)) - 0.08, math.log10(max(values)) + 0.08
    for steps in ((1,), (1, 3), (1, 2, 5)):
        marks = [step * 10.0**power for power in range(-9, 10) for step in steps]
        seen = [mark for mark in marks if low <= math.log10(mark) <= high]
        if len(seen) >= 3:
            break
    return lambda value: start + (math.log10(value) - low) / (high - low) * (end - start), seen


def outside(name: str, images: int, epochs: int, seed: int) -> dict[str, float]:
    """Shares of an epoch's wall time, medians without the first epoch: `outside`, all that the
    steps alone do not take; `between`, what passes between the calls of the compiled function.

    After each epoch the same compiled function goes through as many steps once more, on a batch in
    memory with nothing beside it. An epoch lasts from there to its own last callback, so that all
    that `train` does between two epochs counts.
    """
    share_cores(os.cpu_count() or 1)
    from fmnist_core.lab_keras import keras
    from fmnist_core.training import train
    from fmnist_core.training.dataloader import batches

    changes = ["validation_share=0", "keep_weights=last", "early_stopping=0", f"epochs={epochs}"]
    config = override(preset(name).config, [*changes, f"train_images={images}", f"seed={seed}"])
    data, size = load_dataset(FASHION_MNIST, load_settings()), config.training.batch_size
    few, steps = slice(2 * size + (len(data.train) % size > 0)), -(-images // size)
    # Of the feed's own form, one batch that is copied no more.
    fed = batches((data.train.images[few], data.train.labels[few]), size).take(1).cache()
    found: dict[str, list[float]] = {"outside": [], "between": []}

    # Times each epoch as `train` runs it, then its steps alone.
    class BareSteps(keras.callbacks.Callback):
        inside, resumed = 0.0, 0.0

        def on_train_begin(self, logs: Any = None) -> None:
            if self.model.train_function != self.timed:
                self.bare, self.model.train_function = self.model.train_function, self.timed

        def timed(self, iterator: Any) -> Any:
            began = time.perf_counter()
            try:
                return self.bare(iterator)
            finally:
                self.inside += time.perf_counter() - began

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            ended = time.perf_counter()
            run_through(self.bare, iter(fed.repeat(steps)))
            alone = (time.perf_counter() - ended) * images / (steps * size)
            if self.resumed:
                found["outside"].append(1 - alone / (ended - self.resumed))
                found["between"].append(1 - self.inside / (ended - self.resumed))
            self.inside, self.resumed = 0.0, time.perf_counter()

    with TemporaryDirectory() as place:
        train(config, Path(place) / "run", data=data, callbacks=[BareSteps()])
    return {key: median(values) for key, values in found.items()}


def fit(name: str, batch_size: int, images: int, epochs: int, seed: int) -> dict[str, list[float]]:
    """`ends`: when each epoch ended of Keras' own `fit` on arrays, a preset's network, Adam."""
    from fmnist_core.lab_keras import keras
    from fmnist_core.models.build import build_model

    data, config = load_dataset(FASHION_MNIST, load_settings()).train, preset(name).config.model
    x, y = data.images[:images, ..., None].astype("float32"), data.labels[:images]
    keras.utils.set_random_seed(seed)
    model = build_model(config)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=config.output == "logits")
    model.compile("adam", loss, metrics=["accuracy"])
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    model.fit(x, y, batch_size=batch_size, epochs=epochs, callbacks=[clock], verbose=0)
    return {"ends": ends}


def judged(path: str) -> dict[str, list[int]]:
    """Of a saved network on the test images: how many are right, and of how many.

    `single` view and the mean with the `flip`; the same without near-duplicates of training images.
    """
    from fmnist_core.models.build import load_model
    from fmnist_core.training.evaluate import predict

    data = load_dataset(FASHION_MNIST, load_settings())
    model, left_out = load_model(Path(path)), near_duplicate_images(data, load_settings())
    found = {}
    for view, mirrored in (("single", False), ("flip", True)):
        said = predict(model, data.test.images, mirrored=mirrored)
        right = said.argmax(axis=1) == data.test.labels
        found[view] = [int(right.sum()), len(right)]
        kept = np.delete(right, left_out)
        found[f"{view}, without near-duplicates"] = [int(kept.sum()), len(kept)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.steps", description=__doc__)
    measures = {"halves": halves, "backbones": backbones, "growth": growth}
    parser.add_argument("what", choices=list(measures))
    parser.add_argument("names", nargs="*", metavar="PRESET|BACKBONE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int)
    parser.add_argument("--precision", choices=COMPUTED_PRECISIONS, default="float32")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "images" / "cost.svg")
    options = parser.parse_args()
    measures[options.what](options)


if __name__ == "__main__":
    main()
