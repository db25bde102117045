"""What is deleted where everything personal is: a step for each kind of data.

What else comes to hold something personal adds a step to `STEPS`. Each can be done again: a killed
deletion begins anew.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_bytes, write_json
from fmnist_core.classroom import Classroom
from fmnist_core.collections import CollectionStore
from fmnist_core.collections.loading import PackedCollections
from fmnist_core.engine.client import request
from fmnist_core.engine.deletion import delete_run
from fmnist_core.errors import ClassError, CollectionError, InputError
from fmnist_core.locks import locked
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage
from fmnist_core.settings import Settings

# The files of a run in which a pinned drawing is seen, beside the trace.
_PINNED, _MAPS, _COLLECTIONS = "probes.json", "feature_maps.npz", "collections.json"


@dataclass(frozen=True)
class Members:
    """Whose data is meant.

    Attributes:
        ids: Of members, and of who left the class before.
        teachers: Those of them whose runs stay as they are.
        everyone: Of the whole class: also what lies in places that only a class has, whoever's.
        runs: Whether their runs are deleted, and do not only lose the name.
    """

    ids: frozenset[str]
    teachers: frozenset[str] = frozenset()
    everyone: bool = False
    runs: bool = False


@dataclass(frozen=True)
class Step:
    """One kind of personal data.

    Attributes:
        title: For people, in a list of what is deleted.
        count: How many there are, in some milliseconds.
        delete: Deletes them; done again, it deletes what is left. Nothing is no error.
    """

    title: str
    count: Callable[[Settings, Members], int]
    delete: Callable[[Settings, Members], None]


# Nicknames: first, so that nobody makes anything new meanwhile. Their numbers stay until the end.


def _students(settings: Settings, members: Members) -> list[str]:
    there = [one.id for one in Classroom(settings).members() if one.role == "student"]
    return [one for one in there if one in members.ids]


def _remove_students(settings: Settings, members: Members) -> None:
    for one in _students(settings, members):
        Classroom(settings).remove(one)


def _collections(settings: Settings, members: Members) -> list[str]:
    store = CollectionStore(settings)
    owners = {name: store.owner(name) for name in store.names()}
    ids = members.ids | (set(owners.values()) - {""} if members.everyone else set())
    return [name for name, owner in owners.items() if owner in ids]


def _count_items(settings: Settings, members: Members) -> int:
    store = CollectionStore(settings)
    return sum(len(store.items(name)) for name in _collections(settings, members))


def _delete_collections(settings: Settings, members: Members) -> None:
    store = CollectionStore(settings)
    for name in _collections(settings, members):
        store.delete(name)
    store.empty_trash()


# Copies of collections, from which runs learn: gone where no run of somebody else needs them.


def _packed(settings: Settings, members: Members) -> list[Path]:
    mine, others = set[str](), set[str]()
    for folder in _folders(settings):
        value = read_json(folder.path / _COLLECTIONS)
        prints = {str(each) for each in value.values()} if isinstance(value, dict) else set()
        (mine if _is_of(folder, members) else others).update(prints)
    packed = PackedCollections(settings)
    paths = [packed.path(each) for each in sorted(mine - others) if each.isalnum()]
    return [path for path in paths if path.is_file()]


def _delete_packed(settings: Settings, members: Members) -> None:
    for path in _packed(settings, members):
        path.unlink(missing_ok=True)


# Folders and files of a place that each member has for themselves.


def _places(settings: Settings, name: str, members: Members) -> list[Path]:
    found = [path for path in (settings.home / name).glob("*/") if path.is_dir()]
    return [path for path in found if members.everyone or path.name in members.ids]


def _files_in(name: str) -> tuple[Callable[..., int], Callable[..., None]]:
    def count(settings: Settings, members: Members) -> int:
        return sum(len(list(place.glob("[!.]*"))) for place in _places(settings, name, members))

    def delete(settings: Settings, members: Members) -> None:
        for place in _places(settings, name, members):
            with storage_errors(place):
                shutil.rmtree(place)

    return count, delete


def _answers(settings: Settings, members: Members) -> list[Path]:
    found = (settings.home / "lessons" / "answers").glob("*.json")
    own = [path for path in found if path.name.partition("-")[0] in members.ids]
    # To the lesson that the teacher has handed out.
    of_class = (settings.home / "class" / "answers").glob("*.json")
    return own + [path for path in of_class if path.stem in members.ids]


def _delete_answers(settings: Settings, members: Members) -> None:
    for path in _answers(settings, members):
        path.unlink(missing_ok=True)


# What they gave to the collection of the class: a card each, which says who, beside or elsewhere
# the picture.


def _given(settings: Settings, members: Members) -> list[Path]:
    cards = sorted((settings.home / "class" / "items").glob("[!.]*.json"))
    return [card for card in cards if members.everyone or _maker(card) in members.ids]


def _maker(card: Path) -> object:
    value = read_json(card)
    return value.get("maker") if isinstance(value, dict) else None


def _delete_given(settings: Settings, members: Members) -> None:
    folder = settings.home / "class"
    if not (cards := _given(settings, members)) and not members.everyone:
        return
    names = {f"{card.stem}.png" for card in cards}
    with storage_errors(folder), locked(folder / "collection-lock"):
        for path in settings.collections_dir.glob("class-*/*/*.png"):
            if path.name in names:
                path.unlink(missing_ok=True)
        for path in PackedCollections(settings).path("any").parent.glob("[!.]*.zip"):
            if names & _names_in(path):
                path.unlink(missing_ok=True)
        for card in cards:
            card.with_suffix(".png").unlink(missing_ok=True)
            # Last: it says whose the picture is.
            card.unlink(missing_ok=True)
        rules = read_json(folder / "collection.json") if members.everyone else None
        if isinstance(rules, dict):
            for name in (f"{rules.get('name')}", f"{rules.get('name')}-held-out"):
                with suppress(CollectionError):
                    CollectionStore(settings).delete(name)
            (folder / "collection.json").unlink(missing_ok=True)


def _names_in(path: Path) -> set[str]:
    """Of a packed collection that cannot be read, none: nobody can."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.rpartition("/")[2] for name in archive.namelist()}
    except (OSError, ValueError, zipfile.BadZipFile):
        return set()


# Codes by which they give runs away.


def _codes(settings: Settings, members: Members) -> list[Any]:
    value = read_json(settings.home / "class" / "exchange.json")
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, dict) and one.get("owner") in members.ids]


def _delete_codes(settings: Settings, members: Members) -> None:
    folder = settings.home / "class"
    with storage_errors(folder), locked(folder / "lock"):
        if gone := _codes(settings, members):
            path = folder / "exchange.json"
            write_json(path, [one for one in read_json(path) if one not in gone])


# Runs.


def _folders(settings: Settings) -> Iterator[RunFolder]:
    for path in sorted(settings.runs_dir.glob("[!.]*/")):
        yield RunFolder(path)


def _meta(folder: RunFolder) -> dict[str, Any]:
    value = read_json(folder.path / "meta.json")
    return value if isinstance(value, dict) else {}


def _is_of(folder: RunFolder, members: Members) -> bool:
    """Also a copy, in somebody else's hands, of what was theirs."""
    meta = _meta(folder)
    origin = meta.get("origin")
    owners = [meta.get("owner"), origin.get("owner") if isinstance(origin, dict) else None]
    return any(owner in members.ids for owner in owners)


def _with_drawings(settings: Settings, members: Members) -> list[RunFolder]:
    return [
        folder for folder in _folders(settings) if _is_of(folder, members) and _has_drawings(folder)
    ]


def _has_drawings(folder: RunFolder) -> bool:
    value = read_json(folder.path / _PINNED)
    pinned = value if isinstance(value, list) else []
    return any(_without_drawing(each) != each for each in pinned)


def _without_drawing(value: Any) -> Any:
    try:
        pinned = PinnedImage.from_json(value)
    except InputError:
        return value
    return pinned.hidden.to_json() if pinned.personal else value


def _hide_drawings(settings: Settings, members: Members) -> None:
    for folder in _when_ended(_with_drawings(settings, members), settings):
        if folder.trace_path.is_file():
            lines = folder.trace_path.read_bytes().splitlines()
            write_bytes(folder.trace_path, b"".join(_hidden_line(one) + b"\n" for one in lines))
        (folder.path / _MAPS).unlink(missing_ok=True)
        pinned = read_json(folder.path / _PINNED)
        # Last: by this file the others are found.
        write_json(folder.path / _PINNED, [_without_drawing(each) for each in pinned])


def _hidden_line(line: bytes) -> bytes:
    try:
        value = json.loads(line)
        if value["kind"] != "begin":
            return line
        value["probes"] = [_without_drawing(each) for each in value["probes"]]
    except (KeyError, TypeError, ValueError):
        return line
    return json.dumps(value).encode()


def _when_ended(folders: Iterable[RunFolder], settings: Settings) -> Iterator[RunFolder]:
    """Those that have ended; the others are asked to stop.

    Raises:
        ClassError: At the end, some have not ended yet.
    """
    left = []
    for folder in folders:
        if folder.status.active:
            request(folder.id, settings, stop=True)
        if folder.status.active or folder.held:
            left.append(folder.id)
        else:
            yield folder
    if left:
        raise ClassError("Runs are still training.", received=left, advice="Wait for them.")


def _exports(settings: Settings, members: Members) -> list[Path]:
    mine = {folder.id for folder in _folders(settings) if _is_of(folder, members)}
    return [path for path in (settings.home / "exports").glob("[!.]*/") if path.name in mine]


def _delete_exports(settings: Settings, members: Members) -> None:
    for path in _exports(settings, members):
        with storage_errors(path):
            shutil.rmtree(path)


def _runs(settings: Settings, members: Members) -> list[RunFolder]:
    ids = members.ids - members.teachers
    return [folder for folder in _folders(settings) if _is_of(folder, Members(ids))]


def _forget_runs(settings: Settings, members: Members) -> None:
    ids = members.ids - members.teachers
    for folder in _when_ended(_runs(settings, members), settings):
        if members.runs and _meta(folder).get("owner") in ids:
            delete_run(folder.id, settings)
        else:
            _forget_names(folder)
            folder.disown(ids)


def _forget_names(folder: RunFolder) -> None:
    """People choose the names of their collections, which a run's files tell."""
    (folder.path / _COLLECTIONS).unlink(missing_ok=True)
    config, origin = read_json(folder.path / "config.json"), folder.provenance
    with suppress(KeyError, TypeError):
        if names := config["training"]["collections"]:
            config["training"]["collections"] = [f"deleted-{n}" for n in range(1, len(names) + 1)]
            write_json(folder.path / "config.json", config)
    if origin.get("collections"):
        write_json(folder.path / "provenance.json", {**origin, "collections": {}})


def _sweeps(settings: Settings, members: Members) -> list[Path]:
    found = sorted(settings.sweeps_dir.glob("[!.]*/sweep.json"))
    values = {path: read_json(path) for path in found}
    return [
        path
        for path, value in values.items()
        if isinstance(value, dict) and value.get("owner") in members.ids - members.teachers
    ]


def _forget_sweeps(settings: Settings, members: Members) -> None:
    for path in _sweeps(settings, members):
        write_json(path, {**read_json(path), "owner": "", "name": "Sweep"})


def _of(find: Callable[[Settings, Members], Any]) -> Callable[[Settings, Members], int]:
    return lambda settings, members: len(find(settings, members))


STEPS = (
    Step("Nicknames", _of(_students), _remove_students),
    Step("Drawings and photos in collections", _count_items, _delete_collections),
    Step("Items in the collection of the class", _of(_given), _delete_given),
    Step("Codes for runs", _of(_codes), _delete_codes),
    Step("Copies of collections for runs", _of(_packed), _delete_packed),
    Step("Pinned images", *_files_in("probes")),
    Step("Runs that show a pinned drawing or photo", _of(_with_drawings), _hide_drawings),
    Step("Selections of label issues", *_files_in("suspects")),
    Step("Lessons with answers", _of(_answers), _delete_answers),
    Step("Runs with exported files", _of(_exports), _delete_exports),
    Step("Sweeps with a name", _of(_sweeps), _forget_sweeps),
    # Last: by their owner the runs of the steps above are found.
    Step("Runs", _of(_runs), _forget_runs),
)
