"""A training written down as a program of its own, for a student to read and to run again.

cells       what a script and a notebook are made of
settled     what such a program can do, and which runs are beyond it
network     the layers, as lines of Keras
material    the images: fetched, split, changed at random
rate        the course of the learning rate
course      loss, optimizer, the training itself, and what came of it
script      all of it, in the order of reading
notebook    the same as a notebook
known       what the training in the lab came to, as a sentence
"""

from fmnist_core.export.formats import NOTEBOOK
from fmnist_core.export.subject import Subject
from fmnist_core.export.written.cells import known
from fmnist_core.export.written.notebook import as_notebook
from fmnist_core.export.written.script import program, script

__all__ = ["written"]


def written(subject: Subject, kind: str) -> str:
    """The training as a `"script"` or a `"notebook"`.

    Raises:
        ConfigError: It learned from what only this lab has.
    """
    said = known(subject)
    if kind == NOTEBOOK:
        return as_notebook(program(subject.config, subject.name, said))
    return script(subject.config, subject.name, said)
