"""/billing in its four states, in Chromium: what is shown, that it fits a phone, and the pictures of docs/images."""

import pathlib
import uuid

import pytest

from harness.browser import png_size
from harness.people import Person
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.tab import DESK, PHONE, chromium
from harness.waiting import wait_until

STATES = {"off": "Billing not configured", "test": "Test Mode - use test cards", "active": "Manage subscription", "past-due": "A payment is missing"}
BLANK_PAGE_BYTES_MAX = 6_000
CARD = "4242 4242 4242 4242"


@pytest.fixture(scope="module")
def whole(admin_url, tmp_path_factory):
    """Two platforms over one database, without and with Stripe, and their sandbox."""
    name = f"billing_page_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("billing_page"))
    with_stripe = installation.whole()
    with_stripe.environment |= {"CARILLON_SANDBOX_RECEIPTS_URL": with_stripe.url, "CARILLON_PUBLIC_URL": with_stripe.url}
    with_stripe.start().wait_ready()
    without = installation.program("carillon-billing-ingest", STRIPE_SECRET_KEY="").start().wait_ready()
    yield installation, with_stripe, without
    assert [program.stop() for program in (without, with_stripe)] == [0, 0]
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def tab():
    with chromium() as tab:
        tab.order("Network.enable")
        yield tab


def open_billing(tab, program, person, **how) -> str:
    person.sign_in(tab, program.url)
    tab.open(f"{program.url}/billing", **how)
    return tab.run("document.body.innerText")


def test_billing_page_shows_its_four_states_on_desk_and_phone_in_light_and_dark(whole, tab, tmp_path):
    installation, with_stripe, without = whole
    client = f"c{uuid.uuid4().hex[:10]}"
    installation.put_client(with_stripe.url, client, "--email", "ann@example.com")
    owner = Person(installation.database_url, with_stripe.url, "OWNER", client)
    staff = Person(installation.database_url, with_stripe.url, "STAFF", client)
    pictures = pathlib.Path(tmp_path)

    def look(state: str, program) -> None:
        for size, screen in ((DESK, "desk"), (PHONE, "phone")):
            for scheme in ("light", "dark"):
                assert STATES[state] in open_billing(tab, program, owner, size=size, scheme=scheme)
                assert tab.run("document.documentElement.scrollWidth") <= size[0], (state, screen)
                picture = pictures / f"billing-{state}-{screen}-{scheme}.png"
                tab.picture(picture)
                assert png_size(picture) == size
                assert picture.stat().st_size > BLANK_PAGE_BYTES_MAX
        assert tab.complaints() == []

    look("off", without)
    look("test", with_stripe)
    # Buying as a person does: the form leads to the checkout, whose payment comes back as webhooks.
    open_billing(tab, with_stripe, owner)
    tab.click("form[action='/billing/checkout']:has(input[value=PRO]) button")
    tab.wait("location.pathname.startsWith('/stripe/checkout/') && document.readyState === 'complete'")
    tab.type("#card", CARD)
    tab.click("form button")
    tab.wait("!!document.querySelector('#go-on')")
    tab.click("#go-on")
    tab.wait("location.pathname === '/billing' && document.readyState === 'complete'")
    assert "Thank you" in tab.run("document.body.innerText")
    wait_until(lambda: STATES["active"] in open_billing(tab, with_stripe, owner), 15, "the plan is active")
    look("active", with_stripe)
    text = open_billing(tab, with_stripe, staff)
    assert "PRO" in text and "Active" in text and "Manage subscription" not in text
    open_billing(tab, with_stripe, owner)
    tab.click("form[action='/billing/portal'] button")
    tab.wait("location.pathname.startsWith('/stripe/portal/') && document.readyState === 'complete'")
    tab.click("button[value=fail]")
    tab.wait("document.body.innerText.includes('Done.')")
    wait_until(lambda: STATES["past-due"] in open_billing(tab, with_stripe, owner), 15, "the payment is missing")
    look("past-due", with_stripe)


def test_billing_page_works_by_keyboard_and_every_button_has_a_name(whole, tab):
    installation, with_stripe, _ = whole
    client = f"c{uuid.uuid4().hex[:10]}"
    installation.put_client(with_stripe.url, client, "--email", "ann@example.com")
    owner = Person(installation.database_url, with_stripe.url, "OWNER", client)
    open_billing(tab, with_stripe, owner)
    assert tab.run("[...document.querySelectorAll('button, a')].filter(one => !one.innerText.trim() && !one.getAttribute('aria-label')).length") == 0
    tab.run("document.querySelector(\"form[action='/billing/checkout'] button\").focus()")
    tab.press("Enter")
    tab.wait("location.pathname.startsWith('/stripe/checkout/')")


def test_billing_page_goes_out_with_strict_headers_that_let_its_forms_reach_stripe(whole):
    installation, with_stripe, _ = whole
    client = f"c{uuid.uuid4().hex[:10]}"
    installation.put_client(with_stripe.url, client)
    headers = Person(installation.database_url, with_stripe.url, "OWNER", client).get("/billing").headers
    policy = headers["content-security-policy"]
    assert f"form-action 'self' {installation.sandbox_url};" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY" and headers["cache-control"] == "no-store"
