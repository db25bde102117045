"""Probes: a few pinned images whose probabilities every training writes down as it learns."""

from fmnist_core.probes.probe import MOST_PROBES, Probe, ProbeStore, keep_probes, probes_of

__all__ = ["MOST_PROBES", "Probe", "ProbeStore", "keep_probes", "probes_of"]
