"""One measuring: its lab, its size, its records."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from bench.training_rows.records import Records
from bench.training_rows.row import CannotMeasureError, Raw, Row
from bench.training_rows.runs import Engine, Trained
from bench.training_rows.scripts import ask_script
from fmnist_core.config import RunConfig, TrainConfig, override
from fmnist_core.data.dataset import FASHION_MNIST
from fmnist_core.data.load import available, load_dataset
from fmnist_core.presets import PRESETS, preset
from fmnist_core.settings import Settings

# A try: enough to see that a row works.
_SMOKE_IMAGES, _SMOKE_EPOCHS = 640, 3


@dataclass(frozen=True)
class Size:
    """How much is trained; a try (`smoke`) trains next to nothing."""

    smoke: bool = False

    @property
    def images(self) -> int:
        return _SMOKE_IMAGES if self.smoke else 60_000

    def epochs(self, number: int) -> int:
        return min(number, _SMOKE_EPOCHS) if self.smoke else number

    def fit(self, config: RunConfig) -> RunConfig:
        if not self.smoke:
            return config
        fewer = {"train_images": self.images, "epochs": self.epochs(config.training.epochs)}
        return override(config, [f"{key}={value}" for key, value in fewer.items()])


class Session:
    """What rows measure with. To be stopped at the end."""

    def __init__(self, rows: dict[str, Row], records: Records, settings: Settings, size: Size):
        self._rows, self._records = rows, records
        self.settings, self.size = settings, size
        self.engine = Engine(settings, hurried=size.smoke)
        self._data_is_here = False

    def of(self, slug: str, seed: int) -> Raw:
        """The figure of a row, measured where it is not there yet."""
        found = self._records.find(slug, seed)
        if found is None:
            load = round(os.getloadavg()[0], 2)
            found = {**self._rows[slug].measure(self, seed), "load_before": load}
            self._records.keep(slug, seed, found)
        return found

    def config(self, name: str, *changes: str) -> RunConfig:
        """A preset, changed and cut down to the size of this measuring.

        Raises:
            CannotMeasureError: There is no such preset yet.
        """
        if name not in PRESETS:
            raise CannotMeasureError(f"There is no preset `{name}`.")
        return override(self.size.fit(preset(name).config), changes)

    def plain(self, name: str, batch_size: int, *changes: str) -> RunConfig:
        """The preset's network, trained by plain Adam on all images as they are."""
        training = TrainConfig(batch_size=batch_size, validation_share=0.0, keep_weights="last")
        return override(replace(self.config(name), training=training), changes)

    def train(self, config: RunConfig) -> Trained:
        self.check_data()
        return self.engine.train(config)[0]

    def views(self, model: os.PathLike[str]) -> dict[str, float]:
        """`single` and `flip`: accuracy on the test images from a saved network."""
        self.check_data()
        return self.ask("-m", "bench.views", str(model))

    def ask(self, *command: str, **how: Any) -> dict[str, Any]:
        """`ask_script`, in this measuring's lab."""
        home = {"FMNIST_HOME": str(self.settings.home)}
        return ask_script(*command, environment=home, **how)

    def check_data(self) -> None:
        """Makes sure of the official images, also in the lab's fast form.

        Raises:
            CannotMeasureError: They are not here.
        """
        if self._data_is_here:
            return
        if self.settings.data_dir is None or not available(self.settings).official_ready:
            raise CannotMeasureError("The official files are not here: set FMNIST_DATA_DIR.")
        load_dataset(FASHION_MNIST, self.settings)
        self._data_is_here = True
