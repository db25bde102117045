"""Records that have fallen: the modules as they were, named with their date."""
