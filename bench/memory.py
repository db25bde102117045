"""What the web server holds: memory after files that it refused, descriptors after many visits.

    python -m bench.memory [--only uploads visits] [--files N] [--visits N] [--idle SECONDS]

docs/performance.md, "The pages". One person puts N files that cannot be read onto Try it, kind
after kind and ten at a time, leaves the page open for SECONDS, closes the browser and SECONDS pass.
N visits each come in a session of their own, page after page, and go again. Prints a table for
each, as Markdown: megabytes (resident memory of the server's process), descriptors and threads.
Needs Chromium.
"""

import argparse
import io
import os
import struct
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
from PIL import Image
from playwright.sync_api import Page, expect

from bench.pages import _browser, _visits
from bench.steps import markdown
from tests.e2e.conftest import PAGES, Lab, open_at, settle, start_lab, stop_lab

# A little under the 32 MB that one file may have.
_SIZE = 31_000_000
_AT_ONCE = 10
# What one may drop in a minute; the server has one request at a time to open them.
_PATIENCE = 600_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    measures = {"uploads": uploads, "visits": visits}
    parser.add_argument("--only", nargs="+", choices=list(measures), default=list(measures))
    parser.add_argument("--files", type=int, default=50, metavar="N")
    parser.add_argument("--visits", type=int, default=300, metavar="N")
    parser.add_argument("--idle", type=float, default=60, metavar="SECONDS")
    options = parser.parse_args()
    for name in options.only:
        print(measures[name](options), flush=True)


@contextmanager
def _warm_lab() -> Iterator[tuple[Lab, psutil.Process]]:
    """A lab of which each page was seen once, so that all its code is loaded."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        lab = start_lab(Path(home), os.environ.get("FMNIST_DATA_DIR", ""))
        try:
            for name in PAGES:
                visit(lab, name)
            yield lab, psutil.Process(lab.process.pid)
        finally:
            stop_lab(lab)


def visit(lab: Lab, page: str) -> None:
    """A session of its own, which goes when its page stands."""
    with closing(_visits(lab.url, page, "")) as visitor:
        next(visitor)


def uploads(options: argparse.Namespace) -> str:
    """The table of memory around `--files` uploads that are refused."""
    rows: list[tuple[str, float]] = []
    with _warm_lab() as (lab, process), tempfile.TemporaryDirectory() as folder:
        files = bad_files(Path(folder), options.files)
        with _browser() as browser:
            page = browser.new_page()
            upload(page, lab, [_one_good(Path(folder))])
            page.close()
            time.sleep(options.idle)
            before = memory_of(process)
            rows.append(("before", before))
            page = browser.new_page()
            with peak_of(process) as peak:
                upload(page, lab, files)
            rows += [("peak", peak()), ("all refused", memory_of(process))]
            time.sleep(options.idle)
            rows.append((f"idle for {options.idle:.0f} s", memory_of(process)))
        time.sleep(options.idle)
        rows.append((f"browser closed for {options.idle:.0f} s", memory_of(process)))
    heads = [f"{len(files)} refused files", "MB", "of before"]
    return markdown(heads, [[name, f"{mb:.0f}", f"{mb / before:.2f}"] for name, mb in rows])


def upload(page: Page, lab: Lab, files: list[Path]) -> None:
    """Puts the files onto Try it, ten at a time, and waits until each was opened or refused."""
    open_at(page, f"{lab.url}/try")
    page.get_by_text("Upload", exact=True).click()
    settle(page)
    for start in range(0, len(files), _AT_ONCE):
        part = files[start : start + _AT_ONCE]
        page.locator(".st-key-try_files input[type=file]").set_input_files(part)
        done = start + len(part)
        count = page.get_by_text(f"{done} files" if done > 1 else "Garment", exact=False)
        expect(count.first).to_be_visible(timeout=_PATIENCE)
        settle(page)


def visits(options: argparse.Namespace) -> str:
    """The table of descriptors around `--visits` visits."""
    with _warm_lab() as (lab, process):
        time.sleep(options.idle)
        rows = [["before", *held_by(process)]]
        for number in range(options.visits):
            visit(lab, PAGES[number % len(PAGES)])
        rows.append([f"after {options.visits} visits", *held_by(process)])
        time.sleep(options.idle)
        rows.append([f"idle for {options.idle:.0f} s", *held_by(process)])
    return markdown(["", "descriptors", "threads", "MB"], rows)


def held_by(process: psutil.Process) -> tuple[int, int, str]:
    return process.num_fds(), process.num_threads(), f"{memory_of(process):.0f}"


def memory_of(process: psutil.Process) -> float:
    """Resident memory in MB."""
    return float(process.memory_info().rss / 1e6)


@contextmanager
def peak_of(process: psutil.Process) -> Iterator[Callable[[], float]]:
    """Yields what tells the most memory that was seen meanwhile, in MB."""
    seen, over = [memory_of(process)], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.append(memory_of(process))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: max(seen)
    finally:
        over.set()
        thread.join()


def bad_files(folder: Path, count: int, size: int = _SIZE) -> list[Path]:
    """Files that no lab can open, kind after kind."""
    kinds = [_damaged_png, _bomb, _huge_jpeg, _broken_zip, _other_format]
    each = -(-count // len(kinds))
    files: list[Path] = []
    for kind in kinds[: -(-count // each)]:
        ending, content = kind(size)
        for number in range(min(each, count - len(files))):
            path = folder / f"{kind.__name__.strip('_')}-{number}{ending}"
            # No two alike, as a person's files are.
            path.write_bytes(content + bytes([number]))
            files.append(path)
    return files


def _damaged_png(size: int) -> tuple[str, bytes]:
    """Noise of 20 megapixels, cut off."""
    side = 4472
    packed = zlib.compress(os.urandom(size), 0)
    return ".png", _png_of(side, packed[: size - 1000])


def _bomb(_size: int) -> tuple[str, bytes]:
    """Few bytes that claim to be 900 megapixels."""
    return ".png", _png_of(30_000, zlib.compress(bytes(30_000_000), 9))


def _png_of(side: int, pixels: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _huge_jpeg(size: int) -> tuple[str, bytes]:
    """More pixels than are read, and as many bytes as may come."""
    file = io.BytesIO()
    Image.new("L", (9000, 6000), 200).save(file, "JPEG", quality=30)
    return ".jpg", file.getvalue().ljust(size, b"\0")


def _broken_zip(size: int) -> tuple[str, bytes]:
    """A collection whose list of members is gone."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(31):
            archive.writestr(f"Coat/{number}.png", os.urandom(size // 31))
    return ".zip", file.getvalue()[: size - 5000]


def _other_format(size: int) -> tuple[str, bytes]:
    return ".pdf", b"%PDF-1.7\n" + os.urandom(size - 10)


def _one_good(folder: Path) -> Path:
    path = folder / "good.png"
    Image.new("RGB", (300, 300), "white").save(path)
    return path


if __name__ == "__main__":
    main()
