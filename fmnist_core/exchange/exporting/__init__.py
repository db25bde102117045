"""Exports a trained network: as a file for other programs, as code, as a page, as a report.

subject        the network to export, what is known about it, and its metadata
formats        the formats there are
exporting      one format: written, checked, put in its place with its model card
network_file   converts a network for other programs and writes its metadata into the file
checking       compares the answers of an exported file with those of its network
runtimes       asks exported files through the runtime of their format
job            an export as a process of its own, which a page follows
page           a page that runs anywhere
report         a run as one HTML file to hand in
source_code    a training as a script and a notebook
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fmnist_core.exchange.exporting.exporting import Exported

__all__ = ["export_file"]


def export_file(model: str | Path, format: str, folder: str | Path = ".") -> Exported:
    """Writes a network, its training or its report as a file; for notebooks.

    A file with the network is read back by another program and compared on all test images before
    it is put in its place, with a model card beside it.

    Args:
        model: A run's folder (a `pathlib.Path`) or identifier, or a shipped network.
        format: `keras`, `tflite`, `tflite-dynamic`, `tflite-int8`, `onnx`, `script`, `notebook`,
            `page` or `report`.
        folder: Where the file is put; made if it is not there.

    Returns:
        The file's `path`, its `size` in bytes, and the `check` against the network, which is None
        for a script, a notebook and a report.

    Raises:
        RunError: There is no such run, it has not ended or has failed.
        ConfigError: There is no such format, or the training cannot be written as a script.
        ExportError: The format cannot hold this network, or the file answers otherwise.
        NoDataError: The images to check by are not here.
        StorageError: The disk is full or cannot be written.
    """
    from fmnist_core.exchange.exporting.exporting import export
    from fmnist_core.exchange.exporting.formats import format_named
    from fmnist_core.exchange.exporting.subject import subject_of
    from fmnist_core.settings import load_settings

    wanted, settings = format_named(format), load_settings()
    return export(subject_of(model, settings), wanted, Path(folder), settings)
