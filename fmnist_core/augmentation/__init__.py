"""Style augmentation: line drawings, silhouettes, textures, clutter; sketches; negatives.

restyle         gives a share of the training images another style; silhouettes and clutter
lines           training images as line drawings
cloth           training images in other textures
bending         random affine and elastic changes, as by a hand
sketches        garments as people sketch them
drawn           draws sketches with a pen, as solid icons, or in color
sketch_picture  a sketch as a picture of the size that people bring
other           negatives: things that are no clothing
mixture         what one epoch shows, with variants of collected items
"""

from fmnist_core.augmentation.styles import restyle

__all__ = ["restyle"]
