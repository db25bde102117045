"""Lessons to walk through, alone or with a class."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.lessons.page import show_lessons

open_page(
    "lessons",
    lead="Guided lessons in the lab: predict first, then see what happens.",
)
with page_errors():
    show_lessons()
