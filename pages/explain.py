"""Inside a trained network: what its layers make of one image."""

from fmnist_ui.explain.page import show_inside
from fmnist_ui.frame import open_page, page_errors

open_page(
    "explain",
    lead="One image, one network: what each layer makes of it, and what the answer hangs on.",
)
with page_errors():
    show_inside()
