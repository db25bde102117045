"""Questions about networks: their table, `ask` on the client's side, the answer in the worker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import StillRunningError
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config.model import INPUT_SIDES
from fmnist_core.engine import lifecycle
from fmnist_core.engine.chunks import chunks_of
from fmnist_core.engine.credentials import security
from fmnist_core.engine.inference.model_cache import LoadedModel, NotSentError, take_network, warm
from fmnist_core.engine.server.dataset_transfer import provide_dataset
from fmnist_core.errors import ConfigError, EngineError, InputError, LabError
from fmnist_core.preprocessing.resize import SHEET
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings
from fmnist_core.subprocess_env import import_own_dask

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Images = NDArray[np.uint8]

# The first question may find a worker that has yet to load Keras.
WAIT_SECONDS = 30.0
_BEAT = 0.02
# Images as the data set has them or as a network reads them; sheets, as preprocessing makes them of
# what people bring.
_SIDES = (*INPUT_SIDES, SHEET)
# For the table and its counts; for making a client.
_lock, _connecting = threading.Lock(), threading.Lock()
_connections: dict[str, _Connection] = {}


@dataclass(frozen=True)
class Question(Generic[T, *Ts]):
    """Something that can be asked about a network.

    Attributes:
        name: In the table of all questions.
        answer: Answers it in the worker, given the network and the client's arguments.
        seconds: How long an answer may take.
        needs_dataset: Whether the worker is sent the images that the network learned from.
    """

    name: str
    answer: Callable[[LoadedModel, *Ts], T]
    seconds: float
    needs_dataset: bool

    def __call__(self, model: str, *arguments: *tuple[*Ts, Settings]) -> T:
        """`ask` about a network of this name; the last argument is the lab's settings."""
        return ask(model, self, *arguments[:-1], settings=arguments[-1])


# Filled by the modules of this package, all of which are imported with it.
QUESTIONS: dict[str, Question] = {}


def question(
    *, seconds: float = WAIT_SECONDS, needs_dataset: bool = False
) -> Callable[[Callable[[LoadedModel, *Ts], T]], Question[T, *Ts]]:
    """Makes a question of the function that answers it, and enters it in the table."""

    def enter(answer: Callable[[LoadedModel, *Ts], T]) -> Question[T, *Ts]:
        made = Question(answer.__name__, answer, seconds, needs_dataset)
        if made.name in QUESTIONS:
            raise ValueError(f"There is a question called {made.name} already.")
        QUESTIONS[made.name] = made
        return made

    return enter


async def answer(digest: str, dataset: str, name: str, *arguments: Any) -> tuple[Any] | None:
    """The answer to this question, in a tuple; None if this worker does not have the network yet.

    A question that needs the result of a background job waits for it here and not in a thread:
    a class that waits for its maps would leave no thread for those who draw.
    """

    def now() -> tuple[Any]:
        warm()
        return (QUESTIONS[name].answer(LoadedModel(digest, dataset), *arguments),)

    while True:
        try:
            return await asyncio.to_thread(now)
        except NotSentError:
            return None
        except StillRunningError as waits:
            while waits.job.ended_at is None:
                await asyncio.sleep(_BEAT)


def ask(
    model: str | ModelRef,
    question: Question[T, *Ts],
    *arguments: *Ts,
    settings: Settings,
    wait: float | None = None,
) -> T:
    """The worker's answer to a question about a network; an engine is started where there is none.

    Args:
        model: The network, or its name: a run's identifier, `"shipped-everyday"` or
            `"shipped-catalogue"`.
        wait: Seconds that an answer may take; by default what the question allows.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged.
        EngineError: The engine does not answer in time, or has no worker for questions.
        LabError: What the question itself raises.
    """
    ref = ModelRef.open(model, settings) if isinstance(model, str) else model
    return with_worker(settings, lambda worker: worker.ask(ref, question, *arguments, wait=wait))


def checked_image(image: Images) -> Images:
    """An image uint8 (s, s) of 28, 40 or 56 pixels, or a sheet of 112, in one piece of memory.

    Raises:
        InputError: It is of another size or kind.
    """
    return _checked(image, 2)


def checked_images(images: Images) -> Images:
    """Images uint8 (n, s, s) of 28, 40 or 56 pixels, or sheets of 112, in one piece of memory.

    Raises:
        InputError: They are of another size or kind.
    """
    return _checked(images, 3)


def checked_label(label: int) -> int:
    """A class, 0 to 9.

    Raises:
        ConfigError: There is no such class.
    """
    if label not in range(CLASS_COUNT):
        raise ConfigError(f"Classes are numbers from 0 to {CLASS_COUNT - 1}.", received=label)
    return int(label)


@dataclass(frozen=True)
class InferenceWorker:
    """The worker that keeps networks warm, and the way to it."""

    client: Any
    address: str
    settings: Settings

    def call(self, wait: float, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls the function on the worker's event loop, bypassing its task queue.

        Half the time of a task (9 ms for 15), since the scheduler has nothing to plan.

        Raises:
            TimeoutError: No answer within `wait` seconds.
        """
        return self.client.sync(self._call, wait, function, *arguments)

    async def _call(self, wait: float, function: Callable[..., Any], *arguments: Any) -> Any:
        asked = self.client.run(function, *arguments, workers=[self.address])
        return (await asyncio.wait_for(asked, wait))[self.address]

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A task for what takes long: one at a time."""
        resources = {"interactive": 1}
        return self.client.submit(
            function, *arguments, workers=[self.address], resources=resources, pure=False
        )

    def ask(
        self,
        ref: ModelRef,
        question: Question[T, *Ts],
        *arguments: *Ts,
        wait: float | None = None,
    ) -> T:
        """The answer; the network is sent where the worker lacks it.

        Raises:
            EngineError: The worker has let go of it again: others ask about other networks.
            TimeoutError: No answer in time.
        """
        if question.needs_dataset:
            place = (self.client, self.settings, ref.dataset, self.address)
            self.client.sync(provide_dataset, *place)
        seconds = question.seconds if wait is None else wait
        asked = (ref.digest, ref.dataset, question.name, *arguments)
        found: tuple[T] | None = self.call(seconds, answer, *asked)
        if found is None:
            for chunk in chunks_of(ref.path.read_bytes()):
                self.call(seconds, take_network, ref.digest, chunk)
            found = self.call(seconds, answer, *asked)
        if found is None:
            raise EngineError(
                "The engine is asked about too many networks at once.", advice="Ask again."
            )
        return found[0]


def with_worker(settings: Settings, use: Callable[[InferenceWorker], T]) -> T:
    """The result of `use` with the inference worker; starts a missing engine.

    Raises:
        EngineError: The engine does not answer, has no such worker, or a person stopped it: then
            it stays stopped until somebody trains or starts it.
    """
    if lifecycle.halted_path(settings).exists() and not lifecycle.is_alive(settings):
        raise EngineError(
            "The engine is stopped, so no network can be asked.",
            advice="Start it: with the button in the sidebar, or with "
            "`python -m fmnist_core engine start`.",
        )
    info = lifecycle.ensure_engine(settings)
    try:
        with _connected(info.address, settings) as client:
            return use(InferenceWorker(client, _warm_address(client), settings))
    except LabError:
        raise
    except TimeoutError as error:
        raise EngineError(
            "The engine did not answer in time.",
            advice="It may be busy or still starting: retry. If it happens again, stop it with "
            "`python -m fmnist_core engine stop` and start it with `python -m fmnist_core engine "
            "start`.",
        ) from error
    except Exception as error:
        # Dask raises many kinds; to the person they all mean that there is no answer.
        raise EngineError(
            "The engine gave no answer.",
            received=f"{type(error).__name__}: {str(error)[:200]}",
            advice="Retry. If it happens again, stop it with `python -m fmnist_core engine stop` "
            "and start it with `python -m fmnist_core engine start`.",
        ) from error


def _checked(images: Images, dimensions: int) -> Images:
    found = np.asarray(images)
    square = found.ndim == dimensions and found.shape[-1] == found.shape[-2]
    if found.dtype != np.uint8 or not square or found.shape[-1] not in _SIDES:
        raise InputError(
            "Networks of this lab are asked about grey levels from 0 to 255 (uint8), 28x28, 40x40, "
            "56x56, or 112x112 of a prepared picture.",
            received=f"{found.dtype} {found.shape}",
            advice="Preprocess the picture first: `fmnist_core.predict` takes any picture file.",
        )
    return np.ascontiguousarray(found)


def _warm_address(client: Any) -> str:
    # Not `client.scheduler_info`: every few seconds the client itself asks for none of the workers,
    # and what it then hands out is whichever answer came last (distributed 2026.8.0).
    workers = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=WAIT_SECONDS)[
        "workers"
    ]
    found = sorted(
        address for address, facts in workers.items() if facts["resources"].get("interactive")
    )
    if not found:
        raise EngineError(
            "The engine has no worker for questions to trained networks.",
            advice='On a cluster, start one with `dask worker --resources "interactive=1" '
            "--preload fmnist_core.engine.worker.preload`.",
        )
    return found[0]


@dataclass(eq=False)
class _Connection:
    """A client of the engine that questions share. Closed once it is `left` and nobody waits: an
    answer that is late for one must not cost another theirs."""

    address: str
    client: Any
    waiting: int = 0
    left: bool = False

    def leave(self) -> None:
        """The next question gets a connection of its own."""
        self.left = True
        if _connections.get(self.address) is self:
            del _connections[self.address]
        self.close_if_idle()

    def close_if_idle(self) -> None:
        if self.left and not self.waiting:
            threading.Thread(target=lambda: self.client.close(timeout=1.0), daemon=True).start()


@contextmanager
def _connected(address: str, settings: Settings) -> Iterator[Any]:
    connection = _entered(address, settings)
    try:
        yield connection.client
    except LabError:
        raise
    except Exception:
        with _lock:
            connection.leave()
        raise
    finally:
        with _lock:
            connection.waiting -= 1
            connection.close_if_idle()


def _entered(address: str, settings: Settings) -> _Connection:
    # Connecting takes up to five seconds, in which others must be able to leave.
    with _connecting:
        with _lock:
            if (known := _connections.get(address)) is not None:
                known.waiting += 1
                return known
        import_own_dask(settings)
        from distributed import Client

        client = Client(address, timeout=5.0, set_as_default=False, security=security(settings))
        with _lock:
            # An engine that was started anew has another address.
            for old in list(_connections.values()):
                old.leave()
            made = _connections[address] = _Connection(address, client, waiting=1)
        return made
