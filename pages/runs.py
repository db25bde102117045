"""All runs: look, compare, keep or delete."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.results.runs_page import show_runs

open_page(
    "runs",
    lead="All training runs. Click a row to open it, tick two to compare them.",
)
with page_errors():
    show_runs()
