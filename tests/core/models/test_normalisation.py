"""What the first layer does is what the pages say that it does."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.config import ModelConfig
from fmnist_core.errors import ConfigError
from fmnist_core.models.plan import scale_and_offset


@pytest.mark.training
@pytest.mark.parametrize("kind", ["unit", "standard"])
def test_the_network_does_the_same(kind):
    from fmnist_core.models.build import build_model

    first = build_model(ModelConfig(normalization=kind)).get_layer("scale")
    images = np.arange(784, dtype="float32").reshape(1, 28, 28) % 256
    scale, offset = scale_and_offset(kind)
    seen = np.asarray(first(images)).reshape(1, 28, 28)
    assert seen == pytest.approx(scale * images + offset, abs=1e-5)


def test_another_kind_is_refused():
    with pytest.raises(ConfigError, match="magic"):
        scale_and_offset("magic")
