"""Results of the explanations: arrays only, for any process.

In all of them `side` is that of the image that the network reads: 28, 40 or 56 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import ConfigError

Kind = Literal["convolution", "dense", "answer"]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TappedLayer:
    """A layer with weights.

    Attributes:
        name: Of the layer.
        kind: `answer` is the output layer.
        shape: Of its output: (height, width, channels) or (units,).
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]

    @property
    def channels(self) -> int:
        """The number of its maps or units."""
        return self.shape[-1]

    def checked(self, channel: int) -> int:
        """`channel`, if the layer has it.

        Raises:
            ConfigError: It has not.
        """
        if not 0 <= channel < self.channels:
            raise ConfigError(
                f"{self.name} has the channels 0 to {self.channels - 1}.", received=channel
            )
        return channel


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """Feature maps of one layer for an image.

    Attributes:
        layer: Its name.
        kind: Its class's name in Keras, such as `Conv2D`.
        shape: Of its whole output.
        channels: int64 (m,), which of its maps or units these are.
        maps: uint8 (m, h, w), each from 0 (its least value) to 255 (its largest); units have
            height and width 1, and share one scale.
        least, most: float32 (m,), these values.
        ends_stage: Whether it is what a convolution, a pooling or a dense layer hands on, and not
            a step on the way there.
    """

    layer: str
    kind: str
    shape: tuple[int, ...]
    channels: NDArray[np.int64]
    maps: NDArray[np.uint8]
    least: Floats
    most: Floats
    ends_stage: bool


@dataclass(frozen=True, eq=False)
class FirstFilters:
    """The kernels of the first layer with weights.

    Attributes:
        layer: Its name.
        kernels: float32 (k, h, w): of a convolution its kernels, of a dense layer that reads all
            pixels one weight a pixel, (k, side, side).
    """

    layer: str
    kernels: Floats


@dataclass(frozen=True, eq=False)
class Filters:
    """The first layer before and after training.

    Attributes:
        now: None where the first layer does not read pixels.
        before: None where it is not known.
        why_not: Why it is not known, for people; else empty.
    """

    now: FirstFilters | None
    before: FirstFilters | None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """Occlusion sensitivity of a class's probability.

    Attributes:
        loss: float32 (side, side), by how much the log-odds of the class fall where this pixel is
            hidden, in the mean over the patches that hide it; negative where they rise.
        share: The class's probability with nothing hidden.
        least: The lowest probability that one patch brings it to, of those where `loss` is
            positive in the mean; `share` where there is none.
        row, column: That patch's upper left corner.
        patch: The patches' side in pixels.
    """

    loss: Floats
    share: float
    least: float
    row: int
    column: int
    patch: int


@dataclass(frozen=True, eq=False)
class Attribution:
    """Attributions of a class's score to pixels, with a black baseline.

    Attributes:
        shares: float32 (side, side), positive for the class, negative against it.
        difference: The image's score less that of a black image; `shares` add up to it.
        gap: How far they miss it, relative to the difference.
        steps: Images on the way from black to the image.
    """

    shares: Floats
    difference: float
    gap: float
    steps: int


@dataclass(frozen=True, eq=False)
class TopActivations:
    """The test images with the top activations of one map or unit, strongest first.

    Attributes:
        indices: int64 (m,), which test images; m is 9, or fewer where there are fewer.
        values: float32 (m,), the largest number in the map, or the unit's.
        labels: uint8 (m,), their true classes.
        images: uint8 (m, 28, 28).
        heats: float32 (m, side, side), the map enlarged over each image, 0 to 1; None for a unit.
        searched: The number of ranked test images.
    """

    indices: NDArray[np.int64]
    values: Floats
    labels: NDArray[np.uint8]
    images: NDArray[np.uint8]
    heats: Floats | None
    searched: int


@dataclass(frozen=True, eq=False)
class MaximizedActivation:
    """An image that maximizes a map or unit.

    Attributes:
        image: uint8 (side, side).
        value: The activation it reaches, as in `TopActivations.values`.
    """

    image: NDArray[np.uint8]
    value: float
