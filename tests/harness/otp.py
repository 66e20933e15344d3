"""One-time codes as a caller uses them."""

import json
import re

from .api import Api, Answer, Sandbox
from .programs import Installation
from .waiting import wait_until

NUMBER = "+447700900111"


def post(api: Api, path: str, **body) -> Answer:
    return api.call("POST", path, json.dumps(body), {"Content-Type": "application/json"})


def code_of(sandbox: Sandbox, number: str, limit_seconds: float = 10) -> str:
    """The newest code that has arrived."""
    message = wait_until(lambda: sandbox.messages(number), limit_seconds, f"a code for {number}")[0]
    return re.search(r"\b\d{6}\b", message["text"]).group()


def one_time_code(sender: Api, checker: Api, installation: Installation, number: str = NUMBER) -> dict:
    """A code asked for at one instance and checked at another."""
    assert post(sender, "/api/otp/send", phone_number=number, action="PHONE_VERIFY").status == 200
    code = code_of(Sandbox(installation.sandbox_url), number, 30)
    return post(checker, "/api/otp/verify", phone_number=number, action="PHONE_VERIFY", code=code).json()
