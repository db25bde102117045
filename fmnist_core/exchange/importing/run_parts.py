"""The figures of a run from elsewhere are read once, in a process with limits, as pages will.

python -m fmnist_core.exchange.importing.run_parts FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from fmnist_core.errors import ImportedFileError, LabError
from fmnist_core.evaluation import load_evaluation, load_predictions, load_validation_predictions
from fmnist_core.exchange.importing.confined_process import report_error
from fmnist_core.models import summarise
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow
from fmnist_core.runs.library import summary_of
from fmnist_core.runs.status import DAMAGED, ENDED_STATES


def check_parts(run: RunFolder) -> None:
    """Raises LabError: Something in the folder is no part of a run that has ended."""
    config, status = run.config, run.status
    summarise(config.model)
    if status.state not in ENDED_STATES:
        raise ImportedFileError("The exported run has not ended.", received=status.state)
    if config.model.imported.active and not run.initial_path.is_file():
        raise ImportedFileError("The exported run has no network.")
    summary = summary_of(run)
    if summary.state == DAMAGED:
        raise ImportedFileError("A file of the run is damaged.", received=summary.error[:200])
    evaluation, said = load_evaluation(run), load_predictions(run)
    if evaluation is not None and (said is None or not evaluation.agrees_with(said)):
        raise ImportedFileError("The run's figures are not those of its predictions.")
    load_validation_predictions(run)
    _ = run.meta, run.calibration, follow(run.events_path)


def main(arguments: list[str]) -> int:
    try:
        check_parts(RunFolder(Path(arguments[0])))
    except LabError as error:
        return report_error(error)
    except Exception as error:
        received = f"{type(error).__name__}: {error}"[:200]
        return report_error(ImportedFileError("A file of the run is damaged.", received=received))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
