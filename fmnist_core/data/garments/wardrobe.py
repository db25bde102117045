"""The ten kinds of garments in the order of the classes, each drawn to order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.garments.bags import bag
from fmnist_core.data.garments.boots import ankle_boot
from fmnist_core.data.garments.dresses import dress
from fmnist_core.data.garments.raster import rasterise
from fmnist_core.data.garments.sandals import sandal
from fmnist_core.data.garments.sneakers import sneaker
from fmnist_core.data.garments.strokes import Pencil, Stroke, moved
from fmnist_core.data.garments.surface import textured
from fmnist_core.data.garments.tops import coat, pullover, shirt, tshirt
from fmnist_core.data.garments.trousers import trousers


@dataclass(frozen=True)
class Garment:
    """How one class is drawn.

    Attributes:
        draw: Its strokes for as many garments as the pencil draws.
        patterned: Share with stripes, checks or blotches.
        facing_right: Share that is mirrored.
    """

    draw: Callable[[Pencil], list[Stroke]]
    patterned: float = 0.25
    facing_right: float = 0.0


WARDROBE: tuple[Garment, ...] = (
    Garment(tshirt, 0.22),
    Garment(trousers, 0.12),
    Garment(pullover, 0.3),
    Garment(dress, 0.35),
    Garment(coat, 0.2),
    Garment(sandal, 0.05, facing_right=0.04),
    Garment(shirt, 0.5),
    Garment(sneaker, 0.1, facing_right=0.04),
    Garment(bag, 0.2, facing_right=0.5),
    Garment(ankle_boot, 0.08, facing_right=0.04),
)


def draw_garments(label: int, count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """`count` different garments of the class `label`: uint8 (count, 28, 28), white on black."""
    garment, pencil = WARDROBE[label], Pencil(rng, count)
    strokes = moved(garment.draw(pencil), *_placement(pencil))
    images = textured(rasterise(strokes, count), garment.patterned, rng).astype(np.uint8)
    mirrored = pencil.chance(garment.facing_right)
    images[mirrored] = images[mirrored, :, ::-1]
    return images


def _placement(pencil: Pencil) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A slightly different size, slant and place for each garment."""
    turn, slant = pencil.near(0, 0.025), pencil.near(0, 0.02)
    wide, high = pencil.near(0.97, 0.035), pencil.near(0.985, 0.015)
    rows = np.stack([wide, slant - turn], axis=1), np.stack([turn, high], axis=1)
    shift = np.stack([pencil.near(0, 0.3), pencil.near(0, 0.2)], axis=1)
    return np.stack(rows, axis=1), shift
