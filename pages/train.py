"""Choose a network, train it, watch it learn."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.train.page import show_train

open_page(
    "train",
)
with page_errors():
    show_train()
