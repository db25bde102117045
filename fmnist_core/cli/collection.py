"""`collection list|import|show|export|delete`: own pictures and drawings to learn from."""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import write_bytes
from fmnist_core.classes import OUTPUT_NAMES
from fmnist_core.cli.progress import ProgressBar
from fmnist_core.collections import (
    CollectionStore,
    CollectionSummary,
    Imported,
    import_archive,
    import_folder,
    import_ndjson,
)
from fmnist_core.collections.content import folder_of
from fmnist_core.collections.importing import HALVES
from fmnist_core.errors import CollectionError
from fmnist_core.settings import load_settings


def add_parser(commands: Any) -> None:
    """Adds `collection` and its actions."""
    parser = commands.add_parser(
        "collection", help="manage collections of your pictures and drawings"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _action(actions, "list", "list all collections")
    _action(actions, "show", "show the contents of a collection", "name")
    _action(actions, "export", "write a collection as a ZIP file", "name", "path")
    deleting = _action(actions, "delete", "delete a collection permanently", "name")
    deleting.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    importing = _action(actions, "import", "import pictures or drawings", "name", "path")
    importing.add_argument(
        "--half", default="all", choices=HALVES, help="import every other item only"
    )
    importing.add_argument(
        "--clothing-only", action="store_true", help="skip items that are not clothing"
    )
    importing.add_argument(
        "--label",
        type=int,
        choices=range(len(OUTPUT_NAMES)),
        help="class of unlabeled drawings, 10 for other clothing (default: not clothing)",
    )


def _action(actions: Any, name: str, text: str, *arguments: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text)
    helps = {
        "name": "the collection's name",
        "path": "a folder CLASS/*.png, a file of Quick, Draw! (*.ndjson), or an exported ZIP file",
    }
    for argument in arguments:
        parser.add_argument(argument, help=helps[argument])
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser


def run(options: argparse.Namespace) -> int:
    """Returns the exit status: 0 done, 1 where files were refused.

    Raises:
        LabError: It did not work, and why.
    """
    actions = {
        "list": _list,
        "show": _show,
        "export": _export,
        "delete": _delete,
        "import": _import,
    }
    return actions[options.action](CollectionStore(load_settings()), options)


def _list(store: CollectionStore, options: argparse.Namespace) -> int:
    found = [store.summary(name) for name in store.names()]
    if options.json:
        print(json.dumps([_plain(summary) for summary in found]))
    elif not found:
        print("No collections yet. Import one: python -m fmnist_core collection import NAME PATH")
    for summary in found if not options.json else ():
        print(f"{summary.name:30} {summary.items:6,} items {summary.size / 1e6:8.1f} MB")
    return 0


def _show(store: CollectionStore, options: argparse.Namespace) -> int:
    summary = store.summary(options.name)
    if options.json:
        print(json.dumps({**_plain(summary), "fingerprint": store.fingerprint(options.name)}))
        return 0
    print(f"{summary.name}: {summary.items:,} items, {summary.size / 1e6:.1f} MB")
    for label, count in summary.counts.items():
        print(f"{_title(label):14} {count:6,}")
    return 0


def _export(store: CollectionStore, options: argparse.Namespace) -> int:
    path = Path(options.path).expanduser()
    content = store.archive(options.name)
    try:
        write_bytes(path, content)
    except IsADirectoryError as error:
        raise CollectionError(
            "Name the ZIP file to write, not a folder.",
            received=path,
            advice=f"Such as {path / options.name}.zip.",
        ) from error
    except OSError as error:
        raise CollectionError(
            "The ZIP file cannot be written.", received=f"{path}: {error.strerror}"
        ) from error
    facts = {"path": str(path), "bytes": len(content)}
    print(json.dumps(facts) if options.json else f"{path}: {len(content) / 1e6:.1f} MB")
    return 0


def _delete(store: CollectionStore, options: argparse.Namespace) -> int:
    summary = store.summary(options.name)
    if not options.yes:
        _ask(summary)
    store.delete(options.name)
    print(json.dumps({"deleted": options.name}) if options.json else f"Deleted {options.name}.")
    return 0


def _import(store: CollectionStore, options: argparse.Namespace) -> int:
    done = _take_in(store, options)
    for sentence in done.refused:
        print(sentence, file=sys.stderr)
    if options.json:
        print(json.dumps({"collection": options.name, **asdict(done)}))
    else:
        print(f"{options.name}: {done.items:,} imported, {done.new:,} of them new.")
    return 1 if done.refused else 0


def _take_in(store: CollectionStore, options: argparse.Namespace) -> Imported:
    bar: ProgressBar | None = None

    def progress(done: int, total: int) -> None:
        nonlocal bar
        bar = bar or ProgressBar(total, "Importing")
        bar.reach(done, f"{done:,} of {total:,}")

    try:
        return _importer(options)(store, progress=progress)
    finally:
        if bar is not None:
            bar.close()


def _importer(options: argparse.Namespace) -> Callable[..., Imported]:
    """The import function for the path, with its options.

    Raises:
        CollectionError: An option says nothing about such a path.
    """
    path = Path(options.path).expanduser()
    asked = {
        "name": options.name,
        "half": options.half,
        "clothing_only": options.clothing_only,
    }
    if options.label is not None and options.clothing_only:
        raise CollectionError(
            "--clothing-only has no effect with --label, which labels all drawings as clothing."
        )
    if (kind := _kind(path)) == "drawings":
        return partial(import_ndjson, file=path, label=options.label, **asked)
    if options.label is not None:
        raise CollectionError(
            "--label is for files of drawings; folders give their labels by name.",
            received=path,
        )
    if kind == "folder":
        return partial(import_folder, folder=path, **asked)
    return partial(import_archive, path=path, **asked)


def _kind(path: Path) -> str:
    try:
        if path.is_dir():
            return "folder"
        return "archive" if path.is_file() and zipfile.is_zipfile(path) else "drawings"
    except OSError as error:
        raise CollectionError(
            "The path cannot be read.", received=f"{path}: {error.strerror}"
        ) from error


def _plain(summary: CollectionSummary) -> dict[str, Any]:
    counts = {folder_of(label): count for label, count in summary.counts.items()}
    return {"name": summary.name, "items": summary.items, "bytes": summary.size, "counts": counts}


def _title(label: int | None) -> str:
    return "not clothing" if label is None else OUTPUT_NAMES[label]


def _ask(summary: CollectionSummary) -> None:
    if not sys.stdin.isatty():
        raise CollectionError(
            "The deletion needs confirmation, and there is no terminal.", advice="Add --yes."
        )
    question = f"Delete {summary.name} with {summary.items:,} items permanently? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CollectionError("Nothing was deleted.")
