"""An address and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from fmnist_core.errors import LinkError

# What every browser, messenger and QR code still takes.
MOST_LENGTH = 4_000
_MOST_PARAMETERS = 120


def with_parameters(address: str, parameters: Mapping[str, str]) -> str:
    """The address of a page with parameters in place of those it had."""
    scheme, place, path, _, _ = urlsplit(address)
    return urlunsplit((scheme, place, path, urlencode(parameters), ""))


def checked_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """The same, where they are no more than a link of the lab may have.

    Raises:
        LinkError: Too many, or too long.
    """
    length = sum(len(key) + len(value) for key, value in parameters.items())
    if len(parameters) > _MOST_PARAMETERS or length > MOST_LENGTH:
        raise LinkError(
            f"A link has at most {_MOST_PARAMETERS} choices and {MOST_LENGTH:,} characters.",
            received=f"{len(parameters)} choices, {length:,} characters",
            advice="It was cut or put together by hand: ask for it again.",
        )
    return dict(parameters)
