"""What was trained leaves the lab, and what others trained comes in."""

from fmnist_ui.exchange.page import show_take_home
from fmnist_ui.frame import open_page, page_errors

open_page(
    "export",
    lead="Export a trained network as a file, as code, or as a page that runs anywhere.",
)
with page_errors():
    show_take_home()
