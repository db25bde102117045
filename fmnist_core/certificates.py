"""Certificates that sign themselves, with their key in one file: for the engine, and for https."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def new_key() -> Any:
    """A private key (NIST P-256): one of RSA takes up to a second, this one a millisecond."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def self_signed(
    name: str, begin: datetime, days: int, *, hosts: Iterable[str] = (), key: Any = None
) -> bytes:
    """A certificate and its key as PEM; the same for the same arguments, wherever it is made.

    Args:
        name: Whose it is, for people.
        begin: From when it counts.
        days: For how long.
        hosts: Addresses and names of the server that shows it.
        key: Its private key; a new one where none is given.
    """
    # Here: most processes need none of it, and it takes 60 ms.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    key = key or new_key()
    common = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # Of its own, as browsers want it: they keep what they know of a certificate by this number.
    serial = int.from_bytes(hashlib.sha256(public + begin.isoformat().encode()).digest()[:19])
    builder = (
        x509.CertificateBuilder()
        .subject_name(common)
        .issuer_name(common)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
    )
    if names := [_general_name(host) for host in hosts]:
        builder = (
            builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            # Safari asks for it.
            .add_extension(
                x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
        )
    certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + secret


def begin_of(path: Path) -> datetime:
    """From when the certificate of a file counts; raises like `days_left`."""
    begin: datetime = _read(path).not_valid_before_utc
    return begin


def days_left(path: Path) -> float:
    """For how long the certificate of a file counts; below zero where it has ended.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no certificate.
    """
    return (_read(path).not_valid_after_utc - datetime.now(UTC)) / timedelta(days=1)


def hosts_of(path: Path) -> set[str]:
    """The addresses and names for which the certificate of a file counts; raises like above."""
    from cryptography import x509

    try:
        names = _read(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def fingerprint(path: Path) -> str:
    """SHA-256 of the certificate as browsers show it, `AB:CD:…`; raises like above."""
    from cryptography.hazmat.primitives import hashes

    return _read(path).fingerprint(hashes.SHA256()).hex(":").upper()


def _general_name(host: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _read(path: Path) -> Any:
    from cryptography import x509

    return x509.load_pem_x509_certificate(path.read_bytes())
