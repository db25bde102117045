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
# Without its own input scaling: a layer before it does that, as for the others.
_OPTIONS: dict[str, dict[str, Any]] = {"efficientnetv2b0": {"include_preprocessing": False}}
# MobileNetV2 has 0.999, ResNet50 0.99: in a deep network such averages are useless for thousands of
# steps, and validation accuracy stays at chance.
MOMENTUM = 0.9


def backbone_output(name: str, image: Any, momentum: float = MOMENTUM) -> Any:
    """The backbone's output for `image`, a Keras tensor (n, side, side, 3); random weights.

    Its layers become layers of the network itself, not of a nested one, so that explanations treat
    them like any other.

    Args:
        momentum: Of its batch normalization, 0 to 1.
    """
    with warnings.catch_warnings():
        # Keras suggests its weights for 224 pixels.
        warnings.simplefilter("ignore")
        backbone = _APPLICATIONS[name](
            include_top=False, weights=None, input_tensor=image, **_OPTIONS.get(name, {})
        )
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = momentum
    return backbone.output


def backbone_layers(model: keras.Model, config: ModelConfig) -> list[keras.Layer]:
    """The layers of the backbone, in their order; none without one."""
    if not config.backbone.active:
        return []
    planned = {layer.name for layer in plan(config)}
    return [layer for layer in model.layers if layer.name not in planned]
