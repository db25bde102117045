"""Wrong labels among the images that are learned from and chosen by."""

from __future__ import annotations

import numpy as np

from fmnist_core.diagnosis.evidence import Evidence, Finding

# Below, cells are too empty; and a network that hardly learned errs everywhere.
_IMAGES, _ACCURACY = 200, 0.3
_SCATTERED = 0.03


def label_noise(evidence: Evidence) -> Finding | None:
    """Mistakes lie in all cells of the matrix, also between garments that nothing has in common.

    Honest mistakes gather in a few cells, such as Shirt and T-shirt; wrong labels fall anywhere.
    So the rarer half of the cells tells how many there are, at least.
    """
    last = evidence.last
    if last is None or last.images < _IMAGES or last.accuracy < _ACCURACY:
        return None
    cells = np.sort(last.confusion[~np.eye(len(last.confusion), dtype=bool)])
    share = 2 * int(cells[: len(cells) // 2].sum()) / last.images
    if share < _SCATTERED:
        return None
    return Finding(
        "label_noise",
        f"Some labels seem to be wrong, at least {share:.0%} of them.",
        f"Mistakes are scattered: the rarer half of all confusions, between garments that look "
        f"nothing alike, makes up {share / 2:.1%} of the {last.images:,} images at "
        f"{last.epochs:g} epochs (limit: {_SCATTERED / 2:.1%}).",
        "Look at the most suspicious images on the page Evaluate, drop them, or smooth the labels.",
        since=last.epochs,
    )
