"""The model that comes with the lab, its calibration and its card."""
