"""https for a class without a certificate authority: a certificate of this machine's own.

Browsers give a camera to pages over https alone. They warn of a certificate that no authority has
signed, so everybody is told beforehand what they will see, and why they may go on.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from fmnist_core.atomic_files import write_bytes
from fmnist_core.certificates import days_left, hosts_of, self_signed
from fmnist_core.classroom.address import own_address
from fmnist_core.locks import locked
from fmnist_core.settings import Settings

# Safari takes none that counts for more than 825 days.
_DAYS = 400
# It must not end in the middle of a week of lessons.
_RENEW_DAYS = 7


def certificate_path(settings: Settings) -> Path:
    """The certificate of the class and its key, in one file."""
    return settings.home / "class" / "https.pem"


def ensure_certificate(settings: Settings, *more: str) -> Path:
    """A certificate for this machine: made anew where it lacks an address or is about to end.

    A browser that was told to go on is asked again only for a new one.

    Args:
        more: Further names by which the lab is opened.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    path = certificate_path(settings)
    named = [name for name in (*settings.hosts, *more) if name and name != "*"]
    given = {"localhost", "127.0.0.1", *_machine_names(), *named, own_address()}
    # Names with other letters have a form in ASCII, by which browsers ask.
    needed = {name for name in given if name and name.isascii()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_suffix(".lock")):
        if not _does(path, needed):
            hosts = sorted(needed | _addresses())
            # The clock of a tablet may be behind.
            begin = datetime.now(UTC) - timedelta(days=1)
            name = f"Fashion-MNIST lab, {_machine()}"
            write_bytes(path, self_signed(name, begin, _DAYS, hosts=hosts))
    return path


def _does(path: Path, needed: set[str]) -> bool:
    with suppress(OSError, ValueError):
        # Whether it is whole, and the key is the certificate's.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(path)
        return days_left(path) > _RENEW_DAYS and needed <= hosts_of(path)
    return False


def _machine() -> str:
    return socket.gethostname().strip().lower().rstrip(".") or "localhost"


def _machine_names() -> set[str]:
    """As `fmnist_ui/web_access.py` lets the lab be opened."""
    short = _machine().partition(".")[0]
    return {_machine(), short, f"{short}.local"}


def _addresses() -> set[str]:
    """Of all networks that the machine is in now; link-local ones need a zone, which none has."""
    kinds = (socket.AF_INET, socket.AF_INET6)
    found = {
        each.address
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family in kinds
    }
    return {address for address in found if "%" not in address}
