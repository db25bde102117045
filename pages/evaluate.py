"""How good a trained network is, and where it fails."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.results.evaluate_page import show_evaluation

open_page("evaluate")
with page_errors():
    show_evaluation()
