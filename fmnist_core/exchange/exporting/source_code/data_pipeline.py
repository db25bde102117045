"""The images as a program fetches, splits and changes them: with the lab's own random numbers.

Equal seeds give the images in the same order, changed in the same way, as in the lab.
"""

from __future__ import annotations

from fmnist_core.augmentation.geometric import CHUNK, ERASED_AREA, ERASED_ASPECT
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import AugmentationConfig, TrainConfig
from fmnist_core.exchange.exporting.source_code.cells import Cell, code, words

_DRAW = '''
    def draw(labels, count, seed):
        """Where `count` images are, each class with its share of them."""
        rng = np.random.default_rng(seed)
        present = np.bincount(labels)
        exact = present * (count / len(labels))
        counts = np.floor(exact).astype(int)
        counts[np.argsort(counts - exact, kind="stable")[: count - counts.sum()]] += 1
        drawn = [
            rng.permutation(np.flatnonzero(labels == label))[:number]
            for label, number in enumerate(counts)
        ]
        return np.sort(np.concatenate(drawn))
    '''


def material_cells(training: TrainConfig) -> list[Cell]:
    """The images are there afterwards as `train_images`, `held_images` (perhaps none), …"""
    names = "\n".join(f'        "{name}",' for name in CLASS_NAMES)
    cells = [
        words("""
            # The images

            Keras fetches Fashion-MNIST once and keeps it: 60 000 images to learn from and 10 000
            to report on, 28 x 28 gray values from 0 to 255 each, white on black.
            """),
        code(f"""
    (train_images, train_labels), (test_images, test_labels) = (
        keras.datasets.fashion_mnist.load_data()
    )
    CLASS_NAMES = [
{names}
    ]
    """),
    ]
    if training.train_images or training.validation_share:
        cells.append(code(_DRAW))
    if training.train_images:
        cells += _subset(training)
    if training.validation_share:
        cells += _held_back(training)
    return cells


def _subset(training: TrainConfig) -> list[Cell]:
    return [
        words(f"It learns from {training.train_images} of them, drawn evenly per class."),
        code(f"""
    chosen = draw(train_labels, {training.train_images}, SEED)
    train_images, train_labels = train_images[chosen], train_labels[chosen]
    """),
    ]


def _held_back(training: TrainConfig) -> list[Cell]:
    return [
        words(f"""
            A part of the training images, {training.validation_share:g} of each class, is held
            back: whoever chooses between networks must choose by images that none of them has
            learned from, and must leave the test images for the report at the end.
            """),
        code(f"""
    held = draw(train_labels, round(len(train_labels) * {training.validation_share}), SEED)
    held_images, held_labels = train_images[held], train_labels[held]
    train_images = np.delete(train_images, held, axis=0)
    train_labels = np.delete(train_labels, held)
    """),
    ]


_FLIP = '''
    def flipped(images, rng):
        """Every other image mirrored."""
        flip = rng.random(len(images)) < 0.5
        result = images.copy()
        result[flip] = images[flip, :, ::-1]
        return result
    '''
_SHIFT = '''
    def shifted(images, most, rng):
        """Each moved by up to `most` pixels; beyond the edge all is black."""
        count, height, width = images.shape
        padded = np.pad(images, ((0, 0), (most, most), (most, most)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
        down, right = rng.integers(0, 2 * most + 1, (2, count))
        return windows[np.arange(count), down, right]
    '''
_WARP = '''
    def warped(images, most_degrees, most_zoom, most_shift, rng):
        """Each turned, zoomed and moved about its centre, mixing the four nearest pixels."""
        count, height, width = images.shape
        turn = np.radians(rng.uniform(-most_degrees, most_degrees, count))
        zoom = np.exp(rng.uniform(-1, 1, count) * np.log1p(most_zoom))
        down, right = rng.uniform(-most_shift, most_shift, (2, count))

        # Where does each pixel of the new image come from?
        cosine, sine = np.cos(turn) / zoom, np.sin(turn) / zoom
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        x = np.arange(width)[None, None, :] - middle_x - right[:, None, None]
        y = np.arange(height)[None, :, None] - middle_y - down[:, None, None]
        cosine, sine = cosine[:, None, None], sine[:, None, None]
        from_x = np.clip(cosine * x + sine * y + middle_x, -1, width)
        from_y = np.clip(cosine * y - sine * x + middle_y, -1, height)

        left, top = np.floor(from_x).astype(int), np.floor(from_y).astype(int)
        share_x, share_y = from_x - left, from_y - top
        padded = np.pad(images, ((0, 0), (1, 2), (1, 2))).astype(np.float32)
        image = np.arange(count)[:, None, None]

        def pixels(row, column):
            return padded[image, row + 1, column + 1]

        above = pixels(top, left) * (1 - share_x) + pixels(top, left + 1) * share_x
        below = pixels(top + 1, left) * (1 - share_x) + pixels(top + 1, left + 1) * share_x
        return np.round(above * (1 - share_y) + below * share_y).astype(np.uint8)
    '''
_ERASE = '''
    def erased(images, share, rng):
        """A random rectangle of some images is blanked (Zhong et al., arXiv 1708.04896)."""
        chosen = np.flatnonzero(rng.random(len(images)) < share)
        height, width = images.shape[1:]
        area = rng.uniform({least}, {most}, len(chosen)) * height * width
        aspect = np.exp(rng.uniform(-1, 1, len(chosen)) * np.log({aspect}))
        rows = stretch(np.sqrt(area * aspect), height, rng)
        columns = stretch(np.sqrt(area / aspect), width, rng)
        result = images.copy()
        result[chosen] *= ~(rows[:, :, None] & columns[:, None, :])
        return result


    def stretch(length, side, rng):
        """For each length a random stretch of a side, as flags."""
        whole = np.clip(np.round(length), 1, side).astype(int)[:, None]
        start = (rng.random((len(length), 1)) * (side - whole + 1)).astype(int)
        position = np.arange(side)
        return (position >= start) & (position < start + whole)
    '''


def augmentation_cells(augmentation: AugmentationConfig) -> list[Cell]:
    """A function `augmented(images, rng)`; nothing where images stay as they are."""
    if not augmentation.active:
        return []
    definitions, steps = zip(*_changes(augmentation), strict=True)
    body = "\n".join(f"        images = {step}" for step in steps)
    return [
        words("""
            # Changed images

            In each epoch the network sees every image a little changed: it cannot learn the images
            by heart, and has to learn what is common to them.
            """),
        *(code(definition) for definition in definitions),
        code(f"""
    def augmented(images, rng):
{body}
        return images
    """),
    ]


def _changes(augmentation: AugmentationConfig) -> list[tuple[str, str]]:
    """Pairs of a function's text and its call, in the lab's order."""
    shift = augmentation.shift
    found = []
    if augmentation.flip:
        found.append((_FLIP, "flipped(images, rng)"))
    if augmentation.rotate or augmentation.zoom or shift % 1:
        most = f"{augmentation.rotate:g}, {augmentation.zoom:g}, {shift:g}"
        found.append((_WARP, f"warped(images, {most}, rng)"))
    elif shift:
        found.append((_SHIFT, f"shifted(images, {int(shift)}, rng)"))
    if augmentation.erase:
        least, most_area = ERASED_AREA
        text = _ERASE.format(least=least, most=most_area, aspect=ERASED_ASPECT)
        found.append((text, f"erased(images, {augmentation.erase:g}, rng)"))
    return found


def epochs_cell(augmentation: AugmentationConfig) -> Cell:
    """A class `Epochs`: batches in a new order, and of newly changed images, in each epoch."""
    changed = (
        f"""
            for start in range(0, len(images), {CHUNK}):
                part = slice(start, start + {CHUNK})
                images[part] = augmented(images[part], rng)"""
        if augmentation.active
        else ""
    )
    return code(f'''
    class Epochs(keras.utils.PyDataset):
        """The training images in batches, in another order each epoch.

        A batch goes through the network in two halves, and both together make one step (the
        optimizer's gradient_accumulation_steps). The lab does the same, one half on each core;
        batch normalisation, where there is one, takes each half by itself.
        """

        def __init__(self):
            super().__init__()
            self.epoch = 0
            self.prepare()

        def prepare(self):
            rng = np.random.default_rng([SEED, self.epoch])
            order = rng.permutation(len(train_labels))
            images, self.labels = train_images[order], train_labels[order]{changed}
            self.images = images

        def on_epoch_begin(self):
            if self.epoch:
                self.prepare()
            self.epoch += 1

        def __len__(self):
            return 2 * -(-len(self.labels) // BATCH_SIZE)

        def __getitem__(self, number):
            batch, is_second = divmod(number, 2)
            start = batch * BATCH_SIZE
            end = min(start + BATCH_SIZE, len(self.labels))
            middle = (start + end + 1) // 2
            # A single image goes through twice.
            half = slice(min(middle, end - 1), end) if is_second else slice(start, middle)
            return self.images[half], self.labels[half]
    ''')
