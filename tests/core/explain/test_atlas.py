"""The map of the data: principal axes, t-SNE, and where another image lies."""

import sys
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import DataError, TrainingError
from fmnist_core.explain.neighbours import load_array, store_array
from fmnist_core.explain.pca_map import PcaMap, build_pca_map
from fmnist_core.explain.tsne_map import STEPS, fit_tsne, tsne_position
from tests.nets import PLAIN, seeded


def network(*changes: str) -> Any:
    return seeded(override(PLAIN, changes), 1)


@pytest.fixture(scope="module")
def model() -> Any:
    return network()


@pytest.fixture(scope="module")
def atlas(model: Any, garments: Dataset) -> PcaMap:
    return build_pca_map(model, garments.test)


def islands(count: int = 60, apart: float = 50.0) -> np.ndarray:
    """Three groups far from each other along the first axes of five, float32 (3 * count, 5)."""
    rng = np.random.default_rng(0)
    centres = np.repeat(apart * np.eye(3, 5), count, axis=0)
    return (centres + rng.normal(size=(3 * count, 5))).astype(np.float32)


@pytest.mark.training
def test_axes_are_the_principal_ones_of_the_features(model, atlas, garments):
    from sklearn.decomposition import PCA

    from fmnist_core.models.features import features, scores

    assert atlas.indices.tolist() == list(range(200))
    found = features(model, garments.test.images)
    expected = PCA(2).fit(found)
    plane = np.abs(atlas.coordinates[:, :2])
    np.testing.assert_allclose(plane, np.abs(expected.transform(found)), atol=1e-3)
    np.testing.assert_allclose(atlas.shares[:2], expected.explained_variance_ratio_, atol=1e-4)
    np.testing.assert_allclose(atlas.scores, scores(model, garments.test.images), atol=1e-4)


@pytest.mark.training
def test_an_image_of_the_map_is_placed_where_it_is_and_finds_itself_first(model, atlas, garments):
    from fmnist_core.models.features import features

    there = atlas.place(features(model, garments.test.images[17:18]))[0]
    np.testing.assert_allclose(there, atlas.coordinates[17], atol=1e-3)
    rows, distances = atlas.nearest(there)
    assert rows[0] == 17
    assert distances[0] == pytest.approx(0, abs=1e-3)
    assert (np.diff(distances) >= 0).all()
    assert len(set(rows.tolist())) == 5


@pytest.mark.training
@pytest.mark.parametrize(
    "changes",
    [("blocks=[]", "dense=[]"), ("dense=[1]",), ("output=softmax",), ("head=flatten", "dense=[]")],
    ids=["one layer", "one feature", "softmax", "no hidden dense layer"],
)
def test_any_network_has_a_map(changes, garments):
    from fmnist_core.models.features import scores

    model = network(*changes)
    atlas = build_pca_map(model, garments.test)
    assert atlas.coordinates.shape == (200, len(atlas.axes))
    assert 2 <= len(atlas.axes) <= 50
    assert np.isfinite(atlas.coordinates).all()
    np.testing.assert_allclose(atlas.scores, scores(model, garments.test.images), atol=1e-3)


@pytest.mark.training
def test_a_network_that_broke_says_so(garments):
    model = network()
    model.set_weights([np.full_like(part, np.nan) for part in model.get_weights()])
    with pytest.raises(TrainingError, match="not finite"):
        build_pca_map(model, garments.test)


@pytest.mark.training
def test_an_atlas_is_kept_as_one_file(tmp_path, atlas):
    path = tmp_path / "atlas.npy"
    store_array(path, atlas.to_record())
    record = load_array(path)
    assert record is not None
    back = PcaMap.from_record(record)
    assert back is not None
    for name in ("indices", "coordinates", "scores", "mean", "axes", "shares"):
        assert np.array_equal(getattr(back, name), getattr(atlas, name))
    assert PcaMap.from_record(atlas.coordinates) is None
    path.write_bytes(path.read_bytes()[:2000])
    assert load_array(path) is None


def test_unfolding_keeps_islands_apart_and_tells_how_far_it_is():
    told: list[int] = []
    places = fit_tsne(islands(), told.append)
    assert places.shape == (180, 2)
    assert places.dtype == np.float32
    assert told[0] == 0
    assert told == sorted(told)
    assert told[-1] == STEPS
    for group in range(3):
        own = places[60 * group : 60 * (group + 1)]
        others = np.delete(places, slice(60 * group, 60 * (group + 1)), axis=0)
        gaps = np.linalg.norm(own[:, None] - others[None], axis=2).min(axis=1)
        widths = np.linalg.norm(own[:, None] - own[None], axis=2)
        nearest = np.sort(widths, axis=1)[:, 1]
        assert (gaps > nearest).all()


def test_the_same_map_comes_of_the_same_images():
    first, second = (fit_tsne(islands(20), lambda step: None) for _ in range(2))
    assert np.array_equal(first, second)


def test_few_images_are_unfolded_too_and_fewer_are_refused():
    assert np.isfinite(fit_tsne(islands(4)[:10], lambda step: None)).all()
    with pytest.raises(DataError, match="ten images"):
        fit_tsne(islands(3), lambda step: None)


def test_a_network_that_makes_the_same_of_all_images_has_nothing_to_unfold():
    with pytest.raises(DataError, match="the same features"):
        fit_tsne(np.zeros((50, 2), np.float32), lambda step: None)


def test_another_image_is_drawn_by_its_nearest():
    places = np.array([[0, 0], [10, 0], [99, 99]], np.float32)
    rows = np.array([0, 1])
    between = tsne_position(places, rows, np.array([1, 1], np.float32))
    assert between.tolist() == [5, 0]
    nearer = tsne_position(places, rows, np.array([1, 3], np.float32))
    assert nearer.tolist() == pytest.approx([1, 0])
    same = tsne_position(places, rows, np.array([0, 3], np.float32))
    assert same.tolist() == pytest.approx([0, 0], abs=1e-3)


def test_laying_out_loads_no_keras():
    import subprocess

    code = (
        "import sys, numpy as np\n"
        "from fmnist_core.explain.tsne_map import fit_tsne\n"
        "import fmnist_core.explain.tsne_process, fmnist_core.explain.pca_map\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
