"""Single images, and what a trained network makes of them."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.results.predictions_page import show_predictions

open_page(
    "predictions",
    lead="Single test images with the prediction and confidence of a trained network.",
)
with page_errors():
    show_predictions()
