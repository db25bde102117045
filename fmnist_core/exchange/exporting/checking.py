"""An exported file beside the network it came from: does it say the same?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import ExportError
from fmnist_core.exchange.exporting.runtimes import Images, Probabilities, Runtime
from fmnist_core.models.calibration import of_classes

# What a file in float32 may differ by: one label in 10 000, and 1e-4 in any probability.
MOST_OTHER_LABELS = 1e-4
MOST_DIFFERENCE = 1e-4
# Called with the completed share, 0 to 1, and the current step.
OnProgress = Callable[[float, str], None]
_BATCH = 500
_TRIES = 100


@dataclass(frozen=True)
class Check:
    """The agreement on the test images.

    Attributes:
        images: How many.
        labels_equal: Of how many the strongest answer is the same.
        max_probability_difference: The largest of any probability of any image, 0 to 1.
        accuracy: Share of images that the file recognises.
        accuracy_before: The same of the network itself.
        single_ms: Milliseconds for one image with one thread, median.
        batch_ms: Milliseconds an image in batches of 500 with two threads, median; None where one
            image at a time is all there is.
    """

    images: int
    labels_equal: int
    max_probability_difference: float
    accuracy: float
    accuracy_before: float
    single_ms: float
    batch_ms: float | None


def compare(
    images: Images,
    labels: NDArray[np.uint8],
    expected: Probabilities,
    together: Runtime,
    alone: Runtime,
    on_progress: Callable[[float], None] = lambda share: None,
) -> Check:
    """Asks an exported file about all images.

    Args:
        images: uint8 (n, 28, 28), the test images; `labels` uint8 (n,) theirs.
        expected: float32 (n, classes), what the network itself says.
        together: The file opened with two threads.
        alone: The file opened with one.
        heard: Called with the completed share, 0 to 1.
    """
    said, seconds = [], []
    for place, part in _parts(len(images)):
        began = time.perf_counter()
        said.append(together(images[part]))
        seconds.append((time.perf_counter() - began) / len(said[-1]))
        on_progress(place / len(images))
    found = np.concatenate(said)
    return beside(expected, found, labels, _single(alone, images[:1]), 1000 * median(seconds))


def beside(
    expected: Probabilities,
    found: Probabilities,
    labels: NDArray[np.uint8],
    single_ms: float,
    batch_ms: float | None,
) -> Check:
    """Predictions of the network and of its file for the same images."""
    # A label is one of the ten classes, also of a network that knows other clothing.
    before, after = (of_classes(said).argmax(axis=1) for said in (expected, found))
    return Check(
        images=len(labels),
        labels_equal=int((after == before).sum()),
        max_probability_difference=float(np.abs(found - expected).max()),
        accuracy=float((after == labels).mean()),
        accuracy_before=float((before == labels).mean()),
        single_ms=single_ms,
        batch_ms=batch_ms,
    )


def check_agreement(check: Check, title: str) -> None:
    """A file that answers otherwise is not handed out.

    Raises:
        ExportError: More labels or larger differences than rounding makes.
    """
    others = check.images - check.labels_equal
    if others <= MOST_OTHER_LABELS * check.images and _close(check):
        return
    raise ExportError(
        f"The {title} file does not answer as the network does, so it is not handed out.",
        received=f"{others} of {check.images} labels differ, probabilities by up to "
        f"{check.max_probability_difference:.2g}",
        advice="Please report this run's configuration: it is a fault of the lab.",
    )


def _close(check: Check) -> bool:
    return check.max_probability_difference <= MOST_DIFFERENCE


def _parts(count: int) -> Iterator[tuple[int, slice]]:
    for start in range(0, count, _BATCH):
        stop = min(start + _BATCH, count)
        yield stop, slice(start, stop)


def _single(alone: Runtime, image: Images) -> float:
    alone(image)  # The first time it plans.
    seconds = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        alone(image)
        seconds.append(time.perf_counter() - began)
    return 1000 * median(seconds)
