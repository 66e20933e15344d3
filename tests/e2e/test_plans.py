"""PostgreSQL keeps the plan of a statement that it made when a queue was empty; the queue then grows under it. Whatever the statistics
said, a statement of the pipe must find its rows by an index: a join that reads all of one costs more with each message, dead rows
included."""

import json
import pathlib
import re
import uuid

import psycopg

from harness.postgres import create_database, drop_database
from harness.programs import Installation

SOURCE = pathlib.Path(__file__).parents[2]
PIPE = ["services/orchestrator", "services/provider-dispatcher", "services/health-aggregator", "services/otp", "services/billing-ingest",
        "libs/attachments", "libs/bus/postgres"]
# Reads of all rows that are meant.
WHOLE = {
    "ask_about_held": "one row",
    "count_unreachable": "when a key is retired",
    "forget_recipients": "an erasure: templates, and what has no index by recipient",
    "list_templates": "a page of people",
    "read_conversion": "alarms that are on, a few",
    "read_seed_state": "at the start",
    "read_template_bodies": "few rows, read when a template has changed",
    "read_template_versions": "a page of people",
    "save_breakers": "a row for each provider",
    "settle_held": "held messages, of which people decide one by one",
    "take_deferred_of": "an erasure, over rows of old versions",
    "take_early_receipts": "the queue it takes from, up to its limit",
    "unregister_instance": "when a program ends",
}


def session_settings() -> list[str]:
    """Those of the sessions that run these statements, as they are in the code."""
    text = (SOURCE / "libs/postgres/session.cpp").read_text()
    return re.findall(r"-c (\w+=\w+)", text[text.index("ConnectionSettings for_repeated_statements"):].split("}")[0])


def statements() -> list[pathlib.Path]:
    return sorted(path for folder in PIPE for path in (SOURCE / folder / "sql").glob("*.sql"))


def reads_of_all(plan: dict, inside_join: bool = False) -> list[str]:
    """Tables that take part in a join and are read without a condition on an index."""
    kind = plan["Node Type"]
    whole = kind == "Seq Scan" or (kind.startswith("Index") and "Index Cond" not in plan)
    found = [f"{plan['Relation Name']} by {kind}"] if whole and inside_join else []
    for part in plan.get("Plans", []):
        found += reads_of_all(part, kind in ("Nested Loop", "Hash Join", "Merge Join") or (inside_join and kind in ("Materialize", "Memoize", "Sort")))
    return found


def test_statements_of_the_pipe_find_their_rows_by_index_when_the_statistics_say_empty(admin_url, tmp_path):
    name = f"plans_{uuid.uuid4().hex[:12]}"
    url = create_database(admin_url, name)
    try:
        Installation(url, tmp_path).migrate()
        whole, settings = {}, session_settings()
        assert "enable_seqscan=off" in settings
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            for setting in settings:
                connection.execute(f"SET {setting}")
            for path in statements():
                text = path.read_text()
                arguments = ", ".join(["NULL"] * max((int(number) for number in re.findall(r"\$(\d+)", text)), default=0))
                connection.execute(f"PREPARE {path.stem} AS {text}")
                rows = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE {path.stem}" + (f"({arguments})" if arguments else "")).fetchone()[0]
                if found := reads_of_all((rows if isinstance(rows, list) else json.loads(rows))[0]["Plan"]):
                    whole[path.stem] = found
                connection.execute(f"DEALLOCATE {path.stem}")
        assert {key: found for key, found in whole.items() if key not in WHOLE} == {}
        assert set(WHOLE) - set(whole) == set(), "no longer read whole: take them from the list"
    finally:
        drop_database(admin_url, name)
