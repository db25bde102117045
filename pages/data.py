"""The images: look at them before you let a machine do so."""

from fmnist_ui.data.page import show_data
from fmnist_ui.frame import open_page, page_errors

open_page(
    "data",
    lead="Grey pictures of 28 by 28 pixels, ten kinds of garment. Look before you train.",
)
with page_errors():
    show_data()
