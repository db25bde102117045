"""The first page: what this is, and the next thing to do."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.home import show_home

open_page(
    "home",
    heading="See how a machine learns to tell a shirt from a coat",
    lead="Look at ten classes of clothing in small grayscale images, design a network, watch it "
    "train, and see how accurate it is and which classes it confuses.",
)
with page_errors():
    show_home()
