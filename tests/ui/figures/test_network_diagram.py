"""The picture of a network has a box for each block, with the numbers of the cost table."""

import pytest

from fmnist_core.config.presets import PRESETS
from fmnist_core.models.cost import summarise
from fmnist_ui.figures.network_diagram import network_diagram, stages_of
from tests.ui.figures.palette import PALETTE


@pytest.mark.parametrize("preset", PRESETS)
def test_the_boxes_add_up_to_the_network(preset):
    summary = summarise(PRESETS[preset].config.model)
    stages = stages_of(summary.layers)
    assert sum(stage.parameters for stage in stages) == summary.parameters
    assert sum(stage.multiply_adds for stage in stages) == summary.multiply_adds
    assert len({stage.part for stage in stages}) == len(stages)
    assert stages[0].part == "input"
    assert stages[-1].shape == summary.layers[-1].output_shape


def test_blocks_have_the_shape_that_leaves_them():
    stages = stages_of(summarise(PRESETS["strong"].config.model).layers)
    shapes = {stage.title: stage.shape for stage in stages}
    assert shapes["Block 2"] == (14, 14, 16)
    assert shapes["Block 5"] == (7, 7, 64)
    assert shapes["Output"] == (10,)


def test_only_what_can_be_edited_can_be_picked():
    stages = stages_of(summarise(PRESETS["quick"].config.model).layers)
    html = network_diagram(stages, PALETTE, ["block-0"])
    assert html.count("data-pick") == 1
    assert 'data-pick="block-0"' in html
    assert "14×14×16" in html
