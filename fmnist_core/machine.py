"""Measurements of this machine: the faster precision, and its speed.

One small file in the lab's home, written by the first training of each processor, TensorFlow and
number of cores (`training/precision.py` measures); pages read it for the times that they expect.
"""

from __future__ import annotations

import math
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.settings import Settings


@dataclass(frozen=True)
class MachineSpeed:
    """Seconds for one step of a small convolution network, the least of several.

    Attributes:
        float32, mixed_bfloat16: In that precision, forward and backward; infinite where TensorFlow
            refuses bfloat16 here.
        threads: Cores the step was allowed.
    """

    float32: float
    mixed_bfloat16: float
    threads: int

    @property
    def precision(self) -> str:
        """The faster one; bfloat16 must win by a tenth, for float32 is the more exact."""
        return "mixed_bfloat16" if self.mixed_bfloat16 < 0.9 * self.float32 else "float32"

    @property
    def bfloat16_factor(self) -> float:
        """The duration of a step in bfloat16 relative to float32."""
        return self.mixed_bfloat16 / self.float32


def stored_speed(settings: Settings) -> MachineSpeed | None:
    """The stored measurements of this machine; None if they are missing or unreadable."""
    value = read_json(_path(settings))
    entry = value.get(_identity()) if isinstance(value, dict) else None
    return _speed(entry)


def store_speed(settings: Settings, speed: MachineSpeed) -> None:
    """Keeps it beside what was measured of other machines that share this home.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    value = read_json(_path(settings))
    others = value if isinstance(value, dict) else {}
    refused = {"mixed_bfloat16": None} if speed.mixed_bfloat16 == math.inf else {}
    write_json(_path(settings), {**others, _identity(): asdict(speed) | refused})


def _path(settings: Settings) -> Path:
    return settings.home / "machine.json"


def _speed(entry: Any) -> MachineSpeed | None:
    try:
        bfloat16 = entry["mixed_bfloat16"]
        bfloat16 = math.inf if bfloat16 is None else float(bfloat16)
        speed = MachineSpeed(float(entry["float32"]), bfloat16, int(entry["threads"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    plausible = 0 < speed.float32 < 3600 and (0 < bfloat16 < 3600 or bfloat16 == math.inf)
    return speed if plausible else None


def _identity() -> str:
    """Processor, limits set to its instructions, cores and TensorFlow."""
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "")
    # On is the lab's default (`lab_keras.py`), in whose processes it is set.
    kernels = "" if os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1") == "1" else "without oneDNN"
    parts = [processor(), str(os.cpu_count()), version("tensorflow"), limit, kernels]
    return " ".join(filter(None, parts))


def processor() -> str:
    """Model and those instructions that decide which precision is faster."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}
    flags = set(facts.get("flags", "").split())
    known = sorted(flags & {"avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16"})
    return " ".join([facts.get("model name", platform.machine()), *known])
