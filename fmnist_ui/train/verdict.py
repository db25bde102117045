"""Whether what stands on the form can be trained, and what to expect of it."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import FASHION_MNIST
from fmnist_core.data.load import available
from fmnist_core.errors import LabError, NoDataError
from fmnist_core.settings import load_settings
from fmnist_core.tracking import check_trackers
from fmnist_core.training.beginning import check_beginning
from fmnist_core.training.dropped import check_dropped
from fmnist_core.training.own_items import check_collections
from fmnist_core.training.teacher import check_teacher
from fmnist_ui.train import draft
from fmnist_ui.train.expectation import Expectation, expect


@dataclass(frozen=True)
class Verdict:
    """The form's configuration with its expectation, or the rule that it breaks.

    Attributes:
        config: None where a field breaks its rule.
        expectation: None where the network cannot be built.
        error: What is wrong; None when the run can start.
    """

    config: RunConfig | None = None
    expectation: Expectation | None = None
    error: LabError | None = None


def judge() -> Verdict:
    """Builds the configuration as the engine would; arithmetic only, so at every rerun."""
    config: RunConfig | None = None
    expectation: Expectation | None = None
    try:
        config = RunConfig.from_json(draft.collect())
        expectation = expect(config)
        _check_data(config)
        check_collections(config.training, load_settings())
        check_dropped(config.training, load_settings())
        check_trackers(config.training)
        check_beginning(config, load_settings())
        check_teacher(config, load_settings())
    except LabError as error:
        return Verdict(config, expectation, error)
    return Verdict(config, expectation)


def _check_data(config: RunConfig) -> None:
    if config.training.dataset == FASHION_MNIST and not available(load_settings()).official_ready:
        raise NoDataError(
            "Fashion-MNIST is not on this machine.",
            advice="Fetch it on the page Data, or train on the synthetic garments.",
        )
