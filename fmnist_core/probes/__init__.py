"""Probes: a few pinned images whose probabilities every training writes down as it learns."""

from fmnist_core.probes.in_run import keep_probes, probes_of
from fmnist_core.probes.probe import Probe
from fmnist_core.probes.store import MOST_PROBES, ProbeStore

__all__ = ["MOST_PROBES", "Probe", "ProbeStore", "keep_probes", "probes_of"]
