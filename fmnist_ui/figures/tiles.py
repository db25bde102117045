"""Rows of small pictures as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from fmnist_ui.figures.chart import Palette


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
