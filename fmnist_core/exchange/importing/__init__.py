"""Imports files from elsewhere as runs. Nothing in them is believed before it was checked.

detect            the one function for all files: its content says what a file is
confined_process  runs a program of the lab in a process with limits

A Keras file:
archive           which members it has, and how large they claim to be
vetting           all checks without Keras, in a process with limits: archive, layers, weights
description       known layers with numbers and words alone, written anew as Keras 3 does
older_keras       layers as Keras 2.13 to 2.15 describe them
connections       what a layer of a functional network reads
arithmetic        `x / 255.0` inside a network, as a layer
loading           Keras infers the shapes of what passed, without weights, then reads it, in a
                  process with limits; what is kept is Keras' own copy
rebuilding        its layers as a network of the lab: flat, from gray values to scores
keras_file        from a file to a run

A run of another lab:
run_archive       a run folder as a ZIP with the hashes of its files, exported and imported
run_parts         its figures, read once in a process with limits
"""

from fmnist_core.exchange.importing.detect import ImportResult, import_file
from fmnist_core.exchange.importing.run_archive import export_run

__all__ = ["ImportResult", "export_run", "import_file"]
