"""A recipient is forgotten on request, in every table of every service."""

import json

import psycopg

TABLES = """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'bus')"""


def tables_with(database_url: str, text: str) -> set[str]:
    """Those that hold it in any column, as text or as bytes; the bus's own rows go with its retention."""
    with psycopg.connect(database_url) as connection:
        found = lambda table: connection.execute(f"SELECT count(*) FROM {table} AS t WHERE position(%s IN t::text) > 0 OR position(%s IN t::text) > 0",
                                                 (text, text.encode().hex())).fetchone()[0]
        return {name for (name,) in connection.execute(TABLES).fetchall() if found(name)}


def test_an_erased_recipient_is_in_no_table_and_stays_suppressed(installation, platform, api_key, api, sandbox, address):
    def carillon(*arguments: str, check: bool = True):
        return installation.command(*arguments, check=check, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key)

    sandbox.order(provider="postmark", mode="status", status=422, error_code=300, recipient_contains=address)
    failed = api.manual(address)
    assert api.final(failed)["status"] == "FAILED"
    carillon("suppression", "add", "EMAIL", address)
    assert api.final(api.manual(address))["status"] == "BLOCKED_SUPPRESSED"
    assert tables_with(installation.database_url, address) == {"health.message_log"}

    shown = carillon("recipient", "erase", address.upper()).stdout
    assert "carillon/health-aggregator: messages 2" in shown and "suppressions_kept 1" in shown, shown
    assert address not in shown.lower()
    assert tables_with(installation.database_url, address) == set()
    assert api.get(f"/api/admin/message-logs?recipient={address}").json()["items"] == []
    detail = api.get(f"/api/admin/message-logs/{failed}").json()
    assert detail["recipient"] == "(erased)" and not detail["recipient_clear"]
    assert api.final(api.manual(address))["status"] == "BLOCKED_SUPPRESSED"


def test_erasing_says_whose_contact_an_address_is_and_refuses_what_is_none(installation, platform, api_key, address):
    def carillon(*arguments: str, check: bool = True):
        return installation.command(*arguments, check=check, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key)

    installation.put_client(platform.url, f"owner-of-{address[:8]}", "--email", address)
    done = carillon("recipient", "erase", address, "--json")
    assert {json.loads(line)["actor"] for line in done.stdout.splitlines()} == {"carillon/health-aggregator", "carillon/orchestrator", "carillon/otp"}
    assert f"contact of client owner-of-{address[:8]}" in done.stderr
    refused = carillon("recipient", "erase", "nobody", check=False)
    assert refused.returncode == 1 and "recipient" in refused.stderr
