"""Single images, and what a trained network makes of them."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.results.predictions_page import show_predictions

open_page(
    "predictions",
    lead="Single test images, and how sure a trained network is of each.",
)
with page_errors():
    show_predictions()
