"""Files from elsewhere become runs. Nothing in them is believed before it was checked.

A Keras file:
archive      which members it has, and how large they claim to be
description  its layers: from a list of known ones, with numbers and words alone
shapes       what shapes they make, by arithmetic: 28x28 must go in, ten answers must come out
weights      the numbers: no links, no files elsewhere, the sizes that the layers need
vetting      all of that in order, in a small process with little memory
loading      Keras reads what passed, in a process with limits; what is kept is Keras' own copy
keras_file   from a file to a run

A run of another lab:
run_archive  a run folder as a ZIP with the hashes of its files, out and in

taking       one door for both
"""

from fmnist_core.intake.run_archive import export_run
from fmnist_core.intake.taking import TakenIn, take_in

__all__ = ["TakenIn", "export_run", "take_in"]
