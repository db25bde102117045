"""What runs record is read once for all, and what was deleted from it is forgotten."""

import threading

from fmnist_core.atomic_files import write_bytes
from fmnist_core.runs.history import ReadHistory
from fmnist_ui import followed_runs
from fmnist_ui.followed_runs import _Followed


def reads(path, seen):
    def more(known):
        offset = known.offset if known else 0
        seen.append(path.read_bytes()[offset:])
        return ReadHistory(offset=path.stat().st_size)

    return more


def test_only_what_is_new_is_read_and_a_replaced_file_is_another(tmp_path):
    path, seen, followed = tmp_path / "trace.jsonl", [], _Followed(4)
    path.write_bytes(b"one")
    for hides in (False, True, False):
        followed.read(path, reads(path, seen), hides=hides)
    with path.open("ab") as file:
        file.write(b"two")
    followed.read(path, reads(path, seen))
    assert seen == [b"one", b"one", b"", b"two"]
    # Replaced by one that is longer, as where a name in it was hidden.
    write_bytes(path, b"another one")
    followed.read(path, reads(path, seen))
    assert seen[-1] == b"another one"
    assert len(followed._entries) == 1


def test_what_is_kept_is_bounded_by_number_and_by_size(tmp_path, monkeypatch):
    monkeypatch.setattr(followed_runs, "_MOST_BYTES", 25)
    followed, paths = _Followed(3), [tmp_path / str(number) for number in range(5)]
    for path in paths:
        path.write_bytes(b"1234567890")
        followed.read(path, reads(path, []))
    assert [path for path, _ in followed._entries] == paths[-2:]
    monkeypatch.setattr(followed_runs, "_MOST_BYTES", 1000)
    for path in paths:
        followed.read(path, reads(path, []))
    assert [path for path, _ in followed._entries] == paths[-3:]


def test_who_reads_a_large_file_keeps_nobody_from_another(tmp_path):
    followed, begun, free = _Followed(4), threading.Event(), threading.Event()

    def slow(_known):
        begun.set()
        assert free.wait(10)
        return ReadHistory()

    reader = threading.Thread(target=followed.read, args=(tmp_path / "large", slow))
    reader.start()
    assert begun.wait(10)
    followed.read(tmp_path / "small", lambda known: ReadHistory())
    free.set()
    reader.join(10)
    assert not reader.is_alive()
