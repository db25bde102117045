"""`Dockerfile` and `compose.yaml`, as far as a machine without Docker can try them.

What they install and start is what the README says, which CI does in a fresh virtual environment;
their commands are started here as they stand, with names of this machine in place of theirs.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client
from tests.conftest import wait_for
from tests.core.engine.conftest import Lab, make_lab
from tests.core.engine.test_remote import free_port

ROOT = Path(client.__file__).parents[2]
HOME = "/home/lab"


def steps(instruction: str) -> list[str]:
    """What stands behind an instruction of the Dockerfile, each time it comes."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    return re.findall(rf"^(?:HEALTHCHECK .*)?{instruction} (.*)$", text, re.MULTILINE)


def services() -> dict[str, dict[str, Any]]:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return dict(composed["services"])


def test_the_image_is_installed_and_started_as_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text()
    [install, start] = re.search(r"^    (pip install .*) && (streamlit .*)$", readme, re.M).groups()
    assert [step.replace(" --no-cache-dir", "") for step in steps("RUN") if "pip" in step] == [
        install
    ]
    check, command = steps("CMD")
    assert command.startswith(f"{start} --server")
    assert "/_stcore/health" in check
    [python] = re.findall(r"^Python (\d+\.\d+)", readme, re.M)
    assert steps("FROM")[0].startswith(f"python:{python}-")


def test_nothing_runs_as_root_and_what_is_kept_is_a_volume() -> None:
    [user] = steps("USER")
    [home] = steps("VOLUME")
    made = " ".join(steps("RUN"))
    assert f"useradd --create-home --uid 1000 {user}" in made
    assert steps("ENV") == [f"FMNIST_HOME={home}"]
    used = {mount.split(":")[1] for each in services().values() for mount in each["volumes"]}
    # A volume belongs to whom the folder in the image belongs to.
    for folder in {home, *used}:
        assert folder in made.partition("chown lab")[2]


@dataclass
class Composed:
    """The services of compose.yaml as processes of this machine."""

    place: Path
    scheduler: int
    port: int

    def here(self, text: str) -> str:
        """With this machine's addresses and folders for those of the containers."""
        text = text.replace("scheduler:8786", f"127.0.0.1:{self.scheduler}")
        text = re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", text)
        return text.replace(HOME, str(self.place))

    def start(self, name: str) -> subprocess.Popen[bytes]:
        service = services()[name]
        words = shlex.split(self.here(service.get("command") or steps("CMD")[1]))
        if name == "scheduler":
            words += ["--port", str(self.scheduler)]
        if words[0] == "streamlit":
            words += [f"--server.port={self.port}"]
        program = [sys.executable, "-m", *words] if words[0] != "python" else words
        program[0] = sys.executable
        given = {key: self.here(value) for key, value in service["environment"].items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("FMNIST_")}
        home = self.place / ("data" if name == "app" else name)
        own = {"FMNIST_HOME": str(home), "FMNIST_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
        with (self.place / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                program, cwd=ROOT, env={**kept, **own, **given}, stdout=log, stderr=log
            )

    def log(self, name: str) -> str:
        return (self.place / f"{name}.log").read_text()

    def is_healthy(self, check: str) -> bool:
        """What a health check of the image or of a service says."""
        moved = check.replace("8501", str(self.port)).replace("8786", str(self.scheduler))
        words = shlex.split(moved)
        return subprocess.run([sys.executable, *words[1:]], capture_output=True).returncode == 0


@pytest.fixture
def composed(tmp_path: Path) -> Iterator[Composed]:
    composed = Composed(tmp_path / "lab", free_port(), free_port())
    composed.place.mkdir()
    (composed.place / "credentials").mkdir()
    running = [composed.start("scheduler")]
    try:
        check = services()["scheduler"]["healthcheck"]["test"]
        wait_for(lambda: composed.is_healthy(check), 60, "a scheduler that is healthy")
        running += [composed.start(name) for name in services() if name != "scheduler"]
        yield composed
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)


@pytest.mark.engine
def test_what_compose_starts_trains_and_answers(composed: Composed, garments: Dataset) -> None:
    [check, _] = steps("CMD")
    wait_for(lambda: composed.is_healthy(check), 60, "an app that is healthy")
    place = {
        "scheduler": composed.here("tls://scheduler:8786"),
        "credentials": composed.place / "credentials" / "cluster.pem",
    }
    lab: Lab = make_lab(composed.place / "data", garments, **place)
    for name in ("worker", "questions"):
        wait_for(lambda name=name: "Joined" in composed.log(name), 60, f"{name} that has joined")
    try:
        folder = lab.submit("epochs=1", "batch_size=32")
        lab.wait_until(folder, "finished")
        assert "training-1" in folder.status.worker
        client.evaluate_run(folder.id, lab.settings)
    finally:
        client.stop_engine(lab.settings)
