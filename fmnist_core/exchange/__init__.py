"""Export and import: networks, training code, pages, reports, and runs from elsewhere."""
