"""A class in one room: its code and PIN, who is in it, and what each may ask of the machine."""

from fmnist_core.classroom.address import join_link, own_address, show_invitation
from fmnist_core.classroom.classroom import Classroom, Member
from fmnist_core.classroom.exchange import Exchange, Offer
from fmnist_core.classroom.lesson import ClassLesson, HandedOut, Tally, Whereabouts
from fmnist_core.classroom.limits import RANGES, Limits
from fmnist_core.classroom.own_place import own_place

__all__ = [
    "RANGES",
    "ClassLesson",
    "Classroom",
    "Exchange",
    "HandedOut",
    "Limits",
    "Member",
    "Offer",
    "Tally",
    "Whereabouts",
    "join_link",
    "own_address",
    "own_place",
    "show_invitation",
]
