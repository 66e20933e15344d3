"""Accounts as people use them, in Chromium: set a password, log in and out, forget it. Every answer comes from a running platform."""

import json
import pathlib
import uuid

import psycopg
import pytest

from harness.api import Api, Sandbox
from harness.browser import png_size
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.tab import DESK, PHONE, Tab, chromium
from harness.waiting import wait_until

PASSWORD = "seven lamps on a quay"
PUBLIC_URL = "https://bell.example.com"  # the links in mails begin with it; a test opens their path where the platform is
BLANK_PAGE_BYTES_MAX = 6_000  # a page without text compresses to less
PAGE_BYTES_MAX = 300_000


@pytest.fixture(scope="module")
def whole(admin_url, tmp_path_factory):
    name = f"login_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("login"), CARILLON_PUBLIC_URL=PUBLIC_URL,
                                LOGIN_ACCOUNT_RATE_LIMIT="5/15m")
    program = installation.whole().start().wait_ready()
    yield installation, program
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def api(whole):
    installation, program = whole
    return Api(program.url, installation.api_key())


@pytest.fixture(scope="module")
def execute(whole):
    with psycopg.connect(whole[0].database_url, autocommit=True) as connection:
        yield lambda sql, *values: connection.execute(sql, values)


@pytest.fixture
def tab():
    with chromium() as tab:
        yield tab


@pytest.fixture
def admin(whole) -> tuple[str, str]:
    """An operator's address, and the path of the link that sets their password."""
    email = f"ann-{uuid.uuid4().hex[:8]}@example.com"
    return email, path_of(whole[0].command("admin", "create", email, CARILLON_PUBLIC_URL=PUBLIC_URL).stdout.strip())


def path_of(link: str) -> str:
    assert link.startswith(PUBLIC_URL + "/set-password?t="), link
    return link.removeprefix(PUBLIC_URL)


def text(tab: Tab) -> str:
    return tab.run("document.body.innerText")


def submit(tab: Tab, selector: str = "main form button") -> None:
    """Presses the button and waits for the page that comes."""
    tab.run("window.stale = true")
    tab.click(selector)
    tab.wait("window.stale !== true && document.readyState === 'complete'")


def set_password(tab: Tab, url: str, password: str, repeated: str | None = None) -> None:
    tab.open(url)
    tab.type("#password", password)
    tab.type("#repeated", password if repeated is None else repeated)
    submit(tab)


def log_in(tab: Tab, program, email: str, password: str, query: str = "") -> None:
    tab.open(f"{program.url}/login{query}")
    tab.type("#email", email)
    tab.type("#password", password)
    submit(tab)


def path(tab: Tab) -> str:
    return tab.run("location.pathname")


def member(api: Api, whole, role: str) -> str:
    """The address of somebody of a new, provisioned client."""
    client, email = f"c{uuid.uuid4().hex[:12]}", f"{uuid.uuid4().hex}@example.com"
    whole[0].command("client", "put", client, "--onboarding-status", "PROVISIONED", CARILLON_URL=api.url, CARILLON_API_KEY=api.key)
    answer = api.call("POST", f"/api/admin/clients/{client}/accounts", json.dumps({"email": email, "role": role}), {"Content-Type": "application/json"})
    assert answer.status == 201, answer.body
    return email


def focused(tab: Tab) -> str:
    return tab.run("document.activeElement.className")


def test_a_link_of_the_command_line_sets_a_password_that_logs_in_and_out(whole, tab, admin):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, PASSWORD)
    assert path(tab) == "/login" and "Your password is set" in text(tab)
    log_in(tab, program, email, PASSWORD)
    assert path(tab) == "/admin/notification-health"
    assert email in tab.run("document.querySelector('.who').textContent")
    submit(tab, ".who button")
    assert path(tab) == "/login" and "You are logged out" in text(tab)
    tab.open(f"{program.url}/login?next=%2Fadmin")  # and is out: /admin asks for a login again
    assert "Log in" in text(tab)
    assert tab.complaints() == []


def test_the_start_page_leads_to_what_an_admin_may_see(whole, tab, admin):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, PASSWORD)
    log_in(tab, program, email, PASSWORD)
    found = tab.run("Promise.all([...document.querySelectorAll('main a')].map(async a => [a.pathname, (await fetch(a.href)).status]))")
    assert len(found) >= 4 and {status for _, status in found} == {200}, found


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(whole, tab, admin):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, PASSWORD)
    log_in(tab, program, email, "something else entirely")
    wrong, kept = text(tab), tab.value("#email")
    assert kept == email and tab.value("#password") == ""
    assert "refused" in focused(tab)
    log_in(tab, program, f"{uuid.uuid4().hex}@example.com", "something else entirely")
    assert text(tab) == wrong and "do not belong together" in wrong


def test_logins_are_limited_for_addresses_known_or_not(whole, tab):
    program = whole[1]
    unknown = f"{uuid.uuid4().hex}@example.com"
    for _ in range(5):
        log_in(tab, program, unknown, "something else entirely")
        assert "do not belong together" in text(tab)
    log_in(tab, program, unknown, "something else entirely")
    assert "Too many tries" in text(tab)


@pytest.mark.parametrize("password", ["x", "x" * 10_000, "🔔" * 2_000], ids=["1", "10000", "bells"])
def test_passwords_of_any_length_are_refused_in_words_and_change_nothing(whole, tab, admin, password):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, password)
    assert path(tab) == "/set-password"
    assert tab.run("document.querySelector('#password').getAttribute('aria-invalid')") == "true"
    assert tab.run("document.querySelector('#password-error').innerText") in text(tab)
    assert "refused" in focused(tab)
    log_in(tab, program, email, password)
    assert "do not belong together" in text(tab)
    set_password(tab, program.url + link, PASSWORD)  # the link still works
    assert "Your password is set" in text(tab)


def test_two_passwords_that_differ_are_refused(whole, tab, admin):
    set_password(tab, whole[1].url + admin[1], PASSWORD, PASSWORD + "s")
    assert "The two are not the same" in tab.run("document.querySelector('#repeated-error').innerText")


def test_a_used_link_works_no_more(whole, tab, admin):
    program, link = whole[1], admin[1]
    set_password(tab, program.url + link, PASSWORD)
    tab.open(program.url + link)
    assert "This link does not work" in text(tab) and "used already" in text(tab)


def test_an_expired_link_works_no_more(whole, tab, admin, execute):
    program, (email, link) = whole[1], admin
    execute("UPDATE identity.password_links SET expires_at = now() - interval '1 second' WHERE account_id = (SELECT account_id FROM identity.accounts WHERE email = %s)", email)
    tab.open(program.url + link)
    assert "This link does not work" in text(tab) and "that is over" in text(tab)


def test_a_cut_link_says_so(whole, tab, admin):
    tab.open(whole[1].url + admin[1][:-3])
    assert "This link does not work" in text(tab)


def mails_to(installation, email: str, count: int) -> list[dict]:
    box = Sandbox(installation.sandbox_url)
    return wait_until(lambda: (found := box.messages(email)) and len(found) >= count and found, 20, f"{count} mails to the address")


def links_to(installation, email: str, count: int) -> set[str]:
    """The links in the first `count` mails."""
    return {path_of(next(word for word in mail["text"].split() if word.startswith(PUBLIC_URL))) for mail in mails_to(installation, email, count)}


@pytest.mark.parametrize("role", ["OWNER", "STAFF"])
def test_an_invited_member_sets_a_password_forgets_it_and_sets_another(whole, tab, api, role):
    installation, program = whole
    email = member(api, whole, role)
    first = links_to(installation, email, 1)
    set_password(tab, program.url + min(first), PASSWORD)
    tab.open(f"{program.url}/forgot-password")
    tab.type("#email", email.upper())
    submit(tab)
    assert "If" in text(tab) and "belongs to an account" in text(tab)
    (reset,) = links_to(installation, email, 2) - first
    set_password(tab, program.url + reset, PASSWORD + " at night")
    assert "Your password is set" in text(tab)
    log_in(tab, program, email, PASSWORD)
    assert "do not belong together" in text(tab)
    log_in(tab, program, email, PASSWORD + " at night")
    assert path(tab) == "/billing"


def test_a_reset_of_an_unknown_address_answers_the_same_and_sends_nothing(whole, tab, api):
    installation, program = whole
    email = member(api, whole, "OWNER")
    mails_to(installation, email, 1)
    answers = []
    for address in (email, f"{uuid.uuid4().hex}@example.com"):
        tab.open(f"{program.url}/forgot-password")
        tab.type("#email", address)
        submit(tab)
        answers.append(text(tab).replace(address, "ADDRESS"))
    assert answers[0] == answers[1]
    mails_to(installation, email, 2)  # the first was answered, and with it the second, which stood behind it
    assert Sandbox(installation.sandbox_url).messages(address) == []


def test_after_a_login_only_paths_of_ours_are_gone_to(whole, tab, admin):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, PASSWORD)
    for query in ("?next=https%3A%2F%2Fevil.example", "?next=%2F%2Fevil.example", "?next=%2F%5Cevil.example"):
        log_in(tab, program, email, PASSWORD, query)
        assert tab.run("location.href") == f"{program.url}/admin/notification-health"
        submit(tab, ".who button")
    tab.open(f"{program.url}/admin", lands_at=f"{program.url}/login?next=%2Fadmin")
    tab.type("#email", email)
    tab.type("#password", PASSWORD)
    submit(tab)
    assert path(tab) == "/admin/notification-health"


def test_the_keyboard_alone_logs_in(whole, tab, admin):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, PASSWORD)
    tab.open(f"{program.url}/login")
    tab.press("Tab")
    assert "skip" in focused(tab)
    tab.press("Tab")
    tab.order("Input.insertText", text=email)
    tab.press("Tab")
    tab.order("Input.insertText", text=PASSWORD)
    tab.run("window.stale = true")
    tab.press("Enter")
    tab.wait("window.stale !== true && document.readyState === 'complete'")
    assert path(tab) == "/admin/notification-health"


def test_pages_without_javascript_work_all_the_same(whole, tab, admin):
    email, link = admin
    program = whole[1]
    set_password(tab, program.url + link, PASSWORD)
    tab.open(f"{program.url}/login")
    assert tab.run("[...document.scripts].every(script => script.src.startsWith(location.origin + '/assets/') && script.defer)")


def header_of(answer, name: str) -> str:
    return answer.headers.get(name, "")


@pytest.mark.parametrize("page", ["/login", "/forgot-password", "/set-password?t=x"])
def test_pages_go_out_with_strict_headers(api, page):
    answer = Api(api.url, None).get(page)
    policy = header_of(answer, "content-security-policy")
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert header_of(answer, "x-content-type-options") == "nosniff"
    assert header_of(answer, "x-frame-options") == "DENY"
    assert header_of(answer, "referrer-policy") == "same-origin"
    assert header_of(answer, "cache-control") == "no-store"
    assert "max-age" in header_of(answer, "strict-transport-security")  # CARILLON_PUBLIC_URL is https://


def test_the_session_s_cookie_is_out_of_reach_of_scripts_and_other_sites(whole, api, tab, admin):
    email, link = admin
    set_password(tab, whole[1].url + link, PASSWORD)
    log_in(tab, whole[1], email, PASSWORD)
    assert tab.run("document.cookie") == ""
    cookie = next(one for one in tab.order("Network.getCookies", urls=[whole[1].url])["cookies"] if "session" in one["name"])
    assert cookie["name"] == "__Host-carillon_session"
    assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Lax" and cookie["path"] == "/"


def test_a_form_of_another_site_is_refused(api):
    body, form = "email=ann%40example.com&password=x", {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/login", "/forgot-password", "/set-password"):
        assert Api(api.url, None).call("POST", path, body, form | {"Origin": "https://evil.example"}).status == 403
        assert Api(api.url, None).call("POST", path, body, form | {"Sec-Fetch-Site": "cross-site"}).status == 403


def test_a_page_is_light(api):
    page = Api(api.url, None).get("/login")
    sheets = [word.split('"')[1] for word in page.body.decode().split() if word.startswith('href="/assets/')]
    assert len(sheets) == 2
    total = len(page.body)
    for sheet in sheets:
        answer = Api(api.url, None).get(sheet)
        assert answer.status == 200 and "immutable" in header_of(answer, "cache-control")
        total += len(answer.body)
    assert total < PAGE_BYTES_MAX


LOOKS = [("light", DESK), ("light", PHONE), ("dark", DESK), ("dark", PHONE)]


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=[f"{scheme}-{size[0]}" for scheme, size in LOOKS])
def test_pages_fit_their_window_and_have_something_to_show(whole, tab, admin, tmp_path: pathlib.Path, scheme, size):
    program, (email, link) = whole[1], admin

    def looked_at(name: str) -> None:
        assert tab.run("document.documentElement.scrollWidth <= innerWidth"), name
        file = tmp_path / f"{name}-{scheme}-{size[0]}.png"
        tab.picture(file)
        assert png_size(file) == size and file.stat().st_size > BLANK_PAGE_BYTES_MAX, name

    tab.open(f"{program.url}/login", size, scheme)
    looked_at("login")
    tab.type("#email", email)
    tab.type("#password", "something else entirely")
    submit(tab)
    looked_at("login-refused")
    tab.open(program.url + link, size, scheme)
    tab.type("#password", "too short")
    tab.type("#repeated", "too short")
    submit(tab)
    looked_at("set-password")
    tab.open(program.url + link, size, scheme)
    tab.type("#password", PASSWORD)
    tab.type("#repeated", PASSWORD)
    submit(tab)
    tab.type("#email", email)
    tab.type("#password", PASSWORD)
    submit(tab)
    looked_at("admin")
    assert tab.run("[...document.querySelectorAll('nav[aria-label=Pages]')].filter(nav => nav.checkVisibility()).length") == (0 if size == PHONE else 1)
    if size == PHONE:
        tab.click(".menu summary")
        assert tab.run("document.querySelector('.menu a').checkVisibility()")
        looked_at("menu")


def test_the_command_line_says_what_is_wrong(whole, admin):
    installation, (email, _) = whole[0], admin
    url = {"CARILLON_PUBLIC_URL": PUBLIC_URL}
    again = installation.command("admin", "create", email.upper(), check=False, **url)
    assert again.returncode == 1 and "carillon admin reset" in again.stderr
    assert path_of(installation.command("admin", "reset", email, **url).stdout.strip())
    unknown = installation.command("admin", "reset", f"{uuid.uuid4().hex}@example.com", check=False, **url)
    assert unknown.returncode == 1 and "carillon admin create" in unknown.stderr
    assert installation.command("admin", "create", "no address", check=False, **url).returncode == 1
    without = installation.command("admin", "create", email, check=False)
    assert without.returncode == 2 and "CARILLON_PUBLIC_URL" in without.stderr
