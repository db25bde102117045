"""Who may talk to the engine: the account that started it, and no other on the machine."""

import json
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.cli.main import main
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client
from fmnist_core.engine.credentials import (
    engine_credentials_path,
    security,
    write_credentials,
)
from fmnist_core.engine.inference.worker_client import with_worker
from fmnist_core.errors import ConfigError, EngineError
from fmnist_core.settings import Settings
from tests.core.engine.conftest import PATIENCE, Lab, make_lab, wait_for

# Tries all that another account could: every door, with and without a certificate of its own. It
# becomes that account once it has been through the open door: by then it has loaded what it needs,
# which may lie where only root can read.
_INTRUDER = """
import asyncio, contextlib, encodings.idna, json, os, socket, ssl, sys, time, urllib.request
from distributed import Client, Security
from distributed.core import rpc

class Credulous(Security):
    def _get_tls_context(self, tls, purpose):
        context = super()._get_tls_context(tls, purpose)
        context.verify_mode = ssl.CERT_NONE
        return context

number, careless, scheduler, ports, sockets, files = json.loads(sys.argv[1])
open_door, open_pages = careless
own = Credulous.temporary()
inside = []

async def identify(scheme, port, patience):
    arguments = own.get_connection_args("client") if scheme == "tls" else {}
    address = f"{scheme}://127.0.0.1:{port}"
    with contextlib.suppress(Exception):
        async with rpc(address, timeout=patience, connection_args=arguments) as there:
            await asyncio.wait_for(there.identity(), patience)
            inside.append(f"{scheme} at {port}")

async def enter(scheme, port, patience):
    security = own if scheme == "tls" else None
    address = f"{scheme}://127.0.0.1:{port}"
    async with Client(address, asynchronous=True, timeout=patience, security=security) as client:
        await asyncio.wait_for(client.run(os.getuid), patience)

async def run(scheme, port, patience):
    with contextlib.suppress(Exception):
        await enter(scheme, port, patience)
        inside.append(f"code by {scheme} at {port}")

async def all_doors():
    # The open door first and alone: how long it takes says how long to knock at the others.
    begun = time.monotonic()
    await run("tcp", open_door, 60)
    patience = 5 + 3 * (time.monotonic() - begun)
    schemes = ("tcp", "tls")
    doors = [identify(scheme, port, patience) for scheme in schemes for port in ports]
    runs = [run(scheme, scheduler, patience) for scheme in schemes]
    await asyncio.gather(*doors, *runs)

asyncio.run(enter("tcp", open_door, 60))
os.setgroups([])
os.setgid(number)
os.setuid(number)
asyncio.run(all_doors())

def read(port, page, patience):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=patience).read()

# The open pages say how long an answer takes, too.
begun = time.monotonic()
with contextlib.suppress(Exception):
    read(open_pages, "health", 60)
patience = 2 + 3 * (time.monotonic() - begun)
pages = ("", "health", "metrics", "info/main/workers.html", "json/index.html", "sitemap.json")
for port in ports:
    for page in pages:
        with contextlib.suppress(Exception):
            said = read(port, page, patience)
            # Dask's web server cannot be switched off; without pages this is all it says.
            if said != b'{"paths": ["/sitemap.json"]}':
                inside.append(f"http {page} at {port}")
for path in sockets:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as there:
        there.connect(path)
        inside.append(path)
for path in files:
    with contextlib.suppress(OSError):
        inside.append(f"{path} {open(path).read()}")
print(json.dumps(inside))
"""


def intrude(
    careless: tuple[int, int],
    scheduler: int,
    ports: list[int],
    sockets: list[str],
    files: list[str],
) -> set[str]:
    """Where an account that owns nothing gets in: `careless` is a scheduler that lets it, and
    its pages."""
    nobody = pwd.getpwnam("nobody").pw_uid
    aims = json.dumps([nobody, careless, scheduler, ports, sockets, files])
    line = [sys.executable, "-c", _INTRUDER, aims]
    done = subprocess.run(line, cwd="/", env={}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.fixture
def lab(garments: Dataset) -> Iterator[Lab]:
    """A lab where every account may look, as far as the lab lets it."""
    place = Path(tempfile.mkdtemp(prefix="lab-"))
    place.chmod(0o755)
    lab = make_lab(place / "home", garments)
    yield lab
    client.stop_engine(lab.settings)
    shutil.rmtree(place)


def doors(lab: Lab) -> tuple[list[int], list[str]]:
    """Where the engine and all that it started listen: ports, and names of sockets."""
    ports, sockets = set(), set()
    for process in lab.processes():
        for one in process.net_connections("tcp"):
            if one.status == "LISTEN":
                assert one.laddr.ip == "127.0.0.1"
                ports.add(one.laddr.port)
        sockets |= {one.laddr for one in process.net_connections("unix") if one.laddr}
    return sorted(ports), sorted(sockets)


@pytest.fixture
def careless(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports of a scheduler that lets everybody in: what an intruder must be able to open."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, pages = one.getsockname()[1], other.getsockname()[1]
    at = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    line = [sys.executable, "-m", "dask", "scheduler", *at, "--dashboard-address"]
    with subprocess.Popen([*line, f"127.0.0.1:{pages}"], cwd=tmp_path) as process:
        wait_for(lambda: is_open(port) and is_open(pages), PATIENCE, "the scheduler")
        yield port, pages
        process.kill()


def is_open(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.engine
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another account")
def test_no_other_account_gets_in_and_the_owner_does(lab, careless):
    port = int(client.ensure_engine(lab.settings).address.rpartition(":")[2])
    # The fork server of a worker comes last.
    wait_for(lambda: doors(lab)[1], PATIENCE, "all that listens")
    ports, sockets = doors(lab)
    assert port in ports
    secret = engine_credentials_path(lab.settings)
    # Not even where somebody opened the folders, so that every account sees what is in them.
    for folder in (lab.settings.home, lab.settings.engine_dir):
        folder.chmod(0o755)
    found = intrude(careless, port, [*ports, *careless], sockets, [str(secret)])
    own = {one for one in found if one.endswith(tuple(f" at {each}" for each in careless))}
    assert {f"code by tcp at {careless[0]}", f"http health at {careless[1]}"} <= own
    assert found - own == set()
    assert with_worker(lab.settings, lambda worker: worker.call(PATIENCE, os.getuid)) == 0


@pytest.mark.engine
def test_each_start_makes_new_credentials_that_only_the_owner_reads(lab):
    path = engine_credentials_path(lab.settings)
    client.ensure_engine(lab.settings)
    first = path.read_bytes()
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]
    assert [oct(mode) for mode in modes] == ["0o600", "0o700"]
    assert with_worker(lab.settings, lambda worker: worker.call(PATIENCE, os.getpid))
    client.stop_engine(lab.settings)
    client.ensure_engine(lab.settings)
    assert path.read_bytes() != first
    assert with_worker(lab.settings, lambda worker: worker.call(PATIENCE, os.getpid))


def test_the_command_makes_private_credentials_and_never_replaces_them(tmp_path, capsys):
    path = tmp_path / "cluster.pem"
    assert main(["engine", "credentials", str(path)]) == 0
    assert "valid for 366 days" in capsys.readouterr().out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    made = path.read_bytes()
    assert main(["engine", "credentials", str(path)]) != 0
    assert "Choose another name" in capsys.readouterr().err
    assert path.read_bytes() == made


def cluster(path: Path) -> Settings:
    return Settings(path.parent, scheduler="tls://127.0.0.1:9", credentials=path)


@pytest.mark.parametrize("content", [None, b"", b"a letter", b"half"])
def test_a_file_that_holds_no_credentials_is_named(tmp_path, content):
    path = tmp_path / "cluster.pem"
    write_credentials(path)
    if content == b"half":
        content = path.read_bytes().partition(b"-----BEGIN PRIVATE")[0]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EngineError, match="must name a file") as told:
        security(cluster(path))
    assert str(path) in str(told.value)


def test_credentials_that_have_expired_are_named(tmp_path):
    write_credentials(tmp_path / "cluster.pem", days=0)
    with pytest.raises(EngineError, match="have expired"):
        security(cluster(tmp_path / "cluster.pem"))


def test_credentials_want_an_encrypted_address(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="begin with tls"):
        Settings(tmp_path, scheduler="tcp://127.0.0.1:9", credentials=tmp_path / "cluster.pem")
