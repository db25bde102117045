"""Operations on masks: what is enclosed, what belongs together, how thick lines are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]


def grown(mask: Mask, radius: int) -> Mask:
    """The mask with everything within `radius` pixels of it."""
    if not radius or not mask.any():
        return mask
    # By distance: as fast for large radii as for small ones.
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3) <= radius


def shrunk(mask: Mask, radius: int) -> Mask:
    """The mask without everything within `radius` pixels of its outside."""
    return ~grown(~mask, radius) if radius else mask


def filled(mask: Mask, gap: int = 0) -> Mask:
    """The mask with all it encloses; openings up to twice `gap` pixels wide count as closed."""
    room = gap + 1
    walls = grown(np.pad(mask, room), gap).astype(np.uint8)
    cv2.floodFill(walls, None, (0, 0), 2)
    # What the flood did not reach, plus the ring by which the walls were too thick.
    outside = grown(walls == 2, gap)
    inside = ~outside[room:-room, room:-room]
    return inside | mask


def main_parts(mask: Mask, share: float) -> Mask:
    """The connected parts at least `share` as large as the largest one."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count <= 2:
        return mask
    areas = facts[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    return (areas >= share * areas.max())[labels] & mask


def box_of(mask: Mask) -> Box:
    """Left, top, right, bottom of the mask; right and bottom excluded."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def stroke_width(mask: Mask) -> float:
    """Typical thickness of the mask in pixels: twice the distance to its outside, on its ridge."""
    if not mask.any():
        return 0.0
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)) - 1e-3) & (distance > 0)
    values = distance[ridge]
    # Weighted by area, so that a blot among thin lines counts for what it covers.
    return float(2 * (values * values).sum() / values.sum()) if len(values) else 0.0
