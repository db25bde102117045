"""Model files from elsewhere that are damaged or hostile: refused, fast, with nothing executed."""

import re
import zipfile

import pytest

from bench.exports import refusal
from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.loading import copy
from fmnist_core.exchange.importing.vetting import vetted
from tests.core.exchange.importing.hostile import FILES, NETWORKS, write


@pytest.mark.parametrize("what", FILES)
def test_it_is_refused_and_nothing_is_executed(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, rule = FILES[what]
    path = make(tmp_path / "file.keras")
    with pytest.raises(ImportedFileError, match=rule):
        vetted(path, tmp_path)
    assert not (tmp_path / "executed").exists()
    assert not (tmp_path / "vetted.keras").exists()


@pytest.mark.parametrize("what", NETWORKS)
def test_keras_refuses_what_does_not_fit(what, tmp_path):
    make, rule = NETWORKS[what]
    checked = vetted(make(tmp_path / "file.keras"), tmp_path)
    with pytest.raises(ImportedFileError, match=rule):
        copy(checked, tmp_path / "copy.keras")
    assert not (tmp_path / "copy.keras").exists()


def test_the_same_file_without_a_fault_passes(tmp_path):
    found = vetted(write(tmp_path / "file.keras"), tmp_path)
    with zipfile.ZipFile(found) as archive:
        assert set(archive.namelist()) == {"metadata.json", "config.json", "model.weights.h5"}


@pytest.mark.parametrize("what", FILES)
def test_refusing_takes_little_memory(what, tmp_path):
    path = FILES[what][0](tmp_path / "file.keras")
    assert refusal(path)["megabytes"] < 200


@pytest.mark.training
@pytest.mark.parametrize("what", ["a billion units", "a map of a terabyte"])
def test_no_layer_is_made_of_the_size_that_it_claims(what, tmp_path):
    """Keras alone takes some 700 MB."""
    make, rule = NETWORKS[what]
    found = refusal(make(tmp_path / "file.keras"))
    assert re.search(rule, found["rule"])
    assert found["megabytes"] < 1_000
