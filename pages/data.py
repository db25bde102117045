"""The images: look at them before you let a machine do so."""

from fmnist_ui.data.page import show_data
from fmnist_ui.frame import open_page, page_errors

open_page(
    "data",
    lead="Grayscale images of 28 × 28 pixels in ten classes of clothing. Look before you train.",
)
with page_errors():
    show_data()
