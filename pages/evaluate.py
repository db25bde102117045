"""How good a trained network is, and where it fails."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.results.evaluate_page import show_evaluation

open_page(
    "evaluate",
    lead="How accurate a trained network is on images it never saw, and which classes it confuses.",
)
with page_errors():
    show_evaluation()
