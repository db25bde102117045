"""The command line, called within this process and as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from fmnist_core.cli.main import main


def lab(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """`python -m fmnist_core …`, from wherever."""
    options = {"env": importable(), "capture_output": True, "text": True, "timeout": 180, **more}
    return subprocess.run([sys.executable, "-m", "fmnist_core", *arguments], **options)


def importable() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.getcwd()}  # noqa: PTH109


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The one line in which a command is refused."""

    def refused(*arguments: object) -> str:
        assert main([*map(str, arguments)]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert len(captured.err.strip().splitlines()) == 1
        return captured.err

    return refused
