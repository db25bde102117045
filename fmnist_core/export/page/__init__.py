"""A page that runs anywhere: one HTML file with the network, a sheet to draw on, and no server.

packing        a network as JSON, its weights as short floating-point numbers in base64
building       the parts become one file
exporting      the file is written, after its own program was asked, in a JavaScript engine, what
               the lab is asked
network.js     the forward pass
preparing.js   a drawing becomes 28 x 28 pixels
page.js        the sheet, and the answer beside it
page.html, page.css
"""

from fmnist_core.export.page.exporting import export_page

__all__ = ["export_page"]
