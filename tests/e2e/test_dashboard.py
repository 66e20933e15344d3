"""The admins' pages in Chromium after a storm of messages of which many fail: what they say, live, by keyboard, on desk and phone, and axe's verdict."""

import importlib.util
import json
import pathlib
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.people import Person
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.tab import DESK, PHONE, chromium
from harness.waiting import wait_until

NODE = pathlib.Path(__file__).parent.parent / "oracles/node"
PAGES = ("notification-health", "messages", "audit", "held", "providers", "suppressions", "number-pool", "dead-letters", "more")
LOOKS = (("light", DESK), ("dark", PHONE))
GRAVE = {"serious", "critical"}
PAGE_BYTES_MAX = 60_000


def axe() -> str:
    """The script of the npm package axe-core, as locked beside the oracles."""
    spec = importlib.util.spec_from_file_location("install", NODE / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.install()
    return (module.FOLDER / "node_modules/axe-core/axe.min.js").read_text()


class Storm:
    """A platform of its own, an ADMIN, and what was sent: a few by SMS, most by mail, of which some fail, some fail over and one is never answered."""

    def __init__(self, installation: Installation, url: str):
        self.installation, self.url = installation, url
        self.api, sandbox = Api(url, installation.api_key()), Sandbox(installation.sandbox_url)
        self.admin = Person(installation.database_url, url, "ADMIN", None)
        sandbox.order(provider="postmark", mode="status", status=422, error_code=300, recipient_contains="nobody")
        sandbox.order(provider="postmark", mode="drop_after_read", recipient_contains="lost")
        sandbox.order(provider="postmark", mode="status", status=503, recipient_contains="weary")
        ids = [self.send(f"guest{number}") for number in range(24)] + [self.send(f"nobody{number}") for number in range(6)]
        self.lost = self.send("lost", subject="Ihre Rechnung über die Nebenkostenabrechnungsvorauszahlungsanpassung 🔔 مرحبا")
        for message_id in [*ids, self.lost]:
            self.api.final(message_id, 20)
        # Five failures in a row open the breaker; the next provider takes over.
        self.moved = [self.send(f"weary{number}") for number in range(8)]
        for message_id in self.moved:
            self.api.final(message_id, 20)

    def send(self, name: str, **content: str) -> str:
        return self.api.manual(f"{name}.{uuid.uuid4().hex[:6]}@example.com", **content)

    def open(self, tab, page: str, **how):
        self.admin.sign_in(tab, self.url)
        return tab.open(f"{self.url}/admin/{page}", **how)


@pytest.fixture(scope="module")
def storm(admin_url, tmp_path_factory):
    name = f"dashboard_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("dashboard"))
    program = installation.whole().start().wait_ready()
    yield Storm(installation, program.url)
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def tab():
    with chromium() as tab:
        tab.order("Network.enable")
        yield tab


def text(tab) -> str:
    return tab.run("document.body.innerText")


def test_dashboard_says_what_is_wrong_and_leads_to_it(storm, tab):
    storm.open(tab, "notification-health")
    tab.wait("document.getElementById('live').textContent === 'live'")
    said = tab.run("document.querySelector('.verdict').innerText")
    assert "E-mail is failing over: postmark has been open for" in said and "smtp takes its messages" in said
    assert "1 message waits for a decision" in said
    assert tab.run("Chart.getChart(document.querySelector('#chart canvas')).data.datasets.flatMap(one => one.data.slice(-2)).reduce((a, b) => a + b, 0)") > 30  # the storm may meet a new quarter
    tab.wait("document.getElementById('costs').textContent.includes('USD')")
    tab.click("#failures a")
    tab.wait("location.pathname === '/admin/messages' && document.readyState === 'complete'")
    assert tab.run("document.querySelectorAll('tbody tr').length") == 6
    assert tab.complaints() == []


def test_dashboard_is_live_and_holds_still_under_the_pointer(storm, tab):
    storm.open(tab, "notification-health")
    tab.wait("document.getElementById('live').textContent === 'live'")
    shown = "document.querySelector('#recent tbody tr').dataset.id === '{}'"
    tab.wait(shown.format(storm.send("early")))
    tab.hover("#recent tbody tr:nth-child(2)")
    held = storm.send("patient")
    tab.wait("document.getElementById('live').textContent === 'live, held still'")
    assert not tab.run(shown.format(held))
    tab.hover("h1")
    tab.wait(shown.format(held))
    assert tab.complaints() == []


def test_dashboard_by_keyboard_reads_the_chart_out(storm, tab):
    storm.open(tab, "notification-health")
    tab.wait("document.getElementById('live').textContent === 'live'")
    for _ in range(60):
        tab.press("Tab")
        if tab.run("document.activeElement.tagName") == "CANVAS":
            break
    assert tab.run("document.activeElement.tagName") == "CANVAS"
    tab.press("ArrowLeft")
    newest = tab.run("document.getElementById('chart-said').textContent")
    tab.press("ArrowLeft")
    before = tab.run("document.getElementById('chart-said').textContent")
    assert newest != before and "Failed 6" in newest + before


def test_dashboard_without_javascript_has_the_figures_as_a_table(storm):
    page = storm.admin.get("/admin/notification-health").body.decode()
    assert '<details id="chart-figures" open>' in page and 'id="chart" class="chart" hidden' in page
    assert len(page) < PAGE_BYTES_MAX and "<script>" not in page and " style=" not in page


def test_dashboard_shows_a_message_and_decides_about_a_held_one(storm, tab):
    storm.open(tab, f"messages/{storm.moved[0]}")
    assert "Sent by smtp after postmark refused it." in text(tab)
    storm.open(tab, f"messages/{storm.lost}")
    assert "Nobody knows: postmark was called and gave no answer." in text(tab)
    assert "lost." not in text(tab)
    tab.click("details:has(form[action$='/reveal']) summary")
    tab.click("form[action$='/reveal'] button")
    tab.wait("location.pathname.endsWith('/reveal') && document.readyState === 'complete'")
    assert "lost." in text(tab)
    tab.click("details:has(form[action^='/admin/held/']) summary")
    tab.click("button[value=SENT]")
    tab.wait("location.search === '?done=decided' && document.readyState === 'complete'")
    wait_until(lambda: storm.api.message(storm.lost)["status"] == "SENT", 10, "the decision holds")
    audited = lambda: {entry["action"] for entry in storm.api.get(f"/api/admin/audit-logs?subject_id={storm.lost}").json()["items"]}
    wait_until(lambda: {"MESSAGE_DETAIL_VIEWED", "MESSAGE_RESOLVED"} <= audited(), 10, "both are audited")
    assert tab.complaints() == []


def test_dashboard_fits_desk_and_phone_in_light_and_dark_and_axe_finds_nothing_grave(storm, tab, tmp_path):
    script = axe()
    for page in (*PAGES, f"messages/{storm.moved[1]}"):
        for scheme, size in LOOKS:
            storm.open(tab, page, size=size, scheme=scheme)
            assert tab.run("document.documentElement.scrollWidth") <= size[0], (page, size)
            tab.run(script)
            found = tab.run("axe.run().then(result => result.violations.map(one => [one.impact, one.id, one.nodes.map(node => node.html).slice(0, 3)]))")
            assert [one for one in found if one[0] in GRAVE] == [], (page, scheme, json.dumps(found, indent=1))
            tab.picture(tmp_path / f"{page.replace('/', '-')}-{scheme}-{size[0]}.png")
    assert tab.complaints() == []
