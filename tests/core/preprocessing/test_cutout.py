"""A garment is cut out of a photo by a network, and the mask is corrected with a brush."""

import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from fmnist_core.errors import InputError, NoWeightsError
from fmnist_core.preprocessing import cutout
from fmnist_core.preprocessing.brush import MOST_POINTS, MOST_STROKES, BrushStroke
from fmnist_core.preprocessing.cutout import check_network, cut_out, garment_probability
from fmnist_core.preprocessing.files import prepare_file
from fmnist_core.preprocessing.masks import find_background
from fmnist_core.preprocessing.prepare import Corrections, Prepared, prepare, turned
from tests.nets import write_blue_finder


@pytest.fixture
def blue_finder(tmp_path, monkeypatch):
    monkeypatch.setattr(cutout, "NETWORK", write_blue_finder(tmp_path / "blue.onnx"))
    return cutout.NETWORK


def cluttered(seed: int = 0) -> np.ndarray:
    """A blue square in the middle of a floor of all kinds of brown, uint8 (160, 200, 3)."""
    rng = np.random.default_rng(seed)
    floor = np.array([150, 110, 70]) + rng.normal(0, 25, (160, 200, 3))
    floor[40:120, 60:140] = np.array([30, 60, 170]) + rng.normal(0, 10, (80, 80, 3))
    return np.clip(floor, 0, 255).astype(np.uint8)


def on_paper() -> np.ndarray:
    """A dark shape on even paper, cut out without any network."""
    picture = np.full((200, 200, 3), 240, np.uint8)
    rng = np.random.default_rng(0)
    picture[50:150, 50:150] = rng.integers(20, 120, (100, 100, 3))
    return picture


def corrected(picture: np.ndarray, *strokes: BrushStroke) -> Prepared:
    return prepare(picture, Corrections(reading="picture", brush=strokes))


def test_the_network_says_where_the_garment_is(blue_finder):
    mask = prepare(cluttered()).mask
    assert mask.shape == (160, 200)
    assert mask[45:115, 65:135].all()
    assert not mask[:35].any()
    assert not mask[:, 145:].any()


def test_the_threshold_is_the_least_probability(blue_finder):
    picture = cluttered()
    # Bluer by little: a probability of 0.61.
    picture[40:120, 141:180] = (100, 100, 106)
    for threshold, right in ((0.5, 180), (0.75, 140)):
        mask = cut_out(picture, threshold).mask
        assert abs(np.flatnonzero(mask.any(axis=0))[-1] + 1 - right) <= 2
    soft = garment_probability(picture)
    assert 0.5 < soft[80, 160] < 0.75 < soft[80, 100]


def test_holes_are_filled_and_specks_left_out(blue_finder):
    picture = cluttered()
    picture[70:80, 90:100] = (200, 100, 50)
    picture[10:20, 10:20] = (0, 0, 255)
    mask = cut_out(picture).mask
    assert mask[75, 95]
    assert not mask[15, 15]


def test_where_nothing_is_found_the_middle_is_taken(blue_finder):
    prepared = prepare(nothing_blue(), Corrections(reading="picture"))
    assert prepared.cut_out_failed
    mask = prepared.mask
    assert mask[80, 100]
    assert not mask[0, 0]
    assert 0.3 < mask.mean() < 0.95
    # The network is sure of all of it.
    all_blue = nothing_blue()[..., ::-1]
    assert prepare(all_blue, Corrections(reading="picture")).cut_out_failed
    assert not prepare(cluttered()).cut_out_failed


def nothing_blue() -> np.ndarray:
    picture = cluttered()
    picture[..., 0] |= 128
    picture[..., 2] = 0
    return picture


def faint() -> np.ndarray:
    """A garment of which the network is sure by 0.31, and of a corner of it by 1."""
    picture = cluttered()
    picture[40:120, 60:140] = (100, 100, 90)
    picture[40:56, 60:76] = (30, 60, 170)
    picture[..., 2] = np.where(picture[..., 0] > 110, 0, picture[..., 2])
    return picture


def test_where_too_little_is_found_the_threshold_is_lowered(blue_finder):
    prepared = prepare(faint())
    assert not prepared.cut_out_failed
    assert prepared.mask[45:115, 65:135].all()
    assert prepared.mask.mean() < 0.3


def test_a_threshold_of_a_person_is_never_replaced_by_the_middle(blue_finder):
    shares = [
        prepare(faint(), Corrections(threshold=share)).mask.mean()
        for share in (0.2, 0.35, 0.55, 0.95)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.15
    assert 0 < shares[1] < 0.04
    for threshold in (0.05, 0.45, 0.55, 0.95):
        by_hand = Corrections(reading="picture", threshold=threshold)
        prepared = prepare(nothing_blue(), by_hand)
        assert prepared.blank
        assert not prepared.cut_out_failed


def test_the_shipped_network_answers_in_time_and_threads_do_not_mix():
    pictures = [cv2.resize(cluttered(seed), (512, 410)) for seed in range(4)]
    alone = [garment_probability(one) for one in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(garment_probability, pictures * 4))
    for number, found in enumerate(together):
        np.testing.assert_array_equal(found, alone[number % 4])
        assert found.shape == (410, 512)
        assert found.min() >= 0
        assert found.max() <= 1
    began = time.process_time()
    for one in pictures:
        cut_out(one)
    # Of one core; 60 ms each on a machine that does nothing else.
    assert (time.process_time() - began) / len(pictures) < 0.3


@pytest.mark.parametrize("damage", ["gone", "cut", "no network"])
def test_a_broken_network_is_explained_and_never_replaced(
    blue_finder, tmp_path, damage, caplog, monkeypatch
):
    # A path of its own: a network that was loaded stays loaded.
    path = tmp_path / f"{damage}.onnx"
    whole = blue_finder.read_bytes()
    if damage != "gone":
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"hello" * 100)
    monkeypatch.setattr(cutout, "NETWORK", path)
    with pytest.raises(NoWeightsError, match=r"missing or damaged\. Install the lab again"):
        check_network()
    with pytest.raises(NoWeightsError):
        prepare(cluttered())
    assert str(path) in caplog.text
    file = tmp_path / "photo.png"
    cv2.imwrite(str(file), cluttered())
    assert "missing or damaged" in prepare_file(str(file)).error
    # What needs no network goes on, and a mended file is found.
    assert not prepare(on_paper()).blank
    path.write_bytes(whole)
    check_network()


def test_a_network_of_another_kind_is_refused(tmp_path, monkeypatch):
    from onnx import load, save

    model = load(write_blue_finder(tmp_path / "blue.onnx"))
    model.graph.node.pop()
    model.graph.output[0].name = "blueness"
    save(model, tmp_path / "unbounded.onnx")
    monkeypatch.setattr(cutout, "NETWORK", tmp_path / "unbounded.onnx")
    with pytest.raises(NoWeightsError):
        prepare(cluttered())


def test_a_stroke_adds_to_the_mask():
    before = corrected(on_paper())
    after = corrected(on_paper(), BrushStroke(((0.1, 0.5), (0.3, 0.5)), 0.05))
    assert not before.mask[100, 25]
    assert after.mask[100, 25]
    # 20 pixels high, with round ends.
    assert 19 <= after.mask[:, 35].sum() <= 22
    assert after.mask[100, 12]
    assert not after.mask[92, 11]
    assert (after.mask & before.mask).sum() == before.mask.sum()
    assert (after.image != before.image).any()


def test_a_stroke_removes_from_the_mask_and_what_it_leaves_apart_stays():
    after = corrected(on_paper(), BrushStroke(((0.2, 0.4), (0.8, 0.4)), 0.04, keep=False))
    assert not after.mask[80, 60:140].any()
    assert after.mask[60, 100]
    assert after.mask[120, 100]
    hole = corrected(on_paper(), BrushStroke(((0.5, 0.5),), 0.1, keep=False))
    assert not hole.mask[100, 100]
    assert hole.image[14, 14] == 0


def test_strokes_count_in_their_order():
    add, remove = (BrushStroke(((0.1, 0.1),), 0.05, keep=keep) for keep in (True, False))
    assert not corrected(on_paper(), add, remove).mask[20, 20]
    assert corrected(on_paper(), remove, add).mask[20, 20]
    many = [BrushStroke(((x / 9, 0.9), (0.5, x / 9)), 0.02, keep=x % 2 == 0) for x in range(9)]
    one, two = (corrected(on_paper(), *many) for _ in range(2))
    np.testing.assert_array_equal(one.mask, two.mask)
    np.testing.assert_array_equal(one.image, two.image)


def test_strokes_are_of_the_picture_as_it_was_turned():
    # Above and left of the middle of a quarter turn.
    stroke = BrushStroke(((0.1, 0.2),), 0.05)
    picture = on_paper()[:160]
    mask = prepare(picture, Corrections(reading="picture", rotate=90, brush=(stroke,))).mask
    assert mask.shape == (200, 160)
    assert mask[40, 16]


@pytest.mark.parametrize("degrees", [15, 45, -100])
def test_a_turned_photo_is_cut_out_by_the_network_too(blue_finder, degrees):
    picture = cluttered()
    # What differs from the floor, and is no garment.
    picture[10:30, 10:60] = (250, 250, 20)
    stroke = BrushStroke(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), 0.04)
    for more in ({}, {"brush": (stroke,)}):
        prepared = prepare(picture, Corrections(rotate=degrees, **more))
        mask = prepared.mask
        height, width = mask.shape
        assert mask[height // 2, width // 2]
        # The corners left empty are never garment, whatever is painted there.
        assert not mask[:4, :4].any()
        assert not mask[-4:, -4:].any()
        if not more:
            assert mask.sum() == pytest.approx(80 * 80, rel=0.05)
            tone = prepared.image[13:15, 13:15].mean()
            assert tone == pytest.approx(prepare(picture).image[13:15, 13:15].mean(), abs=25)


@pytest.mark.parametrize("degrees", [15, 45])
def test_a_turned_picture_on_paper_stays_one_on_paper(degrees, monkeypatch):
    monkeypatch.setattr(cutout, "NETWORK", None)
    mask = prepare(on_paper(), Corrections(reading="picture", rotate=degrees)).mask
    assert mask.sum() == pytest.approx(100 * 100, rel=0.05)


def test_a_photo_kept_after_a_turn_is_still_a_cluttered_one():
    for degrees in (15, 45):
        assert not find_background(turned(cluttered(), Corrections(rotate=degrees))).even
        assert find_background(turned(on_paper(), Corrections(rotate=degrees))).even


def test_the_brush_corrects_what_the_network_cut_out_after_the_threshold(blue_finder):
    stroke = BrushStroke(((0.5, 0.1), (0.5, 0.4)), 0.05)
    for threshold in (0.3, 0.9):
        mask = prepare(cluttered(), Corrections(threshold=threshold, brush=(stroke,))).mask
        assert mask[16, 100]
        assert mask[80, 100]


def test_removing_all_leaves_nothing_and_what_looks_like_background_can_be_kept():
    gone = corrected(on_paper(), BrushStroke(((0.5, 0.5),), 0.5, keep=False))
    assert gone.blank
    assert gone.reading == "picture"
    white = np.full((200, 200, 3), 250, np.uint8)
    assert prepare(white).blank
    kept = prepare(white, Corrections(brush=(BrushStroke(((0.5, 0.5),), 0.2),)))
    assert not kept.blank
    assert kept.image.any()


def test_a_drawing_has_no_mask_to_correct():
    picture = np.full((200, 200, 3), 255, np.uint8)
    cv2.rectangle(picture, (50, 40), (150, 160), (0, 0, 0), 4)
    stroke = BrushStroke(((0.1, 0.1),), 0.1)
    drawn = prepare(picture, Corrections(brush=(stroke,)))
    assert drawn.reading == "drawing"
    assert drawn.mask is None
    np.testing.assert_array_equal(drawn.image, prepare(picture).image)


def test_the_step_shows_the_garment_the_dimmed_rest_and_the_outline():
    prepared = corrected(on_paper())
    shown = next(step.picture for step in prepared.steps if step.key == "background")
    np.testing.assert_array_equal(shown[100, 100], on_paper()[100, 100])
    assert (shown[20, 20] == 240 // 5).all()
    row = shown[100, 45:55].astype(int)
    assert (row[:, 1] - row[:, 0]).max() > 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": ()},
        {"points": ((0.5, 1.2),)},
        {"points": ((0.5, float("nan")),)},
        {"points": ((0.5,),)},
        {"points": "stroke"},
        {"points": ((0.1, 0.1),) * (MOST_POINTS + 1)},
        {"radius": 0},
        {"radius": float("inf")},
        {"radius": True},
        {"keep": "yes"},
    ],
)
def test_a_stroke_out_of_range_is_refused(wrong):
    with pytest.raises(InputError, match="Received"):
        BrushStroke(**{"points": ((0.5, 0.5),), "radius": 0.1, **wrong})


def test_more_strokes_or_points_than_a_hand_needs_are_refused():
    dot = BrushStroke(((0.5, 0.5),), 0.1)
    assert len(Corrections(brush=(dot,) * MOST_STROKES).brush) == MOST_STROKES
    with pytest.raises(InputError, match=f"{MOST_STROKES + 1} strokes"):
        Corrections(brush=(dot,) * (MOST_STROKES + 1))
    long = BrushStroke(((0.5, 0.5),) * (MOST_POINTS // 2), 0.1)
    with pytest.raises(InputError, match="4,001 points"):
        Corrections(brush=(long, long, dot))


def test_corrections_from_before_there_was_a_brush_still_count():
    older = object.__new__(Corrections)
    kept = {"reading": "picture", "ground": "auto", "threshold": 0.5, "rotate": 0.0}
    older.__dict__.update({**kept, "mirror": True, "crop": (0.0, 0.0, 1.0, 1.0)})
    assert older == Corrections(reading="picture", mirror=True)
    np.testing.assert_array_equal(
        prepare(on_paper(), older).image,
        prepare(on_paper(), Corrections(reading="picture", mirror=True)).image,
    )
