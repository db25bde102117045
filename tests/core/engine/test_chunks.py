"""Files in pieces: two senders at once, pieces that come twice or not at all."""

import os
import time
from dataclasses import replace
from itertools import chain, zip_longest

import pytest

from fmnist_core.collections import CollectionStore
from fmnist_core.engine.chunks import CHUNK, chunks_of, receive_chunk
from fmnist_core.engine.server.connection import SILENCE_SECONDS
from fmnist_core.engine.server.dispatcher import has_packed, receive_packed
from fmnist_core.errors import EngineError
from tests.conftest import add_strokes

CONTENT = os.urandom(2 * CHUNK + 5)


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, len(CONTENT)])
def test_a_file_arrives_as_it_was(tmp_path, size):
    path = tmp_path / "folder" / "file"
    done = [receive_chunk(path, chunk) for chunk in chunks_of(CONTENT[:size])]
    assert done == [False] * (len(done) - 1) + [True]
    assert path.read_bytes() == CONTENT[:size]
    assert list(path.parent.iterdir()) == [path]


def test_two_senders_of_one_file_do_not_meet(tmp_path):
    path, other = tmp_path / "file", os.urandom(CHUNK + 7)
    pairs = zip_longest(chunks_of(CONTENT), chunks_of(other))
    seen = []
    for chunk in chain.from_iterable(pairs):
        if chunk is not None and receive_chunk(path, chunk):
            seen.append(path.read_bytes())
    assert seen == [other, CONTENT]


def test_a_piece_that_comes_twice_does_no_harm(tmp_path):
    path = tmp_path / "file"
    for chunk in chunks_of(CONTENT):
        if not chunk.last:
            receive_chunk(path, chunk)
        receive_chunk(path, chunk)
    assert path.read_bytes() == CONTENT


def test_a_missing_piece_is_noticed(tmp_path):
    first, _, last = chunks_of(CONTENT)
    receive_chunk(tmp_path / "file", first)
    with pytest.raises(OSError, match="missing"):
        receive_chunk(tmp_path / "file", last)
    with pytest.raises(OSError, match="No such file"):
        receive_chunk(tmp_path / "other", last)
    assert not (tmp_path / "file").exists()


def test_what_a_lost_sender_left_is_deleted_in_time(tmp_path):
    path = tmp_path / "file"
    receive_chunk(path, next(chunks_of(CONTENT)))
    [part] = tmp_path.iterdir()
    receive_chunk(path, next(chunks_of(b"new")))
    assert part.exists(), "its sender may still be at it"
    os.utime(part, (time.time() - 7200,) * 2)
    receive_chunk(path, next(chunks_of(b"newer")))
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_token_that_leads_elsewhere_is_refused(tmp_path):
    chunk = replace(next(chunks_of(b"x")), token="../../elsewhere/")
    with pytest.raises(EngineError, match="token"):
        receive_chunk(tmp_path / "file", chunk)


def test_a_piece_passes_a_slow_line_before_its_worker_counts_as_silent():
    bytes_per_second = 1_000_000 / 8
    assert CHUNK / bytes_per_second < SILENCE_SECONDS / 2


def test_a_collection_that_arrives_damaged_is_sent_again(settings):
    store = CollectionStore(settings)
    add_strokes(store, "bags", [[[20, 230], [40, 210]]], 8)
    packed = store.pack("bags")
    damaged = packed.content.replace(b"[[20", b"[[21")
    for content in (damaged, packed.content[:-9], b"no archive"):
        (chunk,) = chunks_of(content)
        with pytest.raises(OSError, match="whole"):
            receive_packed(packed.fingerprint, chunk)
        assert not has_packed(packed.fingerprint)
    for chunk in chunks_of(packed.content):
        receive_packed(packed.fingerprint, chunk)
    assert has_packed(packed.fingerprint)
