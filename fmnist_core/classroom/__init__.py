"""A class in one room: its code and PIN, who is in it, and what each may ask of the machine."""

from fmnist_core.classroom.address import STEPS, WHY, join_link, own_address, show_invitation
from fmnist_core.classroom.classroom import Classroom, Member
from fmnist_core.classroom.https import certificate_path, ensure_certificate
from fmnist_core.classroom.limits import RANGES, Limits

__all__ = [
    "RANGES",
    "STEPS",
    "WHY",
    "Classroom",
    "Limits",
    "Member",
    "certificate_path",
    "ensure_certificate",
    "join_link",
    "own_address",
    "show_invitation",
]
