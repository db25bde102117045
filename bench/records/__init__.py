"""Records: one module a claim. What they share is `measure.py`; `legacy/` has older ones.

    FMNIST_DATA_DIR=... python -m bench.records.NAME [--seeds 3] [--log FILE] [--smoke]

ninety              90 % accuracy in the least time
one_reference       the best within one reference time
three_references    the best within three
most                the most the lab can do
under_100k          the best with fewer than 100,000 parameters
under_10k           with fewer than 10,000
under_1k            with fewer than 1,000
outside_step        share of time outside the compiled step
epoch_against       an epoch beside Keras' own `fit`, and beside PyTorch

A *reference time* is what `fit` takes in `bench/bare_keras.py` for 10 epochs of `reference-a`, on
the same machine in the same run. A module's docstring says what was claimed, when, on which machine
and from which module it comes. When a configuration is replaced, its module moves to `legacy/`,
named by what differs, and its successor says that it comes from it. A figure there may be better
than the one in force; the docstrings of both say so then.
"""
