"""Imported once by a worker's fork server, so that training children begin with it loaded."""

from __future__ import annotations

from fmnist_core.lab_keras import keras  # noqa: F401
from fmnist_core.training import train  # noqa: F401
