"""From a network's scores to what is said to a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config.rules import Number, Text, Whole, check_fields, ruled
from fmnist_core.errors import CalibrationError

# Below this calibrated probability of the best class the page says "I am not sure".
SURE = 0.6


@dataclass(frozen=True)
class Calibration:
    """What was fitted on validation images so that a network's scores can be believed.

    Temperature scaling: Guo et al., arXiv 1706.04599, section 4.2. What is no clothing is told by
    how spread out the answer is, for networks are taught to be unsure about other things (outlier
    exposure: Hendrycks et al., arXiv 1812.04606, section 3). The threshold accepts 95 % of
    validation clothing.

    Attributes:
        images: Validation images it was fitted on; 0 where there were none, then the
            temperature is 1 and everything counts as clothing.
    """

    temperature: float = ruled(1.0, Number(0.05, 20), "What scores are divided by.")
    clothing_threshold: float = ruled(-1e9, Number(-1e9, 1), "Least certainty of clothing.")
    clothing_scale: float = ruled(1.0, Number(1e-6, 1e9), "Spread of certainties around it.")
    images: int = ruled(0, Whole(0, 10_000_000), "Validation images it was fitted on.")
    source: str = ruled("", Text(200), "What these images were.")

    def __post_init__(self) -> None:
        check_fields(self)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Calibration:
        """The inverse of `to_json`.

        Raises:
            CalibrationError: Not what `to_json` gives.
        """
        try:
            return cls(**value)
        except Exception as error:
            raise CalibrationError(
                "How far this run's probabilities can be believed was written down by another "
                "version of the lab, or is damaged.",
                advice="Evaluate the run again: that finds it out anew.",
            ) from error


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says about n images.

    Attributes:
        probabilities: float32 (n, 10), calibrated, each row sums to 1.
        clothing: float32 (n,), 0 to 1; 0.5 at the threshold. How much it looks like clothing.
        is_clothing: bool (n,).
        answered_by: For each image the name of the network that answered; empty where nobody asked.
    """

    probabilities: NDArray[np.float32]
    clothing: NDArray[np.float32]
    is_clothing: NDArray[np.bool_]
    answered_by: tuple[str, ...] = ()

    @property
    def labels(self) -> NDArray[np.int64]:
        """(n,) class numbers of the most probable class."""
        return self.probabilities.argmax(axis=1)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(n,) whether the best class is probable enough to be said outright."""
        return self.probabilities.max(axis=1) >= SURE


def answers_from(
    scores: NDArray[np.floating], calibration: Calibration, network: str = ""
) -> Answers:
    """Answers from raw scores (n, classes); log-probabilities of a softmax network serve too.

    Args:
        network: The name of the network whose scores they are.
    """
    wide = np.asarray(scores, np.float64)
    sure = certainty(wide)
    excess = (sure - calibration.clothing_threshold) / calibration.clothing_scale
    clothing = 1 / (1 + np.exp(-np.clip(excess, -60, 60)))
    return Answers(
        softmax(wide / calibration.temperature).astype(np.float32),
        clothing.astype(np.float32),
        sure >= calibration.clothing_threshold,
        (network,) * len(wide) if network else (),
    )


def certainty(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) how far from spread out the answers are: minus their entropy, in nats, at most 0.

    At temperature 1, so that it does not depend on how the probabilities are calibrated.
    """
    shares = softmax(scores)
    return (shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, classes) probabilities from raw scores."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
