"""The engine's credentials: who can read their file may run code in its workers, and nobody else.

Dask believes every certificate that its authority signed, and lets all who have one do everything.
So a single one, its own authority, serves scheduler, workers and clients; with its key in one file
they are replaced together.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import write_bytes
from fmnist_core.certificates import days_left, self_signed
from fmnist_core.errors import EngineError
from fmnist_core.settings import Settings

# What a local engine makes at its start is gone at the next one: as long as any process runs.
_ENGINE_DAYS = 3650
CLUSTER_DAYS = 366
_NAME = "Fashion-MNIST lab, engine"


def engine_credentials_path(settings: Settings) -> Path:
    """The file of a local engine."""
    return settings.engine_dir / "credentials.pem"


def renew_engine_credentials(settings: Settings) -> None:
    """New credentials for a local engine that is about to start.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    path = engine_credentials_path(settings)
    write_credentials(path, _ENGINE_DAYS)
    # A folder that belongs to somebody else is theirs to open or close; the file is ours alone.
    with suppress(OSError):
        path.parent.chmod(0o700)


def write_credentials(path: Path, days: int = CLUSTER_DAYS) -> None:
    """A new certificate and its key, which only this account can read, in place of older ones.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    # Clocks of machines differ.
    begin = datetime.now(UTC) - timedelta(days=1)
    write_bytes(path, self_signed(_NAME, begin, days + 1))


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
