"""A year of scheduled jobs in simulated time: every message at the moment at which a calendar of its own says it is due.

CARILLON_YEAR_CLIENTS sets how many clients (10000 takes minutes): ./dev test e2e takes 200.
"""

import collections
import datetime as dt
import functools
import os
import pathlib
import random
import subprocess
import zoneinfo

PROGRAM = pathlib.Path(os.environ.get("CARILLON_BIN_DIR", "build/dev/bin")).parent / "tests/integration-provisioning"
CLIENTS = int(os.environ.get("CARILLON_YEAR_CLIENTS", "200"))
ITEMS_EACH = 3
ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
BEGIN, END = dt.datetime(2027, 1, 15, tzinfo=dt.UTC), dt.datetime(2028, 1, 15, tzinfo=dt.UTC)
WINDOWS = (7, 14, 30)
DAY = dt.timedelta(days=1)
VERIFICATION_DAYS = 7
RUNS = 'carillon_scheduled_job_runs_total{{outcome="DONE",scheduled_job="{}"}}'

Client = collections.namedtuple("Client", "id zone sms")
Item = collections.namedtuple("Item", "client name expires_on created_at status")


def made_up(count: int) -> tuple[list[Client], list[Item]]:
    chance = random.Random(7)
    clients = [Client(f"c{n:05}", ZONES[n % len(ZONES)], chance.random() < 0.5) for n in range(count)]
    items = []
    for client in clients:
        for n in range(chance.randint(0, 2 * ITEMS_EACH)):
            day = dt.date(2027, 1, 1) + chance.randint(0, 400) * DAY
            if items and items[-1].client == client.id and chance.random() < 0.3:
                day = items[-1].expires_on  # more than one on a date
            created = BEGIN + dt.timedelta(seconds=1) if chance.random() < 0.5 else BEGIN + dt.timedelta(seconds=chance.randint(2, 350 * 86_400), microseconds=1)
            status = chance.choices(["ACTIVE", "PENDING_VERIFICATION", "RESOLVED"], [8, 1, 1])[0]
            items.append(Item(client.id, f"Item {n}", day, created, status))
    return clients, sorted(items, key=lambda item: item.created_at)


def text_of(clients: list[Client], items: list[Item]) -> str:
    lines = [f"YEAR\t{BEGIN:%Y-%m-%dT%H:%M:%SZ}\t{END:%Y-%m-%dT%H:%M:%SZ}"]
    lines += [f"CLIENT\t{c.id}\t{c.zone}\t{int(c.sms)}" for c in clients]
    lines += [f"ITEM\t{i.client}\t{i.name}\t{i.expires_on}\t{i.created_at:%Y-%m-%dT%H:%M:%S.%fZ}\t{i.status}" for i in items]
    return "\n".join(lines) + "\n"


@functools.cache
def mornings(zone: str) -> list[tuple[dt.date, dt.datetime]]:
    """Each date, and nine o'clock of it there."""
    dates = [BEGIN.date() + n * DAY for n in range(-1, (END - BEGIN).days + 2)]
    moments = [(date, dt.datetime(date.year, date.month, date.day, 9, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)) for date in dates]
    return [(date, moment) for date, moment in moments if BEGIN < moment < END]


def remind(counts, client: Client, items: list[Item], calendar) -> None:
    told, named = set(), {}
    for date, moment in calendar:
        due = []
        for place, item in enumerate(items):
            left = (item.expires_on - date).days
            nearest = next((window for window in WINDOWS if left <= window), None)
            if left < 0 or nearest is None or item.created_at > moment or item.status == "RESOLVED" or (place, nearest) in told:
                continue
            if item.expires_on in named and moment < named[item.expires_on] + DAY:
                continue
            due.append((item.expires_on, place, nearest))
        if due:
            told |= {(place, nearest) for _, place, nearest in due}
            named[min(due)[0]] = moment
            counts["COMPLIANCE_EXPIRY_REMINDER", moment] += 1
            counts["COMPLIANCE_EXPIRY_REMINDER_SMS", moment] += client.sms


def tell_of_months_and_weeks(counts, items: list[Item], calendar) -> None:
    for date, moment in calendar:
        there = [item for item in items if item.created_at <= moment]
        if there and date.day == 1:
            counts["MONTHLY_DIGEST", moment] += 1
            counts["SCHEDULED_REPORT", moment] += 1
        if date.weekday() == 0 and any(item.status == "PENDING_VERIFICATION" for item in there):
            counts["PENDING_VERIFICATION_DIGEST", moment] += 1


def alert(counts, client: Client, items: list[Item]) -> None:
    zone, told = zoneinfo.ZoneInfo(client.zone), set()
    for _, moment in mornings("UTC"):
        today = moment.astimezone(zone).date()
        missed = {(place, "expired") for place, item in enumerate(items)
                  if item.created_at <= moment and item.status != "RESOLVED" and today > item.expires_on}
        missed |= {(place, "unverified") for place, item in enumerate(items)
                   if item.created_at <= moment and item.status == "PENDING_VERIFICATION" and today > item.created_at.date() + VERIFICATION_DAYS * DAY}
        counts["COMPLIANCE_SLA_ALERT", moment] += bool(missed - told)
        told |= missed


def reckoned(clients: list[Client], items: list[Item]) -> dict[tuple[str, str], int]:
    counts, of_client = collections.Counter(), collections.defaultdict(list)
    calendars = {zone: mornings(zone) for zone in ZONES}
    for item in items:
        of_client[item.client].append(item)
    for client in clients:
        remind(counts, client, of_client[client.id], calendars[client.zone])
        tell_of_months_and_weeks(counts, of_client[client.id], calendars[client.zone])
        alert(counts, client, of_client[client.id])
    return {(template, f"{moment:%Y-%m-%dT%H:%M}"): count for (template, moment), count in counts.items() if count}


def test_a_year_of_scheduled_jobs_sends_what_a_calendar_of_its_own_reckons(tmp_path):
    clients, items = made_up(CLIENTS)
    (tmp_path / "year.tsv").write_text(text_of(clients, items))
    subprocess.run([PROGRAM, "schedule: a year of it"], check=True, timeout=290, stdout=subprocess.DEVNULL,
                   env=os.environ | {"CARILLON_YEAR_INPUT": str(tmp_path / "year.tsv"), "CARILLON_YEAR_COUNTS": str(tmp_path / "counts")})
    lines = [line.split() for line in (tmp_path / "counts").read_text().splitlines()]
    counted = {(key, moment): int(count) for key, moment, count in lines if key != "runs"}
    runs = {key: int(count) for word, key, count in lines if word == "runs"}  # as the metric has them
    totals = collections.Counter()
    for (template, _), count in counted.items():
        totals[template] += count
    print(f"{len(clients)} clients, {len(items)} items: {dict(totals)}; runs {runs}")
    assert counted == reckoned(clients, items)
    days = (END - BEGIN).days
    moments = {moment for zone in ZONES for _, moment in mornings(zone)}
    assert runs[RUNS.format("compliance-sla")] == days
    assert runs[RUNS.format("compliance-reminders")] == len(moments)
    assert all('outcome="DONE"' in key for key in runs)
