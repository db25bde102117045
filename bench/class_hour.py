"""A class of thirty from the first to the last minute, with things going wrong in between.

    python -m bench.class_hour [--minutes M] [--users N] [--pictures DIR]

docs/classroom.md, "Measured". A teacher and three students in Chromium, the others by WebSocket as
`bench.classroom` has them: they join, are brought through a lesson, all press Train, the worker
that trains is killed, the lab is restarted, drawings come into a collection of the class, the
leaderboard is looked at, pages are frozen, and at the end everything personal is deleted. Each
step says what was expected and whether it was so; at the end stand the times of pages and
fragments, and the server's memory each minute. Needs Chromium; takes the data of FMNIST_DATA_DIR.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright
from websockets.exceptions import WebSocketException

from bench.classroom import Room, Times, Visitor, rows_of
from bench.steps import markdown
from fmnist_core.classroom import Classroom
from fmnist_core.engine.submission import queue_of
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings
from tests.conftest import chromium
from tests.e2e.conftest import open_at, settle, start_lab, stop_lab
from tests.e2e.sheet import TSHIRT, Sheet

_BROWSERS = 3
# Milliseconds that a step may take on a machine that trains meanwhile.
_PATIENCE = 90_000
_WANDERING = ("data", "runs", "predictions", "evaluate", "try", "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.class_hour", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        hour = Hour(Path(folder) / "home", options.users, options.pictures)
        try:
            hour.run(options.minutes)
        finally:
            hour.end()
        print(hour.told())


class Hour:
    """The class and what happened in it."""

    def __init__(self, home: Path, users: int, pictures: Path | None) -> None:
        self._home, self._pictures = home, pictures
        self.settings = Settings(home=home)
        self._data = os.environ.get("FMNIST_DATA_DIR", "")
        self.lab = start_lab(home, self._data, FMNIST_CLASS="1")
        self._port = int(self.lab.url.rpartition(":")[2])
        self.classroom = Classroom(self.settings)
        self._began = time.time()
        self._steps: list[list[str]] = []
        self._memory: list[str] = []
        self.crowd = Crowd(self, users - _BROWSERS)

    def run(self, minutes: float) -> None:
        watch = threading.Thread(target=self._watch_memory, daemon=True)
        watch.start()
        with _chromium() as browser:
            self._people(browser)
            self._joined()
            self._lesson()
            self._training()
            self._killed()
            self._restarted()
            self._collection()
            self._frozen()
            while time.time() - self._began < 60 * (minutes - 1.5):
                self.students[0].wait_for_timeout(5_000)
            self._leaderboard()
            self._over()

    def end(self) -> None:
        self.crowd.stop()
        stop_lab(self.lab)

    def told(self) -> str:
        rows = rows_of(self.crowd.times, "today", len(self.crowd.cookies) + _BROWSERS)
        return "\n\n".join(
            (
                markdown(["at", "step", "seconds", "so"], self._steps),
                markdown(["version", "users", "what", "n", "p50 ms", "p95 ms", "max ms"], rows),
                f"Memory of the server, MB each minute: {', '.join(self._memory)}",
                f"Failed requests beside the restart: {self.crowd.times.failed}",
            )
        )

    def step(self, name: str, work: Callable[[], object]) -> None:
        """Does it; notes how long it took, and what it gave or how it failed."""
        begun = time.time()
        try:
            so = str(work() or "yes")
        except Exception as error:
            so = f"NO: {type(error).__name__} {error}"[:300].replace("\n", " ")
        at = int(begun - self._began)
        self._steps.append([f"{at // 60}:{at % 60:02}", name, f"{time.time() - begun:.1f}", so])
        print(*self._steps[-1], sep=" | ", flush=True)

    def _picture(self, page: Page, name: str) -> None:
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self._pictures / f"{name}.png")

    def _watch_memory(self) -> None:
        while True:
            with suppress(psutil.Error):
                process = psutil.Process(self.lab.process.pid)
                self._memory.append(f"{process.memory_info().rss / 1e6:.0f}")
            time.sleep(60)

    def _people(self, browser: Browser) -> None:
        self.teacher = self._enter(browser, "teacher", pin=self.classroom.pin)
        self.students = [
            self._enter(browser, "student", code=self.classroom.code, nickname=f"Browser {number}")
            for number in range(_BROWSERS)
        ]

    def _enter(self, browser: Browser, form: str, **fields: str) -> Page:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        answer = context.request.post(f"{self.lab.url}/join/{form}", form=fields)
        assert answer.ok, answer.text()
        return context.new_page()

    def _class(self, section: str) -> Page:
        open_at(self.teacher, f"{self.lab.url}/class")
        self.teacher.get_by_role("tab", name=section, exact=True).click()
        settle(self.teacher)
        return self.teacher

    def _open_students(self) -> None:
        for student in self.students:
            open_at(student, self.lab.url)

    def _joined(self) -> None:
        self.step(
            "the teacher opens page Class", lambda: open_at(self.teacher, f"{self.lab.url}/class")
        )
        self.step(
            "three browsers open the lab",
            self._open_students,
        )
        self.step("the others join and open the lab", self.crowd.start)

        def wall() -> str:
            page = self._class("Wall")
            tiles = page.locator("[data-pick]")
            expect(tiles).to_have_count(len(self.crowd.cookies) + _BROWSERS, timeout=_PATIENCE)
            self._picture(page, "wall-joined")
            return f"{tiles.count()} tiles"

        self.step("all are on the wall", wall)

    def _lesson(self) -> None:
        def hand_out() -> None:
            page = self._class("Lesson")
            page.get_by_role("button", name="Assign").click()
            for student in self.students:
                expect(student.get_by_role("button", name="Open it")).to_be_visible(
                    timeout=_PATIENCE
                )

        def bring() -> None:
            page = self.teacher
            page.get_by_role("combobox", name="Step").click()
            page.get_by_role("option").nth(1).click()
            page.get_by_role("button", name="Everybody to step 2").click()
            for student in self.students:
                panel = student.locator(".st-key-lesson_panel")
                expect(panel).to_contain_text("Step 2 of", timeout=_PATIENCE)
            self._picture(page, "lesson-teacher")
            self._picture(self.students[0], "lesson-student")

        self.step("a lesson is handed out and offered to all", hand_out)
        self.step("everybody is brought to step 2", bring)
        self.step(
            "the lesson ends",
            lambda: self._class("Lesson").get_by_role("button", name="End the lesson").click(),
        )

    def _training(self) -> None:
        def press() -> str:
            seconds = self.crowd.press()
            runs = [run for run in list_runs(self.settings) if run.owner]
            owners = {run.owner for run in runs}
            assert len(runs) == len(owners) == len(self.crowd.cookies), (len(runs), len(owners))
            waiting = queue_of(self.settings).waiting()
            ordered = sorted(seconds)
            half, most = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))]
            assert self.crowd.without_place == 0, f"{self.crowd.without_place} saw no place in line"
            return (
                f"{len(runs)} runs, each once, {len(waiting)} wait; their place in line seen "
                f"after {half:.2f} s, p95 {most:.2f} s, at most {ordered[-1]:.2f} s"
            )

        def browser() -> None:
            student = self.students[0]
            open_at(student, f"{self.lab.url}/train?run=new")
            student.get_by_role("button", name="Train", exact=True).click()
            expect(student.get_by_text("in line").first).to_be_visible(timeout=_PATIENCE)
            self._picture(student, "train-waiting")

        def queue() -> None:
            page = self._class("Queue")
            expect(page.get_by_role("button", name="Put first").first).to_be_visible(
                timeout=_PATIENCE
            )
            self._picture(page, "queue")
            open_at(page, f"{self.lab.url}/class")
            page.wait_for_timeout(3_000)
            self._picture(page, "wall-training")

        self.step("all press Train at once", press)
        self.step("one in a browser, who sees the place in line", browser)
        self.step("the teacher looks at the queue and the wall", queue)

    def _trains(self) -> RunFolder | None:
        for row in queue_of(self.settings).in_state("running"):
            folder = RunFolder(self.settings.runs_dir / row.id)
            if folder.status.epoch >= 1 and psutil.pid_exists(folder.status.pid):
                return folder
        return None

    def _killed(self) -> None:
        def kill() -> str:
            end = time.time() + _PATIENCE / 1000
            while (folder := self._trains()) is None and time.time() < end:
                time.sleep(0.1)
            assert folder is not None, "nothing trains"
            epoch, child = folder.status.epoch, psutil.Process(folder.status.pid)
            worker = child.parent()
            for process in (worker, child):
                if process is not None:
                    process.kill()
            while folder.status.state != "finished" and time.time() < end + 60:
                time.sleep(0.5)
            assert folder.status.state == "finished", folder.status.state
            return f"killed after epoch {epoch}; the run finished all {folder.status.epoch}"

        self.step("the worker that trains is killed", kill)

    def _restarted(self) -> None:
        def restart() -> None:
            self.crowd.excuse(True)
            self.lab.process.kill()
            self.lab.process.wait()
            self.lab = start_lab(self._home, self._data, port=self._port, FMNIST_CLASS="1")

        def back() -> str:
            for student in self.students:
                open_at(student, f"{self.lab.url}/runs")
                expect(student.get_by_text("Browser").first).to_be_visible(timeout=_PATIENCE)
            open_at(self.teacher, f"{self.lab.url}/class")
            end = time.time() + _PATIENCE / 1000
            while self.crowd.connected < len(self.crowd.cookies) and time.time() < end:
                time.sleep(0.2)
            self.crowd.excuse(False)
            assert self.crowd.connected == len(self.crowd.cookies), self.crowd.connected
            return f"{self.crowd.connected + _BROWSERS} students are there again without joining"

        self.step("the lab is killed and started again", restart)
        self.step("all are back as who they were", back)

    def _collection(self) -> None:
        def begin() -> None:
            page = self._class("Collection")
            page.get_by_role("button", name="Begin a collection").click()
            settle(page)

        def draw() -> None:
            for number, student in enumerate(self.students):
                open_at(student, f"{self.lab.url}/try")
                for stroke in TSHIRT:
                    # Equal drawings would be one item.
                    Sheet(student).stroke([(x, y - 12 * number) for x, y in stroke])
                settle(student)
                student.get_by_role("combobox", name="True class").click()
                student.get_by_role("option", name="T-shirt/top").click()
                settle(student)
                give = student.get_by_role("button", name="Also for the class")
                give.first.click(timeout=_PATIENCE)
                settle(student)
            self._picture(self.students[0], "given")

        def moderate() -> None:
            page = self._class("Collection")
            expect(page.get_by_text("3 new")).to_be_visible(timeout=_PATIENCE)
            self._picture(page, "collection")
            page.get_by_role("button", name="Accept all").click()
            expect(page.get_by_text("0 new")).to_be_visible(timeout=_PATIENCE)

        self.step("a collection of the class begins", begin)
        self.step("three drawings are given to it", draw)
        self.step("the teacher accepts them", moderate)

    def _frozen(self) -> None:
        heading = ("heading", "Eyes to the front")

        def freeze() -> None:
            self._class("Wall").get_by_text("Eyes to the front").click()
            for student in self.students:
                expect(student.get_by_role("heading", name=heading[1])).to_be_visible(
                    timeout=_PATIENCE
                )
            self._picture(self.students[1], "frozen")

        def thaw() -> None:
            self.teacher.get_by_text("Eyes to the front").click()
            for student in self.students:
                expect(student.get_by_role("heading", name=heading[1])).to_have_count(
                    0, timeout=_PATIENCE
                )

        self.step("pages are frozen", freeze)
        self.step("and given back", thaw)

    def _leaderboard(self) -> None:
        def look() -> None:
            page = self._class("Leaderboard")
            page.wait_for_timeout(5_000)
            self._picture(page, "leaderboard")
            expect(page.get_by_test_id("stMain")).to_contain_text("Student", timeout=_PATIENCE)
            open_at(page, f"{self.lab.url}/class")
            page.wait_for_timeout(3_000)
            self._picture(page, "wall-end")

        self.step("the leaderboard", look)

    def _over(self) -> None:
        def delete() -> str:
            self.crowd.stop()
            page = self._class("After class")
            self._picture(page, "after-class")
            page.get_by_role("button", name="Delete everything personal").click()
            page.get_by_role("dialog").get_by_role("button", name="Delete").last.click()
            settle(page)
            end = time.time() + 90
            left = ["all"]
            while left and time.time() < end:
                time.sleep(0.5)
                left = [one.nickname for one in self.classroom.members() if one.role == "student"]
                left += [run.id for run in list_runs(self.settings) if run.owner]
            assert not left, left
            self._picture(page, "deleted")
            return (
                f"no student and no name of one is left, {len(list_runs(self.settings))} runs are"
            )

        self.step("everything personal is deleted", delete)


class Crowd:
    """The students without a browser, in a thread of their own."""

    def __init__(self, hour: Hour, count: int) -> None:
        self._hour, self._count = hour, count
        self.times, self.cookies = Times(), list[str]()
        self.connected, self.without_place = 0, 0
        self._excused, self._over = False, False
        self._pressed: list[float] = []
        self._press = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    def start(self) -> str:
        room = Room(self._hour.lab, "", self._hour.classroom)
        self.cookies = [room.cookie(f"Student {number:02}") for number in range(self._count)]
        self._thread.start()
        end = time.time() + 60
        while self.connected < self._count and time.time() < end:
            time.sleep(0.1)
        assert self.connected == self._count, self.connected
        return f"{self.connected} are there"

    def press(self) -> list[float]:
        """Everybody presses Train; seconds until each page told the place in line."""
        self._press.set()
        end = time.time() + 120
        while len(self._pressed) < self._count and time.time() < end:
            time.sleep(0.1)
        assert len(self._pressed) == self._count, f"only {len(self._pressed)} of {self._count}"
        return self._pressed

    def excuse(self, excused: bool) -> None:
        """Whether failures are meant to be: the server is being restarted."""
        self._excused = excused

    def stop(self) -> None:
        self._over = True
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    async def _all(self) -> None:
        await asyncio.gather(*(self._student(*one) for one in enumerate(self.cookies)))

    async def _student(self, number: int, cookie: str) -> None:
        while not self._over:
            try:
                async with Visitor(self._hour.lab.url, cookie) as visitor:
                    self.times.first.append(await visitor.ask())
                    self.connected += 1
                    try:
                        await self._stay(visitor, number)
                    finally:
                        self.connected -= 1
            except (TimeoutError, OSError, WebSocketException, KeyError) as error:
                if not self._excused:
                    self.times.failed.append(f"{number}: {error!r}"[:200])
                await asyncio.sleep(0.5)

    async def _stay(self, visitor: Visitor, number: int) -> None:
        chance, turn, name = random.Random(number), 0, ""
        pressed = len(self._pressed) >= self._count
        while not self._over:
            await asyncio.sleep(1 + chance.random())
            turn += 1
            if self._press.is_set() and not pressed:
                pressed = True
                visitor.open("train")
                await visitor.ask()
                begun = time.perf_counter()
                await visitor.ask(press="Train")
                # The page that the press leads to comes in a run of its own.
                while not _told_place(visitor) and time.perf_counter() - begun < 30:
                    await asyncio.sleep(0.01)
                self.without_place += not _told_place(visitor)
                self._pressed.append(time.perf_counter() - begun)
                name = "train"
                continue
            if visitor.fragments and turn % 5:
                took = await visitor.ask(fragment=visitor.fragments[-1])
                self.times.fragment.setdefault(name, []).append(took)
                continue
            if turn % 20 == 0 and not (pressed and chance.random() < 0.5):
                name = chance.choice(_WANDERING)
                visitor.open(name)
            self.times.page.setdefault(name, []).append(await visitor.ask())


def _told_place(visitor: Visitor) -> bool:
    told = " ".join(visitor.words)
    return "in line" in told or "starts now" in told or "Epochs done" in told


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


if __name__ == "__main__":
    main()
