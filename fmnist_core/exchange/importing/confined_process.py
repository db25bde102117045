"""A program of ours in a process with limits: what a hostile file does, it does to it alone."""

from __future__ import annotations

import json
import resource
import runpy
import subprocess
import sys
from dataclasses import dataclass

from fmnist_core.errors import ImportedFileError, LabError
from fmnist_core.subprocess_env import child_environment

# What it prints is a sentence or a line of JSON.
_MOST_PRINTED = 64 * 2**10
REFUSED = 3


@dataclass(frozen=True)
class Limits:
    """Limits of a confined process.

    Attributes:
        seconds: Of a clock on the wall.
        memory: Bytes of address space.
        written: Bytes of the largest file.
    """

    seconds: float
    memory: int
    written: int = 512 * 2**20


def confined(arguments: list[str], limits: Limits) -> str:
    """The output of `python -m ARGUMENTS`.

    Raises:
        ImportedFileError: It refused the file, with its reason; or it broke a limit or down.
    """
    # The child confines itself: between fork and exec nothing of ours is safe to run in a server.
    held = (limits.seconds, limits.memory, limits.written)
    command = [sys.executable, "-m", __name__, *map(str, held), *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ImportedFileError(
            f"Reading the file took longer than {limits.seconds:.0f} s, which none needs."
        ) from error
    printed = done.stdout[:_MOST_PRINTED].decode("utf-8", "replace")
    if done.returncode == 0:
        return printed
    if done.returncode == REFUSED:
        raise _reported_error(printed)
    raise ImportedFileError(
        "The file broke the program that reads it, or needs more memory than any network here.",
        received=f"exit status {done.returncode}",
        advice="It was read in a process of its own: nothing else is affected.",
    )


def _reported_error(printed: str) -> ImportedFileError:
    value = json.loads(printed.strip().splitlines()[-1])
    return ImportedFileError(value["rule"], received=value["received"], advice=value["advice"])


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written, limits.written))
    seconds = int(limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (2 * seconds, 2 * seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def report_error(error: LabError) -> int:
    """Prints an error for the parent process and returns the exit status; for the child."""
    received = None if error.received is None else str(error.received)[:400]
    print(json.dumps({"rule": error.rule, "received": received, "advice": error.advice}))
    return REFUSED


def main(arguments: list[str]) -> None:
    seconds, memory, written, module, *rest = arguments
    _confine(Limits(float(seconds), int(memory), int(written)))
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _environment() -> dict[str, str]:
    """Silent, without a device to look for, and with few threads: each takes addresses."""
    return child_environment(
        TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", OPENBLAS_NUM_THREADS="1"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
