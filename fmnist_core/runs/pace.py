"""How fast a training goes on, measured by the clock of its diary, and when it will be over.

Wall time between events counts, so that other load on the machine, validation and checkpoints are
in it; waiting while paused, the first steps of an attempt (they are compiled) and what lies between
two attempts are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

# The pace follows the steps of so much of an epoch: long enough to even out noise, short enough to
# follow other load.
_HORIZON = 0.5
# What was said may grow by this factor, but for the last seconds of a run.
_MOST_GROWTH = 2.0
_LEAST_SECONDS = 2.0


@dataclass(frozen=True)
class Mark:
    """A moment of a training: Unix time, the epoch (from 0) and the steps done in it."""

    t: float
    epoch: int
    step: int


@dataclass(frozen=True)
class Pace:
    """What is known of a training's speed.

    Attributes:
        step: Seconds a step, of those that were seen; None before.
        between: Seconds from an epoch's last step to the next one's first: validation, checkpoint.
        seen: Steps that `step` rests on.
        last: Where the training was when it was last heard of; None after a break.
        left, left_at: Seconds that were said to be left, and when; None before anything was known.
    """

    step: float | None = None
    between: float | None = None
    seen: int = 0
    last: Mark | None = None
    left: float | None = None
    left_at: float = 0.0

    def broken(self) -> Pace:
        """After a pause, or at the start of another attempt: the time until then tells nothing."""
        return replace(self, last=None)

    def at(self, mark: Mark, *, steps: int, epochs: int, usual_between: float) -> Pace:
        """The training has come to `mark`.

        Args:
            steps, epochs: Steps an epoch, and epochs of the whole run.
            usual_between: What to expect between epochs before one was seen, as a share of the
                time of an epoch's steps.
        """
        before = self.left_now(mark.t)
        told = replace(self._measured(mark, steps), last=mark)
        if told.step is None:
            return told
        between = usual_between * steps * told.step if told.between is None else told.between
        to_go = max(0, epochs - mark.epoch)
        expected = to_go * (steps * told.step + between) - mark.step * told.step
        left = max(0.0, expected)
        if before is not None:
            left = min(left, max(_MOST_GROWTH * before, _LEAST_SECONDS))
        return replace(told, left=left, left_at=mark.t)

    def left_now(self, t: float) -> float | None:
        """Seconds left at `t`, by what was last said; time after a break does not count."""
        if self.left is None or self.last is None:
            return self.left
        return max(0.0, self.left - (t - self.left_at))

    def _measured(self, mark: Mark, steps: int) -> Pace:
        last = self.last
        if last is None or mark.t < last.t:
            return self
        done = (mark.epoch - last.epoch) * steps + mark.step - last.step
        if done <= 0:
            return self
        seconds = mark.t - last.t
        if mark.epoch == last.epoch:
            share = max(done / (self.seen + done), -math.expm1(-done / (_HORIZON * steps)))
            old = seconds / done if self.step is None else self.step
            new = old + share * (seconds / done - old)
            return replace(self, step=new, seen=self.seen + done)
        if self.step is None or mark.epoch != last.epoch + 1:
            return self
        found = max(0.0, seconds - done * self.step)
        between = found if self.between is None else (self.between + found) / 2
        return replace(self, between=between)
