"""Configuration of training: optimizer, schedule, augmentation, class weights, distillation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import ClassVar

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config.rules import (
    Classes,
    Flag,
    Names,
    Number,
    OneOf,
    Text,
    Whole,
    check_fields,
    ruled,
)
from fmnist_core.errors import ConfigError, shown

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
AUTO = "auto"
COMPUTED_PRECISIONS = ("float32", "mixed_bfloat16")
PRECISIONS = (AUTO, *COMPUTED_PRECISIONS)


@dataclass(frozen=True)
class DistillationConfig:
    """Distillation: the network also learns from the probabilities of a stronger one (the teacher).

    Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", arXiv 1503.02531. The
    teacher is asked about training images only, never about those held back or the test images.
    But a teacher of another seed or another validation share has itself learned from some of the
    images that this run holds back. What it passes on of them makes the validation accuracy a
    little flattering and the choice of the best epoch a little less honest; the test accuracy
    stays what it is.
    """

    teacher: str = ruled(
        "",
        Text(80),
        "A run to learn from, or a shipped network ('shipped-catalogue'); empty: labels alone. "
        "Trained with another seed, it knows some images held back here: validation flatters "
        "then, the test does not.",
        label="Teacher",
    )
    weight: float = ruled(
        0.5,
        Number(0, 1),
        "Weight of the teacher loss; that of the labels takes the rest.",
        label="Weight of the teacher loss",
    )
    temperature: float = ruled(
        4.0,
        Number(1, 20),
        "Softens the teacher's probabilities, so that unlikely classes count too.",
        label="Temperature",
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return bool(self.teacher) and self.weight > 0


@dataclass(frozen=True)
class StyleAugmentationConfig:
    """Style augmentation: shares of the images drawn in other styles, anew in each epoch.

    `line_drawings`, `silhouettes`, `textures` and `background_clutter` are shares of the training
    images that get another style in an epoch; together at most 1, the rest stay photographs.
    `synthetic_sketches` and `negatives` add images, counted as a share of the training images.
    """

    line_drawings: float = ruled(
        0.0, Number(0, 1), "Share turned into line drawings.", label="Line drawings"
    )
    silhouettes: float = ruled(
        0.0, Number(0, 1), "Share turned into filled shapes, as on signs.", label="Silhouettes"
    )
    textures: float = ruled(
        0.0, Number(0, 1), "Share given another texture: stripes, checks, blots.", label="Textures"
    )
    background_clutter: float = ruled(
        0.0, Number(0, 1), "Share pasted on a cluttered background.", label="Background clutter"
    )
    inverted: float = ruled(
        0.0, Number(0, 1), "Share of these with dark and light swapped.", label="Inverted"
    )
    distortion: float = ruled(
        0.5, Number(0, 1), "How strongly these are bent, turned and stretched.", label="Distortion"
    )
    synthetic_sketches: float = ruled(
        0.0,
        Number(0, 1),
        "Synthetic sketches of garments added, with outlines and fillings.",
        label="Synthetic sketches",
    )
    negatives: float = ruled(
        0.0,
        Number(0, 1),
        "Negatives added: images of no clothing, to be unsure about.",
        label="Negatives (not clothing)",
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.restyled > 1 + 1e-9:
            raise ConfigError(
                "line_drawings, silhouettes, textures and background_clutter must come to at most "
                "1 together.",
                received=f"{self.restyled:g}",
            )

    @property
    def restyled(self) -> float:
        """Share of the training images that get another style."""
        return self.line_drawings + self.silhouettes + self.textures + self.background_clutter

    @property
    def active(self) -> bool:
        quiet = ("distortion", "inverted")
        return any(getattr(self, item.name) for item in fields(self) if item.name not in quiet)


@dataclass(frozen=True)
class ClassWeightsConfig:
    """Mistakes in the classes `labels` weigh `factor` times as much as in the others.

    It is a weight in the loss, and not the same images shown more often: the run sees the same
    images in the same order, as often and for as long as without it, so that a difference between
    the two comes from the weight alone. It follows the label, whatever was done to the image, and
    the weights of the ten classes average 1, so that the learning rate means what it meant.
    """

    labels: tuple[int, ...] = ruled(
        (),
        Classes(CLASS_COUNT - 1),
        "Classes whose mistakes weigh more; none: all alike.",
        label="Weighted classes",
    )
    factor: float = ruled(
        2.0, Number(1, 10), "How many times as much they weigh as the others.", label="Class weight"
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return bool(self.labels) and self.factor != 1

    @property
    def weights(self) -> tuple[float, ...]:
        """One a class, average 1; the last, the eleventh, is of what is no clothing."""
        plain = [self.factor if number in self.labels else 1.0 for number in range(CLASS_COUNT)]
        mean = sum(plain) / CLASS_COUNT
        return tuple(weight / mean for weight in [*plain, 1.0])


SCHEDULES = ("constant", "cosine", "one_cycle", "step", "plateau")


@dataclass(frozen=True)
class ScheduleConfig:
    """The learning rate schedule, as a factor of the base rate (0 to 1)."""

    kind: str = ruled(
        "constant",
        OneOf(*SCHEDULES, labels={"one_cycle": "One-cycle", "plateau": "On plateau"}),
        "How the learning rate moves over the run.",
        label="Schedule",
    )
    warmup_epochs: float = ruled(
        0.0, Number(0, 100), "Epochs of rising from near zero at first.", label="Warm-up epochs"
    )
    final_factor: float = ruled(
        0.01,
        Number(0, 1),
        "Where cosine and one-cycle end, as a share of the base rate.",
        label="Final share",
    )
    peak_share: float = ruled(
        0.3, Number(0.01, 0.99), "Where one-cycle peaks, share of the run.", label="Peak at share"
    )
    step_epochs: int = ruled(
        5, Whole(1, 1000), "Step: epochs between two drops.", label="Epochs a step"
    )
    drop_factor: float = ruled(
        0.3, Number(0.001, 1), "Step and plateau: what a drop leaves.", label="Drop to share"
    )
    patience: int = ruled(
        2, Whole(1, 100), "Plateau: epochs without progress before a drop.", label="Patience"
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class AugmentationConfig:
    """Random changes to training images, fresh in each epoch."""

    flip: bool = ruled(False, Flag(), "Mirror left and right, every other image.", label="Flip")
    shift: float = ruled(0.0, Number(0, 8), "Move by up to so many pixels.", label="Shift, pixels")
    rotate: float = ruled(
        0.0, Number(0, 45), "Turn by up to so many degrees.", label="Rotate, degrees"
    )
    zoom: float = ruled(
        0.0, Number(0, 0.5), "Grow or shrink by up to this share.", label="Zoom, share"
    )
    erase: float = ruled(
        0.0,
        Number(0, 1),
        "Share of images of which a random rectangle is blanked.",
        label="Erase, share",
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return any(bool(getattr(self, item.name)) for item in fields(self))


@dataclass(frozen=True)
class TrainConfig:
    """Everything about a training but the network."""

    dataset: str = ruled(
        "fashion-mnist",
        OneOf(
            "fashion-mnist",
            "synthetic-garments",
            labels={
                "fashion-mnist": "Fashion-MNIST",
                "synthetic-garments": "Synthetic garments",
            },
        ),
        "Which images to learn from.",
        label="Images",
    )
    train_images: int = ruled(
        0,
        Whole(0, 60_000),
        "Learn from so many images, drawn evenly per class; 0 means all.",
        label="Training images",
    )
    validation_share: float = ruled(
        0.1,
        Number(0, 0.5),
        "Share of the training images held back to choose by.",
        label="Validation share",
    )
    optimizer: str = ruled(
        "adam",
        OneOf(*OPTIMIZERS, labels={"adamw": "AdamW", "sgd": "SGD, Nesterov", "rmsprop": "RMSprop"}),
        "How gradients change the weights.",
        label="Optimizer",
    )
    learning_rate: float = ruled(
        1e-3, Number(1e-7, 10), "How large the steps are.", label="Learning rate"
    )
    momentum: float = ruled(
        0.9, Number(0, 0.999), "SGD: share of the last step kept (Nesterov).", label="Momentum"
    )
    weight_decay: float = ruled(
        0.0, Number(0, 1), "Pull of all weights towards zero.", label="Weight decay"
    )
    label_smoothing: float = ruled(
        0.0, Number(0, 0.5), "Share of certainty taken off each label.", label="Label smoothing"
    )
    batch_size: int = ruled(
        64, Whole(1, 8192), "Images looked at before each step.", label="Batch size"
    )
    epochs: int = ruled(
        10, Whole(1, 1000), "How often all training images are seen.", label="Epochs"
    )
    early_stopping: int = ruled(
        0,
        Whole(0, 1000),
        "Stop after so many epochs without better validation; 0 means never.",
        label="Patience to stop",
    )
    keep_weights: str = ruled(
        "best",
        OneOf("best", "last"),
        "The weights to evaluate: best validation accuracy or last.",
        label="Keep weights",
    )
    seed: int = ruled(0, Whole(0, 2**32 - 1), "Start of all random numbers.", label="Seed")
    initial_weights: str = ruled(
        "",
        Text(80),
        "A run whose weights are the initial ones, or 'shipped'; empty: random.",
        label="Initial weights",
    )
    frozen_epochs: int = ruled(
        0,
        Whole(0, 1000),
        "Epochs in which only the new output layer trains, and pretrained layers are frozen.",
        label="Frozen epochs",
    )
    fine_tune_factor: float = ruled(
        0.1,
        Number(1e-4, 1),
        "What is left of the learning rate when all begins to learn.",
        label="Fine-tuning rate factor",
    )
    collections: tuple[str, ...] = ruled(
        (), Names(8), "Own collections to learn from as well, by name.", label="Collections"
    )
    collection_share: float = ruled(
        0.2,
        Number(0, 2),
        "How many variants of them an epoch adds, as a share of its images.",
        label="Variants, share",
    )
    exclude_label_issues: bool = ruled(
        False,
        Flag(),
        "Exclude the training images that were marked as label issues.",
        label="Exclude suspected label issues",
    )
    precision: str = ruled(
        AUTO,
        OneOf(
            *PRECISIONS,
            labels={
                AUTO: "Auto (faster one)",
                "float32": "float32",
                "mixed_bfloat16": "Mixed bfloat16",
            },
        ),
        "Numbers that training computes with. Auto: whichever was measured to be faster on the "
        "machine that trains; mixed: bfloat16, fast only where the processor has it.",
        label="Precision",
    )
    ema_decay: float = ruled(
        0.0,
        Number(0, 0.9999),
        "Evaluate an exponential moving average (EMA) of the weights: its decay per step; 0: none.",
        label="EMA decay",
    )
    gradient_clip_norm: float = ruled(
        0.0,
        Number(0, 1000),
        "Gradient clipping: the largest norm allowed; 0 means no clipping.",
        label="Gradient clipping (norm)",
    )
    test_time_flip: bool = ruled(
        False,
        Flag(),
        "Test-time augmentation: the mean of the answers for an image and its mirror image; the "
        "curves of training go without.",
        label="Test-time augmentation (flip)",
    )
    record_dynamics: bool = ruled(
        True,
        Flag(),
        "Record training dynamics: weights, gradients and pinned images over time.",
        label="Record training dynamics",
    )
    tensorboard: bool = ruled(
        False,
        Flag(),
        "Also write event files for TensorBoard, below the lab's home.",
        label="TensorBoard",
    )
    mlflow: bool = ruled(
        False,
        Flag(),
        "Also tell an MLflow server, or a local folder of MLflow (FMNIST_MLFLOW).",
        label="MLflow",
    )
    schedule: ScheduleConfig = field(
        default_factory=ScheduleConfig,
        metadata={"label": "Schedule"},
    )
    augmentation: AugmentationConfig = field(
        default_factory=AugmentationConfig, metadata={"label": "Augmentation"}
    )
    style_augmentation: StyleAugmentationConfig = field(
        default_factory=StyleAugmentationConfig, metadata={"label": "Style augmentation"}
    )
    class_weights: ClassWeightsConfig = field(
        default_factory=ClassWeightsConfig, metadata={"label": "Class weights"}
    )
    distillation: DistillationConfig = field(
        default_factory=DistillationConfig, metadata={"label": "Distillation"}
    )

    _PARTS: ClassVar = {
        "schedule": ScheduleConfig,
        "augmentation": AugmentationConfig,
        "style_augmentation": StyleAugmentationConfig,
        "class_weights": ClassWeightsConfig,
        "distillation": DistillationConfig,
    }

    def __post_init__(self) -> None:
        check_fields(self)
        for name, kind in self._PARTS.items():
            part = getattr(self, name)
            if not isinstance(part, kind):
                raise ConfigError(f"{name} must be of {kind.__name__}.", received=shown(part))
        self._check_validation_is_there()
        self._check_frozen_epochs()

    def _check_frozen_epochs(self) -> None:
        if self.frozen_epochs > self.epochs:
            raise ConfigError(
                "frozen_epochs must not be more than epochs.",
                received=f"{self.frozen_epochs} of {self.epochs}",
                advice="Train longer, or unfreeze earlier.",
            )

    def _check_validation_is_there(self) -> None:
        if self.validation_share > 0:
            return
        advice = "Set validation_share above 0, such as 0.1."
        if self.early_stopping:
            raise ConfigError("early_stopping needs validation images.", advice=advice)
        if self.schedule.kind == "plateau":
            raise ConfigError("The plateau schedule needs validation images.", advice=advice)
        if self.keep_weights == "best":
            raise ConfigError(
                "keep_weights 'best' needs validation images to choose by.",
                advice=advice + " Or set keep_weights to 'last'.",
            )
