"""Configuration of training: optimizer, schedule, augmentation, class weights, distillation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
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

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop", "muon")
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
        "The network to distill from: a run, or a shipped network ('shipped-catalogue'); empty: "
        "none. A teacher with another seed was trained on some validation images of this run, so "
        "the validation accuracy is slightly optimistic; the test accuracy is not.",
        label="Teacher",
    )
    weight: float = ruled(
        0.5,
        Number(0, 1),
        "Weight of the teacher loss; the label loss has the rest.",
        label="Weight of the teacher loss",
    )
    temperature: float = ruled(
        4.0,
        Number(1, 20),
        "Softens the teacher's probabilities, so that less likely classes count too.",
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
    `synthetic_sketches`, `other_clothing` and `negatives` add images, counted as a share of the
    training images.
    """

    line_drawings: float = ruled(
        0.0, Number(0, 1), "Share turned into line drawings.", label="Line drawings"
    )
    silhouettes: float = ruled(
        0.0, Number(0, 1), "Share turned into filled shapes.", label="Silhouettes"
    )
    textures: float = ruled(
        0.0, Number(0, 1), "Share with another texture: stripes, checks, blots.", label="Textures"
    )
    background_clutter: float = ruled(
        0.0, Number(0, 1), "Share placed on a cluttered background.", label="Background clutter"
    )
    inverted: float = ruled(
        0.0, Number(0, 1), "Share of the restyled images with inverted colors.", label="Inverted"
    )
    distortion: float = ruled(
        0.5,
        Number(0, 1),
        "Strength of the geometric distortion of restyled images.",
        label="Distortion",
    )
    synthetic_sketches: float = ruled(
        0.0,
        Number(0, 1),
        "Synthetic sketches of garments, added as a share of the training images.",
        label="Synthetic sketches",
    )
    other_clothing: float = ruled(
        0.0,
        Number(0, 1),
        "Variants of your items labeled other clothing, added as a share of the training images. "
        "Only for a network with that output.",
        label="Variants of other clothing",
    )
    negatives: float = ruled(
        0.0,
        Number(0, 1),
        "Images that are not clothing, added as a share of the training images.",
        label="Negatives (not clothing)",
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.restyled > 1 + 1e-9:
            raise ConfigError(
                "line_drawings, silhouettes, textures and background_clutter must add up to at "
                "most 1.",
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
        "Classes with a larger weight in the loss; none: equal weights.",
        label="Weighted classes",
    )
    factor: float = ruled(
        2.0, Number(1, 10), "Weight of these classes relative to the others.", label="Class weight"
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return bool(self.labels) and self.factor != 1

    @property
    def weights(self) -> tuple[float, ...]:
        """One a class, average 1; then those of other clothing and of what is no clothing."""
        plain = [self.factor if number in self.labels else 1.0 for number in range(CLASS_COUNT)]
        mean = sum(plain) / CLASS_COUNT
        return tuple(weight / mean for weight in [*plain, 1.0, 1.0])


@dataclass(frozen=True)
class ClassHoldoutConfig:
    """Training images that a class holds back for its leaderboard.

    A run of the class neither learns from them nor chooses by them, so that all its runs can be
    compared on the same images. Outside a class there are none.
    """

    images: int = ruled(
        0,
        Whole(0, 10_000),
        "Training images held back for the leaderboard of a class, evenly per class; 0: none.",
        label="Images for the leaderboard",
    )
    split_seed: int = ruled(
        0, Whole(0, 2**32 - 1), "Which images they are.", label="Seed of these images"
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return self.images > 0


SCHEDULES = ("constant", "cosine", "one_cycle", "step", "plateau")


@dataclass(frozen=True)
class ScheduleConfig:
    """The learning rate schedule, as a factor of the base rate (0 to 1)."""

    kind: str = ruled(
        "constant",
        OneOf(*SCHEDULES, labels={"one_cycle": "One-cycle", "plateau": "On plateau"}),
        "How the learning rate changes during training.",
        label="Schedule",
    )
    warmup_epochs: float = ruled(
        0.0,
        Number(0, 100),
        "Epochs in which the learning rate rises from near zero.",
        label="Warm-up epochs",
    )
    final_factor: float = ruled(
        0.01,
        Number(0, 1),
        "Final learning rate of cosine and one-cycle, as a share of the base rate.",
        label="Final rate, share",
    )
    peak_share: float = ruled(
        0.3,
        Number(0.01, 0.99),
        "Position of the one-cycle peak, as a share of the run.",
        label="Peak position, share",
    )
    step_epochs: int = ruled(
        5, Whole(1, 1000), "Step schedule: epochs between two drops.", label="Step epochs"
    )
    drop_factor: float = ruled(
        0.3,
        Number(0.001, 1),
        "Factor of the rate at each drop (step, plateau).",
        label="Drop factor",
    )
    patience: int = ruled(
        2, Whole(1, 100), "Plateau: epochs without improvement before a drop.", label="Patience"
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class AugmentationConfig:
    """Random changes to training images, fresh in each epoch."""

    flip: bool = ruled(False, Flag(), "Mirror every other image horizontally.", label="Flip")
    alternating_flip: bool = ruled(
        False,
        Flag(),
        "With Flip: each image is mirrored in every other epoch, in place of at random. Not with "
        "styles or collections.",
        label="Alternating flip",
    )
    shift: float = ruled(0.0, Number(0, 8), "Largest shift in pixels.", label="Shift, pixels")
    rotate: float = ruled(
        0.0, Number(0, 45), "Largest rotation in degrees.", label="Rotate, degrees"
    )
    zoom: float = ruled(
        0.0, Number(0, 0.5), "Largest change of size, as a share.", label="Zoom, share"
    )
    erase: float = ruled(
        0.0,
        Number(0, 1),
        "Share of images with a random rectangle erased.",
        label="Erase, share",
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        idle = {"alternating_flip"}
        return any(bool(getattr(self, one.name)) for one in fields(self) if one.name not in idle)

    @property
    def alternates(self) -> bool:
        """Alternating flip (Jordan 2024, arXiv 2404.00498, section 3.6)."""
        return self.flip and self.alternating_flip


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
        "The data set to train on.",
        label="Data set",
    )
    train_images: int = ruled(
        0,
        Whole(0, 60_000),
        "Number of training images, drawn evenly per class; 0 means all.",
        label="Training images",
    )
    validation_share: float = ruled(
        0.1,
        Number(0, 0.5),
        "Share of the training images held back for validation.",
        label="Validation share",
    )
    optimizer: str = ruled(
        "adam",
        OneOf(*OPTIMIZERS, labels={"adamw": "AdamW", "sgd": "SGD, Nesterov", "rmsprop": "RMSprop"}),
        "The rule that updates the weights from gradients. Usual learning rates: SGD 0.1; Adam, "
        "AdamW and RMSprop 0.001 to 0.004; Muon 0.02, of which its AdamW part (output layer, "
        "biases and other vectors) gets a tenth. A preset's rate is that of its own optimizer.",
        label="Optimizer",
    )
    learning_rate: float = ruled(
        1e-3, Number(1e-7, 10), "Step size of each weight update.", label="Learning rate"
    )
    momentum: float = ruled(
        0.9,
        Number(0, 0.999),
        "SGD, Muon: share of the last step kept (Nesterov momentum).",
        label="Momentum",
    )
    weight_decay: float = ruled(
        0.0, Number(0, 1), "Shrinks all weights toward zero at each step.", label="Weight decay"
    )
    label_smoothing: float = ruled(
        0.0, Number(0, 0.5), "Share of each label spread over all classes.", label="Label smoothing"
    )
    batch_size: int = ruled(64, Whole(1, 8192), "Images per training step.", label="Batch size")
    epochs: int = ruled(10, Whole(1, 1000), "Passes over all training images.", label="Epochs")
    early_stopping: int = ruled(
        0,
        Whole(0, 1000),
        "Stop after this many epochs without better validation accuracy; 0: never.",
        label="Early stopping patience",
    )
    keep_weights: str = ruled(
        "best",
        OneOf("best", "last"),
        "Which weights to keep: best validation accuracy, or last epoch.",
        label="Keep weights",
    )
    seed: int = ruled(0, Whole(0, 2**32 - 1), "Seed of all random numbers.", label="Seed")
    initial_weights: str = ruled(
        "",
        Text(80),
        "A run to copy the initial weights from, or 'shipped'; empty: random.",
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
        "Factor of the learning rate after unfreezing all layers.",
        label="Fine-tuning rate factor",
    )
    collections: tuple[str, ...] = ruled(
        (),
        Names(8),
        "Your collections to add to the training images, by name.",
        label="Collections",
    )
    collection_share: float = ruled(
        0.2,
        Number(0, 2),
        "Augmented variants of these items per epoch, as a share of the training images.",
        label="Variants, share",
    )
    exclude_label_issues: bool = ruled(
        False,
        Flag(),
        "Exclude the training images marked as label issues.",
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
        "Number format for training. Auto: the faster one, as measured on this machine; mixed: "
        "bfloat16, fast only if the processor supports it.",
        label="Precision",
    )
    ema_decay: float = ruled(
        0.0,
        Number(0, 0.9999),
        "Evaluate an exponential moving average of the weights, with this decay per step; 0: off.",
        label="EMA decay",
    )
    whitened_first_layer: bool = ruled(
        False,
        Flag(),
        "The first convolution is set to the principal axes of the training images' patches (18 "
        "filters of 3x3; further ones are random), and frozen.",
        label="Whitened first layer",
    )
    dirac_initialization: bool = ruled(
        False,
        Flag(),
        "Convolutions of residual blocks begin as the identity, in place of random weights; of "
        "separable ones the pointwise part.",
        label="Dirac initialization",
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
        "Average the predictions for an image and its mirror image at test time; not used in "
        "training curves.",
        label="Test-time augmentation (flip)",
    )
    record_dynamics: bool = ruled(
        True,
        Flag(),
        "Record weights, gradients and predictions for pinned images at each epoch.",
        label="Record training dynamics",
    )
    tensorboard: bool = ruled(
        False,
        Flag(),
        "Write event files for TensorBoard in the lab's folder.",
        label="TensorBoard",
    )
    mlflow: bool = ruled(
        False,
        Flag(),
        "Log to an MLflow server or local folder (FMNIST_MLFLOW).",
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
    class_holdout: ClassHoldoutConfig = field(
        default_factory=ClassHoldoutConfig, metadata={"label": "Held back by the class"}
    )

    def from_weights(self, source: str) -> TrainConfig:
        """The same from the weights of `source`, without kernels that these would replace.

        Args:
            source: See `initial_weights`.
        """
        return replace(
            self,
            initial_weights=source,
            whitened_first_layer=False,
            dirac_initialization=False,
        )

    _PARTS: ClassVar = {
        "schedule": ScheduleConfig,
        "augmentation": AugmentationConfig,
        "style_augmentation": StyleAugmentationConfig,
        "class_weights": ClassWeightsConfig,
        "distillation": DistillationConfig,
        "class_holdout": ClassHoldoutConfig,
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
