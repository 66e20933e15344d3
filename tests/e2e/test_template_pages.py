"""/admin/templates in Chromium: a template is edited with its preview, activated, rolled back, tested, and looks well."""

import html
import json
import pathlib

import pytest

from harness.people import Person
from harness.tab import DESK, PHONE, chromium
from harness.waiting import wait_until

KEY = "ORDER_DELIVERED"
PAGE = f"/admin/templates/{KEY}"
SCRIPT = "<script>document.title='run'</script>"


@pytest.fixture(scope="module")
def tab():
    with chromium() as tab:
        tab.order("Network.enable")
        yield tab


def text_of(tab) -> str:
    return tab.run("document.body.innerText")


def preview_of(tab) -> str:
    """The document of the frame beside the editor, asked for as the frame is; the frame itself is closed to its page."""
    return tab.run("""(async () => {
      const form = document.querySelector('form[data-preview]');
      const answer = await fetch(form.querySelector('[formtarget]').formAction, {method: 'POST', body: new URLSearchParams(new FormData(form))});
      return answer.text();
    })()""")


def follows(tab, what: str, change) -> None:
    """The frame is a new one, and shown, soon after the change."""
    tab.run("document.querySelector('iframe.preview:not(.coming)').seen = true")
    change()
    wait_until(lambda: tab.run("(frame => frame && !frame.seen)(document.querySelector('iframe.preview:not(.coming)'))"), 10, what)


def type_into(tab, selector: str, text: str) -> None:
    tab.run(f"document.querySelector({json.dumps(selector)}).value = ''")
    tab.type(selector, text)


def test_a_template_is_edited_previewed_tested_and_rolled_back_in_a_browser(installation, platform, sandbox, tab, address, tmp_path):
    ann = Person(installation.database_url, platform.url, "ADMIN", None)
    ann.sign_in(tab, platform.url)
    tab.open(platform.url + "/admin/templates?q=order")
    assert KEY in text_of(tab) and "WELCOME_EMAIL" not in text_of(tab)
    tab.open(platform.url + PAGE + "/edit")
    # The preview follows what is typed, and shows markup of variables as text.
    type_into(tab, "#variables", json.dumps({"order_id": SCRIPT}))
    follows(tab, "the preview follows", lambda: type_into(tab, "#subject", "New words for {{order_id}}"))
    tab.picture(pathlib.Path(tmp_path) / "script.png")
    preview = preview_of(tab)
    assert f"New words for {html.escape(SCRIPT).replace('&#x27;', '&apos;')}" in preview and "<script" not in preview
    # A mistake costs nothing of what was written.
    type_into(tab, "#text", "Hello {{nobody}}")
    tab.click("button.btn-main")
    tab.wait("document.body.innerText.includes('none of this template')")
    assert tab.value("#text") == "Hello {{nobody}}" and tab.value("#subject") == "New words for {{order_id}}"
    type_into(tab, "#text", "Order {{order_id}} is there.")
    tab.click("button.btn-main")
    tab.wait(f"location.pathname === '{PAGE}' && document.readyState === 'complete'")
    assert "Version 2 is stored" in text_of(tab)
    # A test of the version that is not active arrives.
    tab.open(platform.url + PAGE + "/test-send?version=2")
    tab.type("#recipient", address)
    tab.click("button.btn-main")
    tab.wait("document.body.innerText.includes('on its way')")
    mail = wait_until(lambda: sandbox.messages(to=address), 15, "the test arrives")[0]
    assert "New words for" in json.dumps(mail)
    # Activated, and rolled back, each behind a page that says what will happen.
    for version, verb in ((2, "takes the place of version 1"), (1, "takes the place of version 2")):
        tab.open(f"{platform.url}{PAGE}/confirm?do=activate&version={version}")
        assert verb in text_of(tab)
        tab.click("main form button")
        tab.wait(f"location.pathname === '{PAGE}' && document.readyState === 'complete'")
        assert f"Version {version} is active" in text_of(tab)
    assert [one for one in tab.complaints() if "status of 422" not in one] == []  # but for the mistake above


def test_a_template_is_shown_well_on_desk_and_phone(installation, platform, tab, tmp_path):
    ann = Person(installation.database_url, platform.url, "ADMIN", None)
    ann.sign_in(tab, platform.url)
    pages = {"templates": "/admin/templates", "template": "/admin/templates/MONTHLY_DIGEST", "template-edit": "/admin/templates/ORDER_STATUS/edit",
             "template-sms": "/admin/templates/OTP_CODE_SMS/edit", "template-confirm": "/admin/templates/MONTHLY_DIGEST/confirm?do=off",
             "template-compare": f"{PAGE}/compare?from=1&to=2", "template-test": "/admin/templates/MONTHLY_DIGEST/test-send",
             "message-new": "/admin/messages/new?template=ADMIN_MANUAL"}
    for name, path in pages.items():
        for size, screen in ((DESK, ""), (PHONE, "-phone")):
            tab.open(platform.url + path, size=size)
            assert tab.run("document.documentElement.scrollWidth") <= size[0], (name, screen)
            assert tab.run("[...document.querySelectorAll('button, a')].filter(one => !one.textContent.trim() && !one.getAttribute('aria-label')).length") == 0
            assert tab.run("[...document.querySelectorAll('input:not([type=hidden]), textarea, select')].filter(one => !one.labels.length).length") == 0
            tab.picture(pathlib.Path(tmp_path) / f"{name}{screen}.png")
