"""Other looks of the same garments: line drawings, filled shapes, other cloth, clutter.

restyle      a share of the training images in another look
lines, silhouettes, cloth, clutter
             the four looks
bending      turned, stretched and bent as by a hand
sketches     garments as people sketch them; `drawn` draws, fills and colours them
other        things that are no clothing
variants     many variants of collected items
mixture      what one epoch shows
"""

from fmnist_core.looks.restyle import restyle

__all__ = ["restyle"]
