"""What all was measured on, in one line."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from fmnist_core.machine import processor

# Settings of TensorFlow that keep it from using all the processor can.
_LIMITS = ("ONEDNN_MAX_CPU_ISA", "TF_ENABLE_ONEDNN_OPTS")
_PACKAGES = ("tensorflow", "keras", "numpy")


def machine() -> str:
    """Processor with its instructions and what limits them, cores, memory, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    limits = [f"{name}={os.environ[name]}" for name in _LIMITS if name in os.environ]
    return (
        f"{', '.join([processor(), *limits])}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()}, {versions}"
    )


def commit() -> str:
    """Of the code that is measured, twelve digits; empty where that is not known."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(
        asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
