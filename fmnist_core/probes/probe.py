"""One probe: an image with a name, and the form in which it is written down."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES, IMAGE_SIDE
from fmnist_core.errors import InputError

LONGEST_NAME = 60
_SHAPE = (IMAGE_SIDE, IMAGE_SIDE)


@dataclass(frozen=True, eq=False)
class Probe:
    """An image to watch.

    Attributes:
        image: uint8 (28, 28), 0 is the black background.
        name: For people, at most 60 characters; may hold anything.
        label: Class number 0 to 9; None where nobody said what it is.
        source: Where it comes from, such as "test image", "drawn", "uploaded" or "held back".

    Raises:
        InputError: An image of another size or kind, or a wrong label.
    """

    image: NDArray[np.uint8]
    name: str
    label: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        found = np.asarray(self.image)
        if found.dtype != np.uint8 or found.shape != _SHAPE:
            received = f"{found.dtype} {found.shape}"
            raise InputError("A probe is an image uint8 (28, 28).", received=received)
        if self.label is not None and self.label not in range(CLASS_COUNT):
            raise InputError("A probe's label is 0 to 9, or None.", received=self.label)
        object.__setattr__(self, "name", " ".join(str(self.name).split())[:LONGEST_NAME])

    @property
    def id(self) -> str:
        """The same for the same image: 16 hexadecimal digits."""
        return hashlib.sha256(np.ascontiguousarray(self.image).data).hexdigest()[:16]

    @property
    def title(self) -> str:
        """Its name or, where it has none, its class."""
        return self.name or ("Probe" if self.label is None else CLASS_NAMES[self.label])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, some 1.2 KB."""
        pixels = base64.b64encode(np.ascontiguousarray(self.image).tobytes()).decode()
        return {"name": self.name, "label": self.label, "source": self.source, "image": pixels}

    @classmethod
    def from_json(cls, value: Any) -> Probe:
        """The inverse of `to_json`.

        Raises:
            InputError: It is not of that form.
        """
        try:
            pixels = np.frombuffer(base64.b64decode(value["image"], validate=True), np.uint8)
            name, source = str(value["name"]), str(value["source"])
            return cls(pixels.reshape(_SHAPE), name, value["label"], source)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("A stored probe is damaged.", received=repr(value)[:80]) from error
