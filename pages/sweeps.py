"""What settings should be: tried by the dozen, judged on images held back."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.sweeps.page import show_sweeps

open_page(
    "sweeps",
    lead="Search hyperparameters: try many settings and keep the best. Each trial is a run.",
)
with page_errors():
    show_sweeps()
