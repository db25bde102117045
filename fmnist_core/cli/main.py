"""`python -m fmnist_core`: the lab's functions without its pages."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence

from fmnist_core.cli import (
    classroom,
    collection,
    data,
    engine,
    evaluate,
    export,
    importing,
    improve,
    predict,
    presets,
    runs,
    ship,
    sweep,
    train,
)
from fmnist_core.errors import LabError
from fmnist_core.settings import keep_private, load_settings
from fmnist_core.version import __version__

_COMMANDS = {
    "data": data,
    "collection": collection,
    "presets": presets,
    "train": train,
    "evaluate": evaluate,
    "improve": improve,
    "predict": predict,
    "runs": runs,
    "sweep": sweep,
    "export": export,
    "import": importing,
    "engine": engine,
    "class": classroom,
    "ship": ship,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status, 0 only when it worked."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.ERROR)
    logging.getLogger("fmnist_core.training").setLevel(logging.CRITICAL)
    # TensorFlow greets on every start; its errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files and runs may have characters that this terminal lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        keep_private(load_settings())
        status = _COMMANDS[options.command].run(options)
        sys.stdout.flush()
        return status
    except LabError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read us has gone (`| head`): close quietly.
        _drop_output()
        return 1
    except OSError as error:
        if not _output_is_stuck():
            raise
        _drop_output()
        print(f"The output cannot be written: {error.strerror}.", file=sys.stderr)
        return 1


def _output_is_stuck() -> bool:
    """Whether it was our own output that failed: a further line then fails too."""
    try:
        print(flush=True)
    except OSError:
        return True
    return False


def _drop_output() -> None:
    """Keeps Python from failing at exit over output that nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fmnist_core",
        description="The Fashion-MNIST lab on the command line.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS.values():
        command.add_parser(commands)
    return parser
