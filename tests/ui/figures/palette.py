"""The colours that the tests draw with."""

from fmnist_ui.figures.chart import Palette

PALETTE = Palette(
    "#111111", "#FFFFFF", "#DDDDDD", "#0000FF", "#FF8800", "#00AA00", "#CC0000", ("#0000FF",)
)
