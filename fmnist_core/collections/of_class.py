"""A collection of the whole class: students give items, the teacher decides which come in.

    HOME/class/collection.json      the names of the two, and what students may do and see
               items/ITEM.json      of each item: who made it, its label, when, and where it is
               items/ITEM.png       its picture, until it is accepted
    HOME/collections/NAME, NAME-held-out    the accepted ones, to train on and to evaluate on

The two collections are the teacher's, as any of theirs. An item that was held out is never trained
on: every fourth that is accepted is, and stays there.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from fmnist_core.atomic_files import read_json, storage_errors, write_bytes, write_json
from fmnist_core.classes import OTHER_CLOTHING
from fmnist_core.collections.content import (
    FOLDERS,
    PICTURE,
    Content,
    Picture,
    folder_of,
    is_item_file,
    picture_content,
)
from fmnist_core.collections.loading import PackedCollections
from fmnist_core.collections.store import CollectionStore, writing
from fmnist_core.errors import CollectionError
from fmnist_core.locks import locked
from fmnist_core.permissions import acting, check_change, check_member, check_teacher
from fmnist_core.settings import Settings

_log = logging.getLogger(__name__)
State = Literal["new", "accepted", "held out"]
# Of one student, so many may wait for the teacher; of all together, so many.
MOST_NEW, _MOST_OF_ALL = 40, 2_000
_HELD_OUT_EVERY = 4
_NAME = re.compile(r"class-\d{8}(-\d+)?")


@dataclass(frozen=True)
class ClassItem:
    """A picture that somebody gave to the class.

    Attributes:
        id: 16 hexadecimal digits, the same for the same picture.
        maker: A person's number; empty where it is not to be known.
        label: Class number 0 to 9, 10 for other clothing; None for "no clothing".
        added: Unix time.
        state: Whether it waits for the teacher, is trained on, or evaluated on.
        path: Its picture.
    """

    id: str
    maker: str
    label: int | None
    added: float
    state: State
    path: Path


@dataclass(frozen=True)
class Rules:
    """What `collection.json` says.

    Attributes:
        name: Of the collection to train on.
        open: Whether students may add.
        named: Whether students see who made an item.
    """

    name: str
    open: bool = True
    named: bool = False

    @property
    def held_out(self) -> str:
        """The name of the collection to evaluate on."""
        return f"{self.name}-held-out"


class ClassCollection:
    """The collection of the lab's class."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / "class"
        self._items = self._folder / "items"

    @property
    def rules(self) -> Rules | None:
        """None where none was begun, or the file is damaged."""
        value = read_json(self._folder / "collection.json")
        try:
            found = Rules(**value)
        except TypeError:
            return None
        truths = isinstance(found.open, bool) and isinstance(found.named, bool)
        return found if truths and _NAME.fullmatch(str(found.name)) else None

    def begin(self) -> Rules:
        """Lets students add to a new collection.

        Raises:
            NotAllowedError: A student acts.
            StorageError: The disk is full or cannot be written.
        """
        check_teacher("begin a collection of the class")
        if there := self.rules:
            return there
        day, number = time.strftime("class-%Y%m%d"), 1
        store, name = CollectionStore(self._settings), day
        while (self._settings.collections_dir / name).exists():
            number += 1
            name = f"{day}-{number}"
        rules = Rules(name)
        with self._changing():
            store.create(rules.name)
            store.create(rules.held_out)
            self._write(rules)
        return rules

    def allow(self, *, adding: bool | None = None, names: bool | None = None) -> None:
        """Whether students may add, and see who made an item; raises as `begin`."""
        check_teacher("change the rules of the class's collection")
        with self._changing():
            rules = self._there()
            adding = rules.open if adding is None else adding
            named = rules.named if names is None else names
            self._write(replace(rules, open=adding, named=named))

    def add(self, picture: Picture, label: int | None) -> str:
        """Gives a picture to the class: the teacher sees it first.

        Args:
            picture: uint8 (h, w, 3) with sides of at most 512 pixels.
            label: Class number 0 to 9, 10 for other clothing; None for "no clothing".

        Returns:
            The item's identifier; of a picture that is there already, nothing changes.

        Raises:
            CollectionError: No collection is open, or too many items wait.
            NotAllowedError: Nobody of the class acts.
            StorageError: The disk is full or cannot be written.
        """
        check_member("add to the class's collection")
        folder_of(label)
        content, person = picture_content(picture), acting()
        maker = person.id if person else ""
        with self._changing():
            if not self._there().open:
                raise CollectionError("The class's collection takes nothing more at the moment.")
            waiting = [one for one in self._all() if one.state == "new"]
            mine = sum(one.maker == maker for one in waiting)
            if mine >= MOST_NEW or len(waiting) >= _MOST_OF_ALL:
                raise CollectionError(
                    f"At most {MOST_NEW} of your items can wait for the teacher.",
                    received=mine,
                    advice="Wait until some are accepted.",
                )
            if not self._card(content.id).exists():
                # The picture first: without its card it is no item.
                write_bytes(self._waiting(content.id), content.data)
                card = {"maker": maker, "label": label, "added": time.time(), "state": "new"}
                write_json(self._card(content.id), card)
        return content.id

    def new_items(self) -> list[ClassItem]:
        """Those that wait, oldest first: all for the teacher, their own for a student.

        Raises:
            NotAllowedError: Nobody of the class acts.
        """
        check_member("see the class's collection")
        person = acting()
        found = [one for one in self._all() if one.state == "new"]
        if person is None or person.teaches:
            return found
        return [one for one in found if one.maker == person.id]

    def accepted(self) -> list[ClassItem]:
        """Those that came in, newest first; whose they are is told if the teacher lets it.

        Raises:
            NotAllowedError: Nobody of the class acts.
        """
        check_member("see the class's collection")
        rules, person = self.rules, acting()
        if rules is None:
            return []
        found = [one for one in self._all() if one.state != "new" and one.path.is_file()]
        if person is not None and not person.teaches and not rules.named:
            found = [one if one.maker == person.id else replace(one, maker="") for one in found]
        return found[::-1]

    def accept(self, item_ids: Sequence[str]) -> None:
        """Takes items in; of all accepted ones every fourth is held out; raises as `begin`."""
        check_teacher("accept items")
        with self._changing():
            rules = self._there()
            every = {one.id: one for one in self._all()}
            count = sum(one.state != "new" for one in every.values())
            held = sum(one.state == "held out" for one in every.values())
            for item_id in dict.fromkeys(item_ids):
                item = every.get(item_id)
                if item is None or item.state != "new":
                    continue
                count, state = count + 1, "accepted"
                if held < count // _HELD_OUT_EVERY:
                    state, held = "held out", held + 1
                # Where it belongs is on disk before it is moved: a kill between cannot put an
                # item that was held out among those to train on.
                self._note(item, state)
            self._move(rules)

    def reject(self, item_ids: Sequence[str]) -> None:
        """Deletes items that wait; raises as `begin`."""
        check_teacher("reject items")
        with self._changing():
            for item in self._all():
                if item.state == "new" and item.id in item_ids:
                    self._forget(item)

    def remove_items_of(self, owner: str) -> int:
        """Deletes all that somebody gave, also what was accepted; returns how many.

        Networks that were trained on them stay.

        Raises:
            NotAllowedError: Neither they nor the teacher act.
            StorageError: The disk cannot be written.
        """
        check_change(owner, "remove these items")
        with self._changing():
            mine = [one for one in self._all() if one.maker == owner]
            self._delete(mine)
        _log.info("%d items of %s were removed from the class's collection.", len(mine), owner)
        return len(mine)

    def end(self) -> None:
        """Deletes the collection with all its items; raises as `begin`."""
        check_teacher("delete the class's collection")
        with self._changing():
            rules = self._there()
            self._delete(self._all())
            for name in (rules.name, rules.held_out):
                with suppress(CollectionError):
                    CollectionStore(self._settings).delete(name)
            (self._folder / "collection.json").unlink(missing_ok=True)

    def _there(self) -> Rules:
        rules = self.rules
        if rules is None:
            raise CollectionError(
                "The class has no collection.", advice="The teacher begins one on the page Class."
            )
        return rules

    def _all(self) -> list[ClassItem]:
        """Every item, the first one first; cards that are damaged are none."""
        rules = self.rules
        cards = self._items.glob("*.json") if rules else ()
        found = [item for path in cards if rules and (item := self._read(path, rules))]
        return sorted(found, key=lambda item: (item.added, item.id))

    def _read(self, card: Path, rules: Rules) -> ClassItem | None:
        value = read_json(card)
        if not is_item_file(card.name) or not _is_card(value):
            return None
        path = self._waiting(card.stem)
        if value["state"] != "new" and not path.is_file():
            name = rules.held_out if value["state"] == "held out" else rules.name
            path = self._settings.collections_dir / name / folder_of(value["label"]) / path.name
        return ClassItem(card.stem, **value, path=path)

    def _note(self, item: ClassItem, state: str) -> None:
        card = {"maker": item.maker, "label": item.label, "added": item.added, "state": state}
        write_json(self._card(item.id), card)

    def _move(self, rules: Rules) -> None:
        """Puts accepted items into their collections, also those that a kill left behind."""
        store = CollectionStore(self._settings)
        for item in self._all():
            waiting = self._waiting(item.id)
            if item.state != "new" and waiting.is_file():
                name = rules.held_out if item.state == "held out" else rules.name
                store.put(name, [(Content(waiting.name, waiting.read_bytes()), item.label)])
                waiting.unlink()

    def _delete(self, items: Sequence[ClassItem]) -> None:
        """From everywhere: also from copies that runs keep in the cache."""
        rules = self._there() if items else None
        for item in items:
            for name in (rules.name, rules.held_out) if rules else ():
                place = self._settings.collections_dir / name
                if place.is_dir():
                    with writing(place):
                        for folder in FOLDERS:
                            (place / folder / f"{item.id}{PICTURE}").unlink(missing_ok=True)
            self._forget(item)
        PackedCollections(self._settings).forget([f"{item.id}{PICTURE}" for item in items])

    def _forget(self, item: ClassItem) -> None:
        self._waiting(item.id).unlink(missing_ok=True)
        self._card(item.id).unlink(missing_ok=True)

    def _waiting(self, item_id: str) -> Path:
        return self._items / f"{item_id}{PICTURE}"

    def _card(self, item_id: str) -> Path:
        return self._items / f"{item_id}.json"

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with storage_errors(self._folder), locked(self._folder / "collection-lock"):
            yield

    def _write(self, rules: Rules) -> None:
        write_json(self._folder / "collection.json", asdict(rules))


def _is_card(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"maker", "label", "added", "state"}:
        return False
    label = value["label"]
    return (
        isinstance(value["maker"], str)
        and (label is None or (type(label) is int and 0 <= label <= OTHER_CLOTHING))
        and isinstance(value["added"], (int, float))
        and value["state"] in get_args(State)
    )
