"""`python -m fmnist_core data`, as a person runs it."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.conftest import wait_for

TRAIN_BYTES = 26_421_880


@pytest.fixture
def command(settings):
    def command(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        env = {**os.environ, "FMNIST_HOME": str(settings.home), **environment}
        env.pop("FMNIST_OFFLINE", None)
        line = [sys.executable, "-m", "fmnist_core", "data", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, env=env, stdout=pipe, stderr=pipe, text=True)

    return command


def test_status_names_problems_of_the_folder(command, tmp_path):
    process = command("status", "--json", "--data-dir", str(tmp_path / "nowhere"))
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    status = json.loads(output)
    assert not status["official_ready"]
    assert status["chosen"] == "synthetic-garments"
    assert "nowhere" in status["problems"][0]


def test_download_fails_in_words_when_no_mirror_answers(command):
    process = command("download", FMNIST_MIRRORS="http://127.0.0.1:9/")
    output, errors = process.communicate(timeout=180)
    assert process.returncode == 1
    assert output == ""
    assert "No mirror delivered" in errors
    assert "Traceback" not in errors


def test_control_c_ends_cleanly_and_keeps_the_part(command, serve, settings, tmp_path):
    name = "train-images-idx3-ubyte.gz"
    (tmp_path / name).write_bytes(bytes(TRAIN_BYTES))
    mirror = serve(tmp_path, pause=0.02)
    process = command("download", FMNIST_MIRRORS=mirror.url)
    part = settings.cache_dir / "fashion-mnist" / f"{name}.part"

    def begun() -> bool:
        assert process.poll() is None, process.communicate()
        return part.exists() and part.stat().st_size > 0

    wait_for(begun, 180, "the part")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 130
    assert "kept" in errors
    assert "Traceback" not in errors
    assert 0 < part.stat().st_size < TRAIN_BYTES


@pytest.mark.official
def test_download_finds_the_files_on_disk(command, official_dir):
    process = command("download", "--json", "--data-dir", str(official_dir))
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    report = json.loads(output)
    assert report["official"]
    assert report["train"] == 60_000
