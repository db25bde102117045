"""Workers that join from another machine, where the engine goes away at the wrong moment."""

import asyncio
from typing import Any

import distributed
import pytest

from fmnist_core.engine import machines

ADDRESS = "tls://127.0.0.1:8786"


class Nanny:
    """The first one does not start; the next one works, and all is to stop then."""

    begun = 0
    stop: asyncio.Event

    def __init__(self, *_: object, **__: object) -> None:
        pass

    async def __aenter__(self) -> "Nanny":
        Nanny.begun += 1
        if Nanny.begun == 1:
            raise RuntimeError("Nanny failed to start.") from OSError("refused")
        Nanny.stop.set()
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def finished(self) -> None:
        await asyncio.Event().wait()


def test_workers_whose_engine_goes_away_as_they_start_try_again(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answers(*_: object) -> bool:
        return True

    async def serve() -> int:
        Nanny.begun, Nanny.stop = 0, asyncio.Event()
        monkeypatch.setattr(machines, "_stopping", lambda: Nanny.stop)
        await asyncio.wait_for(machines._serve_workers(settings, ADDRESS, {"training-1": {}}), 30)
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 1

    monkeypatch.setattr(distributed, "Nanny", Nanny)
    monkeypatch.setattr(machines, "_answers", answers)
    monkeypatch.setattr(machines, "security", lambda settings: None)
    monkeypatch.setattr(machines, "_RETRY_SECONDS", 0.01)
    assert asyncio.run(serve()) == 0
    assert Nanny.begun == 2
    assert "Workers could not begin: refused. Trying again." in capsys.readouterr().err
