"""The front door of the lab: `streamlit run app.py`."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.home import show_home

open_page(
    "Home",
    heading="See how a machine learns to tell a shirt from a coat",
    lead="Look at ten kinds of garment in tiny grey pictures, design a network, watch it learn "
    "them, and read what it gets right and wrong, honestly measured.",
)
with page_errors():
    show_home()
