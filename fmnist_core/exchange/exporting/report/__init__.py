"""A run as one HTML file to hand in: it needs no network, and no program runs in it.

report       head, figures, curves, confusion matrix, errors, configuration
report.html  its template (Jinja2)
report.css   its style
"""

from fmnist_core.exchange.exporting.report.report import report

__all__ = ["report"]
