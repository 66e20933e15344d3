"""People who are signed in, made by the database's owner: for tests of pages that are not about logging in."""

import base64
import hashlib
import re
import secrets
import uuid

import psycopg

from .api import Answer, Api

COOKIE = "__Host-carillon_session"


class Person:
    """An account and a session of it; calls go out with its cookie, and what changes something with its CSRF token."""

    def __init__(self, database_url: str, url: str, role: str, client_id: str | None):
        self.email = f"{role.lower()}-{uuid.uuid4().hex[:8]}@example.com"
        self.token = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
        self.api = Api(url, None)
        with psycopg.connect(database_url) as connection:
            account = connection.execute("INSERT INTO identity.accounts (account_id, email, role, client_id, created_at) VALUES (gen_random_uuid(), %s, %s, %s, now()) RETURNING account_id",
                                         (self.email, role, client_id)).fetchone()[0]
            connection.execute("INSERT INTO identity.sessions (session_id, token_sha256, account_id, started_at, last_seen_at, expires_at) "
                               "VALUES (gen_random_uuid(), %s, %s, now(), now(), now() + interval '1 hour')", (hashlib.sha256(self.token.encode()).digest(), account))

    def get(self, path: str) -> Answer:
        return self.api.call("GET", path, None, {"Cookie": f"{COOKIE}={self.token}"})

    def csrf(self, path: str) -> str:
        """As the page at `path` has it."""
        return re.search(r'name="csrf" value="([^"]+)"', self.get(path).body.decode()).group(1)

    def post(self, path: str, body: str, csrf: str | None, content_type: str = "application/json") -> Answer:
        headers = {"Cookie": f"{COOKIE}={self.token}", "Content-Type": content_type} | ({"X-CSRF-Token": csrf} if csrf else {})
        return self.api.call("POST", path, body, headers)

    def sign_in(self, tab, url: str) -> None:
        """The browser has the session's cookie from now on."""
        tab.order("Network.setCookie", name=COOKIE, value=self.token, url=url, path="/", secure=True, httpOnly=True, sameSite="Lax")
