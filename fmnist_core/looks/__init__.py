"""Other looks of the same garments: line drawings, filled shapes, other cloth, clutter."""
