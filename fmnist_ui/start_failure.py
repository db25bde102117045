"""Why the engine could not start, in a sentence."""

from __future__ import annotations

from fmnist_core.durable import read_json
from fmnist_core.engine.presence import failure_path
from fmnist_core.settings import Settings


def start_failure(settings: Settings) -> str:
    """The reason of the last start that failed; empty where none did."""
    value = read_json(failure_path(settings))
    reason = value.get("reason", "") if isinstance(value, dict) else ""
    return f"The engine could not start. {reason}" if reason else ""
