"""A class whose members sign in with accounts of a school, at a provider of the test's own."""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from fmnist_core.classroom import Classroom
from fmnist_core.settings import Settings
from tests.conftest import wait_for
from tests.e2e.conftest import ROOT, Lab, free_port, start_lab, stop_lab

pytest.importorskip("authlib", reason="requirements-oidc.txt is not installed")
# A server of its own, as the tests of a browser have.
pytestmark = pytest.mark.browser

ADA = {"sub": "0001", "nickname": "Ada", "email": "ada@school.example"}
TEACHER = {"sub": "0002", "name": "Ms Hopper", "email": "Hopper@School.example"}


@dataclass
class Provider:
    """OpenID Connect as a school has it; `who` has typed name and password."""

    port: int = field(default_factory=free_port)
    who: dict[str, Any] = field(default_factory=lambda: dict(ADA))
    asked: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.key = RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig"})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def discovery(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        code = secrets.token_hex(8)
        self.asked[code] = request.query_params["nonce"]
        back = {"code": code, "state": request.query_params["state"]}
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(back)}", 302)

    async def token(self, request: Request) -> Response:
        from joserfc import jwt

        nonce = self.asked.pop(str((await request.form())["code"]))
        now = int(time.time())
        claims = {"iss": self.url, "aud": "lab", "iat": now, "exp": now + 60, "nonce": nonce}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, {**claims, **self.who}, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def jwks(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/jwks", self.jwks),
            ]
        )


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    server = uvicorn.Server(uvicorn.Config(provider.app(), port=provider.port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, 20, "the provider")
    yield provider
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Lab]:
    place = tmp_path_factory.mktemp("school")
    port = free_port()
    file = place / "secrets.toml"
    file.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "lab"
client_secret = "password"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
    )
    own = {"FMNIST_CLASS": "1", "FMNIST_TEACHERS": "hopper@school.example"}
    # Authlib may lie where only this process looks for it.
    own["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_SECRETS_FILES", str(file))
        lab = start_lab(place / "home", port=port, **own)
    yield lab
    stop_lab(lab)


def signed_in(lab: Lab) -> requests.Session:
    browser = requests.Session()
    browser.headers["Accept"] = "text/html"
    assert 'href="/join/school"' in browser.get(lab.url, timeout=20).text
    browser.get(f"{lab.url}/join/school", timeout=20)
    return browser


def members(lab: Lab) -> list[tuple[str, str]]:
    found = Classroom(Settings(home=lab.home)).members()
    return [(member.nickname, member.role) for member in found]


def test_who_signs_in_is_the_same_member_on_each_device(lab: Lab, provider: Provider) -> None:
    for _ in range(2):
        browser = signed_in(lab)
        assert "You are Ada" in browser.get(f"{lab.url}/join", timeout=20).text
    assert members(lab) == [("Ada", "student")]
    # Another Ada of the school is another person; a name is no proof.
    provider.who = {**ADA, "sub": "0007", "email": "other@school.example"}
    signed_in(lab)
    assert members(lab) == [("Ada", "student"), ("Ada 2", "student")]


def test_who_is_on_the_list_teaches_and_an_unchecked_address_does_not(
    lab: Lab, provider: Provider
) -> None:
    provider.who = {**TEACHER, "email_verified": False}
    assert "You are Ms Hopper" in signed_in(lab).get(f"{lab.url}/join", timeout=20).text
    provider.who = {**TEACHER, "email_verified": True}
    browser = signed_in(lab)
    assert "You are the teacher" in browser.get(f"{lab.url}/join", timeout=20).text
    browser.post(f"{lab.url}/join/leave", timeout=20)
    assert 'href="/join/school"' in browser.get(lab.url, timeout=20).text


def test_a_nickname_and_the_class_code_are_no_way_in(lab: Lab) -> None:
    code = Classroom(Settings(home=lab.home)).code
    fields = {"code": code, "nickname": "Eve"}
    refused = requests.post(f"{lab.url}/join/student", data=fields, timeout=20)
    assert refused.status_code == 400
    assert "school's accounts" in refused.text.replace("&#39;", "'")
    assert "Eve" not in str(members(lab))


def test_a_forged_cookie_of_an_account_is_nobody_s(lab: Lab) -> None:
    cookies = {"_streamlit_user": '{"sub": "0002", "is_logged_in": true}', "fmnist_joining": "1"}
    page = requests.get(f"{lab.url}/join", cookies=cookies, timeout=20)
    assert "You are" not in page.text
