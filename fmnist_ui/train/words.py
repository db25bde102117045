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
    "unit": "To 0..1",
    "standard": "Mean 0, sd 1",
    "fashion-mnist": "Fashion-MNIST",
    "synthetic-garments": "Synthetic garments",
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


def big(number: float) -> str:
    """A count for people: 1 234, 56.7 k, 3.2 M, 1.1 G."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= limit:
            scale = {"G": 1e9, "M": 1e6, "k": 1e3}[unit]
            return f"{number / scale:.3g} {unit}"
    return f"{number:,.0f}".replace(",", " ")


def duration(seconds: float) -> str:
    """A length of time in the two largest units that matter: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 10:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
