"""The instructions of deploy/Dockerfile, each as its word and the rest; lines that go on are one."""

import pathlib
import re

TEXT = (pathlib.Path(__file__).parent.parent.parent / "deploy/Dockerfile").read_text()


def instructions() -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]
