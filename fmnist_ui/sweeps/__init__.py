"""The page Sweeps: what varies, the trials as they come in, and the best of them."""
