"""Pictures of any origin become upright RGB of a handy size, or a sentence."""

import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core.errors import InputError
from fmnist_core.preprocessing.decode import open_picture
from tests.core.preprocessing.picture_makers import black_png, cost_of, encoded

RED, WHITE, BLACK = (255, 0, 0), (255, 255, 255), (0, 0, 0)


def halves(size=(40, 20), left=RED, right=WHITE):
    """An image whose left half differs from its right half."""
    image = Image.new("RGB", size, right)
    image.paste(left, (0, 0, size[0] // 2, size[1]))
    return image


def refusal(content, name="x.png"):
    with pytest.raises(InputError) as caught:
        open_picture(content, name)
    assert name.split("/")[-1] in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 95})]
)
def test_the_three_formats_are_opened_whatever_they_are_called(kind, options):
    opened = open_picture(encoded(halves(), kind, **options), "picture.txt")
    assert opened.picture.shape == (20, 40, 3)
    assert opened.picture.dtype == np.uint8
    assert np.allclose(opened.picture[10, 5], RED, atol=4)
    assert np.allclose(opened.picture[10, 35], WHITE, atol=4)
    assert (opened.size, opened.turned, opened.name) == ((40, 20), False, "picture.txt")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"I am a T-shirt, honestly.", "text"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<svg><script>alert(1)</script></svg>", "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"\xc5\xd0\xd3\xc6\0\0\0\0", "PostScript"),
        (b"%PDF-1.7", "PDF"),
        (encoded(Image.new("L", (9, 9)), "GIF"), "GIF"),
        (encoded(Image.new("L", (9, 9)), "TIFF"), "TIFF"),
        (encoded(Image.new("RGB", (9, 9)), "BMP"), "BMP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\0\1\2\3", "something else"),
    ],
)
def test_other_files_are_refused_by_what_they_hold(content, said):
    error = refusal(content)
    assert said in error
    assert "PNG, JPEG and WebP" in error


def test_an_empty_file_is_called_empty():
    assert "x.png is empty" in refusal(b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("kept", [0.5, 0.99, 20])
def test_what_is_cut_off_is_refused(kind, kept):
    noise = Image.effect_noise((120, 90), 80)
    whole = encoded(noise.convert("RGB"), kind)
    length = int(len(whole) * kept) if kept < 1 else kept
    assert "cut off or damaged" in refusal(whole[:length])


# Prints the shape, or why there is none.
OPENING = (
    "from fmnist_core.errors import InputError; "
    "from fmnist_core.preprocessing.decode import open_picture\n"
    "try: print(open_picture(content, 'big').picture.shape)\n"
    "except InputError as error: print(error)"
)


def test_a_huge_picture_is_refused_by_its_header_and_memory_stays_flat():
    bomb = black_png(13_264, 13_264)
    assert len(bomb) < 200_000
    (said,), megabytes, seconds = cost_of(OPENING, bomb)
    assert "big is too large" in said
    assert "13264 x 13264 pixels" in said
    assert megabytes < 8
    assert seconds < 1


def test_a_picture_of_far_too_many_pixels_is_refused_too():
    header = bytearray(black_png(1, 1))
    header[16:24] = struct.pack(">II", 2_000_000, 2_000_000)
    header[29:33] = struct.pack(">I", zlib.crc32(bytes(header[12:29])))
    assert "too large" in refusal(bytes(header))


def test_a_huge_file_is_refused_unread():
    start = time.process_time()
    assert "at most 32 MB" in refusal(encoded(halves()) + bytes(33 * 2**20))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1, 1), (1, 1, 3)),
        ((1, 4000), (512, 1, 3)),
        ((4000, 1), (1, 512, 3)),
        ((28, 28), (28, 28, 3)),
        ((512, 100), (100, 512, 3)),
        ((513, 100), (100, 512, 3)),
        ((3000, 2000), (341, 512, 3)),
    ],
)
def test_only_what_is_longer_than_512_is_shrunk(size, shape):
    opened = open_picture(black_png(*size), "x.png")
    assert opened.picture.shape == shape
    assert opened.size == size


def test_shrinking_averages_areas():
    fine = np.zeros((1024, 1024), np.uint8)
    fine[::2] = 200
    picture = open_picture(encoded(Image.fromarray(fine)), "x.png").picture
    assert (picture == 100).all()


def test_a_big_jpeg_is_decoded_small():
    photo = encoded(halves((6000, 4000)), "JPEG")
    opened = open_picture(photo, "x.jpg")
    assert opened.size == (6000, 4000)
    assert np.allclose(opened.picture[100, 50], RED, atol=4)
    (said,), megabytes, _ = cost_of(OPENING, photo)
    assert said == "(341, 512, 3)"
    # Decoded whole, its pixels alone would take 69 MB.
    assert megabytes < 25


@pytest.mark.parametrize("clear", [None, 99])
def test_sixteen_bit_gray_keeps_its_tones(clear):
    ramp = np.repeat(np.arange(256, dtype=np.uint16)[None] * 256 + 99, 4, axis=0)
    options = {} if clear is None else {"transparency": clear}
    content = encoded(Image.fromarray(ramp), **options)
    picture = open_picture(content, "x.png").picture
    margin = (picture.shape[1] - 256) // 2
    tones = picture[margin, margin : margin + 256, 0]
    assert (tones[1:] == np.arange(1, 256)).all()
    assert tones[0] == (0 if clear is None else 255)


def test_palette_gray_alpha_and_one_bit_pictures_keep_their_colours():
    palette = open_picture(encoded(halves().quantize(2)), "x.png").picture
    assert tuple(palette[10, 5]) == RED
    gray = halves(left=(90, 90, 90)).convert("LA")
    assert tuple(open_picture(encoded(gray), "x.png").picture[10, 5]) == (90, 90, 90)
    bits = halves(left=BLACK).convert("1")
    assert tuple(open_picture(encoded(bits), "x.png").picture[10, 5]) == BLACK


def test_cmyk_photos_become_rgb():
    picture = open_picture(encoded(halves().convert("CMYK"), "JPEG", quality=95), "x.jpg").picture
    assert np.allclose(picture[10, 3], RED, atol=8)
    assert np.allclose(picture[10, 36], WHITE, atol=8)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animated_picture_shows_its_first_picture(kind):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    options = {"lossless": True} if kind == "WEBP" else {}
    moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert tuple(open_picture(moving, "x").picture[10, 10]) == RED


def icon(colour, mode="RGBA"):
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((10, 10, 29, 29), fill=(*colour, 255))
    return image if mode == "RGBA" else image.convert(mode)


@pytest.mark.parametrize("side", [40, 500, 2000])
def test_transparent_pictures_lie_on_white_with_a_margin(side):
    content = encoded(icon(RED).crop((10, 10, 30, 31)).resize((side, side)))
    picture = open_picture(content, "x.png").picture
    assert max(picture.shape) <= 512
    assert (picture[0] == 255).all()
    assert (picture[:, 0] == 255).all()
    assert tuple(picture[len(picture) // 2, len(picture) // 2]) == RED


def test_half_transparent_pictures_shine_through():
    half = Image.new("RGBA", (4, 4), (0, 0, 0, 128))
    assert np.allclose(open_picture(encoded(half), "x.png").picture, 127, atol=1)


@pytest.mark.parametrize("scale", [1, 20])
def test_a_white_icon_on_nothing_is_laid_on_black(scale):
    content = encoded(icon((250, 250, 250)).resize((40 * scale, 40 * scale)))
    picture = open_picture(content, "x.png").picture
    middle = len(picture) // 2
    assert tuple(picture[0, 0]) == BLACK
    assert tuple(picture[middle, middle]) == (250, 250, 250)


def test_a_white_shape_with_a_thin_dark_outline_stays_on_white():
    image = icon(WHITE)
    ImageDraw.Draw(image).rectangle((10, 10, 29, 29), outline=(*BLACK, 255))
    assert tuple(open_picture(encoded(image), "x.png").picture[0, 0]) == WHITE


def test_nothing_at_all_is_white():
    assert (open_picture(encoded(Image.new("RGBA", (9, 9))), "x.png").picture == 255).all()


def test_a_transparent_palette_and_a_transparent_colour_count_as_well():
    palette = icon(RED).quantize(4)
    assert tuple(open_picture(encoded(palette), "x.png").picture[0, 0]) == WHITE
    keyed = encoded(halves(left=BLACK, right=RED), transparency=BLACK)
    assert tuple(open_picture(keyed, "x.png").picture[10, 5]) == WHITE


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_upright_by_their_exif_data(orientation, kind):
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 30, 20))
    # What a camera held in another way stores: the inverse of what its tag asks for.
    names = ("FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM", "TRANSPOSE", "ROTATE_90")
    turns = [None, *names, "TRANSVERSE", "ROTATE_270"]
    turn = turns[orientation - 1]
    stored = upright.transpose(Image.Transpose[turn]) if turn else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_picture(encoded(stored, kind, exif=exif), "x")
    assert opened.turned == (orientation > 1)
    assert opened.size == stored.size
    assert opened.picture.shape == (40, 60, 3)
    assert np.allclose(opened.picture[5, 10], RED, atol=8)
    assert np.allclose(opened.picture[5, 50], WHITE, atol=8)
    assert np.allclose(opened.picture[35, 10], WHITE, atol=8)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_data_does_not_matter():
    opened = open_picture(encoded(halves(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"), "x")
    assert not opened.turned


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\photos\\shirt.png", "shirt.png"),
        ("a\0b\x1b[31m\n\u202egnp.png", "ab[31mgnp.png"),
        ("<b>shirt.png", "<b>shirt.png"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("\0", "unnamed"),
    ],
)
def test_names_are_shown_without_folders_and_control_characters(name, shown):
    assert open_picture(encoded(halves()), name).name == shown


def test_a_long_name_keeps_its_ending():
    shown = open_picture(encoded(halves()), "x" * 500 + ".png").name
    assert len(shown) == 80
    assert shown.endswith("x.png")
