"""A drawing or a photo becomes the square image that a network reads."""
