"""Accounts of the school (OpenID Connect) in place of nicknames, as `st.login` reads them.

Where `.streamlit/secrets.toml` has a section `[auth]`, Streamlit's own server asks the school's
provider and keeps a signed cookie of what that says; a class takes its word.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import streamlit as st
from starlette.requests import Request
from streamlit.auth_util import (
    encode_provider_token,
    get_secrets_auth_section,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.web.server.starlette.starlette_auth_routes import _get_cookie_value_from_request
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from fmnist_core.classroom import Classroom
from fmnist_core.errors import ClassError
from fmnist_core.permissions import Person
from fmnist_core.settings import load_settings
from fmnist_ui.web_access import base_path

_log = logging.getLogger(__name__)
_NAMES = ("nickname", "preferred_username", "given_name", "name")


def accounts_sign_in() -> bool:
    """Whether the class is joined by accounts of the school."""
    # Without a file there is nothing to read, and Streamlit would say so on each page.
    return bool(st.secrets.load_if_toml_exists() and get_secrets_auth_section())


def sign_in_address() -> str:
    """Where a browser is sent to sign in.

    Raises:
        ClassError: A package for it is missing, or the section cannot be used.
    """
    try:
        validate_auth_credentials("default")
        return f"{base_path()}/auth/login?provider={encode_provider_token('default')}"
    except StreamlitAuthError as error:
        _log.error("%s", error)
        raise ClassError(
            "Signing in with the school's accounts is not set up.",
            advice="On the lab's machine: `pip install -r requirements-oidc.txt`, and see "
            "docs/deployment.md.",
        ) from error


def signed_in(request: Request, classroom: Classroom) -> Person | None:
    """Who has signed in by this browser, now a member of the class; None where nobody has.

    Raises:
        ClassError: The class is full, or damaged.
        StorageError: The disk is full or cannot be written.
    """
    claims = _claims(request)
    if not claims or not isinstance(claims.get("sub"), str) or not claims["sub"]:
        return None
    name = next((str(claims[key]) for key in _NAMES if claims.get(key)), "")
    subject = f"{claims.get('iss', '')} {claims['sub']}"
    return classroom.admit(subject, name, "teacher" if _teaches(claims) else "student")


def _teaches(claims: dict[str, Any]) -> bool:
    email = str(claims.get("email") or "").casefold()
    # Some providers say nothing of it, and all their addresses are the school's own.
    checked = claims.get("email_verified", True) in (True, "true")
    known = {each.casefold() for each in load_settings().teachers}
    return bool(email) and checked and email in known


def _claims(request: Request) -> dict[str, Any] | None:
    value = _get_cookie_value_from_request(request, USER_COOKIE_NAME)
    try:
        claims = json.loads(value) if value else None
    except ValueError:
        return None
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") else None
