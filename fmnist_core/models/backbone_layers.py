"""The layers of a backbone, by `keras.applications`. Only worker processes import this module."""

from __future__ import annotations

import warnings
from typing import Any

from fmnist_core.config import ModelConfig
from fmnist_core.lab_keras import keras
from fmnist_core.models.plan import plan

_APPLICATIONS = {
    "vgg16": keras.applications.VGG16,
    "resnet50": keras.applications.ResNet50,
    "mobilenetv2": keras.applications.MobileNetV2,
    "efficientnetv2b0": keras.applications.EfficientNetV2B0,
}
# It would scale its input itself: here a layer before it does, as for the others.
_OPTIONS: dict[str, dict[str, Any]] = {"efficientnetv2b0": {"include_preprocessing": False}}
# MobileNetV2 comes with 0.999, ResNet50 with 0.99: through 50 layers one upon the other such
# averages are worth nothing for the first thousands of steps, and validation stays at chance.
MOMENTUM = 0.9


def backbone_output(name: str, image: Any, momentum: float = MOMENTUM) -> Any:
    """What the backbone makes of `image`, a Keras tensor (n, side, side, 3); random weights.

    Its layers stand among those of the network, under their own names, and not in a network
    within: whatever looks into a network sees them like any other layer.

    Args:
        momentum: What its batch normalisation keeps of its statistics at each step, 0 to 1.
    """
    backbone = _built(name, image)
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = momentum
    return backbone.output


def bare_backbone(name: str, side: int) -> keras.Model:
    """The backbone by itself, for images float32 (n, side, side, 3), with random weights."""
    return _built(name, keras.Input((side, side, 3)))


def backbone_layers(model: keras.Model, config: ModelConfig) -> list[keras.Layer]:
    """The layers that the plan calls `backbone`, in their order; none without one."""
    if not config.backbone.active:
        return []
    planned = {layer.name for layer in plan(config)}
    return [layer for layer in model.layers if layer.name not in planned]


def _built(name: str, image: Any) -> keras.Model:
    with warnings.catch_warnings():
        # That weights for 224 pixels would be loaded: here they are random.
        warnings.simplefilter("ignore")
        return _APPLICATIONS[name](
            include_top=False, weights=None, input_tensor=image, **_OPTIONS.get(name, {})
        )
