"""How training images may be made to look like what people draw, print and photograph."""

from __future__ import annotations

from dataclasses import dataclass, fields

from fmnist_core.config.rules import Number, check_fields, ruled
from fmnist_core.errors import ConfigError


@dataclass(frozen=True)
class StyleConfig:
    """Other looks of the same garments, fresh in each epoch.

    `lines`, `silhouettes`, `textures` and `backgrounds` are shares of the training images that
    get another look in an epoch; together at most 1, the rest stay photographs. `garments` and
    `other` add images, counted as a share of the training images.
    """

    lines: float = ruled(0.0, Number(0, 1), "Share turned into line drawings.")
    silhouettes: float = ruled(0.0, Number(0, 1), "Share turned into filled shapes, as on signs.")
    textures: float = ruled(0.0, Number(0, 1), "Share given another cloth: stripes, checks, blots.")
    backgrounds: float = ruled(0.0, Number(0, 1), "Share laid on a cluttered background.")
    inverted: float = ruled(0.0, Number(0, 1), "Share of these looks with dark and light swapped.")
    distortion: float = ruled(
        0.5, Number(0, 1), "How strongly these looks are bent, turned and stretched."
    )
    garments: float = ruled(0.0, Number(0, 1), "Drawn garments added, with outlines and fillings.")
    other: float = ruled(
        0.0, Number(0, 1), "Things that are no clothing added, to be unsure about."
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.restyled > 1 + 1e-9:
            raise ConfigError(
                "lines, silhouettes, textures and backgrounds must come to at most 1 together.",
                received=f"{self.restyled:g}",
            )

    @property
    def restyled(self) -> float:
        """Share of the training images that get another look."""
        return self.lines + self.silhouettes + self.textures + self.backgrounds

    @property
    def active(self) -> bool:
        quiet = ("distortion", "inverted")
        return any(getattr(self, item.name) for item in fields(self) if item.name not in quiet)
