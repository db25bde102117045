"""What fields and options of a configuration are called on a page."""

from __future__ import annotations

_LABELS = {
    "kernel": "Kernel side",
    "batch_norm": "Batch norm",
    "residual": "Residual link",
    "head": "Head",
    "dense": "Dense layers",
    "dense_activation": "Dense activation",
    "head_dropout": "Head dropout",
    "dataset": "Images",
    "train_images": "Training images",
    "record_dynamics": "Record training dynamics",
    "tensorboard": "TensorBoard",
    "mlflow": "MLflow",
    "ema_decay": "EMA decay",
    "test_time_flip": "Test-time augmentation (flip)",
    "gradient_clip_norm": "Gradient clipping (norm)",
    "validation_share": "Validation share",
    "early_stopping": "Patience to stop",
    "keep_weights": "Keep weights",
    "kind": "Schedule",
    "warmup_epochs": "Warm-up epochs",
    "final_factor": "Final share",
    "peak_share": "Peak at share",
    "step_epochs": "Epochs a step",
    "drop_factor": "Drop to share",
    "shift": "Shift, pixels",
    "rotate": "Rotate, degrees",
    "erase": "Erase, share",
    "flip": "Flip",
    "zoom": "Zoom, share",
    "line_drawings": "Line drawings",
    "silhouettes": "Silhouettes",
    "textures": "Textures",
    "background_clutter": "Background clutter",
    "inverted": "Inverted",
    "distortion": "Distortion",
    "synthetic_sketches": "Synthetic sketches",
    "negatives": "Negatives (not clothing)",
    "collection_share": "Variants, share",
    "labels": "Weighted classes",
    "factor": "Class weight",
    "exclude_label_issues": "Exclude suspected label issues",
    "name": "Backbone",
    "weights": "Backbone weights",
    "image_size": "Image size",
    "initial_weights": "Initial weights",
    "teacher": "Teacher",
    "weight": "Weight of the teacher loss",
    "temperature": "Temperature",
    "frozen_epochs": "Frozen epochs",
    "fine_tune_factor": "Fine-tuning rate factor",
}

_OPTIONS = {
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": "SGD, Nesterov",
    "rmsprop": "RMSprop",
    "one_cycle": "One-cycle",
    "plateau": "On plateau",
    "global_average": "Global average",
    "global_max": "Global maximum",
    "auto": "Auto (faster one)",
    "float32": "float32",
    "mixed_bfloat16": "Mixed bfloat16",
    "unit": "To 0..1",
    "standard": "Mean 0, sd 1",
    "vgg16": "VGG16",
    "resnet50": "ResNet50",
    "mobilenetv2": "MobileNetV2",
    "efficientnetv2b0": "EfficientNetV2-B0",
    "imagenet": "ImageNet",
}


def label_of(name: str) -> str:
    """A field's name for people."""
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def option_label(option: str) -> str:
    """An option's name for people."""
    return _OPTIONS.get(option, option.replace("_", " ").capitalize())


def path_words(path: str) -> str:
    """`model.blocks.0.filters` as "Block 1: Filters"."""
    parts = path.split(".")
    label = label_of(parts[-1])
    return f"Block {int(parts[2]) + 1}: {label}" if parts[:2] == ["model", "blocks"] else label
