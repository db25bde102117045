"""The ten classes: their names, and one colour each, the same everywhere."""

from __future__ import annotations

CLASS_NAMES: tuple[str, ...] = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

# Paul Tol's "muted" palette and one of his "bright" colours: told apart with the common kinds of
# colour blindness and readable on white and on dark (https://personal.sron.nl/~pault/, section 2).
CLASS_COLOURS: tuple[str, ...] = (
    "#88CCEE",
    "#CC6677",
    "#DDCC77",
    "#117733",
    "#5566CC",
    "#AA4499",
    "#44AA99",
    "#999933",
    "#EE8866",
    "#99788A",
)

IMAGE_SIDE = 28
CLASS_COUNT = len(CLASS_NAMES)
