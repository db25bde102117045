"""A small collection, and material to bring in."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from fmnist_core.collections import CollectionStore
from fmnist_core.settings import Settings, load_settings


def picture(shade: int, height: int = 30, width: int = 20) -> np.ndarray:
    """uint8 (h, w, 3): a gradient, different for each shade."""
    ramp = np.linspace(0, 255, height * width * 3).reshape(height, width, 3)
    return ((ramp + shade) % 256).astype(np.uint8)


def png(shade: int, height: int = 30, width: int = 20) -> bytes:
    return cv2.imencode(".png", picture(shade, height, width)[..., ::-1])[1].tobytes()


def line(number: int, word: str = "shoe", **more: object) -> str:
    drawing = [[[number % 200, 200, 90], [0, 50, 255]], [[3, 4], [5, 6]]]
    return json.dumps({"word": word, "key_id": str(number), "drawing": drawing, **more}) + "\n"


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings()


@pytest.fixture
def store(settings: Settings) -> CollectionStore:
    return CollectionStore(settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five T-shirts, an ankle boot, and a thing; and a file that is none of them."""
    place = tmp_path / "pictures"
    for name, shades in {"0": range(5), "Ankle boot": [50], "other": [60]}.items():
        (place / name).mkdir(parents=True)
        for shade in shades:
            (place / name / f"{shade}.png").write_bytes(png(shade))
    (place / "0" / "notes.txt").write_text("not a picture")
    return place
