"""Who is in the class, by code, PIN and token; and what nobody gets by guessing."""

import json
import stat
import threading

import pytest

from fmnist_core.classroom import Classroom, Limits
from fmnist_core.errors import ClassError
from fmnist_core.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


@pytest.fixture
def classroom(settings):
    made = Classroom(settings)
    made.begin("7b")
    return made


def test_a_class_goes_on_where_it_was(classroom, settings):
    again = Classroom(settings)
    before = again.code, again.pin
    again.begin()
    assert (again.name, again.code, again.pin) == ("7b", *before)
    again.begin("8b")
    assert (classroom.name, classroom.code, classroom.pin) == ("8b", *before)
    assert (len(before[0]), len(before[1]), before[1].isdigit()) == (6, 6, True)


def test_a_student_is_known_by_the_token_after_a_restart(classroom, settings):
    ada = classroom.join(f" {classroom.code.upper()[:3]} {classroom.code[3:]}", "  Ada\u202e ")
    assert (ada.nickname, ada.teaches) == ("Ada", False)
    assert Classroom(settings).person(classroom.token(ada)) == ada


@pytest.mark.parametrize("nickname", ["", "   ", "\u200b", "x" * 21, "Teacher", "ADA"])
def test_a_nickname_that_does_not_do_is_refused(classroom, nickname):
    classroom.join(classroom.code, "Ada")
    with pytest.raises(ClassError) as refused:
        classroom.join(classroom.code, nickname)
    back = "a code from your other device, or from your teacher, brings you back"
    assert (back in str(refused.value)) is (nickname == "ADA")
    assert [member.nickname for member in classroom.members()] == ["Ada"]


def test_a_forged_token_is_nobody_s(classroom, tmp_path):
    ada = classroom.join(classroom.code, "Ada")
    other = Classroom(Settings(home=tmp_path / "elsewhere"))
    other.begin()
    token, bob = classroom.token(ada), classroom.token(classroom.join(classroom.code, "Bob"))
    mixed = ".".join((bob.split(".")[0], token.split(".")[1]))
    forged = [other.token(ada), token[:-1], mixed, ada.id, "", None]
    assert [classroom.person(each) for each in forged] == [None] * 6


def test_who_is_removed_is_nobody(classroom):
    ada = classroom.join(classroom.code, "Ada")
    classroom.remove(ada.id)
    assert classroom.person(classroom.token(ada)) is None
    assert classroom.join(classroom.code, "Ada").id != ada.id


def test_the_pin_makes_a_teacher_the_same_on_each_device(classroom):
    teacher = classroom.teach(classroom.pin)
    assert teacher.teaches
    assert classroom.teach(classroom.pin) == teacher


def test_a_pin_is_not_found_by_trying(classroom):
    for _ in range(5):
        with pytest.raises(ClassError, match="not the teacher's PIN"):
            classroom.teach("000000x", sender="10.0.0.7")
    with pytest.raises(ClassError, match="Too many"):
        classroom.teach(classroom.pin, sender="10.0.0.7")
    assert classroom.teach(classroom.pin, sender="10.0.0.8").teaches
    for number in range(15):
        with pytest.raises(ClassError, match="not the teacher's PIN"):
            classroom.teach("1", sender=f"10.0.1.{number}")
    with pytest.raises(ClassError, match="Too many"):
        classroom.teach(classroom.pin, sender="10.0.0.8")


def test_another_device_becomes_mine_once(classroom):
    ada = classroom.join(classroom.code, "Ada")
    code = classroom.move_code(ada)
    assert classroom.move(code.upper()) == ada
    with pytest.raises(ClassError, match="does not work"):
        classroom.move(code)
    with pytest.raises(ClassError, match="does not work"):
        classroom.move("")
    classroom.move_code(ada)
    with pytest.raises(ClassError, match="does not work"):
        classroom.move("ä€")


@pytest.mark.parametrize("deed", ["make a code", "use a code"])
def test_who_is_removed_while_they_ask_for_a_code_stays_out(deed, classroom, monkeypatch):
    ada = classroom.join(classroom.code, "Ada")
    code, keep = classroom.move_code(ada), classroom._keep
    removing = threading.Thread(target=classroom.remove, args=(ada.id,))

    def keep_late(member):
        removing.start()
        removing.join(0.3)
        keep(member)

    monkeypatch.setattr(classroom, "_keep", keep_late)
    if deed == "make a code":
        classroom.move_code(ada)
    else:
        classroom.move(code)
    removing.join(10)
    assert classroom.members() == ()


def test_a_large_class_joins_at_once_and_a_script_does_not_fill_it(classroom):
    for number in range(80):
        classroom.join(classroom.code, f"Student {number}", "10.0.0.7")
    with pytest.raises(ClassError, match="Too many have joined within five minutes"):
        classroom.join(classroom.code, "One more", "10.0.0.7")
    assert len(classroom.members()) == 80
    assert classroom.join(classroom.code, "One more", "10.0.0.8")


def test_nobody_makes_codes_without_end(classroom):
    ada, bob = (classroom.join(classroom.code, name) for name in ("Ada", "Bob"))
    for _ in range(10):
        classroom.move_code(ada)
    with pytest.raises(ClassError, match="Too many codes were made"):
        classroom.move_code(ada)
    assert classroom.move(classroom.move_code(bob)) == bob


def test_a_class_of_an_older_version_keeps_its_limits(classroom, tmp_path):
    path = tmp_path / "class" / "class.json"
    facts = json.loads(path.read_text())
    once = {"waiting": 5, "epochs": 9, "parameters": 70_000, "minutes": 4}
    path.write_text(json.dumps({**{k: v for k, v in facts.items() if k != "limits"}, **once}))
    assert classroom.limits == Limits(**once)
    classroom.allow_looking(False)
    assert classroom.limits == Limits(**once)
    path.write_text(json.dumps({**facts, "limits": {"epochs": 0}}))
    with pytest.raises(ClassError, match="damaged"):
        assert classroom.limits


def test_a_damaged_member_is_nobody_and_a_damaged_class_says_so(classroom, tmp_path):
    ada = classroom.join(classroom.code, "Ada")
    (tmp_path / "class" / "members" / f"{ada.id}.json").write_text('{"id": 3}')
    assert classroom.person(classroom.token(ada)) is None
    (tmp_path / "class" / "class.json").write_text("[1]")
    with pytest.raises(ClassError, match="damaged"):
        _ = classroom.code


def test_only_the_owner_of_the_home_reads_the_secret(classroom, tmp_path):
    assert stat.S_IMODE((tmp_path / "class" / "secret").stat().st_mode) == 0o600


def test_an_account_of_the_school_is_one_person_whatever_it_is_called(classroom):
    ada = classroom.admit("https://school 1", "Ada", "student")
    assert classroom.admit("https://school 1", "Ada Lovelace", "teacher").id == ada.id
    assert classroom.admit("https://school 1", "", "student") == ada
    names = [classroom.admit(f"https://school {n}", "Ada" * 9, "student").nickname for n in (2, 3)]
    assert len({*names}) == 2
    assert max(map(len, names)) <= 20
    assert classroom.admit("https://school 4", "teacher", "student").nickname == "teacher 2"
    assert classroom.admit("https://school 5", "\u202e\u200b", "student").nickname == "Student"
