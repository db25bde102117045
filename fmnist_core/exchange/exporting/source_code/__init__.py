"""A training written down as a program of its own, for a student to read and to run again.

program.py.j2  the whole program as a template, with `images.py.j2`, `network.py.j2` and others
script         what the template needs to know, and which runs it cannot repeat
cells          what a script and a notebook are made of
"""

from fmnist_core.exchange.exporting.formats import NOTEBOOK
from fmnist_core.exchange.exporting.source_code.cells import as_notebook, known
from fmnist_core.exchange.exporting.source_code.script import program, script
from fmnist_core.exchange.exporting.subject import Subject

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
