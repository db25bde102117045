"""Widgets about what came out of trainings: runs, their evaluation, their predictions."""
