"""The first page: what this is, and the next thing to do."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.home import show_home

open_page(
    "home",
    heading="See how a machine learns to tell a shirt from a coat",
    lead="Look at ten kinds of garment in tiny gray pictures, design a network, watch it learn "
    "them, and read what it gets right and wrong, honestly measured.",
)
with page_errors():
    show_home()
