"""A training from its first step to its last: what the network knew when."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.training_dynamics.page import show_overtime

open_page(
    "training_dynamics",
    lead="Move through a training: what the network saw, believed and mixed up at each moment.",
)
with page_errors():
    show_overtime()
