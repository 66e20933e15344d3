"""The sandbox's inbox page in a browser: what was sent is shown, on a wide screen and on a phone."""

import html
import uuid

import pytest

from harness.browser import document, png_size, screenshot

PHONE, DESK = (390, 844), (1280, 900)
BLANK_PAGE_BYTES_MAX = 6_000  # a page without text compresses to less


@pytest.fixture
def subject() -> str:
    return f"Glöckchen <{uuid.uuid4().hex[:8]}> & more"


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


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_inbox_page_is_drawn_at_the_width_of_the_screen(installation, api, sandbox, address, subject, tmp_path, size):
    api.final(api.manual(address, subject=subject))
    picture = tmp_path / "inbox.png"
    screenshot(f"{installation.sandbox_url}/?q={address}", picture, *size)
    assert png_size(picture) == size
    assert picture.stat().st_size > BLANK_PAGE_BYTES_MAX
