"""Adds up the results of all suites: JSON files of the Catch2 programs, JUnit files of pytest and (ctest-*.xml) of ctest.

ctest's file counts only for programs that ended badly without a failed case of their own: a crash before or after the
tests, a sanitizer's report, a time-out. Prints one line a suite and, last, `N passed, N failed`. Exit code 1 when
something failed or nothing ran.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ET


def counts_of(file: pathlib.Path) -> tuple[int, int]:
    if file.suffix == ".json":
        result = json.loads(file.read_text())
        return result["passed"], result["failed"]
    suites = ET.parse(file).getroot().iter("testsuite")
    passed = failed = 0
    for suite in suites:
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0)) + int(suite.get("skipped", 0))
        passed += int(suite.get("tests", 0)) - bad
        failed += bad
    return passed, failed


def failed_cases(file: pathlib.Path) -> list[str]:
    if file.suffix == ".json":
        return json.loads(file.read_text())["failed_cases"]
    cases = ET.parse(file).getroot().iter("testcase")
    return [f"{case.get('classname')}::{case.get('name')}" for case in cases if any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))]


def bad_endings(file: pathlib.Path) -> tuple[int, int]:
    ended_badly = [case.get("name") for case in ET.parse(file).getroot().iter("testcase") if case.get("status") != "run"]
    results = [file.with_name(f"{program}.json") for program in ended_badly]
    return 0, sum(1 for result in results if not result.exists() or counts_of(result)[1] == 0)


def main(folder: str) -> int:
    passed = failed = 0
    for file in sorted(pathlib.Path(folder).rglob("*")):
        if file.suffix not in (".json", ".xml"):
            continue
        of_ctest = file.name.startswith("ctest-")
        ok, bad = bad_endings(file) if of_ctest else counts_of(file)
        if of_ctest and not bad:
            continue
        print(f"  {file.stem:<40} {ok:>5} passed {bad:>4} failed")
        for case in [] if of_ctest else failed_cases(file):
            print(f"      {case}")
        passed, failed = passed + ok, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
