"""The backbones: measured properties, and their weight files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.config import BackboneConfig
from fmnist_core.config.model import SIDE_STEP


@dataclass(frozen=True)
class WeightFile:
    """ImageNet weights of a backbone without its top, as `keras.applications` publishes them.

    Attributes:
        name: File name, also in Keras' own cache.
        folder: Its folder below `PUBLISHED`.
        md5: As in the sources of `keras.applications`; empty where they check none.
        size: Bytes.
    """

    name: str
    folder: str
    md5: str
    size: int


@dataclass(frozen=True)
class Scaling:
    """Scale and offset of gray values (0 to 255) in each of 3 channels."""

    scale: tuple[float, float, float]
    offset: tuple[float, float, float]


@dataclass(frozen=True)
class Backbone:
    """One network, for images of c x c cells of 32 pixels (all maps halve evenly then).

    Attributes:
        title, source: What people call it, and the paper.
        channels: Maps in its output, which has c x c places.
        parameters: All weights.
        moving: Those of them that are moving averages of batch normalisation.
        multiply_adds_a_cell, multiply_adds: For one image, c * c times the one plus the other.
        values_a_cell: Numbers in all layers' outputs for one image, about, c * c times.
        side: What suits it: a small side at which it still works well.
        seconds_resting, seconds_learning: For 1 000 training images of that side on two cores of
            a 2024 server processor, batches of 32 (see docs/performance.md).
        megabytes: Memory of a training process at that side, at most.
        scaling: What its weights were learned with.
    """

    title: str
    source: str
    channels: int
    parameters: int
    moving: int
    multiply_adds_a_cell: int
    multiply_adds: int
    values_a_cell: int
    side: int
    seconds_resting: float
    seconds_learning: float
    megabytes: int
    scaling: Scaling


PUBLISHED = "https://storage.googleapis.com/tensorflow/keras-applications/"
# `preprocess_input` of each: "caffe" (blue first; in gray all are alike), "tf", "torch".
_CAFFE = Scaling((1.0, 1.0, 1.0), (-103.939, -116.779, -123.68))
_TF = Scaling((1 / 127.5, 1 / 127.5, 1 / 127.5), (-1.0, -1.0, -1.0))
_TORCH = Scaling(
    (1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)),
    (-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225),
)

BACKBONES: dict[str, Backbone] = {
    "vgg16": Backbone(
        title="VGG16",
        source="Simonyan & Zisserman 2014",
        channels=512,
        parameters=14_714_688,
        moving=0,
        multiply_adds_a_cell=313_196_544,
        multiply_adds=0,
        values_a_cell=307_712,
        side=32,
        seconds_resting=1.8,
        seconds_learning=6.0,
        megabytes=1200,
        scaling=_CAFFE,
    ),
    "resnet50": Backbone(
        title="ResNet50",
        source="He et al. 2015",
        channels=2048,
        parameters=23_587_712,
        moving=53_120,
        multiply_adds_a_cell=78_908_416,
        multiply_adds=0,
        values_a_cell=756_000,
        side=64,
        seconds_resting=1.9,
        seconds_learning=8.0,
        megabytes=1600,
        scaling=_CAFFE,
    ),
    "mobilenetv2": Backbone(
        title="MobileNetV2",
        source="Sandler et al. 2018",
        channels=1280,
        parameters=2_257_984,
        moving=34_112,
        multiply_adds_a_cell=6_248_416,
        multiply_adds=0,
        values_a_cell=445_000,
        side=96,
        seconds_resting=0.9,
        seconds_learning=2.5,
        megabytes=1200,
        scaling=_TF,
    ),
    "efficientnetv2b0": Backbone(
        title="EfficientNetV2-B0",
        source="Tan & Le 2021",
        channels=1280,
        parameters=5_919_312,
        moving=60_608,
        multiply_adds_a_cell=14_704_768,
        multiply_adds=1_031_424,
        values_a_cell=326_000,
        side=96,
        seconds_resting=1.5,
        seconds_learning=4.9,
        megabytes=1500,
        scaling=_TORCH,
    ),
}

IMAGENET: Mapping[str, WeightFile] = {
    "vgg16": WeightFile(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "vgg16",
        "6d6bbae143d832006294945121d1f1fc",
        58_889_256,
    ),
    "resnet50": WeightFile(
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "resnet",
        "4d473c1dd8becc155b73f8504c6f6626",
        94_765_736,
    ),
    # Keras checks no hash of this one: its size is compared, and every layer must take its part.
    "mobilenetv2": WeightFile(
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        "mobilenet_v2",
        "",
        9_406_464,
    ),
    "efficientnetv2b0": WeightFile(
        "efficientnetv2-b0_notop.h5",
        "efficientnet_v2",
        "893217f2bb855e2983157299931e43ff",
        24_274_472,
    ),
}


def side_of(config: BackboneConfig) -> int:
    """The side to which images are enlarged, in pixels."""
    return config.image_size or BACKBONES[config.name].side


def seconds_for(config: BackboneConfig, images: int, *, resting: bool) -> float:
    """Expected seconds for one pass of training over so many images, on two cores."""
    facts = BACKBONES[config.name]
    thousand = facts.seconds_resting if resting else facts.seconds_learning
    return images / 1000 * thousand * (side_of(config) / facts.side) ** 2


def cells_of(config: BackboneConfig) -> int:
    """Places in a row of its output."""
    return side_of(config) // SIDE_STEP
