"""A person's own settings for Keras do not reach the lab."""

import json
import os
import subprocess
import sys

import pytest

from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.locations import places_to_look
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.errors import ConfigError
from fmnist_core.settings import load_settings
from fmnist_core.subprocess_env import child_environment, own_keras_environment

_SHOW = (
    "import os\n"
    "from fmnist_core.lab_keras import keras\n"
    "c = keras.config\n"
    "print(c.backend(), c.image_data_format(), c.floatx(), c.epsilon(), c.dtype_policy().name,"
    " c.max_epochs(), os.environ['KERAS_HOME'])"
)
OTHERWISE = {
    "backend": "torch",
    "image_data_format": "channels_first",
    "floatx": "float64",
    "epsilon": 0.5,
}


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    line, surroundings = [sys.executable, *arguments], child_environment(**environment)
    return subprocess.run(line, capture_output=True, text=True, timeout=300, env=surroundings)


@pytest.mark.training
@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (json.dumps(OTHERWISE), {}),
        ('{"floatx": "quadruple"}', {"KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "1"}),
        ("[not JSON", {}),
    ],
    ids=["otherwise", "refused-by-keras", "broken"],
)
def test_keras_is_set_up_by_the_lab_alone(tmp_path, text, variables):
    (tmp_path / "keras.json").write_text(text)
    done = run(["-c", _SHOW], KERAS_HOME=str(tmp_path), **variables)
    assert done.returncode == 0, done.stderr
    wanted = f"tensorflow channels_last float32 1e-07 float32 None {tmp_path}"
    assert done.stdout.splitlines()[-1] == wanted
    assert (tmp_path / "keras.json").read_text() == text


@pytest.mark.training
def test_a_training_on_the_command_line_goes_through(tmp_path, garments):
    save_arrays(synthetic_folder(load_settings()), garments)
    (tmp_path / "keras.json").write_text(json.dumps(OTHERWISE))
    sets = ["dataset=synthetic-garments", "train_images=200", "schedule=constant"]
    pairs = [part for change in sets for part in ("--set", change)]
    command = ["-m", "fmnist_core", "train", "--preset", "quick", "--epochs", "1", *pairs, "--json"]
    done = run(command, KERAS_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "finished"


def test_the_persons_cache_is_looked_at_also_while_keras_is_imported(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    with own_keras_environment(load_settings()):
        assert os.environ["KERAS_HOME"] != str(tmp_path)
        assert places_to_look(load_settings())[0].folder.is_relative_to(tmp_path)
        assert child_environment()["KERAS_HOME"] == str(tmp_path)
    assert os.environ["KERAS_HOME"] == str(tmp_path)
    assert "KERAS_BACKEND" not in os.environ


@pytest.mark.parametrize(
    ("chosen", "said"), [("torch", "tensorflow or jax"), ("jax", "not installed")]
)
def test_a_backend_that_cannot_be_used_is_refused_in_words(chosen, said, monkeypatch):
    monkeypatch.setenv("FMNIST_BACKEND", chosen)
    monkeypatch.setattr("fmnist_core.settings.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=said):
        load_settings()
