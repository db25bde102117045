"""The lab without its pages: data, models, training, evaluation, and the engine that runs them."""
