"""The engine's credentials: who can read their file may run code in its workers, and nobody else.

Dask believes every certificate that its authority signed, and lets all who have one do everything.
So a single one, its own authority, serves scheduler, workers and clients; with its key in one file
they are replaced together.
"""

from __future__ import annotations

import base64
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import write_bytes
from fmnist_core.certificates import begin_of, days_left, new_key, self_signed
from fmnist_core.errors import EngineError
from fmnist_core.settings import Settings

# What a local engine makes at its start is gone at the next one: as long as any process runs.
_ENGINE_DAYS = 3650
CLUSTER_DAYS = 366
_EARLIER_DAYS = 1
# It must not end in the middle of a term.
_RENEW_DAYS = 60
_SECRET_BYTES = 32
_NAME = "Fashion-MNIST lab, engine"


def engine_credentials_path(settings: Settings) -> Path:
    """The file of a local engine."""
    return settings.engine_dir / "credentials.pem"


def renew_engine_credentials(settings: Settings) -> None:
    """Credentials for a local engine that is about to start: new ones, unless other machines join.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    path = engine_credentials_path(settings)
    if settings.workers_port:
        # Workers elsewhere come back after the engine was killed, or the app started anew.
        shared = settings.engine_dir / "cluster.pem"
        if not _is_good(shared):
            write_credentials(shared)
        write_bytes(path, shared.read_bytes())
    else:
        write_credentials(path, _ENGINE_DAYS)
    # A folder that belongs to somebody else is theirs to open or close; the file is ours alone.
    with suppress(OSError):
        path.parent.chmod(0o700)


def write_credentials(path: Path, days: int = CLUSTER_DAYS) -> None:
    """A new certificate and its key, which only this account can read, in place of older ones.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    write_bytes(path, _made(new_key(), datetime.now(UTC).toordinal(), days))


def join_key(path: Path) -> str:
    """Credentials of a cluster as a word of 46 letters, for a command on another machine.

    Raises:
        EngineError: The file holds none, or has been made by an older version.
        OSError: It cannot be read.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = path.read_bytes()
    try:
        key = load_pem_private_key(content, None)
        day = begin_of(path).toordinal() + _EARLIER_DAYS
        if _made(key, day) == content:
            secret = key.private_numbers().private_value  # type: ignore[union-attr]
            numbers = day.to_bytes(3) + secret.to_bytes(_SECRET_BYTES)
            return base64.urlsafe_b64encode(numbers).decode().rstrip("=")
    except ValueError:
        pass
    raise EngineError(
        "These credentials cannot be told in a word.",
        received=path,
        advice="Make new ones with `python -m fmnist_core engine credentials FILE`.",
    )


def take_join_key(path: Path, word: str) -> None:
    """Writes the credentials that `join_key` told.

    Raises:
        EngineError: The word is not one of its own.
        StorageError: The disk is full or cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        numbers = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        if len(numbers) != 3 + _SECRET_BYTES:
            raise ValueError(f"{len(numbers)} bytes")
        key = ec.derive_private_key(int.from_bytes(numbers[3:]), ec.SECP256R1())
        content = _made(key, int.from_bytes(numbers[:3]))
    except (ValueError, OverflowError):
        # Not what was received: it goes to logs, and may be right but for a letter.
        raise EngineError(
            "This is not the key of a cluster.",
            received=f"{len(word)} characters",
            advice="Copy the whole command that the cluster's machine prints.",
        ) from None
    write_bytes(path, content)


def _made(key: Any, day: int, days: int = CLUSTER_DAYS) -> bytes:
    """The same on each machine, for Dask believes a certificate that is in its own file."""
    # Clocks of machines differ.
    begin = datetime.fromordinal(day - _EARLIER_DAYS).replace(tzinfo=UTC)
    return self_signed(_NAME, begin, days + _EARLIER_DAYS, key=key)


def _is_good(path: Path) -> bool:
    with suppress(OSError, ValueError, EngineError):
        return bool(join_key(path)) and days_left(path) > _RENEW_DAYS
    return False


def security(settings: Settings) -> Any:
    """Dask's `Security` for a client, or for all of a local engine; Dask must be imported.

    None on a cluster without `FMNIST_CREDENTIALS`: a person's own settings of Dask apply.

    Raises:
        EngineError: The credentials of the cluster are missing, expired, or cannot be used.
    """
    if settings.scheduler is None:
        return _security(engine_credentials_path(settings))
    if settings.credentials is None:
        _check_own_configuration(settings.scheduler)
        return None
    try:
        made = _security(settings.credentials)
        # Reads the file, which says what is wrong with it.
        made.get_connection_args("client")
    except (OSError, ValueError) as error:
        raise EngineError(
            "FMNIST_CREDENTIALS must name a file that `engine credentials` has made.",
            received=f"{settings.credentials} ({error})",
            advice="Copy the file that the cluster's scheduler was started with.",
        ) from error
    if days_left(settings.credentials) < 0:
        raise EngineError(
            "The credentials of the cluster have expired.",
            received=settings.credentials,
            advice="Make new ones with `python -m fmnist_core engine credentials FILE`, copy them "
            "to all machines, and restart scheduler and workers.",
        )
    return made


def _check_own_configuration(scheduler: str) -> None:
    import dask

    if scheduler.startswith("tls://") and not dask.config.get("distributed.comm.tls.ca-file", None):
        raise EngineError(
            "A scheduler at tls:// needs credentials.",
            received=scheduler,
            advice="Set FMNIST_CREDENTIALS to the file that it was started with.",
        )


def _security(path: Path) -> Any:
    from distributed import Security

    file = str(path.absolute())
    # All that Dask's own configuration could say otherwise.
    return Security(
        require_encryption=True,
        tls_ca_file=file,
        tls_client_cert=file,
        tls_client_key=file,
        tls_scheduler_cert=file,
        tls_scheduler_key=file,
        tls_worker_cert=file,
        tls_worker_key=file,
        tls_ciphers=None,
        tls_min_version=ssl.TLSVersion.TLSv1_3,
        tls_max_version=None,
    )
