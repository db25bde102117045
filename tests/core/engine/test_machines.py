"""Several machines, each with an address of its own: joined by one command; one of them is cut off.

Network namespaces of Linux stand for them, which takes root.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from fmnist_core.cli.main import main
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client, lifecycle
from fmnist_core.engine.credentials import (
    engine_credentials_path,
    join_key,
    take_join_key,
    write_credentials,
)
from fmnist_core.engine.machines import join_command
from fmnist_core.errors import EngineError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from tests.conftest import wait_for
from tests.core.engine.conftest import PATIENCE, Lab, make_lab
from tests.core.engine.test_remote import free_port

ROOT = Path(client.__file__).parents[2]


def ip(*words: str) -> bool:
    if not shutil.which("ip"):
        return False
    return subprocess.run(["ip", *words], capture_output=True).returncode == 0


@dataclass
class Network:
    """A switch that the lab's machine hangs on as 10.77.N.1, and others with `add`."""

    number: int
    hosts: list[str] = field(default_factory=list)

    @property
    def switch(self) -> str:
        return f"sw{self.number}"

    def __enter__(self) -> "Network":
        made = ip("link", "add", self.switch, "type", "bridge")
        if not (made and ip("addr", "add", f"10.77.{self.number}.1/24", "dev", self.switch)):
            self.__exit__()
            pytest.skip("namespaces of the network need root and the command ip")
        ip("link", "set", self.switch, "up")
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.hosts:
            ip("netns", "del", name)
            ip("link", "del", f"{name}o")
        ip("link", "del", self.switch)

    def add(self) -> str:
        """The name of a new machine, before which its programs are started."""
        name = f"h{self.number}x{len(self.hosts) + 2}"
        inner, outer = f"{name}i", f"{name}o"
        if not ip("netns", "add", name):
            pytest.skip("namespaces of the network need root")
        self.hosts.append(name)
        ip("link", "add", inner, "type", "veth", "peer", "name", outer)
        ip("link", "set", inner, "netns", name)
        ip("link", "set", outer, "master", self.switch, "up")
        address = f"10.77.{self.number}.{len(self.hosts) + 1}/24"
        ip("-n", name, "addr", "add", address, "dev", inner)
        ip("-n", name, "link", "set", inner, "up")
        ip("-n", name, "link", "set", "lo", "up")
        return name

    def cut(self, name: str) -> None:
        """Its cable is pulled: nobody hears of it again, nor that it is gone."""
        ip("link", "set", f"{name}o", "down")

    def mend(self, name: str) -> None:
        ip("link", "set", f"{name}o", "up")


@dataclass
class Room:
    """A lab that takes machines in, and two of them."""

    lab: Lab
    network: Network
    helpers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    word: str = ""

    def join(self, name: str, command: str, home: Path) -> None:
        home.mkdir()
        environment = {**os.environ, "FMNIST_HOME": str(home), "FMNIST_OFFLINE": "1"}
        environment |= {"FMNIST_SLOTS": "1", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        words = command.split()
        assert words[0] == "python"
        with (home / "said").open("wb") as log:
            self.helpers[name] = subprocess.Popen(
                ["ip", "netns", "exec", name, sys.executable, *words[1:]],
                cwd=home,
                env=environment,
                stdout=log,
                stderr=log,
            )

    @property
    def slots(self) -> int:
        info = lifecycle.read_info(self.lab.settings)
        return info.slots if info else 0

    def wait_for_slots(self, number: int) -> None:
        wait_for(lambda: self.slots == number, PATIENCE, f"{number} slots, now {self.slots}")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Room]:
    with Network(os.getpid() % 250) as network:
        place = tmp_path_factory.mktemp("room")
        port = free_port()
        lab = make_lab(place / "lab", garments, workers_port=port)
        client.ensure_engine(lab.settings)
        room = Room(lab, network)
        address = f"10.77.{network.number}.1"
        command = join_command(engine_credentials_path(lab.settings), address, port)
        try:
            for _ in range(2):
                name = network.add()
                room.join(name, command, place / name)
            room.wait_for_slots(3)
            room.word = command.split()[-1]
            yield room
        finally:
            for helper in room.helpers.values():
                helper.terminate()
            for helper in room.helpers.values():
                helper.wait(30)
            client.stop_engine(lab.settings)


def host_of(folder: RunFolder) -> str:
    """The address of the machine that trains it; empty for the lab's own."""
    return str(folder.status.worker).partition(" on ")[2]


@pytest.mark.engine
def test_a_machine_that_is_cut_off_loses_its_run_to_another_and_comes_back(room):
    runs = [room.lab.submit("epochs=4", "batch_size=4") for _ in range(2)]
    for run in runs:
        room.lab.wait_for_middle_of_epoch(run, 0)
    moved = next(run for run in runs if host_of(run))
    before, lost = host_of(moved), room.network.hosts[int(host_of(moved)[-1]) - 2]
    room.network.cut(lost)
    wait_for(lambda: room.lab.notes(moved), 20, "the loss in its diary")
    for run in runs:
        room.lab.wait_until(run, "finished")
        assert [event["epoch"] for event in room.lab.events(run, "epoch")] == [1, 2, 3, 4]
    assert host_of(moved) != before
    assert room.lab.notes(moved).count("was lost") == 1
    room.network.mend(lost)
    room.wait_for_slots(3)


@pytest.mark.engine
def test_machines_come_back_to_an_engine_that_was_started_anew(room):
    client.stop_engine(room.lab.settings)
    client.ensure_engine(room.lab.settings)
    room.wait_for_slots(3)
    # What every account of a machine can read of its processes.
    for helper in room.helpers.values():
        shown = " ".join(psutil.Process(helper.pid).cmdline())
        assert "engine worker" in shown
        assert room.word not in shown


@pytest.mark.engine
def test_a_class_opens_its_engine_to_other_machines_and_closes_it(home, monkeypatch, capsys):
    monkeypatch.setenv("FMNIST_WORKERS_PORT", "")
    monkeypatch.setenv("FMNIST_CLASS", "")
    monkeypatch.setattr(os, "execv", lambda *_: None)
    settings, port = Settings(home), free_port()
    try:
        main(["class", "start", "--workers", str(port)])
        info = lifecycle.read_info(settings)
        assert info is not None
        assert info.port == port
        said = capsys.readouterr().out
        assert f":{port} {join_key(engine_credentials_path(settings))}" in said
        assert main(["class", "show"]) == 0
        assert f":{port} " in capsys.readouterr().out
        main(["class", "start"])
        info = lifecycle.read_info(settings)
        assert info is not None
        assert info.port == 0
        assert "engine worker" not in capsys.readouterr().out
    finally:
        client.stop_engine(settings)


def test_the_key_of_a_command_makes_the_same_credentials(tmp_path):
    write_credentials(tmp_path / "cluster.pem")
    word = join_key(tmp_path / "cluster.pem")
    take_join_key(tmp_path / "joined.pem", word)
    assert (tmp_path / "joined.pem").read_bytes() == (tmp_path / "cluster.pem").read_bytes()
    assert (tmp_path / "joined.pem").stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"[\w-]{47}", word)


@pytest.mark.parametrize("word", ["short", "x" * 47, "", "!" * 47, "A" * 46 + "=", "_" * 47])
def test_a_key_that_is_none_is_refused_and_not_repeated(word, tmp_path, capsys):
    with pytest.raises(EngineError, match="not the key") as told:
        take_join_key(tmp_path / "joined.pem", word)
    assert not word or word not in str(told.value)
    assert not (tmp_path / "joined.pem").exists()


def test_a_worker_needs_a_key_or_credentials_and_something_to_do(home, capsys):
    assert main(["engine", "worker", "10.0.0.5:8786"]) == 1
    assert "FMNIST_CREDENTIALS" in capsys.readouterr().err
    assert main(["engine", "worker", "10.0.0.5:8786", "--slots", "0"]) == 1
    assert "slots" in capsys.readouterr().err


def test_credentials_of_an_older_version_are_not_told(tmp_path):
    write_credentials(tmp_path / "old.pem", days=3)
    with pytest.raises(EngineError, match="Make new ones"):
        join_key(tmp_path / "old.pem")
    assert Settings(tmp_path, workers_port=8786).workers_port == 8786
