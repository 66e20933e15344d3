"""Habits that keep the house easy to walk through."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parent.parent.parent
LINES_MAX = 400
MAIN_LINES_MAX = 60


def tracked() -> list[pathlib.Path]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def code() -> list[pathlib.Path]:
    return [file for file in tracked() if file.suffix in (".cpp", ".hpp", ".py", ".sh", ".js")]


def test_a_file_fits_an_afternoon():
    long = {file.relative_to(ROOT).as_posix(): n for file in code() if (n := len(file.read_text().splitlines())) > LINES_MAX}
    assert long == {}


def test_a_main_parses_wires_and_waits():
    assert {str(f): n for f in (ROOT / "services").rglob("main.cpp") if (n := len(f.read_text().splitlines())) > MAIN_LINES_MAX} == {}


def test_files_are_named_by_what_the_domain_does():
    vague = re.compile(r"(^|[_-])(util|utils|common|misc|manager|helpers?)([_.-]|$)")
    assert [f.relative_to(ROOT).as_posix() for f in code() if vague.search(f.name)] == []


def test_tests_wait_on_signals_and_never_sleep():
    sleeping = re.compile(r"\b(sleep_for|sleep_until|usleep|time\.sleep|nanosleep)\b")
    mine = pathlib.Path(__file__)
    assert [f.relative_to(ROOT).as_posix() for f in code() if f != mine and "tests" in f.parts and sleeping.search(f.read_text())] == []


def test_no_test_is_skipped_and_nothing_is_left_for_later():
    # Hidden cases (tag [.]) may only be programs for others: child processes, benchmarks, writers of documents.
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|pytest\.mark\.sk" r"ip|\[!may" r"fail\]|\[!should" r"fail\]|\"\[\.\](?!\[(child|bench|docs)\])")
    assert [f.relative_to(ROOT).as_posix() for f in code() if later.search(f.read_text())] == []


def test_one_query_a_file_named_in_lower_case():
    names = [f for f in tracked() if f.suffix == ".sql"]
    assert names
    assert [f.name for f in names if not re.fullmatch(r"[a-z0-9_]+\.sql", f.name)] == []


def test_every_query_is_used():
    used = {name for file in code() for name in re.findall(r"sql::(\w+)", file.read_text())}
    queries = [file for file in tracked() if file.suffix == ".sql" and file.parent.name == "sql"]
    assert queries
    assert [file.relative_to(ROOT).as_posix() for file in queries if file.stem not in used] == []
