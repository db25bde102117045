"""Everything that can be known to be wrong with a run before it starts."""

from __future__ import annotations

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.classroom import Classroom, check_disk
from fmnist_core.classroom.stage import check_not_frozen
from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.config.model import no_recipe
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import available
from fmnist_core.datasets.split import count_images
from fmnist_core.errors import ClassError, ConfigError, NoDataError
from fmnist_core.models.cost import ModelSummary, check_memory, summarise
from fmnist_core.permissions import owner_of_new
from fmnist_core.runs.expected import expected_epoch_seconds
from fmnist_core.settings import Settings
from fmnist_core.tracking import check_trackers
from fmnist_core.training.class_holdout import for_class
from fmnist_core.training.distillation import check_teacher
from fmnist_core.training.excluded_samples import check_excluded
from fmnist_core.training.extra_samples import check_collections
from fmnist_core.training.initial_weights import check_initial_weights


def check_trainable(
    config: RunConfig, settings: Settings, *, owner: str = "", fetches_data: bool = False
) -> None:
    """Whether this lab can train the configuration; takes a few milliseconds, without Keras.

    The one list of rules for the Train form, the queue, sweeps and the command line. Only one
    rule depends on who asks: Fashion-MNIST must be on this machine, unless the caller fetches it
    or the lab trains on a cluster, whose workers may have it.

    Args:
        owner: Whose run it will be, where the lab's own account asks in their place.
        fetches_data: Whether the caller loads the images before it trains, from the network
            where they are missing.

    Raises:
        ClassError: It is over a limit that the teacher has set for each student, or the teacher
            has frozen the pages.
        ConfigError, ArchitectureError: See `check_run`, `check_trackers`,
            `check_initial_weights` and `check_teacher`.
        NoDataError: Fashion-MNIST is not here.
        NoWeightsError: ImageNet weights are wanted, and neither here nor to be had.
        CollectionError: One of its collections is missing or empty, or has no effect.
        DataError: It leaves out the images ticked as suspects, and none is.
    """
    config = for_class(config, settings)
    training = config.training
    _check_limits(config, check_run(config), settings, owner)
    check_collections(config, settings)
    check_excluded(training, settings, owner_of_new(owner))
    check_trackers(training)
    check_initial_weights(config, settings)
    check_teacher(config, settings)
    # Last: report missing downloads only for a valid configuration.
    if not fetches_data and settings.scheduler is None:
        _check_data(training, settings)


def check_run(config: RunConfig) -> ModelSummary:
    """The network's summary, if any lab could train the run; takes about a millisecond.

    Raises:
        ArchitectureError: The network cannot be built or would not fit.
        ConfigError: It answers with another number of classes than the data has, wants more
            images than there are, holds none back where it must choose by them, lets layers
            rest that have learned nothing, or sets one option that another makes void.
    """
    if config.model.imported.active:
        raise no_recipe()
    summary = summarise(config.model)
    check_memory(summary, config.training.batch_size)
    _check_frozen(config)
    _check_flips(config.training)
    _check_kernels(config)
    _check_other_clothing(config)
    count_images(config.training)
    if config.model.classes != CLASS_COUNT:
        raise ConfigError(
            f"classes must be {CLASS_COUNT}: so many has the data.",
            received=config.model.classes,
            advice=f"Set model.classes to {CLASS_COUNT}.",
        )
    return summary


def _check_limits(config: RunConfig, summary: ModelSummary, settings: Settings, owner: str) -> None:
    limits = Classroom(settings).limits_for(owner)
    if limits is None:
        return
    check_not_frozen(settings)
    check_disk(settings, owner=owner)
    epochs = config.training.epochs
    seconds = expected_epoch_seconds(config, summary) * epochs
    for asked, most, words, advice in (
        (epochs, limits.epochs, "epochs", "Train for fewer epochs"),
        (summary.parameters, limits.parameters, "parameters", "Take a smaller network"),
        (
            round(seconds / 60, 1),
            limits.minutes,
            "minutes for a run",
            "Take fewer epochs",
        ),
    ):
        if asked > most:
            raise ClassError(
                f"In this class a student has at most {most:,} {words}.",
                received=f"{asked:,}",
                advice=f"{advice}, or ask your teacher.",
            )


def _check_frozen(config: RunConfig) -> None:
    training = config.training
    if training.frozen_epochs and not (config.model.backbone.learned or training.initial_weights):
        raise ConfigError(
            "frozen_epochs needs pretrained weights to freeze.",
            received=training.frozen_epochs,
            advice="Set initial_weights to a run, or take a backbone with ImageNet weights, or set "
            "frozen_epochs to 0.",
        )


def _check_flips(training: TrainConfig) -> None:
    augmentation = training.augmentation
    if augmentation.alternating_flip and not augmentation.flip:
        raise ConfigError(
            "alternating_flip needs flip.",
            received="alternating_flip=true, flip=false",
            advice="Set augmentation.flip to true, or alternating_flip to false.",
        )
    # Their images are others in each epoch, so that none has a turn.
    mixed = {
        "styles or added images": training.style_augmentation.active,
        "collections": bool(training.collections),
    }
    if augmentation.alternating_flip and any(mixed.values()):
        raise ConfigError(
            "alternating_flip is for photographs alone: each must come in every epoch.",
            received=f"alternating_flip=true with {' and '.join(k for k, v in mixed.items() if v)}",
            advice="Set augmentation.alternating_flip to false: flip alone mirrors at random.",
        )


def _check_kernels(config: RunConfig) -> None:
    training, blocks = config.training, config.model.blocks
    if training.whitened_first_layer and not blocks:
        raise ConfigError(
            "whitened_first_layer needs a network that begins with a convolution of its own.",
            received="no blocks",
            advice="Set whitened_first_layer to false.",
        )
    if training.dirac_initialization and not any(block.residual for block in blocks):
        raise ConfigError(
            "dirac_initialization needs a residual block: its convolutions begin as the identity.",
            received="no residual block",
            advice="Set residual of a block to true, or dirac_initialization to false.",
        )
    for name in ("whitened_first_layer", "dirac_initialization"):
        if getattr(training, name) and training.initial_weights:
            raise ConfigError(
                f"{name} sets weights that initial_weights would replace.",
                received=f"{name}=true with initial_weights={training.initial_weights}",
                advice=f"Set {name} to false, or leave initial_weights empty.",
            )


def _check_other_clothing(config: RunConfig) -> None:
    share = config.training.style_augmentation.other_clothing
    if share and not config.model.other_clothing:
        raise ConfigError(
            "style_augmentation.other_clothing needs a network with that output.",
            received=f"style_augmentation.other_clothing={share:g}, model.other_clothing=false",
            advice="Set model.other_clothing to true, or style_augmentation.other_clothing to 0: "
            "items of that label then count as negatives.",
        )


def _check_data(training: TrainConfig, settings: Settings) -> None:
    if training.dataset == FASHION_MNIST and not available(settings).official_ready:
        raise NoDataError(
            "Fashion-MNIST is not on this machine.",
            advice="Run `python -m fmnist_core data download`, or train on synthetic garments.",
        )
