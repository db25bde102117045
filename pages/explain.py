"""Inside a trained network: what its layers make of one image."""

from fmnist_ui.explain.page import show_inside
from fmnist_ui.frame import open_page, page_errors

open_page(
    "explain",
    lead="One image, one network: each layer's output, and the pixels that drive the prediction.",
)
with page_errors():
    show_inside()
