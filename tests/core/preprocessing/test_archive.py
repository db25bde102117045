"""ZIP archives by whoever: their pictures come out one at a time, within limits."""

import io
import random
import struct
import zipfile

import pytest
from PIL import Image

from fmnist_core.errors import InputError
from fmnist_core.preprocessing.archive import open_archive
from fmnist_core.preprocessing.decode import open_picture
from tests.core.preprocessing.picture_makers import cost_of, encoded

PICTURE = encoded(Image.new("RGB", (8, 8), "red"))


def packed(members, method=zipfile.ZIP_DEFLATED):
    """A ZIP archive of pairs of name and content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def refusal(content, name="own.zip"):
    with pytest.raises(InputError) as caught:
        open_archive(content, name)
    return str(caught.value)


def test_pictures_come_out_in_the_order_of_the_archive():
    photo = encoded(Image.new("RGB", (9, 9)), "JPEG")
    members = list(open_archive(packed([("b.png", PICTURE), ("a/c.jpg", photo)]), "own.zip"))
    assert members == [("b.png", PICTURE), ("c.jpg", photo)]
    assert open_picture(members[0].content, members[0].name).picture.shape == (8, 8, 3)


def test_what_is_no_picture_is_left_out():
    inner = packed([("inner.png", PICTURE)])
    members = [
        ("a.png", PICTURE),
        ("folder/", b""),
        ("labels.csv", b"a.png,3"),
        (".DS_Store", b"x"),
        ("__MACOSX/._a.png", b"x"),
        ("nested.zip", inner),
        ("picture-without-ending", PICTURE),
    ]
    found = [member.name for member in open_archive(packed(members), "own.zip")]
    assert found == ["a.png", "picture-without-ending"]


def test_names_are_shown_without_folders_and_control_characters():
    names = ["../../up.png", "/etc/root.png", "C:\\x\\win.png", "<img src=x>.png", "tab\tin.png"]
    found = [member.name for member in open_archive(packed((n, PICTURE) for n in names), "z")]
    assert found == ["up.png", "root.png", "win.png", "<img src=x>.png", "tabin.png"]


def test_a_name_with_nul_is_cut_there():
    content = packed([("evilX.png", PICTURE)]).replace(b"evilX", b"evil\0")
    assert [member.name for member in open_archive(content, "z")] == ["evil"]


def test_a_bad_member_comes_with_its_error_and_stops_no_other():
    noise = encoded(Image.effect_noise((60, 60), 50))
    content = packed([("a.png", PICTURE), ("bad.png", noise), ("z.png", PICTURE)])
    middle = content.index(noise[200:220]) if noise[200:220] in content else len(content) // 2
    broken = content[:middle] + bytes(16) + content[middle + 16 :]
    first, bad, last = open_archive(broken, "own.zip")
    assert (first.content, last.content) == (PICTURE, PICTURE)
    assert isinstance(bad.content, InputError)
    assert "bad.png is damaged in the archive" in str(bad.content)


def test_a_text_called_png_and_an_svg_come_out_to_be_refused_by_name():
    content = packed([("note.png", b"hello"), ("drawing.svg", b"<svg/>")])
    for member in open_archive(content, "own.zip"):
        with pytest.raises(InputError, match=member.name):
            open_picture(member.content, member.name)


def locked():
    content = bytearray(packed([("a.png", PICTURE), ("b.png", PICTURE)]))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[6] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (locked, "a.png is locked with a password"),
        (lambda: packed([("a.png", PICTURE)], zipfile.ZIP_BZIP2), "unsupported compression"),
        (lambda: packed([("a.png", PICTURE)], zipfile.ZIP_LZMA), "unsupported compression"),
        (lambda: packed([("a.png", bytes(10 * 2**20))]), "swells too much"),
        (
            lambda: packed([("a.png", random.randbytes(33 * 2**20))], zipfile.ZIP_STORED),
            "at most 32 MB",
        ),
    ],
)
def test_a_member_that_cannot_be_taken_is_refused_unread(make, said):
    refused, *others = open_archive(make(), "own.zip")
    assert said in str(refused.content)
    assert all(member.content == PICTURE for member in others)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"", "own.zip is not a ZIP archive"),
        (lambda: b"no archive", "own.zip is not a ZIP archive"),
        (lambda: PICTURE, "own.zip is not a ZIP archive"),
        (lambda: packed([("a.png", PICTURE)])[:-9], "own.zip is not a ZIP archive"),
        (lambda: packed([("a.txt", b"hello")]), "no pictures in own.zip"),
        (lambda: packed((f"{number}.png", b"x") for number in range(2001)), "2000 pictures"),
        # Before they are read.
        (lambda: packed((f"{number}", b"") for number in range(20_001)), "20000 files"),
    ],
)
def test_an_archive_that_cannot_be_taken_is_refused(make, said):
    assert said in refusal(make(), "../own.zip")


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_claims():
    content = bytearray(packed([("a.png", bytes(3 * 2**20))]))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 100)
    content[22:26] = struct.pack("<I", 100)
    (member,) = open_archive(bytes(content), "own.zip")
    assert isinstance(member.content, InputError)


def test_more_than_a_gigabyte_is_refused_as_a_whole():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(40):
            archive.writestr(f"{number}.png", PICTURE)
            archive.infolist()[-1].file_size = 30 * 2**20
    error = refusal(file.getvalue(), "bomb.zip")
    assert "bomb.zip holds too much: at most 1 GB" in error


def test_a_bomb_is_refused_and_memory_stays_flat():
    bomb = packed((f"{number}.png", bytes(30 * 2**20)) for number in range(5))
    assert len(bomb) < 160_000
    program = (
        "from fmnist_core.preprocessing.archive import open_archive\n"
        "for member in open_archive(content, 'bomb.zip'): print(member.content)"
    )
    errors, megabytes, _ = cost_of(program, bomb)
    assert len(errors) == 5
    assert all("swells too much" in error for error in errors)
    assert megabytes < 8
