"""A class in one room: its code and PIN, and who is in it."""

from fmnist_core.classroom.address import join_link, own_address, show_invitation
from fmnist_core.classroom.classroom import Classroom, Member

__all__ = ["Classroom", "Member", "join_link", "own_address", "show_invitation"]
