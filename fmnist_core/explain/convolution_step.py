"""One number of a convolution, taken apart: what it was computed from, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int, int]
Array = NDArray[np.float32]


@dataclass(frozen=True)
class ConvolutionLayer:
    """A convolution that can be stepped through.

    Attributes:
        kernel: Height and width of its window.
        strides: Pixels from one window to the next, down and across.
        padding: `"same"` or `"valid"`.
        reads: What it gets: height, width, channels.
        gives: What it gives: height, width, channels (one a filter).
    """

    name: str
    kernel: tuple[int, int]
    strides: tuple[int, int]
    padding: str
    reads: Shape
    gives: Shape


@dataclass(frozen=True)
class Place:
    """One number of a convolution's output, all counted from 0."""

    layer: str
    channel: int
    row: int
    column: int


@dataclass(frozen=True)
class Change:
    """The effect of one stage on the value.

    Attributes:
        kind: `bias`, `batch_norm`, `shortcut` or `activation`.
        name: Of the layer; for an activation, of the function.
        numbers: What went in beside the number, each with its name.
        value: What came out.
        network_says: The network's own number here; None inside a layer, where it tells none.
    """

    kind: str
    name: str
    numbers: tuple[tuple[str, float], ...]
    value: float
    network_says: float | None


@dataclass(frozen=True, eq=False)
class Pooling:
    """Pooling of the value with its neighbors.

    Attributes:
        kind: `max` or `average`.
        whole: Whether it goes over the whole map (global pooling).
        window: float32 (h, w), the neighbours and the number itself.
        own: Where in the window the number is: row, column.
        winner: Where the largest is; None for an average.
        value: What came out.
        network_says: The network's own number here.
    """

    kind: str
    name: str
    whole: bool
    window: Array
    own: tuple[int, int]
    winner: tuple[int, int] | None
    value: float
    network_says: float


@dataclass(frozen=True, eq=False)
class ConvolutionStep:
    """All that one number of a convolution comes from.

    Attributes:
        place: Which number; `layer` tells about its convolution.
        corner: Row and column of the patch's first pixel in the input; below 0 in the padding.
        inside: bool (k, k), false where the patch exceeds the edge and reads zeros.
        patch: float32 (k, k, c), the input as the layer gets it.
        kernel: float32 (k, k, c), the filter's weights.
        changes: What happens to the sum of the products, in order.
        pooling: What happens then; None where nothing pools, or pooling leaves this place out.
        left_out: Whether pooling leaves this place out: the map's last row or column is odd.
        goes_to: The layers that read the result; empty for the network's answer.
        inputs: float32 (h, w, c), the whole input of the layer.
        sums: float32 (h, w), what the layer itself gives for this filter everywhere.
        results: float32 (h, w), the same after the last of `changes`.
    """

    place: Place
    layer: ConvolutionLayer
    corner: tuple[int, int]
    inside: NDArray[np.bool_]
    patch: Array
    kernel: Array
    changes: tuple[Change, ...]
    pooling: Pooling | None
    left_out: bool
    goes_to: tuple[str, ...]
    inputs: Array
    sums: Array
    results: Array

    @property
    def products(self) -> NDArray[np.float64]:
        """(k, k, c), patch times kernel."""
        return self.patch.astype(np.float64) * self.kernel

    @property
    def channel_sums(self) -> NDArray[np.float64]:
        """(c,), what each input channel adds to the sum."""
        total: NDArray[np.float64] = self.products.sum(axis=(0, 1))
        return total

    @property
    def total(self) -> float:
        """The sum of all products, without the bias."""
        return float(self.products.sum())

    @property
    def value(self) -> float:
        """The value before pooling."""
        return self.changes[-1].value if self.changes else self.total

    def place_over(self, row: int, column: int) -> tuple[int, int]:
        """The row and column of the output whose window has this input pixel nearest its middle."""
        found = []
        for axis, at in enumerate((row, column)):
            stride, own = self.layer.strides[axis], (self.place.row, self.place.column)[axis]
            first = self.corner[axis] - own * stride
            nearest = round((at - first - (self.layer.kernel[axis] - 1) / 2) / stride)
            found.append(min(self.layer.gives[axis] - 1, max(0, nearest)))
        return found[0], found[1]
