"""From a picture of any kind to the network's input."""

import cv2
import numpy as np
import pytest

from fmnist_core.errors import LabError
from fmnist_core.preprocessing import cutout
from fmnist_core.preprocessing.prepare import Corrections, prepare
from tests.nets import write_blue_finder

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def sheet(height: int = 200, width: int = 200, colour: tuple[int, int, int] = WHITE) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def outline(ground: tuple[int, int, int] = WHITE, ink: tuple[int, int, int] = BLACK) -> np.ndarray:
    """A box drawn with a thin pen."""
    picture = sheet(colour=ground)
    cv2.rectangle(picture, (50, 40), (150, 160), ink, 4)
    return picture


def photo(seed: int = 0) -> np.ndarray:
    """A blue garment with folds on a mottled brown floor."""
    rng = np.random.default_rng(seed)
    picture = np.clip(np.array([150, 110, 70]) + rng.normal(0, 12, (160, 120, 3)), 0, 255)
    folds = 20 * np.sin(np.arange(60) / 4)[None, :, None]
    cloth = np.array([40, 60, 160]) + folds + rng.normal(0, 6, (100, 60, 3))
    picture[30:130, 30:90] = np.clip(cloth, 0, 255)
    return picture.astype(np.uint8)


def test_an_image_like_those_of_the_data_set_is_taken_as_it_is():
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 8:20] = np.random.default_rng(0).integers(30, 255, (20, 12))
    prepared = prepare(np.repeat(image[..., None], 3, axis=2))
    assert prepared.reading == "as is"
    np.testing.assert_array_equal(prepared.image, image)


def test_a_drawn_outline_is_filled_softly():
    prepared = prepare(outline())
    assert prepared.reading == "drawing"
    middle, corner = prepared.image[14, 14], prepared.image[0, 0]
    assert 90 <= middle <= 130
    assert corner == 0
    assert prepared.image.max() >= 230


def test_chalk_on_a_board_is_the_same_drawing_as_a_pen_on_paper():
    on_paper, on_board = prepare(outline()), prepare(outline(BLACK, WHITE))
    np.testing.assert_array_equal(on_paper.image, on_board.image)


def test_an_outline_is_filled_in_spite_of_a_gap():
    picture = outline()
    picture[155:166, 90:105] = 255
    assert 90 <= prepare(picture).image[14, 14] <= 130


def test_lines_that_enclose_nothing_stay_lines():
    picture = sheet()
    cv2.line(picture, (20, 20), (180, 180), BLACK, 4)
    image = prepare(picture).image
    assert image.max() >= 200
    assert image[4, 24] == image[24, 4] == 0


def test_a_solid_icon_gets_a_rim_and_a_filling():
    picture = sheet()
    cv2.rectangle(picture, (50, 40), (150, 160), BLACK, -1)
    solid, drawn = prepare(picture), prepare(outline())
    assert solid.reading == "drawing"
    assert 90 <= solid.image[14, 14] <= 130
    assert solid.image.max() > 140
    assert np.corrcoef(solid.image.ravel(), drawn.image.ravel())[0, 1] > 0.6


def test_a_thin_gap_in_a_solid_icon_is_a_line():
    picture = sheet()
    cv2.rectangle(picture, (50, 40), (150, 160), BLACK, -1)
    cv2.line(picture, (70, 100), (130, 100), WHITE, 7)
    image = prepare(picture).image
    assert image[13:15, 14].max() > 180 > image[8, 14]


@pytest.fixture(autouse=True)
def blue_finder(tmp_path, monkeypatch):
    """The photos here are made for a network of which one knows what it does."""
    monkeypatch.setattr(cutout, "NETWORK", write_blue_finder(tmp_path / "blue.onnx"))


def test_a_garment_is_cut_out_of_a_photo():
    prepared = prepare(photo())
    assert prepared.reading == "picture"
    columns = np.flatnonzero((prepared.image > 0).any(axis=0))
    # 60 of 100 pixels wide: 17 of 28, in the middle.
    assert abs(len(columns) - 17) <= 2
    assert prepared.image[2:26, 14].min() > 30


@pytest.mark.parametrize("colour", [WHITE, BLACK, (120, 130, 140)])
def test_an_empty_sheet_is_blank(colour):
    prepared = prepare(sheet(colour=colour))
    assert prepared.blank
    assert not prepared.image.any()
    # White on white, nearly.
    picture = sheet()
    picture[50:150, 60:140] = 251
    assert prepare(picture).blank


@pytest.mark.parametrize("shape", [(1, 1), (1, 512), (512, 1), (2, 3), (28, 28), (512, 512)])
@pytest.mark.parametrize("ground", ["auto", "light", "dark"])
def test_any_size_becomes_28_by_28(shape, ground):
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    for reading in ("auto", "drawing", "picture", "as is"):
        prepared = prepare(picture, Corrections(reading=reading, ground=ground))
        assert prepared.image.shape == (28, 28)
        assert prepared.image.dtype == np.uint8


def test_the_steps_lead_from_the_item_to_the_input():
    prepared = prepare(photo())
    assert [step.key for step in prepared.steps] == ["item", "background", "cut", "fitted", "input"]
    np.testing.assert_array_equal(prepared.steps[0].picture, photo())
    np.testing.assert_array_equal(prepared.steps[-1].picture, prepared.image)
    again = prepare(photo(), steps=False)
    assert again.steps == ()
    np.testing.assert_array_equal(again.image, prepared.image)


def test_without_steps_no_outline_is_drawn(monkeypatch):
    drawn = []
    monkeypatch.setattr(cv2, "drawContours", lambda *asked: drawn.append(asked))
    assert prepare(photo(), steps=False).steps == ()
    assert not drawn
    prepare(photo())
    assert len(drawn) == 1


def test_a_quarter_turn_by_hand_turns_the_input():
    straight, turned = prepare(photo()), prepare(photo(), Corrections(rotate=90))
    assert "turned" in [step.key for step in turned.steps]
    wide, high = (np.ptp(np.flatnonzero((turned.image > 0).any(axis=axis))) for axis in (0, 1))
    assert wide > high
    assert np.ptp(np.flatnonzero((straight.image > 0).any(axis=0))) < 20


def test_mirroring_by_hand_mirrors_the_input():
    picture = outline()
    cv2.line(picture, (60, 50), (60, 150), BLACK, 4)
    plain, mirrored = prepare(picture), prepare(picture, Corrections(mirror=True))
    assert np.abs(plain.image[:, ::-1].astype(int) - mirrored.image).mean() < 12
    assert np.abs(plain.image.astype(int) - mirrored.image).mean() > 12


def test_cropping_leaves_the_rest_out():
    picture = outline()
    cv2.circle(picture, (185, 185), 8, BLACK, 3)
    cropped = prepare(picture, Corrections(crop=(0.0, 0.0, 0.85, 0.85)))
    np.testing.assert_array_equal(cropped.image, prepare(outline()).image)


def test_a_person_can_say_what_it_is():
    assert prepare(photo(), Corrections(reading="drawing")).reading == "drawing"
    assert prepare(outline(), Corrections(reading="picture")).reading == "picture"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rotate": 200},
        {"threshold": 2},
        {"reading": "cat"},
        {"crop": (0.5, 0, 0.5, 1)},
        {"crop": 3},
        {"brush": 3},
        {"brush": ("stroke",)},
    ],
)
def test_corrections_out_of_range_are_refused(wrong):
    with pytest.raises(LabError):
        Corrections(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("pen", [1, 2, 4, 12])
@pytest.mark.parametrize("side", [100, 200, 512])
def test_any_pen_draws_the_same(pen, side):
    """Lines thinner than a pixel of the network would vanish by shrinking alone."""
    picture = sheet(side, side)
    edge, far = side // 5, side - side // 5
    cv2.rectangle(picture, (edge, edge), (far, far), BLACK, pen)
    image = prepare(picture).image
    rim = np.concatenate([image[1], image[:, 1], image[26], image[:, 26]])
    assert rim.mean() > 90
    assert 90 <= image[14, 14] <= 130


def test_a_small_drawing_on_a_large_sheet_is_seen():
    picture = sheet(512, 512)
    cv2.rectangle(picture, (200, 200), (240, 240), BLACK, 1)
    prepared = prepare(picture)
    assert not prepared.blank
    assert 90 <= prepared.image[14, 14] <= 130


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("seed", range(4))
def test_a_quiet_cluttered_photo_can_be_called_a_drawing(threshold, seed):
    picture = np.random.default_rng(seed).integers(80, 160, (200, 200, 3), np.uint8)
    prepared = prepare(picture, Corrections(reading="drawing", threshold=threshold))
    assert prepared.image.shape == (28, 28)


def test_a_wall_that_is_called_light_stays_the_background():
    picture = np.clip(np.random.default_rng(0).normal(205, 5, (160, 120, 3)), 0, 255)
    picture[30:130, 30:90] = np.random.default_rng(1).normal(70, 12, (100, 60, 3))
    automatic = prepare(picture.astype(np.uint8))
    by_hand = prepare(picture.astype(np.uint8), Corrections(ground="light"))
    assert by_hand.reading == automatic.reading == "picture"
    assert ((by_hand.image > 0) == (automatic.image > 0)).mean() > 0.95
