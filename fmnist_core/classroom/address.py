"""Where others in the room find this machine, and how they are invited."""

from __future__ import annotations

import socket
import sys

import segno

from fmnist_core.classroom.classroom import Classroom


def own_address() -> str:
    """This machine's address in its network, or "". Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def join_link(place: str, code: str) -> str:
    """The link to the form with the class code in it.

    Args:
        place: Scheme, host and port, such as `http://10.0.0.5:8501`.
        code: The class code.
    """
    return f"{place}/join?code={code}"


def show_invitation(classroom: Classroom, place: str) -> None:
    """Prints the link to join, the class code and the PIN; in a terminal, also the QR code.

    Args:
        place: Scheme, host and port of the pages.

    Raises:
        ClassError: The file of the class is missing or damaged.
    """
    link = join_link(place, classroom.code)
    if sys.stdout.isatty():
        segno.make(link, error="m").terminal(compact=True)
    print(
        f"{classroom.name}\n  join at        {link}\n  class code     {classroom.code}\n"
        f"  teacher's PIN  {classroom.pin}",
        flush=True,
    )
