"""Arrays and pictures become PNG files, data URLs and rows of small pictures."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.figures.chart import Palette


@dataclass(frozen=True)
class Tile:
    """One picture.

    Attributes:
        url: Its address.
        caption: Below it.
        hint: What the pointer is told.
        colour: Of a line below the picture, such as its class's; empty for none.
    """

    url: str
    caption: str = ""
    hint: str = ""
    colour: str = ""


@dataclass(frozen=True)
class TileRow:
    """Pictures that belong together.

    Attributes:
        name, note: Above them; the note is quieter.
        tiles: The pictures.
        side: Pixels that each is wide and high; 0 for as much as the others.
    """

    name: str
    note: str
    tiles: Sequence[Tile]
    side: int = 0


def png(image: NDArray[np.uint8], scale: int = 1) -> bytes:
    """A PNG file of one uint8 (h, w) image, each pixel `scale` times as large."""
    height, width = image.shape
    return _png(np.ascontiguousarray(image).tobytes(), width, height, scale)


@functools.lru_cache(maxsize=4096)
def _png(pixels: bytes, width: int, height: int, scale: int) -> bytes:
    """Kept, since a page shows the same images again at every rerun."""
    picture = Image.frombytes("L", (width, height), pixels)
    if scale > 1:
        size = (width * scale, height * scale)
        picture = picture.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def data_url(image: NDArray[np.uint8], scale: int = 1) -> str:
    """The same as an address that holds the whole picture."""
    return "data:image/png;base64," + base64.b64encode(png(image, scale)).decode()


def thumbnail_url(picture: NDArray[np.uint8], side: int = 160) -> str:
    """An address that holds the picture, its longest side at most `side` pixels.

    Grey ones become PNG, coloured ones JPEG: a photo as PNG would be ten times as large.

    Args:
        picture: uint8 (h, w) or (h, w, 3).
    """
    shown = Image.fromarray(np.ascontiguousarray(picture))
    shown.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    if picture.ndim == 2:
        return data_url(np.asarray(shown))
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def tiles_html(
    rows: Sequence[TileRow],
    palette: Palette,
    *,
    side: int = 72,
    most: int = 0,
    smooth: bool = False,
) -> str:
    """Rows of pictures.

    Args:
        side: Pixels that a picture is wide and high.
        most: Pictures side by side, smaller where there is little room; 0 for as many as fit.
        smooth: Whether pixels are blurred into each other.
    """
    shown = "".join(_row(row) for row in rows)
    return f'{_style(palette)}<div class="tiled" style="{_size(side, most, smooth)}">{shown}</div>'


def _tile_html(tile: Tile) -> str:
    line = f' style="border-bottom:3px solid {tile.colour}"' if tile.colour else ""
    hint = escape(tile.hint or tile.caption)
    caption = f"<figcaption>{escape(tile.caption)}</figcaption>" if tile.caption else ""
    return f'<figure title="{hint}"><img src="{tile.url}" alt="{hint}"{line}>{caption}</figure>'


def _row(row: TileRow) -> str:
    head = ""
    if row.name or row.note:
        head = f"<p><b>{escape(row.name)}</b> <span>{escape(row.note)}</span></p>"
    own = f' style="--side:{row.side}px"' if row.side else ""
    tiles = "".join(map(_tile_html, row.tiles))
    return f'<section{own}>{head}<div class="tiles">{tiles}</div></section>'


def _size(side: int, most: int, smooth: bool) -> str:
    columns = f"--columns:repeat({most},minmax(0,{side}px));" if most else ""
    rendering = "auto" if smooth else "pixelated"
    return f"--side:{side}px;--rendering:{rendering};{columns}"


def _style(palette: Palette) -> str:
    return f"""<style>
.tiled section + section {{ margin-top: 1rem; }}
.tiled p {{ margin: 0 0 .3rem; font-size: .85rem; }}
.tiled p span {{ opacity: .65; }}
.tiled .tiles {{ display: grid; gap: 6px;
  grid-template-columns: var(--columns, repeat(auto-fill, var(--side))); }}
.tiled figure {{ margin: 0; min-width: 0; }}
.tiled img {{ display: block; width: 100%; aspect-ratio: 1; image-rendering: var(--rendering);
  border-radius: 4px; border: 1px solid {palette.grid}; box-sizing: border-box; }}
.tiled figcaption {{ font-size: .7rem; opacity: .75; text-align: center; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; padding-top: 1px; }}
</style>"""
