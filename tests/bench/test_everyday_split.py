"""`bench.everyday_split`: nothing is both learned from and measured, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from bench.everyday_split import main

PHOTOS = [f"cdf_shoes_{number:08x}_{number * 7919 % 65536:04x}.jpg" for number in range(40)]


@pytest.fixture
def material(tmp_path: Path) -> Path:
    root = tmp_path / "material"
    picture(root / "wild/photos/train/0/one.jpg")
    picture(root / "wild/photos/dev/0/two.jpg")
    picture(root / "wild/photos/dev/other/hat.jpg")
    for name in PHOTOS:
        picture(root / "more/photos/7" / name)
    picture(root / "more/photos/other_shoes/cdf_shoes_00000001_0001.jpg")
    picture(root / "more/photos/ambiguous_polo/cdf_polo_00000001_0002.jpg")
    for number in range(40):
        picture(root / f"more/shop/0/myntra_tshirts_{number}.jpg")
        picture(root / f"more/shop/other/myntra_caps_{number}.jpg")
        picture(root / f"more/shop/other/myntra_watches_{number}.jpg")
    for pack in range(12):
        for name in ("shirt", "tee"):
            picture(root / f"more/icons/0/pack{pack}__{name}.png", "black")
    picture(root / "more/photos_synth/9/synth_boot.jpg")
    for name, words in {
        "wild/drawings/clothing": [("pants", 1)] * 4,
        "wild/drawings/other": [("cat", None), ("dog", None)],
        "more/drawings/clothing": [("shoe", 7)] * 4,
        "more/drawings/backpack": [("backpack", 8)] * 2,
        "more/drawings/other": [("bee", None), ("bird", None)],
    }.items():
        drawings(root / f"{name}.ndjson", words)
    picture(root / "more/drawings/bitmap28/8_backpack/bag.png", "black", 28)
    return root


def picture(path: Path, colour: str = "white", side: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = Image.new("L", (side, side), "white")
    sheet.paste(Image.new("L", (side // 2, side // 2), colour), (side // 4, side // 4))
    sheet.save(path)


def drawings(path: Path, words: list[tuple[str, int | None]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        {"word": word, "key_id": f"{path.parent.parent.name}{number}", "label": label}
        | {"drawing": [[[0, 255], [0, 255]]]}
        for number, (word, label) in enumerate(words)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def parts(folder: Path) -> dict[str, set[str]]:
    return {
        part: {str(path.relative_to(folder / part)) for path in (folder / part).rglob("*.*")}
        for part in ("learn", "aside")
    }


def test_each_picture_is_either_learned_from_or_kept_aside(material, tmp_path):
    assert main([str(material), str(tmp_path / "sorted")]) == 0
    found = parts(tmp_path / "sorted")
    assert not found["learn"] & found["aside"]
    photos = {name for part in found.values() for name in part if "photos-others/7" in name}
    assert {Path(name).name for name in photos} == set(PHOTOS)
    for kind in ("phone-photos-others/7", "shop-worn/0", "shop-plain/other_clothes"):
        shares = [sum(kind in name for name in found[part]) for part in ("learn", "aside")]
        assert shares[0] > shares[1] > 0


def test_the_source_decides(material, tmp_path):
    main([str(material), str(tmp_path / "sorted")])
    found = parts(tmp_path / "sorted")
    assert "phone-photos/0/one.jpg" in found["learn"]
    assert {"phone-photos/0/two.jpg", "phone-photos/other_clothes/hat.jpg"} <= found["aside"]
    packs = [
        {Path(name).name.split("__")[0] for name in part if "icons" in name}
        for part in found.values()
    ]
    assert packs[0]
    assert packs[1]
    assert not packs[0] & packs[1]
    assert "photos-pasted/9/synth_boot.jpg" in found["learn"]
    assert not any("polo" in name for part in found.values() for name in part)


def test_drawings_are_halved_word_by_word(material, tmp_path):
    main([str(material), str(tmp_path / "sorted")])
    lines = (tmp_path / "sorted/learn/drawings-clothing.ndjson").read_text().splitlines()
    learned = {json.loads(line)["key_id"] for line in lines}
    kept = {path.stem for path in (tmp_path / "sorted/aside/human-drawings/1").iterdir()}
    assert len(learned) == len(kept) == 2
    assert not {f"pants-{key}" for key in learned} & kept
