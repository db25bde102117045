"""Keras as the lab needs it, whatever a person has set for their own work with it.

All of the lab takes Keras from here (`from fmnist_core.lab_keras import keras`): which library it
computes with is settled while it is imported, so nothing may import it before.
"""

from __future__ import annotations

import os

from fmnist_core.errors import ConfigError
from fmnist_core.settings import load_settings
from fmnist_core.subprocess_env import own_keras_environment

__all__ = ["keras"]

# TensorFlow's own default is off without AVX512 instructions, where its other convolutions take
# twice as long (docs/performance.md).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
_settings = load_settings()
with own_keras_environment(_settings):
    import keras

if keras.config.backend() != _settings.backend:
    # A notebook or a program around the lab was quicker.
    raise ConfigError(
        f"Keras was imported before the lab, and must compute with {_settings.backend} here.",
        received=keras.config.backend(),
        advice="Import the lab first, or set FMNIST_BACKEND.",
    )
# Again: packages imported before the lab read the user's settings.
keras.config.set_image_data_format("channels_last")
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
keras.config.set_dtype_policy("float32")
