"""The lab without its pages: data, models, training, evaluation, and the engine that runs them."""

__version__ = "0.1.0"
