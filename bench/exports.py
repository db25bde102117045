"""Taking a network home, and bringing one in: every figure of docs/export.md, as Markdown.

    FMNIST_DATA_DIR=... python -m bench.exports formats [RUN …] [--formats onnx …]
    FMNIST_DATA_DIR=... python -m bench.exports written [PRESET …] [--seeds 0 1 …] [--notebook]
                                                        [--set epochs=1 …]
    python -m bench.exports refusals

"Every format beside the others": RUN is a run, or `shipped` (the default); each export is checked
over all test images (the page over as many as its JavaScript does in some ten seconds). "The
training as a program": a run of the command line, and what it is exported as, with the same seed.
"Damaged and hostile files": those of the tests, read in processes of their own, on Linux;
importing the lab is in the memory, not in the seconds. A quick look: `formats --formats onnx`;
`written quick --seeds 0 --set epochs=1 train_images=2000`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from bench.steps import ask, markdown
from fmnist_core.exchange.exporting.formats import FORMATS

_SAID = re.compile(r"validation accuracy ([0-9.]+)")
_VET = """
import json, resource, sys, time
from pathlib import Path
from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.keras_file import read_by_keras
from fmnist_core.exchange.importing.vetting import vetted
began, rule = time.perf_counter(), "TAKEN"
try:
    out = Path(sys.argv[2])
    read_by_keras("copy", vetted(Path(sys.argv[1]), out), out / "copy.keras")
except ImportedFileError as error:
    rule = error.fact
seconds = time.perf_counter() - began
# Not getrusage of oneself: that remembers how large the process was that started this one.
(own,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
memory = max(int(own.split()[1]), child) / 1024
print(json.dumps({"seconds": seconds, "megabytes": memory, "rule": rule}))
"""


def formats(options: argparse.Namespace) -> None:
    heads = ["network", "format", "MB", "images", "equal labels", "largest difference", "accuracy"]
    print(markdown([*heads, "one image, ms", "in batches, ms", "s"], []))
    kinds = options.formats or [each.name for each in FORMATS.values() if each.is_network]
    for run, kind in product(options.names or ["shipped"], kinds):
        with TemporaryDirectory() as folder:
            began = time.perf_counter()
            asked = ("export", run, "--format", kind, "--out", folder, "--json")
            result = ask("-m", "fmnist_core", *asked)
            seconds = f"{time.perf_counter() - began:.1f}"
            card = (Path(folder) / "model-card.md").read_text("utf-8")
        took = [
            re.search(rf"^\| {a}[^|]*\|([^|]*)", card, re.M) for a in ("one image", "in batches")
        ]
        latencies = [one[1].strip().removesuffix(" ms") if one else "" for one in took]
        agreement = [""] * 4
        if result["images"] is not None:
            agreement = [f"{result['images']:,}", f"{result['labels_equal']:,}"]
            agreement += [
                f"{result['max_probability_difference']:.1e}",
                f"{result['accuracy']:.4f}",
            ]
        size = f"{result['bytes'] / 1e6:.2f}"
        print(markdown([], [[run, kind, size, *agreement, *latencies, seconds]]), flush=True)


def written(options: argparse.Namespace) -> None:
    kind = "notebook" if options.notebook else "script"
    print(markdown(["preset", "seed", "run", kind, "points apart", "run, s", f"{kind}, s"], []))
    for preset, seed in product(options.names or ["reference-a", "quick"], options.seeds):
        with TemporaryDirectory() as folder:
            found = pair(preset, [f"seed={seed}", *options.changes], kind, Path(folder))
        accuracies = f"{found.run:.4f}", f"{found.written:.4f}", f"{found.apart:.2f}"
        seconds = [f"{one:.0f}" for one in found.seconds]
        print(markdown([], [[preset, seed, *accuracies, *seconds]]), flush=True)


def pair(preset: str, changes: Sequence[str], kind: str, folder: Path) -> Any:
    """Trains in the lab, exports as `kind` (`script` or `notebook`) into an empty folder, and runs
    what came out: validation accuracies, 0 to 1, points between them, and both ones' seconds."""
    lab, home, began = ("-m", "fmnist_core"), folder / "home", time.perf_counter()
    options = [
        f"--set={each}" for each in ("validation_share=0.1", "record_dynamics=false", *changes)
    ]
    run = ask(*lab, "train", "--preset", preset, *options, "--json", home=home)["run_id"]
    trained = time.perf_counter() - began
    asked = ("export", run, "--format", kind, "--json", "--out", str(folder))
    program = Path(ask(*lab, *asked, home=home)["file"])
    said = float(_SAID.findall(program.read_text("utf-8"))[0])
    if kind == "notebook":
        cells = json.loads(program.read_text("utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        program = program.with_suffix(".py")
        program.write_text("\n\n".join(code), "utf-8")
    # Keras finds the official files where it keeps them.
    cache = folder / "keras" / "datasets" / "fashion-mnist"
    cache.mkdir(parents=True)
    for official in Path(os.environ["FMNIST_DATA_DIR"]).iterdir():
        (cache / official.name).symlink_to(official.resolve())
    surroundings = {**os.environ, "KERAS_HOME": str(folder / "keras"), "PYTHONPATH": ""}
    how: Any = {"cwd": folder, "env": surroundings, "capture_output": True, "text": True}
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(program)], **how)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    took, found = (trained, time.perf_counter() - began), float(_SAID.findall(done.stdout)[0])
    return SimpleNamespace(run=said, written=found, apart=100 * abs(said - found), seconds=took)


def refusals(options: argparse.Namespace) -> None:
    from tests.core.exchange.importing.hostile import FILES, NETWORKS

    print(markdown(["file", "s", "MB", "what is said"], []))
    for name, (make, _) in (FILES | NETWORKS).items():
        with TemporaryDirectory() as folder:
            found = refusal(make(Path(folder) / "file.keras"))
        rule = found["rule"].split(" Received:")[0].replace("|", "/")
        cost = f"{found['seconds']:.2f}", f"{found['megabytes']:.0f}"
        print(markdown([], [[name, *cost, rule]]), flush=True)


def refusal(path: Path) -> dict[str, Any]:
    """What vetting a file in a process of its own came to: `seconds`, `megabytes`, `rule`."""
    with TemporaryDirectory() as out:
        return ask("-c", _VET, str(path), out)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    measures = {"formats": formats, "written": written, "refusals": refusals}
    parser.add_argument("what", choices=list(measures))
    parser.add_argument("names", nargs="*", metavar="RUN|PRESET")
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--notebook", action="store_true")
    parser.add_argument("--set", nargs="+", default=[], dest="changes", metavar="KEY=VALUE")
    options = parser.parse_args()
    measures[options.what](options)


if __name__ == "__main__":
    main()
