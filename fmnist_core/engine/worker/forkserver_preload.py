"""Imported once by a worker's fork server, so that training children begin with it loaded."""

from __future__ import annotations

from fmnist_core.lab_keras import keras  # noqa: F401
from fmnist_core.settings import load_settings
from fmnist_core.subprocess_env import import_own_dask
from fmnist_core.training import train  # noqa: F401

# A local engine's children import its main module, which wants this.
import_own_dask(load_settings())
