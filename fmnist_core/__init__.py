"""The lab without its pages, for notebooks and programs: ten lines train, evaluate and explain.

    from pathlib import Path
    import fmnist_core as lab

    data = lab.load_dataset()
    run = Path("first-run")
    lab.train("quick", run, data=data)
    lab.explain.grad_cam_map(run, data.test.images[0])

- `load_dataset`: Fashion-MNIST or the synthetic garments, as NumPy arrays
- `RunConfig`: what a training does, frozen and validated
- `presets`: the module with `preset(name)` and all of `PRESETS`
- `train`: trains a preset or a configuration into a run folder
- `evaluate`: accuracy, loss and confusion matrix on the test images
- `predict`: calibrated probabilities for arrays or picture files
- `explain`: the package with `grad_cam_map`, `occlusion_map`, `integrated_gradients_map`
- `export`: writes a network as Keras, TFLite, ONNX or a page, its training as a script, a report

`explain` is a package with functions of its own: as soon as anything imports a submodule of it,
Python sets the attribute of that name to the package, so a function called the same would work in
one order of imports only.

Nothing is loaded before it is asked for (PEP 562), and Keras only by functions that compute with a
network: the Streamlit process imports this package and must never import Keras.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fmnist_core.version import __version__ as __version__

if TYPE_CHECKING:
    from fmnist_core import explain
    from fmnist_core.api import evaluate, load_dataset, predict, train
    from fmnist_core.config import RunConfig, presets
    from fmnist_core.exchange.exporting import export_file as export

__all__ = [
    "RunConfig",
    "evaluate",
    "explain",
    "export",
    "load_dataset",
    "predict",
    "presets",
    "train",
]

_FUNCTIONS = {
    "RunConfig": ("fmnist_core.config", "RunConfig"),
    "evaluate": ("fmnist_core.api", "evaluate"),
    "export": ("fmnist_core.exchange.exporting", "export_file"),
    "load_dataset": ("fmnist_core.api", "load_dataset"),
    "predict": ("fmnist_core.api", "predict"),
    "train": ("fmnist_core.api", "train"),
}
_MODULES = {"explain": "fmnist_core.explain", "presets": "fmnist_core.config.presets"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _FUNCTIONS:
        module, function = _FUNCTIONS[name]
        return getattr(import_module(module), function)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
