"""Bring an item of your own: what does a trained network make of it, and why?"""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.tryit.page import show_try

open_page(
    "try",
    lead="Draw a garment or upload a photo, and see the prediction of a trained network.",
)
with page_errors():
    show_try()
