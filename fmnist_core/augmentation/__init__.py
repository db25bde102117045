"""Changes to training images: geometric, styles, sketches of the lab's own, and negatives.

geometric         random flips, shifts, rotations, zooms and erasing, for whole batches
warp              shifts, turns and zooms in one step
elastic           random affine and elastic changes, as by a hand
styles            gives a share of the training images another style; silhouettes and clutter
line_drawing      training images as line drawings
texture           training images in other textures
sketches          garments as people sketch them
sketch_rendering  draws sketches with a pen, as solid icons, in color, or on paper
negatives         images that are no clothing
mixture           what one epoch shows, with variants of collected items
"""

from fmnist_core.augmentation.styles import restyle

__all__ = ["restyle"]
