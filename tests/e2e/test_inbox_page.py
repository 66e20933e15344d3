"""The sandbox's inbox page in a browser: what was sent is shown, on a wide screen and on a phone."""

import base64
import contextlib
import hashlib
import html
import http.server
import json
import threading
import urllib.request
import uuid

import pytest

from harness.browser import document, png_size, screenshot

PHONE, DESK = (390, 844), (1280, 900)
BLANK_PAGE_BYTES_MAX = 6_000  # a page without text compresses to less
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 20
RECEIPT_LIMIT_SECONDS = 10


@pytest.fixture
def subject() -> str:
    return f"Glöckchen <{uuid.uuid4().hex[:8]}> & more"


def call(url: str, body: str, **headers: str) -> bytes:
    request = urllib.request.Request(url, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request, timeout=RECEIPT_LIMIT_SECONDS) as answer:
        return answer.read()


def sendgrid_mail(sandbox_url: str, to: str, subject: str) -> None:
    """As SendGrid's client would send it, with a file."""
    file = {"content": base64.b64encode(PDF).decode(), "type": "application/pdf", "filename": "Rechnung März.pdf", "disposition": "attachment"}
    mail = {"personalizations": [{"to": [{"email": to}]}], "from": {"email": "hello@carillon.example", "name": "Carillon"}, "subject": subject,
            "content": [{"type": "text/plain", "value": "The invoice is attached."}, {"type": "text/html", "value": "<p>The invoice is <b>attached</b>.</p>"}],
            "custom_args": {"message_id": str(uuid.uuid4()), "attempt": "1"}, "attachments": [file]}
    call(f"{sandbox_url}/v3/mail/send", json.dumps(mail), Authorization="Bearer SG.sandbox", Content_Type="application/json")


@contextlib.contextmanager
def webhook():
    """A webhook that takes everything."""

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def complaint(sandbox_url: str, to: str, subject: str) -> None:
    """A mail whose receipts have been taken when this returns."""
    with webhook() as url:
        call(f"{sandbox_url}/receipts", json.dumps({"provider": "sendgrid", "kind": "complaint", "before_answer": True, "url": url,
                                                    "recipient_contains": to, "count": 1}))
        sendgrid_mail(sandbox_url, to, subject)


def test_the_inbox_page_shows_a_sent_mail_in_its_list(installation, api, sandbox, address, subject):
    assert api.final(api.manual(address, subject=subject))["status"] == "SENT"
    page = document(f"{installation.sandbox_url}/?q={address}")
    assert html.escape(subject, quote=False) in page
    assert address in page
    assert "Make providers fail" in page


def test_the_inbox_page_finds_by_subject_and_says_when_nothing_fits(installation, api, sandbox, address, subject):
    api.final(api.manual(address, subject=subject))
    mark = subject.split("<")[1].split(">")[0]
    assert address in document(f"{installation.sandbox_url}/?q={mark}")
    assert "No message fits." in document(f"{installation.sandbox_url}/?q={uuid.uuid4().hex}")


def test_the_inbox_page_shows_provider_channel_attachments_and_receipts(installation, sandbox, address, subject):
    complaint(installation.sandbox_url, address, subject)
    page = document(f"{installation.sandbox_url}/?q={address}")
    assert "sendgrid · E-mail" in page
    assert "Rechnung März.pdf" in page
    for word in ("Receipts sent", "processed", "delivered", "spamreport", "answered 200"):
        assert word in page


def test_an_attachment_is_handed_out_byte_for_byte_and_only_to_be_saved(installation, sandbox, address, subject):
    sendgrid_mail(installation.sandbox_url, address, subject)
    (message,) = sandbox.messages(to=address)
    (file,) = message["attachments"]
    assert file == {"file_name": "Rechnung März.pdf", "content_type": "application/pdf", "bytes": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest()}
    with urllib.request.urlopen(f"{installation.sandbox_url}/messages/{message['id']}/attachments/0", timeout=RECEIPT_LIMIT_SECONDS) as answer:
        assert answer.read() == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_inbox_page_is_drawn_at_the_width_of_the_screen(installation, api, sandbox, address, subject, tmp_path, size):
    complaint(installation.sandbox_url, address, subject)
    picture = tmp_path / "inbox.png"
    screenshot(f"{installation.sandbox_url}/?q={address}", picture, *size)
    assert png_size(picture) == size
    assert picture.stat().st_size > BLANK_PAGE_BYTES_MAX
