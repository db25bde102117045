"""What a person brought, whichever way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import LabError

# The id of whatever lies on the sheet, until the sheet is empty.
DRAWING = "drawing"


@dataclass(frozen=True, eq=False)
class Item:
    """One drawing or picture.

    Attributes:
        id: The same while it is the same item: corrections by hand belong to it.
        name: For people, as it came; may hold anything.
        picture: uint8 (h, w, 3), upright, longest side at most 512.
        note: What was done to it already, such as "Turned upright, as its camera noted."
        truth: Class number where it is known, as for an example.
    """

    id: str
    name: str
    picture: NDArray[np.uint8]
    note: str = ""
    truth: int | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """One file: what it shows, or why it cannot be shown."""

    id: str
    name: str
    item: Item | None = None
    error: LabError | None = None
