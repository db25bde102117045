"""ImageNet weights: found, fetched, checked; no network is needed to test it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from fmnist_core.config import BackboneConfig
from fmnist_core.datasets.progress import DataStoppedError, Listener, Progress
from fmnist_core.errors import NoWeightsError, StorageError
from fmnist_core.models.backbones import IMAGENET, WeightFile
from fmnist_core.models.imagenet import check_weights, fetch_weights, find_weights
from fmnist_core.settings import Settings, load_settings

CONTENT = bytes(range(256)) * 2000
FILE = WeightFile("vgg.h5", "vgg16", hashlib.md5(CONTENT).hexdigest(), len(CONTENT))
UNHASHED = replace(FILE, name="mobile.h5", md5="")
FILES = {"vgg16": FILE, "mobilenetv2": UNHASHED}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    for file in FILES.values():
        (folder / file.name).write_bytes(CONTENT)
    return folder


@pytest.fixture
def mirror(published: Path, serve, monkeypatch: pytest.MonkeyPatch):
    mirror = serve(published)
    monkeypatch.setenv("FMNIST_WEIGHTS_MIRRORS", mirror.url)
    return mirror


def put(folder: Path, content: bytes = CONTENT, name: str = FILE.name) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("name", FILES)
def test_it_is_fetched_with_progress_and_then_found(name, mirror, settings):
    seen: list[Progress] = []
    path = fetch_weights(name, settings, FILES, Listener(progress=seen.append))
    assert path.read_bytes() == CONTENT
    assert path.parent == settings.weights_cache_dir
    assert seen[-1].done == seen[-1].total == len(CONTENT)
    mirror.requests.clear()
    assert fetch_weights(name, settings, FILES) == path
    assert mirror.requests == []


def test_a_broken_download_goes_on_where_it_broke(mirror, settings):
    mirror.break_after, mirror.breaks = 200_000, 1
    fetch_weights("vgg16", settings, FILES)
    assert [bool(wanted) for _, wanted in mirror.requests] == [False, True]


def test_stopping_keeps_what_came(mirror, settings):
    class Stop:
        asked = False

        def is_set(self) -> bool:
            return self.asked

    stop = Stop()

    def halfway(progress: Progress) -> None:
        stop.asked = progress.done > len(CONTENT) / 2

    with pytest.raises(DataStoppedError):
        fetch_weights("vgg16", settings, FILES, Listener(halfway, should_stop=stop))
    assert (settings.weights_cache_dir / "vgg.h5.part").stat().st_size > len(CONTENT) / 2
    assert fetch_weights("vgg16", settings, FILES).read_bytes() == CONTENT


def test_a_persons_folder_comes_first_then_keras_cache(settings, tmp_path, monkeypatch):
    cached = put(tmp_path / "keras" / "models")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    found = find_weights("vgg16", settings, FILES)
    assert (found.path, found.title) == (cached, "Keras' cache")
    own = put(tmp_path / "own")
    found = find_weights("vgg16", replace(settings, weights_dir=tmp_path / "own"), FILES)
    assert (found.path, found.title) == (own, f"folder {tmp_path / 'own'}")


def test_the_environment_names_the_folder(monkeypatch):
    monkeypatch.setenv("FMNIST_WEIGHTS_DIR", "/weights")
    assert load_settings().weights_dir == Path("/weights")


@pytest.mark.parametrize(
    ("name", "damaged", "said"),
    [
        ("vgg16", CONTENT[:-1], "truncated"),
        ("vgg16", CONTENT[:-1] + b"x", "not the published file"),
        ("mobilenetv2", CONTENT[:100], "truncated"),
        ("mobilenetv2", CONTENT + b"x", "not the published file"),
    ],
)
def test_a_damaged_copy_is_named_passed_over_and_replaced(mirror, settings, name, damaged, said):
    path = put(settings.weights_cache_dir, damaged, FILES[name].name)
    notices: list[str] = []
    assert fetch_weights(name, settings, FILES, Listener(notice=notices.append)) == path
    assert path.read_bytes() == CONTENT
    assert said in notices[0]


def test_a_mirror_with_another_file_is_refused(mirror, settings, published):
    put(published, CONTENT[:-1] + b"x")
    with pytest.raises(NoWeightsError, match="cannot be fetched") as caught:
        fetch_weights("vgg16", settings, FILES)
    assert "is another file" in str(caught.value)
    assert find_weights("vgg16", settings, FILES).path is None


def test_without_a_network_the_error_says_what_else_there_is(settings, monkeypatch):
    monkeypatch.setenv("FMNIST_WEIGHTS_MIRRORS", "http://127.0.0.1:9/")
    with pytest.raises(NoWeightsError, match="VGG16 are not here") as caught:
        fetch_weights("vgg16", settings, FILES)
    for way in ("vgg.h5", "FMNIST_WEIGHTS_DIR", "random", "run of your own", "shipped"):
        assert way in caught.value.advice


def test_offline_is_said_before_anything_starts(mirror, settings):
    offline = replace(settings, offline=True)
    with pytest.raises(NoWeightsError, match="FMNIST_OFFLINE"):
        check_weights(BackboneConfig(name="vgg16"), offline, FILES)
    check_weights(BackboneConfig(name="vgg16", weights="random"), offline, FILES)
    check_weights(BackboneConfig(), offline, FILES)
    check_weights(BackboneConfig(name="vgg16"), settings, FILES)
    put(settings.weights_cache_dir)
    check_weights(BackboneConfig(name="vgg16"), offline, FILES)
    assert mirror.requests == []


def test_a_disk_that_takes_nothing_is_said_so(mirror, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="does not take the file"):
        fetch_weights("vgg16", Settings(home=tmp_path / "file"), FILES)


def test_the_published_files_are_told_as_keras_tells_them():
    from keras.src.applications import efficientnet_v2, resnet

    assert IMAGENET["resnet50"].md5 == resnet.WEIGHTS_HASHES["resnet50"][1]
    assert IMAGENET["efficientnetv2b0"].md5 == efficientnet_v2.WEIGHTS_HASHES["b0"][1]
