"""Makes the picture files that people, phones and pranksters send."""

import io
import struct
import subprocess
import sys
import zlib
from typing import Any

from PIL import Image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The image as a file of the format `kind`."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def black_png(width: int, height: int) -> bytes:
    """A gray PNG of any size, written row by row: tiny as a file however many its pixels."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def cost_of(program: str, content: bytes) -> tuple[list[str], float, float]:
    """What a program prints about `content`, the megabytes it grows by at most, its seconds.

    Its first line imports what it needs; that is not counted.
    """
    imports, _, rest = program.partition("\n")
    measured = (
        f"import re, sys, time\n{imports}\n"
        # Not ru_maxrss: it counts what the parent process held at the fork.
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "content = sys.stdin.buffer.read()\n"
        f"before, start = peak(), time.process_time()\n{rest}\n"
        "print((peak() - before) / 1024, time.process_time() - start)\n"
    )
    done = subprocess.run([sys.executable, "-c", measured], input=content, capture_output=True)
    assert done.stderr == b""
    *said, figures = done.stdout.decode().splitlines()
    megabytes, seconds = map(float, figures.split())
    return said, megabytes, seconds


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
