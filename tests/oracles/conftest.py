"""Our side of the oracles: small programs that are given a task and print what came of it."""

import json
import os
import pathlib
import subprocess

import pytest

BIN = pathlib.Path(os.environ.get("CARILLON_BIN_DIR", "build/dev/bin"))
PROGRAM_SECONDS_MAX = 60
FROM_OUTSIDE = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def run(program: str, *arguments: str, text: str = "", environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """The program sees nothing of our environment but what it is given."""
    return subprocess.run([BIN / program, *arguments], input=text, env=FROM_OUTSIDE | (environment or {}), capture_output=True, text=True,
                          timeout=PROGRAM_SECONDS_MAX, check=False)


@pytest.fixture(scope="session")
def ask():
    """ask(program, tasks): one JSON line for each, and the answers in the same order."""

    def ask(program: str, tasks: list[dict]) -> list:
        done = run(program, text="".join(json.dumps(task) + "\n" for task in tasks))
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.split("\n") if line]
        assert len(answers) == len(tasks)
        return answers

    return ask


@pytest.fixture(scope="session")
def send_one():
    """send_one(provider, environment, **message): the outcome of sending through our client as the environment sets it."""

    def send(provider: str, environment: dict[str, str], **message) -> dict:
        done = run("oracle-send-one", provider, text=json.dumps(message), environment=environment)
        assert done.returncode == 0, f"{done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    return send
