"""The gate of a class: nobody passes without having joined, and a cookie is worth what it says."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import config
from streamlit.errors import StreamlitMissingAuthlibError
from streamlit.runtime.secrets import AttrDict

from fmnist_core.classroom import LeftOver, Limits, left_over, note_left_over
from fmnist_core.locks import locked
from fmnist_core.permissions import Person, set_actor
from fmnist_core.settings import load_settings
from fmnist_ui.classroom import school_account
from fmnist_ui.classroom.joining import (
    COOKIE,
    ClassGate,
    close_class,
    join_routes,
    open_class,
    who_acts,
)
from fmnist_ui.classroom.uploads import UploadGate

PAGE = {"accept": "text/html"}


async def lab(_request):
    return PlainTextResponse("the lab")


async def stream(websocket):
    await websocket.accept()
    await websocket.close()


@pytest.fixture
def browser(classroom):
    upload = Route("/_stcore/upload_file/1", lab, methods=["PUT"])
    routes = [*join_routes(), Route("/", lab), upload]
    routes.append(WebSocketRoute("/_stcore/stream", stream))
    app = Starlette(routes=routes, middleware=[Middleware(ClassGate), Middleware(UploadGate)])
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
    assert browser.put("/_stcore/upload_file/1").status_code == 403
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


def test_who_is_removed_or_forges_a_cookie_is_outside(browser, classroom):
    joined(browser, classroom)
    [ada] = classroom.members()
    classroom.remove(ada.id)
    assert browser.get("/", headers=PAGE).status_code == 303
    browser.cookies.set(COOKIE, f"{ada.id}.forged")
    assert browser.get("/", headers=PAGE).status_code == 303


def test_a_student_uploads_files_of_such_a_size_and_so_many_an_hour(browser, classroom):
    classroom.limit(Limits(upload=1, uploads=2))
    joined(browser, classroom)

    def upload(size, place=browser):
        return place.put("/_stcore/upload_file/1", content=b"x" * size)

    large = upload(2 * 2**20)
    assert (large.status_code, "at most 1 MB" in large.text) == (413, True)
    assert [upload(9).status_code for _ in range(3)] == [200, 200, 429]
    streamed = browser.put("/_stcore/upload_file/1", content=iter([b"x"]))
    assert streamed.status_code == 411, "its size would be known too late"
    teacher = TestClient(browser.app, follow_redirects=False)
    teacher.post("/join/teacher", data={"pin": classroom.pin})
    assert upload(2 * 2**20, teacher).status_code == 200


def test_who_lost_the_only_device_comes_back_by_the_teacher_s_code(browser, classroom):
    joined(browser, classroom)
    assert "you need a code from another device or your teacher" in browser.get("/join").text
    browser.post("/join/leave")
    assert "or from your teacher, brings you back" in joined(browser, classroom).text
    [ada] = classroom.members()
    code = classroom.move_code(Person(ada.id, ada.nickname))
    assert browser.post("/join/device", data={"move": code}).status_code == 303
    assert [member.id for member in classroom.members()] == [ada.id]


def test_another_device_goes_on_as_the_same_student(browser, classroom):
    joined(browser, classroom)
    # As on a server, where nobody acts but in pages.
    set_actor(who_acts)
    code = browser.post("/join/code").text.split("<strong>")[1].split("</strong>")[0]
    other = TestClient(browser.app, follow_redirects=False)
    assert other.post("/join/device", data={"move": code}).status_code == 303
    assert "You are Ada" in other.get("/join").text
    assert len(classroom.members()) == 1


def test_who_waits_to_join_holds_up_nobody(browser, classroom, home):
    with browser, ThreadPoolExecutor(2) as pool:
        with locked(home / "class" / "lock"):
            entering = pool.submit(joined, browser, classroom)
            time.sleep(0.3)
            assert pool.submit(browser.get, "/join").result(5).status_code == 200
            assert not entering.done()
        assert entering.result(10).status_code == 303


def test_a_code_that_cannot_be_made_is_said(browser, classroom):
    joined(browser, classroom)
    said = [browser.post("/join/code") for _ in range(11)]
    assert [answer.status_code for answer in said] == [200] * 10 + [400]
    assert "Too many codes were made" in said[-1].text


def test_alone_again_no_sweep_waits_for_a_teacher(home):
    note_left_over(load_settings(), ["run"], ["sweep"])
    close_class()
    assert left_over(load_settings()) == LeftOver(("run",), ())


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


def test_below_a_path_of_the_server_all_of_it_is_there(classroom, monkeypatch):
    """`server.baseUrlPath`, as behind a reverse proxy that serves more than the lab."""
    given = config.get_option
    monkeypatch.setattr(
        config, "get_option", lambda key: "lab/" if key == "server.baseUrlPath" else given(key)
    )
    routes = [*join_routes(), Route("/lab/", lab)]
    app = Starlette(routes=routes, middleware=[Middleware(ClassGate)])
    browser = TestClient(app, follow_redirects=False)
    assert browser.get("/lab/", headers=PAGE).headers["location"] == "/lab/join"
    form = browser.get("/lab/join").text
    assert 'action="/lab/join/student"' in form
    assert '"/app' not in form
    fields = {"code": classroom.code, "nickname": "Ada"}
    entered = browser.post("/lab/join/student", data=fields)
    assert entered.headers["location"] == "/lab/"
    assert "path=/lab/;" in entered.headers["set-cookie"].lower()
    assert browser.get("/lab/", headers=PAGE).text == "the lab"
    assert browser.post("/lab/join/leave").headers["location"] == "/lab/join"
    assert browser.get("/lab/", headers=PAGE).status_code == 303


def test_accounts_that_are_not_set_up_are_said_and_nobody_joins_by_nickname(
    browser, classroom, monkeypatch
):
    def missing(provider):
        raise StreamlitMissingAuthlibError()

    section = AttrDict({"client_id": "lab"})
    monkeypatch.setattr(st.secrets, "load_if_toml_exists", lambda: True)
    monkeypatch.setattr(school_account, "get_secrets_auth_section", lambda: section)
    monkeypatch.setattr(school_account, "validate_auth_credentials", lambda provider: None)
    monkeypatch.setattr(school_account, "encode_provider_token", missing)
    assert "Nickname" not in browser.get("/join").text
    assert "requirements-oidc.txt" in browser.get("/join/school").text
    assert joined(browser, classroom).status_code == 400
    assert classroom.members() == ()
    # Who comes back without having signed in.
    browser.cookies.set("fmnist_joining", "1")
    assert "Sign in" in browser.get("/join").text
