"""Where others in the room find this machine, and how they are invited."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import segno

from fmnist_core.certificates import fingerprint
from fmnist_core.classroom.classroom import Classroom

WHY = (
    "This machine has made its certificate itself, and no authority that the browser knows has "
    "signed it. What is sent is encrypted all the same."
)
# What the browser shows, and what to press.
STEPS = (
    ("Chrome, Edge", "“Your connection is not private”: Advanced, then Proceed to … (unsafe)"),
    ("Safari", "“This Connection Is Not Private”: Show Details, then visit this website"),
    ("Firefox", "“Warning: Potential Security Risk Ahead”: Advanced, then Accept the Risk"),
)


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


def show_invitation(
    classroom: Classroom, place: str, *, certificate: Path | None = None, first: str = ""
) -> None:
    """Prints the link to join, the class code and the PIN; in a terminal, also the QR code.

    Args:
        place: Scheme, host and port of the pages.
        certificate: The file of one that no authority has signed, of which browsers warn.
        first: Address of a plain page that tells what they will say.

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
    if certificate:
        if first:
            print(f"  first visit    {first} says what the browser will show")
        print(
            f"  certificate    SHA-256 {fingerprint(certificate)}\n\n"
            f"On the first visit each browser warns. {WHY} Go on once on each device:",
            *(f"  {browser:14} {step}" for browser, step in STEPS),
            sep="\n",
            flush=True,
        )
