"""A drawing or a photo becomes the 28x28 image a network sees."""
