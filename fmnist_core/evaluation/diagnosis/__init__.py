"""What went wrong in a training, in words, from its diary and its trace."""

from fmnist_core.evaluation.diagnosis.diagnose import Diagnosis, diagnose
from fmnist_core.evaluation.diagnosis.evidence import Finding

__all__ = ["Diagnosis", "Finding", "diagnose"]
