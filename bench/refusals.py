"""How long each hostile or damaged model file takes to be refused, and how much memory.

    python -m bench.refusals

The files are those of the tests. Each is vetted in a process of its own, on Linux, and what passes
is read by Keras in another; what importing the lab took before that is in the memory, not in the
seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_CHILD = """
import json, resource, sys, time
from pathlib import Path
from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.keras_file import read_by_keras
from fmnist_core.exchange.importing.vetting import vetted
began, rule = time.perf_counter(), ""
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


@dataclass(frozen=True)
class Refusal:
    """What reading a file came to; `rule` is empty where it was taken."""

    seconds: float
    megabytes: float
    rule: str


def refusal(path: Path) -> Refusal:
    """Vets and reads the file in processes of their own."""
    with TemporaryDirectory() as out:
        command = [sys.executable, "-c", _CHILD, str(path), out]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Refusal(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    from tests.core.exchange.importing.hostile import FILES, NETWORKS

    print("| file | s | MB | what is said |", "|---|---|---|---|", sep="\n")
    for name, (make, _) in (FILES | NETWORKS).items():
        with TemporaryDirectory() as folder:
            found = refusal(make(Path(folder) / "file.keras"))
        print(f"| {name} | {found.seconds:.2f} | {found.megabytes:.0f} | {_told(found)} |")


def _told(found: Refusal) -> str:
    return (found.rule or "TAKEN").split(" Received:")[0].replace("|", "/")


if __name__ == "__main__":
    main()
