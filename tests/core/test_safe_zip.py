"""ZIP files from elsewhere: what is wrong with them is found before anything is unpacked."""

import io
import stat
import struct
import zipfile

import pytest

from fmnist_core import safe_zip
from fmnist_core.safe_zip import Fault, UnsafeZipError, fault_of, open_zip, read_member, unpack

MEMBER = b"PK\x01\x02"
# With the versions that it was packed by and is unpacked by, and half of its flags.
UNLOCKED = MEMBER + b"\x14\x03\x14\0\0"
ZEROS = bytes(5 * 2**20)


def packed(*names: str | zipfile.ZipInfo, content: bytes = b"x", **how: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **how) as archive:  # type: ignore[call-overload]
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def fault(content: bytes, most_members: int = 10) -> Fault:
    with pytest.raises(UnsafeZipError) as caught:
        open_zip(io.BytesIO(content), most_members)
    return caught.value.fault


def test_as_many_members_as_may_be_are_read():
    archive = open_zip(io.BytesIO(packed(*map(str, range(10)), content=b"word")), 10)
    assert [read_member(archive, entry, 4) for entry in archive.infolist()] == [b"word"] * 10
    assert b"-".join(unpack(archive, archive.infolist()[0], 3)) == b"wor-d"


def test_a_member_more_is_refused_before_it_becomes_an_object(monkeypatch):
    content = packed(*map(str, range(11)))
    monkeypatch.delattr(zipfile, "ZipInfo")
    assert fault(content) is Fault.MEMBERS


def test_a_long_list_of_few_members_is_refused():
    names = [letter * 50_000 for letter in "ab"]
    assert fault(packed(*names), 2) is Fault.MEMBERS


def test_a_list_whose_length_is_claimed_twice_is_measured_by_the_claim_that_counts():
    """The second claim, of 64 bits, stands before the record that everybody looks at."""
    content = packed(*map(str, range(2_000)))
    body, end = content[:-22], bytearray(content[-22:])
    count, _, size, offset = struct.unpack("<HHII", end[8:20])
    long = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(body), 1)
    end[12:16] = struct.pack("<I", 100)
    content = body + long + locator + bytes(end)
    assert len(zipfile.ZipFile(io.BytesIO(content)).infolist()) == 2_000
    assert fault(content, 1_000) is Fault.MEMBERS


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", packed("a")[:-9], packed("a").replace(MEMBER, b"none")],
    ids=["empty", "text", "cut short", "another mark"],
)
def test_damage_is_one_fault(content):
    assert fault(content) is Fault.DAMAGED


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (packed("a"), None),
        (packed("a").replace(UNLOCKED, UNLOCKED[:-1] + b"\1"), Fault.LOCKED),
        (packed("a", compression=zipfile.ZIP_LZMA), Fault.METHOD),
        (packed(_link()), Fault.LINK),
        (packed("a", content=ZEROS + b"x"), Fault.SIZE),
        (packed("a", content=ZEROS, compression=zipfile.ZIP_DEFLATED), Fault.RATIO),
        (packed("a", content=ZEROS), None),
    ],
    ids=["none", "locked", "LZMA", "link", "size", "ratio", "stored"],
)
def test_each_fault_of_a_member_is_found_unread(content, fault, monkeypatch):
    archive = open_zip(io.BytesIO(content), 1)
    (entry,) = archive.infolist()
    assert fault_of(entry, len(ZEROS), safe_zip.PICTURE_RATIO) is fault
    if fault:
        monkeypatch.setattr(archive, "open", None)
        with pytest.raises(UnsafeZipError, match=fault.value):
            read_member(archive, entry, len(ZEROS), safe_zip.PICTURE_RATIO)


def test_a_damaged_member_is_no_error_of_zipfile():
    content = packed("a", content=b"some words").replace(b"some words", b"other wor!")
    archive = open_zip(io.BytesIO(content), 1)
    with pytest.raises(UnsafeZipError, match="damaged"):
        read_member(archive, archive.infolist()[0], 100)
