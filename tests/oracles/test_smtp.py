"""SMTP judged by a server that is not ours, aiosmtpd with STARTTLS and AUTH, and by Python's reader of mails."""

import asyncio
import base64
import collections.abc
import email
import email.message
import email.policy
import json
import os
import pathlib
import random
import re
import ssl
import subprocess
import threading

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

PROGRAM = pathlib.Path(os.environ.get("CARILLON_BIN_DIR", "build/dev/bin")) / "oracle-send-one"
CALL_SECONDS_MAX = 30
SERVER_SECONDS_MAX = 10
MAIL_BYTES_MAX = 33_554_432
LINE_CHARS_MAX = 998  # RFC 5322, 2.1.1
HEADER_LINE_CHARS_MAX = 998
USER, PASSWORD = "relay-user", "pässword ✓ 4711"
COMMANDS = ("HELO", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "QUIT")
MESSAGE = {"message_id": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 2, "recipient": "ann@example.com", "subject": "Ihre Rechnung für März 🔔",
           "text": "Guten Tag,\r\ndie Rechnung liegt bei.\r\n", "html": "<p>Guten Tag, größer &gt; 5 %</p>", "template_key": "PAYMENT_FAILED",
           "now": "2026-09-01T10:00:00Z"}


def recording(relay: "Relay") -> type[SMTP]:
    """A session that tells the relay every command, and whether it came inside TLS, before it does what it always does."""

    def method(command: str):
        async def tell_and_do(session: SMTP, arg: str | None) -> None:
            relay.said.append((command, session.transport.get_extra_info("sslcontext") is not None))
            await getattr(SMTP, f"smtp_{command}")(session, arg)

        return tell_and_do

    return type("Session", (SMTP,), {f"smtp_{command}": method(command) for command in COMMANDS})


class Relay:
    """One relay on a free port of 127.0.0.1: what was said to it, in order and whether in TLS, and what mails it took."""

    def __init__(self, certificate: pathlib.Path | None):
        self.said: list[tuple[str, bool]] = []
        self.mails: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.logins: list[LoginPassword] = []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = self.on_loop(self.loop_server())
        self.port = self.server.sockets[0].getsockname()[1]

    async def loop_server(self) -> asyncio.AbstractServer:
        return await self.loop.create_server(self.session, "127.0.0.1", 0)

    def on_loop(self, work: collections.abc.Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SERVER_SECONDS_MAX)

    def session(self) -> SMTP:
        return recording(self)(self, data_size_limit=MAIL_BYTES_MAX, hostname="relay.example", tls_context=self.context,
                               require_starttls=self.context is not None, authenticator=self.authenticate, auth_required=self.context is not None,
                               auth_require_tls=self.context is not None, loop=self.loop)

    def authenticate(self, server, session, envelope, mechanism, login) -> AuthResult:
        self.logins.append(login)  # "handled" would mean that the reply has been sent
        right = login.login.decode() == USER and login.password.decode() == PASSWORD
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 2.0.0 taken"

    async def shut(self) -> None:
        self.server.close()
        await self.server.wait_closed()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        self.on_loop(self.shut())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(SERVER_SECONDS_MAX)
        assert not self.thread.is_alive()
        self.loop.close()

    def mail(self) -> email.message.EmailMessage:
        assert len(self.mails) == 1
        return email.message_from_bytes(self.mails[0], policy=email.policy.SMTP)


def make_certificate(folder: pathlib.Path, name: str) -> pathlib.Path:
    """A key and a certificate signed by itself for one name, in one file."""
    file = folder / f"{name.replace(':', '-')}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=relay",
                    "-addext", f"subjectAltName={name}", "-keyout", file, "-out", folder / "certificate.pem"], check=True, capture_output=True, timeout=30)
    file.write_bytes(file.read_bytes() + (folder / "certificate.pem").read_bytes())
    return file


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> pathlib.Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "IP:127.0.0.1")


@pytest.fixture
def relay(certificate):
    made = Relay(certificate)
    yield made
    made.close()


def send(relay: Relay, message: dict, ca_file: pathlib.Path | None = None, **settings: str) -> dict:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(relay.port), "SMTP_USER": USER,
                   "SMTP_PASS": PASSWORD, "SMTP_CONCURRENCY": "1", "EMAIL_SENDER": "Glöckchen <bell@example.com>", "EMAIL_REPLY_TO": "help@example.com"}
    if ca_file:
        environment["SMTP_CA_FILE"] = str(ca_file)
    done = subprocess.run([PROGRAM, "smtp"], input=json.dumps(message), env=environment | settings, capture_output=True, text=True,
                          timeout=CALL_SECONDS_MAX, check=False)
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stderr and PASSWORD not in done.stdout
    return json.loads(done.stdout)


def bytes_of(part: email.message.EmailMessage) -> bytes:
    return part.get_payload(decode=True)


def files_of(mail: email.message.EmailMessage) -> list[tuple[str, str, bytes]]:
    return [(part.get_filename(), part.get_content_type(), bytes_of(part)) for part in mail.iter_attachments()]


def attached(name: str, content_type: str, content: bytes) -> dict:
    return {"file_name": name, "content_type": content_type, "content": base64.b64encode(content).decode()}


def test_smtp_says_nothing_of_itself_before_tls_and_its_password_only_inside(relay, certificate):
    outcome = send(relay, MESSAGE, certificate)
    assert (outcome["kind"], outcome["reason"]) == ("ACCEPTED", "NONE")
    assert outcome["provider_message_id"] == MESSAGE["message_id"] + ".2@example.com"
    commands = [command for command, _ in relay.said]
    assert commands.index("STARTTLS") < commands.index("AUTH") < commands.index("MAIL") < commands.index("RCPT") < commands.index("DATA")
    assert {command for command, in_tls in relay.said if not in_tls} == {"EHLO", "STARTTLS"}
    assert [login.password.decode() for login in relay.logins] == [PASSWORD]
    assert relay.envelopes == [("bell@example.com", ["ann@example.com"])]


def test_smtp_refuses_a_relay_that_offers_no_tls(certificate):
    relay = Relay(None)
    try:
        outcome = send(relay, MESSAGE, certificate)
    finally:
        relay.close()
    assert (outcome["kind"], outcome["reason"]) == ("TRANSIENT", "TLS")
    assert relay.mails == [] and relay.logins == []
    assert {command for command, _ in relay.said} <= {"EHLO", "QUIT"}


@pytest.mark.parametrize("settings", [{"SMTP_PASS": "wrong"}, {"SMTP_USER": "somebody"}])
def test_smtp_wrong_login_is_the_account_s_fault(relay, certificate, settings):
    outcome = send(relay, MESSAGE, certificate, **settings)
    assert (outcome["kind"], outcome["reason"], outcome["provider_code"]) == ("ACCOUNT", "AUTHENTICATION", "535")
    assert relay.mails == [] and len(relay.logins) >= 1


def test_smtp_a_certificate_that_nobody_vouches_for_gets_no_login_and_no_mail(relay):
    outcome = send(relay, MESSAGE)
    assert (outcome["kind"], outcome["reason"]) == ("TRANSIENT", "TLS")
    assert relay.logins == [] and relay.mails == []


def test_smtp_a_certificate_for_another_name_gets_no_login_and_no_mail(tmp_path):
    other = make_certificate(tmp_path, "DNS:relay.example")
    relay = Relay(other)
    try:
        outcome = send(relay, MESSAGE, other)
    finally:
        relay.close()
    assert (outcome["kind"], outcome["reason"]) == ("TRANSIENT", "TLS")
    assert relay.logins == [] and relay.mails == []


def test_smtp_the_mail_that_arrives_is_the_mail_that_was_sent(relay, certificate):
    files = [("report.pdf", "application/pdf", random.Random(1).randbytes(1_000_000)), ("Übersicht – März 🔔.csv", "text/csv", b"a;b\r\n.\r\n\r\n1;2\r\n"),
             ("leer.bin", "application/octet-stream", b""), ("x" * 120 + "ä.txt", "text/plain", b".\n..\n")]
    message = MESSAGE | {"attachments": [attached(*file) for file in files], "unsubscribe_url": "https://carillon.example/u/abc?t=1%2B2"}
    assert send(relay, message, certificate)["kind"] == "ACCEPTED"
    mail = relay.mail()
    assert mail.defects == [] and all(part.defects == [] for part in mail.walk())
    assert mail["Subject"] == MESSAGE["subject"]
    assert str(mail["From"]) == "Glöckchen <bell@example.com>"
    assert str(mail["To"]) == "ann@example.com" or str(mail["To"]) == "<ann@example.com>"
    assert str(mail["Reply-To"]) == "help@example.com"
    assert mail["Message-ID"] == f"<{MESSAGE['message_id']}.2@example.com>"
    assert mail["Date"].datetime.isoformat() == "2026-09-01T10:00:00+00:00"
    assert mail["X-Carillon-Message-Id"] == MESSAGE["message_id"]
    assert mail["X-Carillon-Attempt"] == "2"
    assert mail["List-Unsubscribe"] == "<https://carillon.example/u/abc?t=1%2B2>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in mail.iter_parts()][0] == "multipart/alternative"
    assert bytes_of(mail.get_body(("plain",))).decode() == MESSAGE["text"]
    assert bytes_of(mail.get_body(("html",))).decode() == MESSAGE["html"]
    assert files_of(mail) == files


def test_smtp_a_plain_mail_has_no_attachment_and_no_unsubscribe_headers(relay, certificate):
    assert send(relay, MESSAGE, certificate)["kind"] == "ACCEPTED"
    mail = relay.mail()
    assert list(mail.iter_attachments()) == []
    assert mail["List-Unsubscribe"] is None and mail["List-Unsubscribe-Post"] is None


TEXTS = {
    "lines that begin with dots": ".\r\n..\r\n...\r\n.x\r\n\r\n.\r\n",
    "a dot at the end": "the end\r\n.",
    "only a dot": ".",
    "long lines": ("x" * 5_000 + "\r\n") * 3 + "ä" * 3_000 + " " + "=" * 2_000,
    "spaces at line ends": "a \r\nb\t\r\n \r\n",
    "line feeds alone": "a\nb\n.\n\nc",
    "line feeds alone and not": "\na\r\nb\n\r\n",
    "words that look like headers and boundaries": "From: x\r\n--\r\n--boundary--\r\nBcc: eve@example.com\r\n\r\nFrom the start\r\n",
    "all of the planes": "مرحبا 漢字 🔔 é é \u202e \u00a0 €",
    "percent and equals": "100 % = =3D =\r\n=20",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_smtp_a_text_arrives_as_it_is_with_the_line_ends_of_mail(relay, certificate, text):
    assert send(relay, MESSAGE | {"text": text, "html": text}, certificate)["kind"] == "ACCEPTED"
    mail, in_a_mail = relay.mail(), re.sub("\r?\n", "\r\n", text)
    assert bytes_of(mail.get_body(("plain",))).decode() == in_a_mail
    assert bytes_of(mail.get_body(("html",))).decode() == in_a_mail
    assert b"=0A" not in relay.mails[0]
    assert max(len(line) for line in relay.mails[0].split(b"\r\n")) <= LINE_CHARS_MAX
    assert all(byte < 0x80 for byte in relay.mails[0]), "7 bit, so that no relay must convert it"


SUBJECTS = ["x" * 300, "ü" * 200, "a " * 200, "=?UTF-8?B?eA==?=", "🔔" * 60, "  blanks  at both ends  ", "quote \" and \\ and <x@y>, (z)"]


@pytest.mark.parametrize("subject", SUBJECTS, ids=range(len(SUBJECTS)))
def test_smtp_a_subject_arrives_as_it_is_in_lines_that_fit(relay, certificate, subject):
    assert send(relay, MESSAGE | {"subject": subject}, certificate)["kind"] == "ACCEPTED"
    mail = relay.mail()
    assert mail["Subject"].strip() == subject.strip()
    head = relay.mails[0].split(b"\r\n\r\n")[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= HEADER_LINE_CHARS_MAX


def test_smtp_nothing_in_a_message_begins_a_header(relay, certificate):
    evil = "x\r\nBcc: eve@example.com\r\n\r\nbody"
    message = MESSAGE | {"subject": evil, "template_key": evil, "message_id": "m1", "unsubscribe_url": "https://c.example/" + evil,
                         "attachments": [attached(evil, evil, b"1"), attached("../../\"x\"; filename=\"y.exe", "a/b; name=\"\r\nBcc: x\"", b"2")]}
    assert send(relay, message, certificate)["kind"] == "ACCEPTED"
    mail = relay.mail()
    for part in mail.walk():
        assert part["Bcc"] is None
    assert relay.envelopes == [("bell@example.com", ["ann@example.com"])]
    assert [(name, kind) for name, kind, _ in files_of(mail)] == [("x  Bcc: eve@example.com    body", "application/octet-stream"),
                                                                  ("_.._'x'; filename='y.exe", "application/octet-stream")]
