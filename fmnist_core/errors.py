"""Every error a person can meet, as one tree.

    LabError                 anything the lab can explain
    ├── ConfigError          a configuration breaks a rule
    ├── ArchitectureError    a network that cannot be built or would not fit
    ├── DataError            image files that are missing, broken or foreign
    │   ├── NoDataError      no usable data at all
    │   └── DataStoppedError a person stopped it (`datasets/progress.py`)
    ├── NoWeightsError       learned weights that are not here, or damaged, and cannot be fetched
    ├── InputError           an input picture that cannot be read
    ├── CollectionError      a collection that does not exist or cannot be used
    ├── RunError             a run that does not exist or is in the wrong state
    │   └── RunBusyError     another process holds the run
    ├── SweepError           a sweep that does not exist or is in the wrong state
    ├── ExportError          a network that cannot be written in a format, or answers otherwise
    ├── LinkError            a link with choices that cannot be followed
    ├── LessonError          a lesson's file that breaks a rule
    ├── ImportedFileError    a file from elsewhere that is not taken
    ├── TrainingError        a training that cannot go on
    ├── ClassError           a class that cannot be joined or begun
    ├── NotAllowedError      what belongs to somebody else
    ├── StorageError         a disk that is full or cannot be written
    └── EngineError          the engine does not answer

A message states the rule, what was received, and what to do next.
"""

from __future__ import annotations

from typing import Self


def shown(value: object, most: int = 80) -> str:
    """A value that was received, as a message shows it: short, whatever it is."""
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to write out a whole number of thousands of digits.
        return "a number of thousands of digits"
    return text if len(text) <= most else f"{text[:most]}…"


class LabError(Exception):
    """Base of all errors that are meant to be read by a person."""

    def __init__(self, rule: str, *, received: object = None, advice: str = "") -> None:
        self.rule = rule
        self.received = shown(received) if isinstance(received, (int, list, tuple)) else received
        self.advice = advice
        super().__init__(f"{self.fact} {advice}".strip())

    @property
    def fact(self) -> str:
        """The violated rule, without the advice."""
        if self.received is None:
            return self.rule
        return f"{self.rule} Received: {str(self.received).rstrip('.')}."

    def to_keep(self) -> Self:
        """Itself without the frames it came through: these hold whatever was worked on there."""
        self.__traceback__ = self.__cause__ = self.__context__ = None
        return self

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel between processes: keyword-only arguments need help to be pickled.
        return _rebuild, (type(self), self.rule, self.received, self.advice)


def _rebuild(kind: type[LabError], rule: str, received: object, advice: str) -> LabError:
    return kind(rule, received=received, advice=advice)


class ConfigError(LabError):
    """A configuration value or key breaks a rule."""


class ArchitectureError(LabError):
    """A network that cannot be built, or would not fit this lab."""


class DataError(LabError):
    """Data files that are missing, truncated, foreign or inconsistent."""


class NoDataError(DataError):
    """No usable data was found and none could be fetched."""


class NoWeightsError(LabError):
    """Learned weights are not on this machine, or damaged, and cannot be fetched."""


class InputError(LabError):
    """An input picture that cannot be read, or is too large."""


class CollectionError(LabError):
    """A collection that does not exist, is damaged, or cannot take what it was given."""


class RunError(LabError):
    """A run that does not exist, or is in a state that forbids the request."""


class RunBusyError(RunError):
    """Another process holds the run's folder."""


class CalibrationError(RunError):
    """A run's calibration cannot be read."""


class SweepError(LabError):
    """A sweep that does not exist, or is in a state that forbids the request."""


class ExportError(LabError):
    """A network that a format cannot hold, or whose file answers otherwise."""


class LinkError(LabError):
    """A link whose choices are too many, unknown or out of their range."""


class LessonError(LabError):
    """A lesson's file with a wrong field; the sentence names file, line and rule."""


class ImportedFileError(LabError):
    """A file from elsewhere that is damaged, hostile, or does not fit."""


class TrainingError(LabError):
    """A training that cannot go on; its last good weights are kept."""


class ClassError(LabError):
    """A class that cannot be joined or begun: a wrong code, a nickname that is taken."""


class NotAllowedError(LabError):
    """What belongs to somebody else in the class, or is the teacher's to do."""


class StorageError(LabError):
    """A disk that is full, read-only or otherwise refuses to be written."""


class EngineError(LabError):
    """The engine could not be started or does not answer."""
