"""The formats that a network can be exported in, and names made safe for such files."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.errors import ConfigError

# Markdown's pictures and links would ask a stranger's server for something.
_INSTEAD = str.maketrans("<>[]`|", "‹›()'/")

KERAS, TFLITE, TFLITE_DYNAMIC, TFLITE_INT8 = "keras", "tflite", "tflite-dynamic", "tflite-int8"
# Read by every runtime of the last three years, and all these networks need.
ONNX_OPSET = 17
ONNX, SCRIPT, NOTEBOOK, PAGE, REPORT = "onnx", "script", "notebook", "page", "report"


@dataclass(frozen=True)
class Format:
    """A format for export.

    Attributes:
        name: What the command line calls it.
        title: What people read.
        ending: Of the file's name.
        purpose: One sentence on what it is good for.
        is_network: Whether the file holds the network, so that its answers can be checked.
    """

    name: str
    title: str
    ending: str
    purpose: str
    is_network: bool


FORMATS = {
    each.name: each
    for each in (
        Format(KERAS, "Keras", ".keras", "To load and train on in Python, with Keras.", True),
        Format(TFLITE, "TFLite", ".tflite", "For phones and small computers.", True),
        Format(
            TFLITE_DYNAMIC,
            "TFLite, 8-bit weights",
            "-dynamic.tflite",
            "Dynamic-range quantization: the same with 8-bit weights, a quarter of the size.",
            True,
        ),
        Format(
            TFLITE_INT8,
            "TFLite, int8",
            "-int8.tflite",
            "Full-integer quantization: computes in int8 alone, as the smallest chips must.",
            True,
        ),
        Format(ONNX, "ONNX", ".onnx", "For almost any other language and program.", True),
        Format(SCRIPT, "Python script", ".py", "Trains this network again, to read.", False),
        Format(NOTEBOOK, "Notebook", ".ipynb", "The same program in cells, for Jupyter.", False),
        Format(PAGE, "Page", ".html", "Draw and see the answer: opens on any device.", True),
        Format(REPORT, "Report", "-report.html", "To hand in: settings, curves, figures.", False),
    )
}


def format_named(name: str) -> Format:
    """The format called `name`.

    Raises:
        ConfigError: There is no such format.
    """
    if name not in FORMATS:
        raise ConfigError(
            "There is no such format.", received=name[:40], advice=f"Known: {', '.join(FORMATS)}."
        )
    return FORMATS[name]


def one_line(text: str) -> str:
    """Without what a file could take for HTML or Markdown, or a terminal for a command."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown.translate(_INSTEAD)
