"""A hand on the sheet of the page "Try it": a mouse, or a finger."""

from collections.abc import Sequence
from itertools import pairwise

from playwright.sync_api import Page

Point = tuple[float, float]

SIDE = 320

TSHIRT: tuple[tuple[Point, ...], ...] = (
    (
        *((110, 60), (60, 85), (25, 150), (65, 175), (92, 140), (90, 275)),
        *((230, 275), (228, 140), (255, 175), (295, 150), (260, 85), (210, 60)),
    ),
    ((110, 60), (160, 95), (210, 60)),
)


class Sheet:
    """Draws strokes through points in the sheet's own pixels, at any width shown.

    Args:
        key: Of the canvas.
        side: Its width in its own pixels.
    """

    def __init__(
        self, page: Page, *, touch: bool = False, key: str = "try_canvas", side: int = SIDE
    ) -> None:
        self._page, self._side = page, side
        self._canvas = page.locator(f".st-key-{key} canvas").last
        self._fingers = page.context.new_cdp_session(page) if touch else None

    def stroke(self, points: Sequence[Point]) -> None:
        self._canvas.scroll_into_view_if_needed()
        box = self._canvas.bounding_box()
        scale = box["width"] / self._side
        moved = [(box["x"] + scale * x, box["y"] + scale * y) for x, y in _dense(points)]
        if self._fingers is None:
            self._by_mouse(moved)
        else:
            self._by_finger(moved)

    def inked(self, point: Point) -> bool:
        """Whether there is something dark at a point, by the pixels of the canvas itself."""
        return self._page.locator(".st-key-try_canvas canvas.lower-canvas").last.evaluate(
            """(canvas, [x, y]) => {
                const [red,,, alpha] = canvas.getContext('2d').getImageData(x, y, 1, 1).data
                return alpha > 128 && red < 128
            }""",
            list(point),
        )

    def _by_mouse(self, points: Sequence[Point]) -> None:
        self._page.mouse.move(*points[0])
        self._page.mouse.down()
        for point in points[1:]:
            self._page.mouse.move(*point)
        self._page.mouse.up()

    def _by_finger(self, points: Sequence[Point]) -> None:
        kinds = ["touchStart", *["touchMove"] * (len(points) - 1)]
        for kind, (x, y) in zip(kinds, points, strict=True):
            self._touch(kind, [{"x": x, "y": y}])
        self._touch("touchEnd", [])

    def _touch(self, kind: str, points: list[dict[str, float]]) -> None:
        self._fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def _dense(points: Sequence[Point], steps: int = 6) -> list[Point]:
    """Points in between, as a hand leaves them."""
    found = [points[0]]
    for (x, y), (to_x, to_y) in pairwise(points):
        shares = [number / steps for number in range(1, steps + 1)]
        found += [(x + (to_x - x) * share, y + (to_y - y) * share) for share in shares]
    return found
