"""Sorts material into a part to learn from and a part that is kept aside for measuring.

    python -m bench.everyday_split MATERIAL FOLDER

fmnist_core/assets/MODEL_CARD.md says where the material is from. MATERIAL holds it as

    wild/photos/train/CLASS/*, wild/photos/dev/CLASS/*      phone photos
    wild/drawings/{clothing,other}.ndjson                   drawings of Quick, Draw!
    more/photos/CLASS/*, more/photos_synth/CLASS/*          phone photos of others; pasted ones
    more/shop/CLASS/KIND_ARTICLE_NUMBER*                    pictures of a shop's products
    more/icons/CLASS/PACK__*                                icons
    more/drawings/{clothing,backpack,other}.ndjson          drawings that were less clear
    more/drawings/bitmap28/CLASS/*                          bitmaps of 28 x 28

where CLASS is 0 to 9, or `other` and the names in this file for what is none of the ten.
FOLDER/learn/KIND/CLASS is what `collection import` and bench/cutout.py read,
FOLDER/aside/KIND/CLASS what bench/everyday.py measures; both hold links, and drawings of
Quick, Draw! as files. What is kept aside is chosen by source: `photos/dev`, the second half of each
file of drawings, icons by pack, pictures of the shop by product number (each product has one),
phone photos by the mark in the name, its last part after `_` (four hexadecimal digits), of which
nearly all have one photograph. Kinds of icons are
told by their pixels.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.everyday import draw
from fmnist_core.collections.importing import chosen_drawings
from fmnist_core.preprocessing.masks import filled, stroke_width

_ASIDE_OF = 4
# Clothes that the shop shows on a person; shoes and bags lie by themselves.
_WORN = {"0", "1", "2", "3", "4", "6"}
_OTHER_CLOTHES = {
    "caps",
    "socks",
    "shorts",
    "briefs",
    "sarees",
    "scarves",
    "skirts",
    "ties",
    "gloves",
}
# Above this spread between channels an icon is in colour.
_COLOURFUL = 40


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.everyday_split", description=__doc__)
    parser.add_argument("material", type=Path, metavar="MATERIAL")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    for part, kind, label, path in [
        *_wild_photos(options.material / "wild/photos"),
        *_photos(options.material / "more/photos"),
        *_shop(options.material / "more/shop"),
        *_icons(options.material / "more/icons"),
        *_all_learned(options.material / "more/photos_synth", "photos-pasted"),
    ]:
        _link(options.folder / part / kind / label / path.name, path)
    _drawings(options.material, options.folder)
    return 0


_Sorted = Iterable[tuple[str, str, str, Path]]


def _aside(key: str, of: int = _ASIDE_OF) -> str:
    return "aside" if zlib.crc32(key.encode()) % of == 0 else "learn"


def _pictures(folder: Path) -> Iterable[tuple[str, Path]]:
    for path in sorted(folder.glob("*/*")):
        yield path.parent.name, path


def _wild_photos(folder: Path) -> _Sorted:
    for part, name in (("learn", "train"), ("aside", "dev")):
        for label, path in _pictures(folder / name):
            yield part, "phone-photos", "other_clothes" if label == "other" else label, path


def _photos(folder: Path) -> _Sorted:
    names = {"other": "other_clothes", "other_shoes": "other_clothes"}
    for label, path in _pictures(folder):
        if label != "ambiguous_polo":
            sender = path.stem.rpartition("_")[2]
            yield _aside(sender), "phone-photos-others", names.get(label, label), path


def _shop(folder: Path) -> _Sorted:
    for label, path in _pictures(folder):
        _, article, number = path.stem.split("_")[:3]
        kind = "shop-worn" if label in _WORN else "shop-plain"
        if label == "other" and article in _OTHER_CLOTHES:
            label = "other_clothes"
        yield _aside(number), kind, label, path


def _icons(folder: Path) -> _Sorted:
    for label, path in _pictures(folder):
        pack = path.name.split("__")[0]
        yield _aside(pack, 3), _icon_kind(path), label, path


def _icon_kind(path: Path) -> str:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 4:
        share = picture[..., 3:] / 255
        picture = (picture[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    ink = picture.min(axis=2) < 200
    if not ink.any():
        return "solid-icons"
    if np.percentile(np.ptp(picture[ink].astype(int), axis=1), 80) > _COLOURFUL:
        return "colour-icons"
    thin = stroke_width(ink) < 0.09 * max(ink.shape) and ink.sum() < 0.55 * filled(ink, 2).sum()
    return "line-icons" if thin else "solid-icons"


def _all_learned(folder: Path, kind: str) -> _Sorted:
    for label, path in _pictures(folder):
        yield "learn", kind, label, path


def _drawings(material: Path, folder: Path) -> None:
    """Files of drawings to learn from, and pictures of those that are kept aside."""
    (folder / "learn").mkdir(parents=True, exist_ok=True)
    for name in ("clothing", "other"):
        source = material / f"wild/drawings/{name}.ndjson"
        _write(folder / f"learn/drawings-{name}.ndjson", source, chosen_drawings(source, "first"))
        for drawing in chosen_drawings(source, "second"):
            draw(drawing, folder / "aside/human-drawings")
    for name in ("clothing", "backpack", "other"):
        source = material / f"more/drawings/{name}.ndjson"
        _write(
            folder / f"learn/drawings-more-{name}.ndjson", source, chosen_drawings(source, "first")
        )
        for drawing in chosen_drawings(source, "second"):
            draw(drawing, folder / "aside/human-drawings-unclear")
    for label, path in _pictures(material / "more/drawings/bitmap28"):
        label = label.removesuffix("_backpack")
        place = folder / _aside(path.stem) / "human-bitmaps" / label / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), _thickened(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)))


def _thickened(bitmap: np.ndarray) -> np.ndarray:
    """Lines of a bitmap 28 x 28, whichever way round, as ink on white paper of 280 x 280."""
    lines = 255 - bitmap if bitmap.mean() > 128 else bitmap
    wide = cv2.resize(lines, (224, 224), interpolation=cv2.INTER_CUBIC)
    ink = np.where(wide > 70, 0, 255).astype(np.uint8)
    return cv2.copyMakeBorder(ink, 28, 28, 28, 28, cv2.BORDER_CONSTANT, value=255)


def _write(place: Path, source: Path, chosen: Iterable[object]) -> None:
    keys = {drawing.key for drawing in chosen}
    lines = [line for line in source.read_text().splitlines() if json.loads(line)["key_id"] in keys]
    place.write_text("\n".join(lines) + "\n")


def _link(place: Path, source: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(source.resolve())


if __name__ == "__main__":
    sys.exit(main())
