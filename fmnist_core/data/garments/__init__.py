"""Draws clothes of ten kinds at 28x28, for a machine that has no Fashion-MNIST.

splines      outlines through a few points
strokes      filled shapes and lines, for many garments at once
tops (with cut and trimmings), trousers, dresses, sandals, sneakers, boots (with laces), bags
             each kind as strokes
raster       strokes become grey images
surface      folds, weave, shading
wardrobe     the ten kinds in the order of the classes
"""
