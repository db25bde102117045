"""The class: how to join it, who is in it, and what the teacher allows."""

from fmnist_ui.classroom.page import class_heading, show_class
from fmnist_ui.frame import open_page, page_errors

open_page("class", heading=class_heading())
with page_errors():
    show_class()
