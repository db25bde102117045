"""A saved network's accuracy on the 10 000 test images: `python -m bench.views MODEL.keras`.

Prints one JSON line: `single` (each image once), `flip` (the mean with its mirror image).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import load_dataset
from fmnist_core.models.build import load_model
from fmnist_core.settings import load_settings
from fmnist_core.training.evaluate import predict


def views(path: Path) -> dict[str, float]:
    """Both accuracies, 0 to 1.

    Raises:
        TrainingError: The network cannot be read.
        NoDataError: The official images are not here.
    """
    model, test = load_model(path), load_dataset(FASHION_MNIST, load_settings()).test

    def accuracy(mirrored: bool) -> float:
        said = predict(model, test.images, mirrored=mirrored)
        return float((said.argmax(axis=1) == test.labels).mean())

    return {"single": accuracy(False), "flip": accuracy(True)}


if __name__ == "__main__":
    print(json.dumps(views(Path(sys.argv[1]))))
