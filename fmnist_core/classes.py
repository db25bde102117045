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

# Seven of Paul Tol's "muted" colours and the orange of his "light" ones, told apart with the common
# kinds of colour blindness (https://personal.sron.nl/~pault/, section 2). His indigo and wine are
# lost on a dark page: Coat and Ankle boot have lighter ones of our own in their place.
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

# Clothing, but none of the ten: the label of such items, and the place of the eleventh output that
# a network may have for them (`ModelConfig.other_clothing`).
OTHER_CLOTHING = CLASS_COUNT
# The names of a network's outputs, in their order.
OUTPUT_NAMES: tuple[str, ...] = (*CLASS_NAMES, "other clothing")
