"""A training from its first step to its last: what the network knew when."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.training_dynamics.page import show_overtime

open_page(
    "training_dynamics",
    lead="Step through a training run: weights, predictions and confusions at each epoch.",
)
with page_errors():
    show_overtime()
