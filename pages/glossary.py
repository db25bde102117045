"""The terms of the field, in one sentence each."""

from fmnist_ui.frame import open_page, page_errors
from fmnist_ui.glossary import show_glossary

open_page(
    "glossary",
    lead="The terms of the field in one sentence each, and where in the lab to see them.",
)
with page_errors():
    show_glossary()
