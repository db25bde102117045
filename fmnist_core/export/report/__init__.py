"""A run as one HTML file to hand in: it needs no network, and no program runs in it.

parts      headings, tables and rows of pictures
curves     accuracy and loss as drawings (SVG)
matrix     what was taken for what
report     all of it, in the order of reading
"""

from fmnist_core.export.report.report import report

__all__ = ["report"]
