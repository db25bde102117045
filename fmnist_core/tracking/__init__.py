"""Trainings told to other programs, for who uses them: TensorBoard's logs, an MLflow server.

following   a run's diary, told on as it grows
trackers    TensorBoard's event files; a run on an MLflow server, or in a local folder

Both packages are optional: `pip install -r requirements-trackers.txt`.
"""

from fmnist_core.tracking.following import Tracking, check_trackers, tracking_errors

__all__ = ["Tracking", "check_trackers", "tracking_errors"]
