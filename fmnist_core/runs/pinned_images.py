"""Pinned images: their form, where they are stored, and which of them a run began with.

FMNIST_HOME/probes/IMAGE.json           alone
FMNIST_HOME/probes/MEMBER/IMAGE.json    in a class, where each pins their own

One file each, written or removed atomically. Later pins do not change what a run records.
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES, IMAGE_SIDE
from fmnist_core.classroom import own_place
from fmnist_core.errors import InputError
from fmnist_core.permissions import acting, may_change
from fmnist_core.preprocessing.resize import SHEET, fit_to
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# As many as fit on a screen, and as do not slow a training down.
MOST_PINNED = 24

# In the run's folder: images, names and labels.
_KEPT = "probes.json"


class PinnedImageStore:
    """The images that who acts has pinned, or the member `owner` of the class.

    Raises:
        NotAllowedError: They are somebody else's.
    """

    def __init__(self, settings: Settings, owner: str | None = None) -> None:
        what = "see or change these pinned images"
        self._place = own_place(settings.home / "probes", settings, what, owner)

    def list(self) -> tuple[PinnedImage, ...]:
        """At most 24, in the order of pinning; skips damaged files."""
        found = [entry for path in self._place.glob("[!.]*.json") if (entry := _read(path))]
        found.sort(key=lambda entry: (entry[0], entry[1].id))
        return tuple(pinned_image for _, pinned_image in found[:MOST_PINNED])

    def pin(self, pinned_image: PinnedImage) -> PinnedImage:
        """Pins an image; an image pinned again keeps its place and takes the new name.

        Raises:
            InputError: There are 24 already.
            StorageError: The disk is full or cannot be written.
        """
        path = self._path(pinned_image.id)
        before = _read(path)
        if before is None and len(self.list()) >= MOST_PINNED:
            raise InputError(
                f"At most {MOST_PINNED} images can be pinned.",
                advice="Unpin one first.",
            )
        pinned = before[0] if before else time.time()
        write_json(path, {**pinned_image.to_json(), "pinned": pinned})
        return pinned_image

    def unpin(self, image_id: str) -> None:
        """Unpins an image; one that is not pinned is no error.

        Raises:
            StorageError: The disk cannot be written.
        """
        path = self._path(image_id)
        with storage_errors(path):
            path.unlink(missing_ok=True)

    def _path(self, image_id: str) -> Path:
        return self._place / f"{Path(image_id).name}.json"


LONGEST_NAME = 60
_SHAPE = (IMAGE_SIDE, IMAGE_SIDE)
_OF_DATA_SET = ("training image", "test image", "validation image")


@dataclass(frozen=True, eq=False)
class PinnedImage:
    """An image whose prediction trainings record.

    Attributes:
        image: uint8 (28, 28), 0 is the black background.
        name: For people, at most 60 characters; may hold anything.
        label: Class number 0 to 9; None if unknown.
        source: Its origin, such as "test image", "drawn", "uploaded" or "validation image".
        sheet: uint8 (112, 112) for networks that read more pixels; None for an image of the data
            set, whose pixels are all there is, and for what version 0.1 pinned.

    Raises:
        InputError: An image of another size or kind, or a wrong label.
    """

    image: NDArray[np.uint8]
    name: str
    label: int | None = None
    source: str = ""
    sheet: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        _check_pixels("A pinned image", self.image, _SHAPE)
        if self.sheet is not None:
            _check_pixels("The sheet of a pinned image", self.sheet, (SHEET, SHEET))
        if self.label is not None and self.label not in range(CLASS_COUNT):
            raise InputError("The label of a pinned image is 0 to 9, or None.", received=self.label)
        object.__setattr__(self, "name", " ".join(str(self.name).split())[:LONGEST_NAME])

    @property
    def id(self) -> str:
        """The same for the same image: 16 hexadecimal digits."""
        return hashlib.sha256(np.ascontiguousarray(self.image).data).hexdigest()[:16]

    def at_side(self, side: int) -> NDArray[np.uint8]:
        """As a network of that input side reads it: uint8 (side, side)."""
        return fit_to(self.image if self.sheet is None else self.sheet, side)

    @property
    def title(self) -> str:
        """Its name or, where it has none, its class."""
        return self.name or ("Pinned image" if self.label is None else CLASS_NAMES[self.label])

    @property
    def personal(self) -> bool:
        """Whether it is somebody's own drawing or picture, and no image of the data set."""
        return self.source not in _OF_DATA_SET

    @property
    def hidden(self) -> PinnedImage:
        """What others get to see in its place, and what is left when it is deleted."""
        return replace(self, image=np.zeros(_SHAPE, np.uint8), sheet=None, name="Not shown")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, some 1.2 KB; with a sheet 18 KB."""
        said = {"name": self.name, "label": self.label, "source": self.source}
        sheet = {} if self.sheet is None else {"sheet": _to_base64(self.sheet)}
        return {**said, "image": _to_base64(self.image), **sheet}

    @classmethod
    def from_json(cls, value: Any) -> PinnedImage:
        """The inverse of `to_json`.

        Raises:
            InputError: It is not of that form.
        """
        try:
            name, source = str(value["name"]), str(value["source"])
            image = _from_base64(value["image"], IMAGE_SIDE)
            sheet = _from_base64(value["sheet"], SHEET) if "sheet" in value else None
            return cls(image, name, value["label"], source, sheet)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                "A stored pinned image is damaged.", received=repr(value)[:80]
            ) from error


def _check_pixels(what: str, pixels: NDArray[np.uint8], shape: tuple[int, int]) -> None:
    found = np.asarray(pixels)
    if found.dtype != np.uint8 or found.shape != shape:
        raise InputError(f"{what} is uint8 {shape}.", received=f"{found.dtype} {found.shape}")


def _to_base64(pixels: NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(pixels).tobytes()).decode()


def _from_base64(text: str, side: int) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(text, validate=True), np.uint8).reshape(side, side)


def keep_pinned_images(folder: RunFolder, settings: Settings) -> tuple[PinnedImage, ...]:
    """The images a run records; stores those pinned now in the folder of a run that begins.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if not (folder.path / _KEPT).is_file():
        pinned = PinnedImageStore(settings, folder.owner).list()
        write_json(folder.path / _KEPT, [pinned_image.to_json() for pinned_image in pinned])
    return pinned_images_of(folder)


def hides_drawings(folder: RunFolder) -> bool:
    """Whether drawings and pictures that a run's owner pinned are not for who acts to see."""
    return acting() is not None and not may_change(folder.owner)


def pinned_images_of(folder: RunFolder) -> tuple[PinnedImage, ...]:
    """The images pinned when the run began; empty if the file is missing or damaged."""
    value = read_json(folder.path / _KEPT)
    try:
        return tuple(PinnedImage.from_json(item) for item in value or ())
    except (InputError, TypeError):
        return ()


def _read(path: Path) -> tuple[float, PinnedImage] | None:
    value = read_json(path)
    try:
        return float(value["pinned"]), PinnedImage.from_json(value)
    except (InputError, KeyError, TypeError, ValueError):
        return None
