"""The Train page: the configuration form, the start of a run, and its live view."""
