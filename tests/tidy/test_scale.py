"""docs/scale.md shows what tests/bench/scale.py prints, and the simulation keeps to what follows from theory."""

import json
import math
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/bench"))

import scale  # noqa: E402

CAPACITIES = {name: default for name, (default, _) in scale.CAPACITIES.items()}


def test_the_tables_of_scale_are_what_the_program_prints():
    document = (ROOT / "docs/scale.md").read_text()
    assert document.partition(scale.BEGIN)[2].partition(scale.END)[0] == scale.report(scale.MEASURED, CAPACITIES), "run: ./dev docs"


def test_partitions_of_the_model_are_those_of_the_code():
    engine = (ROOT / "libs/bus/postgres/engine.cpp").read_text()
    assert int(re.search(r"settings_\.partitions > (\w+)", engine).group(1)) == scale.PARTITIONS_MAX
    assert re.search(rf'"CARILLON_BUS_PARTITIONS", {scale.PARTITIONS_DEFAULT}, 1,', (ROOT / "libs/service/app/bus_settings.cpp").read_text())
    spacing = int(re.search(r"notify_spacing\{(\d+)\}", (ROOT / "libs/bus/postgres/bell.cpp").read_text()).group(1))
    assert 1000 // spacing == scale.NOTIFIES_PER_PROCESS


def test_one_writer_commits_a_batch_a_commit():
    # A lone writer with full batches is a renewal process: batch / mean hold.
    mean_us = scale.hold_us(500, 4, 500)
    assert scale.simulate(4, 1, commit=500)["per_s"] == pytest.approx(500 / mean_us * 1e6, rel=0.1)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(("partitions", "writers"), [(1, 8), (4, 16), (16, 4), (64, 16)])
def test_throughput_stays_below_what_the_locks_allow(own, partitions, writers):
    found = scale.simulate(partitions, writers, own=own, commit=500)
    at_once = min(partitions, writers) if own else 1  # a full batch of spread keys touches every partition
    assert found["per_s"] <= 1.1 * at_once * 500 / scale.hold_us(500, 0, 500) * 1e6
    assert found["per_s"] <= 1.1 * partitions * 500 / 500 * 1e6  # partitions x batch / commit
    assert found["per_s"] >= 0.8 * at_once * 500 / scale.hold_us(500, partitions, 500) * 1e6  # and locks don't idle


@pytest.mark.parametrize(("rate", "partitions", "writers"), [(1_000, 4, 1), (20_000, 16, 4), (100_000, 64, 16)])
def test_without_contention_what_arrives_is_committed(rate, partitions, writers):
    found = scale.simulate(partitions, writers, rate, own=True, commit=500)
    assert found["per_s"] == pytest.approx(rate, rel=0.1)
    assert found["wait_p99_ms"] < 10


def test_more_partitions_up_to_the_writers_never_lower_throughput():
    found = [scale.simulate(partitions, 16, own=True, commit=500)["per_s"] for partitions in (1, 2, 4, 8, 16)]
    assert found == sorted(found)
    assert found[-1] > 10 * found[0]


def test_a_backlog_grows_where_more_is_offered_than_fits():
    found = scale.simulate(1, 4, 1_000_000, commit=500)
    assert found["per_s"] < 1.1 * 500 / scale.hold_us(500, 1, 500) * 1e6 < 1_000_000
    assert found["batch"] == pytest.approx(500, rel=0.1)


def test_the_same_seed_gives_the_same_figures_and_another_seed_others():
    assert scale.simulate(16, 8, 50_000, seed=7) == scale.simulate(16, 8, 50_000, seed=7)
    assert scale.simulate(16, 8, 50_000, seed=7)["per_s"] != scale.simulate(16, 8, 50_000, seed=8)["per_s"]


@pytest.mark.parametrize("measured", scale.MEASURED, ids=lambda measured: measured["bus"])
def test_a_wall_is_where_a_resource_is_used_up(measured):
    for resource in scale.plan(measured, 1_000, CAPACITIES)["used"]:
        at = scale.wall(measured, resource, CAPACITIES)
        assert scale.plan(measured, at, CAPACITIES)["used"][resource] <= 1 < scale.plan(measured, at * 1.02, CAPACITIES)["used"][resource]
    twice = scale.wall(measured, "PostgreSQL processors", CAPACITIES | {"cores": 2 * CAPACITIES["cores"]})
    assert twice == pytest.approx(2 * scale.wall(measured, "PostgreSQL processors", CAPACITIES), rel=0.03)


def test_what_is_kept_is_about_what_is_written():
    # Tables and indexes can't hold much more of a message than its write-ahead log carried.
    for measured in scale.MEASURED:
        assert 0.7 < sum(size for size, _ in scale.KEPT.values()) / measured["wal_bytes_per_message"] < 1.2


def test_a_measured_line_is_taken_from_standard_input():
    line = json.dumps(scale.MEASURED[0] | {"bench": "e2e", "wal_bytes_per_message": 10_000})
    printed = subprocess.run([sys.executable, ROOT / "tests/bench/scale.py", "--measured", "-", "--json"], input=line, capture_output=True, text=True, check=True, timeout=60)
    plans = json.loads(printed.stdout)["plans"]
    assert [plan["rate"] for plan in plans] == list(scale.RATES)
    assert all(math.isclose(plan["wal_mb_s"], plan["rate"] / 100) for plan in plans)
