"""A progress bar on the error stream, so that results on the output stream stay clean."""

from __future__ import annotations

import shutil
import sys
import time

_BAR_WIDTH = 24
_SECONDS_BETWEEN_DRAWINGS = 0.1
# In a log file a moving bar is noise: one plain line now and then tells enough.
_SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """Shows how far a piece of work is and how long it will still take.

    Args:
        total: What `done` will be at the end, in any unit; may be a fraction's whole, as epochs.
        label: What is being done.
    """

    def __init__(self, total: float, label: str) -> None:
        self._total, self._label = max(total, 1e-9), label
        self._started = self._drawn = time.monotonic()
        self._first: float | None = None
        self._moving = sys.stderr.isatty()
        self._width = 0

    def update(self, done: float, note: str = "") -> None:
        """Shows `done` of the total, with a few words behind it. Cheap: may be called often."""
        if self._first is None:
            # What an earlier start had done already says nothing about today's speed.
            self._first, self._started = done, time.monotonic()
        now = time.monotonic()
        pause = _SECONDS_BETWEEN_DRAWINGS if self._moving else _SECONDS_BETWEEN_LINES
        if now - self._drawn < pause and (done < self._total or not self._moving):
            return
        self._drawn = now
        self._draw(f"{self._label} {self._bar(done)} {self._left(done, now)}  {note}".rstrip())

    def close(self) -> None:
        """Ends the bar's line."""
        if self._moving and self._width:
            print(file=sys.stderr, flush=True)

    def _bar(self, done: float) -> str:
        share = min(1.0, max(0.0, done / self._total))
        filled = "█" * int(share * _BAR_WIDTH)
        return f"{share:4.0%} |{filled:{_BAR_WIDTH}}|" if self._moving else f"{share:4.0%}"

    def _left(self, done: float, now: float) -> str:
        gained = done - (self._first or 0.0)
        if gained <= 0 or done >= self._total:
            return spell_seconds(now - self._started)
        return f"{spell_seconds((now - self._started) / gained * (self._total - done))} left"

    def _draw(self, text: str) -> None:
        if not self._moving:
            print(text, file=sys.stderr, flush=True)
            return
        text = text[: shutil.get_terminal_size().columns - 1]
        print(f"\r{text:{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(text)


def spell_seconds(seconds: float) -> str:
    """Seconds as a clock shows them: `0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
