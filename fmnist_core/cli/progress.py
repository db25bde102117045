"""A progress bar on the error stream, so that results on the output stream stay clean."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

_SECONDS_BETWEEN_DRAWINGS = 0.1
# In a log file a moving bar is noise: one plain line now and then tells enough.
_SECONDS_BETWEEN_LINES = 10.0


class ProgressBar(tqdm):
    """Shows how far a piece of work is and how long it will still take.

    Args:
        total: What `done` will be at the end, in any unit; may be a fraction's whole, as epochs.
        label: What is being done.
    """

    def __init__(self, total: float, label: str) -> None:
        self._moving, self._begun = sys.stderr.isatty(), False
        super().__init__(
            total=max(total, 1e-9),
            desc=label,
            file=sys.stderr,
            bar_format="{l_bar}{bar}| {elapsed}, {remaining} left{postfix}",
            dynamic_ncols=True,
            smoothing=0,
            miniters=0,
            mininterval=_SECONDS_BETWEEN_DRAWINGS if self._moving else _SECONDS_BETWEEN_LINES,
            delay=1e-9,  # Nothing before the first update.
            leave=self._moving,
        )

    def reach(self, done: float, note: str = "") -> None:
        """Shows `done` of the total, with a few words behind it. Cheap: may be called often."""
        if not self._begun:
            # What an earlier start had done already says nothing about today's speed.
            self.initial, self.n, self._begun = done, done, True
            self.start_t = self.last_print_t = self._time()
        self.set_postfix_str(note, refresh=False)
        self.update(done - self.n)

    def display(self, msg: str | None = None, pos: int | None = None) -> Any:
        """As tqdm's; lines of a log stay as they are."""
        if self._moving:
            return super().display(msg, pos)
        return None if msg == "" else print(self, file=self.fp, flush=True)
