"""The gate of a class: nobody passes without having joined, and a cookie is worth what it says."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from fmnist_ui.classroom.joining import COOKIE, ROUTES, ClassGate, open_class

PAGE = {"accept": "text/html"}


async def lab(_request):
    return PlainTextResponse("the lab")


async def stream(websocket):
    await websocket.accept()
    await websocket.close()


@pytest.fixture
def browser(classroom):
    routes = [*ROUTES, Route("/", lab), Route("/_stcore/upload_file", lab, methods=["PUT"])]
    routes.append(WebSocketRoute("/_stcore/stream", stream))
    app = Starlette(routes=routes, middleware=[Middleware(ClassGate)])
    return TestClient(app, follow_redirects=False)


def joined(browser, classroom, nickname="Ada"):
    fields = {"code": classroom.code, "nickname": nickname}
    return browser.post("/join/student", data=fields)


def connects(browser):
    try:
        with browser.websocket_connect("/_stcore/stream"):
            return True
    except WebSocketDisconnect:
        return False


def test_nobody_passes_before_joining(browser):
    asked = browser.get("/", headers=PAGE)
    assert (asked.status_code, asked.headers["location"]) == (303, "/join")
    assert browser.put("/_stcore/upload_file").status_code == 403
    assert not connects(browser)


def test_who_has_joined_passes_and_scripts_cannot_read_the_cookie(browser, classroom):
    entered = joined(browser, classroom)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "httponly" in entered.headers["set-cookie"].lower()
    assert browser.get("/", headers=PAGE).text == "the lab"
    assert connects(browser)
    assert "You are Ada" in browser.get("/join").text


def test_a_wrong_code_is_said_beside_what_was_typed(browser, classroom):
    said = browser.post("/join/student", data={"code": "nope", "nickname": '"><b>Ada'})
    assert said.status_code == 400
    assert "This is not the class code." in said.text
    assert "&#34;&gt;&lt;b&gt;Ada" in said.text
    assert "7b <script>" not in said.text
    assert not connects(browser)


def test_who_is_taken_out_or_forges_a_cookie_is_outside(browser, classroom):
    joined(browser, classroom)
    [ada] = classroom.members()
    classroom.remove(ada.id)
    assert browser.get("/", headers=PAGE).status_code == 303
    browser.cookies.set(COOKIE, f"{ada.id}.forged")
    assert browser.get("/", headers=PAGE).status_code == 303


def test_another_device_goes_on_as_the_same_student(browser, classroom):
    joined(browser, classroom)
    code = browser.post("/join/code").text.split("<strong>")[1].split("</strong>")[0]
    other = TestClient(browser.app, follow_redirects=False)
    assert other.post("/join/device", data={"move": code}).status_code == 303
    assert "You are Ada" in other.get("/join").text
    assert len(classroom.members()) == 1


def test_the_pin_makes_a_teacher_and_twenty_guesses_do_not(browser, classroom):
    wrong = [browser.post("/join/teacher", data={"pin": f"{n:06}x"}) for n in range(20)]
    assert {answer.status_code for answer in wrong} == {400}
    assert "Too many wrong codes" in wrong[-1].text
    assert browser.post("/join/teacher", data={"pin": classroom.pin}).status_code == 400


def test_leaving_forgets_this_browser(browser, classroom):
    joined(browser, classroom)
    browser.post("/join/leave")
    assert browser.get("/", headers=PAGE).status_code == 303


@pytest.mark.parametrize("content", [b"x" * 10_000, b"\xff\xfe=%", b""])
def test_an_odd_form_is_refused_like_an_empty_one(content, browser, classroom):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/join/student", content=content, headers=headers).status_code == 400


def test_a_server_in_class_mode_begins_its_class_and_says_how_to_join(
    classroom, capsys, monkeypatch
):
    before, shares = (classroom.code, classroom.pin), []
    # No thread of many sessions waits long for the others.
    monkeypatch.setattr("sys.setswitchinterval", shares.append)
    open_class()
    assert max(shares) <= 0.001
    said = capsys.readouterr().out
    assert f"/join?code={before[0]}" in said
    assert before[1] in said


def test_a_damaged_class_is_said_and_lets_nobody_in(browser, classroom, home):
    joined(browser, classroom)
    (home / "class" / "class.json").write_text("{}")
    assert "missing or damaged" in browser.get("/join").text
    assert browser.get("/", headers=PAGE).status_code == 303
    assert not connects(browser)


def test_alone_everybody_passes(browser, monkeypatch):
    monkeypatch.delenv("FMNIST_CLASS")
    assert browser.get("/", headers=PAGE).text == "the lab"
    assert connects(browser)
