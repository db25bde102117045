"""A page that runs anywhere: one HTML file with the network, a sheet to draw on, and no server.

exporting      packs the network as JSON (weights as short floats in base64), builds the file, and
               compares its program's answers, in a JavaScript engine, with the lab's
network.js     the forward pass
preparing.js   a drawing becomes the network's input
page.js        the sheet, and the answer beside it
page.html      the page itself
page.css       its style
"""

from fmnist_core.exchange.exporting.page.exporting import export_page

__all__ = ["export_page"]
