"""Fetches one file over HTTP and goes on where the last try broke off."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

_CONNECT_AND_READ_SECONDS = (5, 15)
_CHUNK = 1 << 16
# The hash is of the file as stored: a server must not compress or unpack it on the way.
_HEADERS = {"Accept-Encoding": "identity"}


class ResumingDownloader:
    """A downloader for `pooch` that keeps what it has in a part file and asks for the rest.

    `pooch` calls it with a temporary file, then checks the hash and moves that into place.

    Args:
        part: Where unfinished bytes wait for the next try; it survives any failure.
        size: Bytes of the whole file.
        report: Called with the bytes that are there so far. May raise, to stop.
    """

    def __init__(self, part: Path, size: int, report: Callable[[int], None]) -> None:
        self._part, self._size, self._report = part, size, report

    def __call__(self, url: str, output_file: Any, pooch: Any, check_only: bool = False) -> None:
        """Fetches `url` completely into `output_file`.

        Raises:
            requests.RequestException: The server fails, or the connection breaks.
            ValueError: What comes is shorter or longer than the published file.
        """
        if self._have() < self._size:
            self._fetch_rest(url)
        self._part.replace(output_file)

    def _have(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _fetch_rest(self, url: str) -> None:
        with self._request(url) as response:
            response.raise_for_status()
            # A server that knows no ranges sends everything, from the start.
            continues = response.status_code == requests.codes.partial_content
            mode = "ab" if continues else "wb"
            with self._part.open(mode) as stream:
                self._copy(response, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if self._have() < self._size:
                self._explain_early_end(response)

    def _request(self, url: str) -> requests.Response:
        have = self._have()
        headers = {**_HEADERS, "Range": f"bytes={have}-"} if have else _HEADERS
        return requests.get(url, headers=headers, stream=True, timeout=_CONNECT_AND_READ_SECONDS)

    def _copy(self, response: requests.Response, stream: Any) -> None:
        self._report(stream.tell())
        for chunk in response.iter_content(_CHUNK):
            stream.write(chunk)
            self._report(stream.tell())
            if stream.tell() > self._size:
                raise ValueError(f"The file goes on after {self._size:,} bytes.")

    def _explain_early_end(self, response: requests.Response) -> None:
        # With a length announced, a connection that breaks has raised already.
        if "Content-Length" in response.headers:
            raise ValueError(f"The file ends after {self._have():,} of {self._size:,} bytes.")
        raise requests.ConnectionError("the connection broke")
