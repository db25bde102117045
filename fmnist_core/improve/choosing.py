"""Which of several remedies to take, by what they did to images held back."""

from __future__ import annotations

from collections.abc import Mapping

from fmnist_core.errors import DataError
from fmnist_core.improve.before_after import TEST, BeforeAfter


def best_of(results: Mapping[str, BeforeAfter]) -> str | None:
    """The key of the remedy after which the two classes are mixed up least.

    Only those count that are better at it by more than chance and not worse on all images by more
    than chance; None where there is no such one: then the network as it was is the choice.

    Raises:
        DataError: Figures on test images: choosing by them would spoil them.
    """
    if any(result.split == TEST for result in results.values()):
        raise DataError("Remedies are chosen by images held back, never by test images.")
    good = [
        key
        for key, result in results.items()
        if result.mixed_up.better and not result.overall.worse
    ]
    return min(good, key=lambda key: results[key].mixed_up.difference, default=None)
