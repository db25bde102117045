"""The class of a lab: its name, code and PIN, its members, and the tokens that tell them.

HOME/class/class.json            name, code, PIN, what the teacher allows
           secret                signs tokens
           members/ID.json       nickname, role, when they joined, code for another device
           left/ID               was removed: whose remains can still be found
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from itsdangerous import BadSignature, URLSafeSerializer

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.classroom.attempts import Attempts
from fmnist_core.classroom.limits import RANGES, Limits
from fmnist_core.errors import ClassError
from fmnist_core.locks import locked
from fmnist_core.permissions import Person, Role, acting, check_change, check_teacher
from fmnist_core.settings import Settings

# Letters and digits that are not taken for each other when they are read from a board.
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"
_CODE_LENGTH, _MOVE_LENGTH, _PIN_LENGTH = 6, 8, 6
_MOVE_SECONDS = 600.0
_ID = re.compile(r"[0-9a-f]{12}")
MOST_MEMBERS = 200
LONGEST_NICKNAME = 20
T = TypeVar("T", "_Facts", "Member")


@dataclass(frozen=True)
class Member:
    """Somebody who joined the class.

    Attributes:
        id: 12 hexadecimal digits.
        nickname: One of a kind, whatever its case.
        role: `student` or `teacher`.
        joined: Unix time.
        move: A code that lets another device join as the same person; empty without one.
        move_until: Unix time at which it ends.
    """

    id: str
    nickname: str
    role: Role
    joined: float
    move: str = ""
    move_until: float = 0.0


@dataclass(frozen=True)
class _Facts:
    """The content of `class.json`."""

    name: str
    code: str
    pin: str
    created: float
    sees_others: bool = True
    limits: Limits = field(default_factory=Limits)


class Classroom:
    """The class of a home; the same for all processes that open it."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.home / "class"
        self._pins, self._codes = Attempts(5, 20), Attempts(30, 300)
        # A school may have one address for all: a large class joins at once, and a script that
        # has the code fills no class.
        self._joined = Attempts(80, 400, "Too many have joined within five minutes.")
        self._moves = Attempts(10, 400, "Too many codes were made within five minutes.")

    @property
    def there(self) -> bool:
        """Whether a class was begun in this home."""
        return self._path.is_file()

    def begin(self, name: str = "") -> None:
        """Begins a class; one that is there goes on, under another name where one is given.

        Raises:
            ClassError: A name of more than 60 characters.
            StorageError: The disk is full or cannot be written.
        """
        name = _plain(name)
        if len(name) > 60:
            raise ClassError("A class has a name of at most 60 characters.", received=name[:80])
        with self._changing():
            _keep_secret(self._folder / "secret")
            if not self.there:
                code, pin = drawn_code(_CODE_LENGTH), _drawn("0123456789", _PIN_LENGTH)
                self._write(_Facts(name or "Our class", code, pin, time.time()))
            elif name:
                self._write(replace(self._facts, name=name))

    @property
    def name(self) -> str:
        return self._facts.name

    @property
    def code(self) -> str:
        """What students give to join."""
        return self._facts.code

    @property
    def pin(self) -> str:
        """What makes a browser the teacher's."""
        return self._facts.pin

    def seed(self, purpose: str) -> int:
        """A number of 32 bits that is the class's, and that nobody can guess.

        Raises:
            ClassError: The class has lost its secret.
        """
        try:
            secret = (self._folder / "secret").read_bytes()
        except OSError as error:
            raise ClassError(
                "The class has lost its secret.", advice="Start the class again."
            ) from error
        return int.from_bytes(hmac.digest(secret, purpose.encode(), "sha256")[:4])

    @property
    def sees_others(self) -> bool:
        """Whether students may look at each other's runs."""
        return self._facts.sees_others

    def allow_looking(self, allowed: bool) -> None:
        """Lets students look at each other's runs, or not.

        Raises:
            NotAllowedError: A student acts.
        """
        check_teacher("let students look at each other's runs")
        self._change(sees_others=allowed)

    @property
    def limits(self) -> Limits:
        """What each student may ask of the machine.

        Raises:
            ClassError: The file of the class is missing or damaged.
        """
        return self._facts.limits

    def limits_of(self, person_id: str) -> Limits | None:
        """The limits of whom they hold for: a student. None alone, and for everybody else.

        Raises:
            ClassError: The file of the class is missing or damaged.
        """
        member = self._member(person_id)
        return self.limits if member is not None and member.role == "student" else None

    def limits_for(self, owner: str = "") -> Limits | None:
        """The limits of who acts; of `owner` where the lab's own account acts in their place."""
        person = acting()
        if person is None:
            return self.limits_of(owner)
        return None if person.teaches else self.limits

    def limit(self, limits: Limits) -> None:
        """Sets what each student may ask; runs that wait already stay.

        Raises:
            NotAllowedError: A student acts.
        """
        check_teacher("set limits")
        self._change(limits=limits)

    def join(self, code: str, nickname: str, sender: str = "") -> Person:
        """Somebody new in the class.

        Args:
            code: The class's, in any case, with or without spaces.
            nickname: 1 to 20 characters, which nobody in the class has.
            sender: Their address, whose wrong codes are counted, and who joins from there.

        Raises:
            ClassError: A wrong code, too many of them, too many who join, or a nickname that does
                not do.
            StorageError: The disk is full or cannot be written.
        """
        self._check(self._codes, sender, code, self.code, "This is not the class code.")
        nickname = _checked(nickname)
        with self._changing():
            taken = self.members()
            if len(taken) >= MOST_MEMBERS:
                raise ClassError(f"A class has at most {MOST_MEMBERS} members.")
            if nickname.casefold() in {member.nickname.casefold() for member in taken}:
                raise ClassError(
                    "Somebody in the class has this nickname.",
                    received=nickname,
                    advice="If it is you: a code from your other device, or from your teacher, "
                    "brings you back. Otherwise choose another nickname.",
                )
            self._joined.check(sender)
            self._joined.count(sender)
            return self._add(nickname, "student")

    def teach(self, pin: str, sender: str = "") -> Person:
        """A teacher, by the PIN.

        Raises:
            ClassError: A wrong PIN, or too many of them.
            StorageError: The disk is full or cannot be written.
        """
        self._check(self._pins, sender, pin, self.pin, "This is not the teacher's PIN.")
        with self._changing():
            there = [member for member in self.members() if member.role == "teacher"]
            return self._person(there[0]) if there else self._add("Teacher", "teacher")

    def admit(self, subject: str, nickname: str, role: Role) -> Person:
        """Whom an account of the school vouches for: the same person on each device.

        Args:
            subject: What tells this account from all others.
            nickname: Made to fit, and one of a kind.

        Raises:
            ClassError: The class is full.
            StorageError: The disk is full or cannot be written.
        """
        member_id = hashlib.sha256(subject.encode(errors="replace")).hexdigest()[:12]
        with self._changing():
            member = self._member(member_id)
            if member is None:
                taken = self.members()
                if len(taken) >= MOST_MEMBERS:
                    raise ClassError(f"A class has at most {MOST_MEMBERS} members.")
                names = {"teacher", *(each.nickname.casefold() for each in taken)}
                member = Member(member_id, _free(nickname, names), role, time.time())
            member = replace(member, role=role)
            self._keep(member)
            return self._person(member)

    def move_code(self, person: Person) -> str:
        """A code, for ten minutes, by which another device becomes the same person's.

        Raises:
            ClassError: They are not in the class any more, or made too many.
            NotAllowedError: Neither they nor the teacher act.
        """
        check_change(person.id, "make a code for this person")
        code = drawn_code(_MOVE_LENGTH)
        # What is read is written back: who is removed in between must not come back by it.
        with self._changing():
            member = self._member(person.id)
            if member is None:
                raise ClassError("You are no longer in the class.", advice="Join it again.")
            self._moves.check(person.id)
            self._moves.count(person.id)
            self._keep(replace(member, move=code, move_until=time.time() + _MOVE_SECONDS))
        return code

    def move(self, code: str, sender: str = "") -> Person:
        """The person whose code this is; it works once.

        Raises:
            ClassError: No such code, one that has ended, or too many wrong ones.
        """
        self._codes.check(sender)
        with self._changing():
            for member in self.members():
                if member.move and _is_same(code, member.move):
                    self._keep(replace(member, move="", move_until=0.0))
                    if member.move_until >= time.time():
                        return self._person(member)
        self._codes.count(sender)
        raise ClassError(
            "This code does not work, or no longer.",
            advice="Make a new one on your other device, or ask your teacher.",
        )

    def members(self) -> tuple[Member, ...]:
        """All who joined, the first one first."""
        ids = sorted(path.stem for path in (self._folder / "members").glob("*.json"))
        found = [member for one in ids if (member := self._member(one)) is not None]
        return tuple(sorted(found, key=lambda member: member.joined))

    def nickname(self, member_id: str) -> str:
        """What somebody is called; empty where nobody of the class has this number."""
        member = self._member(member_id)
        return member.nickname if member else ""

    def known(self, member_id: str) -> str:
        """The same identifier where it is that of somebody in the class; else empty."""
        return member_id if self._member(member_id) else ""

    def remove(self, member_id: str) -> None:
        """Removes somebody: their cookies are worth nothing from now on; their runs stay."""
        check_teacher("remove somebody from the class")
        if _ID.fullmatch(member_id):
            with self._changing():
                left = self._folder / "left" / member_id
                left.parent.mkdir(parents=True, exist_ok=True)
                left.touch()
                self._member_path(member_id).unlink(missing_ok=True)

    def ids(self) -> tuple[str, ...]:
        """The numbers of all who are in the class or were."""
        left = [path.name for path in (self._folder / "left").glob("*")]
        return tuple(one for one in [*(m.id for m in self.members()), *left] if _ID.fullmatch(one))

    def forget_left(self, ids: frozenset[str]) -> None:
        """For who left, once nothing is theirs any more."""
        for one in ids:
            if _ID.fullmatch(one):
                (self._folder / "left" / one).unlink(missing_ok=True)

    def token(self, person: Person) -> str:
        """A signed text that says who somebody is, for a cookie."""
        return str(self._signer.dumps(person.id))

    def person(self, token: str | None) -> Person | None:
        """Who has this token; None where it is forged, or its owner was removed from the class."""
        if not token or not self.there:
            return None
        try:
            member_id = self._signer.loads(token)
        except BadSignature:
            return None
        member = self._member(member_id) if isinstance(member_id, str) else None
        return self._person(member) if member else None

    @property
    def _path(self) -> Path:
        return self._folder / "class.json"

    @property
    def _facts(self) -> _Facts:
        facts = _read(_Facts, self._path)
        if facts is None:
            raise ClassError(
                "The file of the class is missing or damaged.",
                received=str(self._path),
                advice="Delete it, and start the class again: the runs stay.",
            )
        return facts

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with storage_errors(self._folder), locked(self._folder / "lock"):
            yield

    def _change(self, **values: Any) -> None:
        with self._changing():
            self._write(replace(self._facts, **values))

    def _write(self, facts: _Facts) -> None:
        write_json(self._path, asdict(facts))

    @property
    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer((self._folder / "secret").read_bytes(), salt="member")

    def _check(self, attempts: Attempts, sender: str, given: str, right: str, rule: str) -> None:
        attempts.check(sender)
        if not _is_same(given, right):
            attempts.count(sender)
            raise ClassError(rule, advice="Look at the board, or ask.")

    def _add(self, nickname: str, role: Role) -> Person:
        member = Member(secrets.token_hex(6), nickname, role, time.time())
        self._keep(member)
        return self._person(member)

    def _keep(self, member: Member) -> None:
        write_json(self._member_path(member.id), asdict(member))

    def _member_path(self, member_id: str) -> Path:
        return self._folder / "members" / f"{member_id}.json"

    def _member(self, member_id: str) -> Member | None:
        """None also where the file is damaged: nobody is let in by it."""
        if not _ID.fullmatch(member_id):
            return None
        member = _read(Member, self._member_path(member_id))
        known = member and member.id == member_id and member.role in get_args(Role)
        return member if known else None

    def _person(self, member: Member) -> Person:
        return Person(member.id, member.nickname, member.role, self.sees_others)


def _read(kind: type[T], path: Path) -> T | None:
    """The file's content as a dataclass of texts, numbers and truths; None where it is damaged."""
    value = _as_now(read_json(path))
    kinds: dict[str, Any] = {
        "Limits": Limits,
        "str": str,
        "Role": str,
        "float": (int, float),
        "bool": bool,
        "int": int,
    }
    names = {each.name: kinds[str(each.type)] for each in fields(kind)}
    if not isinstance(value, dict) or not value.keys() <= names.keys():
        return None
    if not all(isinstance(each, names[name]) for name, each in value.items()):
        return None
    try:
        return kind(**value)
    except TypeError:
        return None


def _as_now(value: Any) -> Any:
    """The limits as such; they once lay one by one beside the name of the class."""
    if not isinstance(value, dict):
        return value
    given = value.get("limits", {})
    once = {name: value[name] for name in RANGES if name in value}
    rest = {name: each for name, each in value.items() if name not in {"limits", *once}}
    if not once and "limits" not in value:
        return value
    try:
        return {**rest, "limits": Limits.from_json({**once, **given})}
    except (ClassError, TypeError):
        return None


def _keep_secret(path: Path) -> None:
    """Made once: who loses it signs everybody out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.stat().st_size < 32:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))


def _drawn(characters: str, length: int) -> str:
    return "".join(secrets.choice(characters) for _ in range(length))


def is_member_id(text: str) -> bool:
    """Whether somebody's number may be so: nothing that leads to another file."""
    return _ID.fullmatch(text) is not None


def drawn_code(length: int) -> str:
    """A code of letters and digits that are not taken for each other."""
    return _drawn(_LETTERS, length)


def as_typed(code: str) -> bytes:
    """A code as people type it, in any case, with spaces or dashes: what is compared of it."""
    return "".join(code.lower().split()).replace("-", "").encode(errors="replace")


def _is_same(given: str, right: str) -> bool:
    """Compares codes; what it takes does not depend on what is right in it."""
    return hmac.compare_digest(as_typed(given), right.encode())


def _plain(text: str) -> str:
    """Without what cannot be seen or turns writing around."""
    seen = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in seen if unicodedata.category(c)[0] != "C").split())


def _checked(nickname: str) -> str:
    name = _plain(nickname)
    if not 1 <= len(name) <= LONGEST_NICKNAME:
        raise ClassError(
            f"A nickname has 1 to {LONGEST_NICKNAME} characters.", received=nickname[:80]
        )
    if name.casefold() == "teacher":
        raise ClassError("This nickname is the teacher's.", advice="Choose another one.")
    return name


def _free(nickname: str, taken: set[str]) -> str:
    name = _plain(nickname)[:LONGEST_NICKNAME].strip() or "Student"
    tries = (f"{name[: LONGEST_NICKNAME - 4].strip()} {number}" for number in range(2, 999))
    return next(each for each in (name, *tries) if each.casefold() not in taken)
