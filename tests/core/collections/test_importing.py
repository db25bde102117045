"""Folders of pictures and files of drawings come in, whole or in halves."""

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.cli.main import main
from fmnist_core.collections import import_folder, import_ndjson, load_items
from fmnist_core.errors import CollectionError
from tests.conftest import add_strokes
from tests.core.collections.conftest import line, png


def test_a_folder_comes_in_with_its_labels(store, folder):
    done = import_folder(store, "mine", folder)
    assert (done.items, done.new, done.refused) == (7, 7, ())
    counts = store.summary("mine").counts
    assert (counts[0], counts[9], counts[None]) == (5, 1, 1)
    assert import_folder(store, "mine", folder).new == 0


def test_what_is_no_picture_is_named_and_stops_nothing(store, folder):
    (folder / "0" / "zz.jpg").write_text("a text")
    (folder / "0" / "empty.png").write_bytes(b"")
    done = import_folder(store, "mine", folder)
    assert done.items == 7
    assert [sentence.split(":")[0] for sentence in done.refused] == ["0/empty.png", "0/zz.jpg"]


def test_an_unpacked_archive_comes_in_again(store, folder, tmp_path):
    import_folder(store, "mine", folder)
    add_strokes(store, "mine", [[[1, 2, 3], [4, 5, 6]]], 5)
    with zipfile.ZipFile(io.BytesIO(store.archive("mine"))) as archive:
        archive.extractall(tmp_path / "unpacked")
    import_folder(store, "again", tmp_path / "unpacked")
    assert store.fingerprint("again") == store.fingerprint("mine")


def test_large_pictures_are_made_smaller(store, settings, tmp_path):
    (tmp_path / "p" / "1").mkdir(parents=True)
    (tmp_path / "p" / "1" / "large.png").write_bytes(png(1, 900, 300))
    import_folder(store, "mine", tmp_path / "p")
    assert load_items(settings, "mine", longest=512).pictures[0].shape == (512, 171, 3)
    assert load_items(settings, "mine").pictures[0].shape[0] == 256


def test_halves_of_a_folder_share_nothing(store, folder):
    for half in ("first", "second"):
        import_folder(store, half, folder, half=half)
    first, second = ({item.id for item in store.items(half)} for half in ("first", "second"))
    assert len(first) == 5
    assert len(second) == 2
    assert not first & second


def test_folders_that_are_no_class_are_refused(store, folder):
    (folder / "hats").mkdir()
    with pytest.raises(CollectionError, match="'hats'"):
        import_folder(store, "mine", folder)
    with pytest.raises(CollectionError, match="cannot be read"):
        import_folder(store, "mine", folder / "nowhere")
    with pytest.raises(CollectionError, match="must hold pictures"):
        import_folder(store, "mine", folder / "0")
    assert store.names() == ()


def test_drawings_come_in_with_their_labels(store, settings, tmp_path):
    file = tmp_path / "some.ndjson"
    file.write_text(line(1, label=7) + line(2) + "\n" + line(3, label=None))
    assert import_ndjson(store, "mine", file).new == 3
    items = load_items(settings, "mine")
    assert sorted(items.stroke_labels) == [-1, -1, 7]
    assert [stroke.shape for stroke in items.strokes[0]] == [(2, 3), (2, 2)]
    import_ndjson(store, "mine", file, label=4)
    assert sorted(load_items(settings, "mine").stroke_labels) == [4, 4, 7]


def test_raw_drawings_are_brought_to_the_size_of_the_others(store, settings, tmp_path):
    file = tmp_path / "raw.ndjson"
    drawing = [[[400, 1400], [300.5, 800.5], [0, 17]]]
    file.write_text(json.dumps({"word": "shoe", "drawing": drawing}))
    import_ndjson(store, "mine", file)
    (stroke,) = load_items(settings, "mine").strokes[0]
    np.testing.assert_allclose(stroke, [[0, 255], [0, 127.5]])


def test_halves_are_those_of_each_word_whatever_the_order(store, tmp_path):
    # As text, 100 would come before 20 and 3.
    words = {"shoe": 7, "purse": 8}
    lines = [line(n, word, label=words[word]) for word in words for n in (3, 20, 100, 101)]
    ids = {}
    for name, order in {"a": lines, "b": lines[::-1]}.items():
        file = tmp_path / f"{name}.ndjson"
        file.write_text("".join(order))
        for half in ("first", "second"):
            import_ndjson(store, name + half, file, half=half)
            ids[name + half] = {item.id for item in store.items(name + half)}
    assert ids["afirst"] == ids["bfirst"]
    assert not ids["afirst"] & ids["asecond"]
    these = tmp_path / "these.ndjson"
    these.write_text(line(3, label=7) + line(100, label=8))
    import_ndjson(store, "these", these)
    assert ids["afirst"] == {item.id for item in store.items("these")}


def test_halves_of_what_is_no_clothing_are_other_words(store, tmp_path):
    file = tmp_path / "things.ndjson"
    words = ("bee", "cow", "owl", "van")
    file.write_text(
        "".join(line(10 * i + n, word) for i, word in enumerate(words) for n in range(3))
    )
    for half in ("first", "second"):
        assert import_ndjson(store, half, file, half=half).items == 6
    first, second = ({item.id for item in store.items(half)} for half in ("first", "second"))
    assert not first & second


@pytest.mark.parametrize(
    "bad", ["{", "[1]", '{"word": "x"}', '{"drawing": [[[1],[2]]], "label": 12}']
)
def test_a_bad_line_is_named_and_nothing_comes_in(store, tmp_path, bad):
    file = tmp_path / "bad.ndjson"
    file.write_text(line(1) + bad + "\n")
    with pytest.raises(CollectionError, match=r"bad\.ndjson, line 2"):
        import_ndjson(store, "mine", file)
    assert store.names() == ()


def test_a_file_that_is_no_text_is_refused(store, tmp_path):
    (tmp_path / "x.ndjson").write_bytes(png(1))
    with pytest.raises(CollectionError, match="cannot be read"):
        import_ndjson(store, "mine", tmp_path / "x.ndjson")
    with pytest.raises(CollectionError, match="cannot be read"):
        import_ndjson(store, "mine", tmp_path / "absent.ndjson")


def test_huge_files_are_refused_without_being_read(store, tmp_path, folder):
    for name in ("huge.png", "huge.json"):
        with (folder / "0" / name).open("wb") as file:
            file.truncate(3 * 2**30)
    tracemalloc.start()
    try:
        done = import_folder(store, "mine", folder)
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()
    assert done.items == 7
    assert [sentence.split(":")[0] for sentence in done.refused] == ["0/huge.json", "0/huge.png"]


def test_a_line_without_an_end_is_refused_without_being_read(store, tmp_path):
    with (tmp_path / "x.ndjson").open("wb") as file:
        file.write(line(1).encode())
        file.truncate(3 * 2**30)
    with pytest.raises(CollectionError, match=r"x\.ndjson, line 2.*too long"):
        import_ndjson(store, "mine", tmp_path / "x.ndjson")
    for endless in (Path("/dev/zero"), _pipe(tmp_path)):
        with pytest.raises(CollectionError, match="no file"):
            import_ndjson(store, "mine", endless)


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.png")
    return folder / "pipe.png"


def test_pipes_among_the_pictures_are_skipped(store, folder):
    _pipe(folder / "0")
    assert import_folder(store, "mine", folder).items == 7


def test_a_class_that_must_not_be_read_is_named(store, folder, monkeypatch):
    # To the administrator nothing is forbidden, so the system's answer is made up here.
    real = os.listdir

    def guarded(path: object = ".") -> list[str]:
        if str(path) == str(folder / "other"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "listdir", guarded)
    with pytest.raises(CollectionError, match="other: Permission denied"):
        import_folder(store, "mine", folder)


def test_a_collection_deleted_during_its_import_stays_away(store, tmp_path):
    file = tmp_path / "many.ndjson"
    file.write_text("".join(line(n, label=7) for n in range(150)))

    def delete_once(done: int, total: int) -> None:
        if done < 100:
            store.delete("mine")

    with pytest.raises(CollectionError, match="deleted"):
        import_ndjson(store, "mine", file, progress=delete_once)
    assert store.names() == ()


def test_the_list_is_read_once_an_import(store, tmp_path, monkeypatch):
    store.add("mine", png(1), 0)
    file = tmp_path / "many.ndjson"
    file.write_text("".join(line(n, label=7) for n in range(300)))
    real, read = os.scandir, []
    monkeypatch.setattr(os, "scandir", lambda path: read.append(Path(path).name) or real(path))
    assert import_ndjson(store, "mine", file).items == 300
    assert read.count("7") <= 2


def test_options_that_do_not_fit_are_refused_not_dropped(capsys, folder, tmp_path, store):
    def fail(*arguments: str) -> str:
        assert main(["collection", *arguments]) == 1
        return capsys.readouterr().err

    assert "--label" in fail("import", "mine", str(folder), "--label=3")
    file = tmp_path / "d.ndjson"
    file.write_text(line(1, label=7) + line(2))
    assert "--label" in fail("import", "mine", str(file), "--label=3", "--clothing-only")
    assert store.names() == ()
    assert main(["collection", "import", "mine", str(file), "--clothing-only"]) == 0
    assert [item.label for item in store.items("mine")] == [7]
    assert "not a folder" in fail("export", "mine", str(tmp_path))
    too_long = str(tmp_path / ("x" * 300))
    assert "cannot be written" in fail("export", "mine", too_long)
    assert "cannot be read" in fail("import", "mine", too_long)


def test_what_was_exported_comes_in_again(capsys, folder, tmp_path, store):
    import_folder(store, "mine", folder)
    add_strokes(store, "mine", [[[1, 2, 3], [4, 5, 6]]], None)
    assert main(["collection", "export", "mine", str(tmp_path / "mine.zip")]) == 0
    assert main(["collection", "import", "again", str(tmp_path / "mine.zip")]) == 0
    assert store.fingerprint("again") == store.fingerprint("mine")
    options = ["--clothing-only", "--half=first"]
    assert main(["collection", "import", "less", str(tmp_path / "mine.zip"), *options]) == 0
    assert store.summary("less").counts[0] == 3
    assert store.summary("less").counts[None] == 0
    assert main(["collection", "import", "x", str(tmp_path / "mine.zip"), "--label=1"]) == 1
    assert "--label" in capsys.readouterr().err


def test_the_command_line(capsys, folder, tmp_path, home):
    def say(*arguments: str) -> str:
        assert main(["collection", *arguments]) == 0
        return capsys.readouterr().out

    assert "No collections yet" in say("list")
    assert "7 imported, 7 of them new" in say("import", "mine", str(folder))
    (tmp_path / "d.ndjson").write_text(line(1, label=7) + line(2, label=7))
    found = json.loads(say("import", "mine", str(tmp_path / "d.ndjson"), "--half=first", "--json"))
    assert found == {"collection": "mine", "items": 1, "new": 1, "refused": []}
    assert "Ankle boot" in say("show", "mine")
    shown = json.loads(say("show", "mine", "--json"))
    assert (shown["counts"]["7"], shown["counts"]["other"]) == (1, 1)
    assert json.loads(say("list", "--json")) == [
        {key: value for key, value in shown.items() if key != "fingerprint"}
    ]
    say("export", "mine", str(tmp_path / "out.zip"))
    assert (tmp_path / "out.zip").stat().st_size > 1000
    assert main(["collection", "delete", "mine"]) == 1
    assert "--yes" in capsys.readouterr().err
    say("delete", "mine", "--yes")
    assert main(["collection", "show", "mine"]) == 1


def test_a_refused_file_is_told_by_the_exit_status(capsys, folder):
    (folder / "0" / "zz.jpg").write_text("a text")
    assert main(["collection", "import", "mine", str(folder)]) == 1
    captured = capsys.readouterr()
    assert "7 imported" in captured.out
    assert "0/zz.jpg" in captured.err
