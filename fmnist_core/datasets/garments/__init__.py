"""Draws clothes of ten kinds at 28x28, for a machine that has no Fashion-MNIST.

strokes    shapes, lines and smooth outlines, for many garments at once
tops       T-shirt, pullover, coat, shirt: one cut with different measures
dresses    dresses
sandals    sandals from the side
shoes      sneakers and ankle boots from the side
bags       bags
generate   the ten classes in order (trousers too), as gray images with the texture of cloth
"""
