"""Prints docs/coverage.md: which tests prove which requirement. tests/coverage.txt maps ids to patterns of test names."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
CATCH = re.compile(r'TEST_CASE(?:_METHOD)?\(\s*(?:\w+,\s*)?"([^"]+)"')
PYTEST = re.compile(r"^def (test_\w+)", re.MULTILINE)


def tests() -> list[tuple[str, str]]:
    found = []
    for file in sorted((ROOT / "tests").rglob("*")):
        pattern = {".cpp": CATCH, ".py": PYTEST}.get(file.suffix)
        if pattern:
            found += [(name, file.relative_to(ROOT).as_posix()) for name in pattern.findall(file.read_text())]
    return found


def main() -> int:
    known = tests()
    listed: set[str] = set()
    print("# Coverage\n\nWhich tests prove which requirement. Made by `./dev docs`; an id is listed when at least one test proves a part of it.\n")
    print("| id | what | tests |\n|---|---|---|")
    for line in (ROOT / "tests/coverage.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        requirement, what, patterns = (part.strip() for part in line.split("|", 2))
        if requirement in listed:
            print(f"coverage: {requirement} is listed twice", file=sys.stderr)
            return 1
        listed.add(requirement)
        chosen = [(name, file) for name, file in known if any(re.search(p.strip(), name) or re.search(p.strip(), file) for p in patterns.split(";"))]
        if not chosen:
            print(f"coverage: no test matches {requirement}: {patterns}", file=sys.stderr)
            return 1
        names = "<br>".join(f"{name} ([{file.rsplit('/', 1)[1]}](../{file}))" for name, file in chosen)
        print(f"| {requirement} | {what} | {names} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
