"""A class in one room: its code and PIN, who is in it, and what each may ask of the machine."""

from fmnist_core.classroom.address import STEPS, WHY, join_link, own_address, show_invitation
from fmnist_core.classroom.classroom import Classroom, Member
from fmnist_core.classroom.disk import check_disk, kept_by, megabytes
from fmnist_core.classroom.exchange import Exchange, Offer
from fmnist_core.classroom.https import certificate_path, ensure_certificate
from fmnist_core.classroom.left_over import LeftOver, cross_off, left_over, note_left_over
from fmnist_core.classroom.lesson import ClassLesson, HandedOut, LessonProgress, Tally
from fmnist_core.classroom.limits import RANGES, Limits
from fmnist_core.classroom.own_place import own_place

__all__ = [
    "RANGES",
    "STEPS",
    "WHY",
    "ClassLesson",
    "Classroom",
    "Exchange",
    "HandedOut",
    "LeftOver",
    "LessonProgress",
    "Limits",
    "Member",
    "Offer",
    "Tally",
    "certificate_path",
    "check_disk",
    "cross_off",
    "ensure_certificate",
    "join_link",
    "kept_by",
    "left_over",
    "megabytes",
    "note_left_over",
    "own_address",
    "own_place",
    "show_invitation",
]
