"""Who may include whom: services meet only in events and HTTP, cores are pure, Asio and providers stay in their rooms."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parent.parent.parent
SERVICES = sorted(folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir())
WHOLE = "carillon"  # links every service into one process
INCLUDE = re.compile(r'^\s*#include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def sources(*places: str):
    for place in places:
        for file in sorted((ROOT / place).rglob("*")):
            if file.suffix in (".cpp", ".hpp"):
                yield file


def includes(file: pathlib.Path) -> list[str]:
    return INCLUDE.findall(file.read_text())


def wrong(files, is_wrong) -> list[str]:
    return [f"{file.relative_to(ROOT)}: {name}" for file in files for name in includes(file) if is_wrong(file, name)]


def service_of(name: str) -> str | None:
    return next((service for service in SERVICES if name.startswith(service + "/")), None)


def test_no_service_includes_another_ones_headers():
    def is_wrong(file, name):
        own = file.relative_to(ROOT / "services").parts[0]
        return own != WHOLE and service_of(name) not in (None, own)

    assert wrong(sources("services"), is_wrong) == []


def test_libraries_include_no_service():
    assert wrong(sources("libs"), lambda _, name: service_of(name) is not None) == []


def test_cores_do_no_io():
    outside = ("bus/", "http/", "postgres/", "security/api_keys", "service/", "pqxx", "boost/asio", "boost/beast", "curl/", "thread", "mutex", "time/clock.hpp", "iostream", "fstream")
    cores = [file for file in sources("services") if "core" in file.parts]
    assert cores
    assert wrong(cores, lambda file, name: name.startswith(outside) or "/adapters/" in name or "/app/" in name) == []


def test_asio_and_beast_stay_behind_their_libraries():
    def is_wrong(file, name):
        place = file.relative_to(ROOT).as_posix()
        return name.startswith(("boost/asio", "boost/beast")) and not place.startswith(("libs/http/", "services/sandbox/"))

    assert wrong(sources("libs", "services"), is_wrong) == []
    public = [file for file in (ROOT / "libs/http").glob("*.hpp")]
    assert wrong(public, lambda _, name: name.startswith("boost/")) == []


def test_only_the_provider_dispatcher_knows_provider_clients():
    def is_wrong(file, name):
        return "adapters/providers" in name and "provider-dispatcher" not in file.parts

    assert wrong(sources("libs", "services"), is_wrong) == []
    linking = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("services/*/CMakeLists.txt") if "carillon_provider_dispatcher" in path.read_text()]
    assert sorted(linking) == ["services/carillon/CMakeLists.txt", "services/provider-dispatcher/CMakeLists.txt"]
    curl = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("services/*/CMakeLists.txt") if "CURL" in path.read_text()]
    assert curl == ["services/provider-dispatcher/CMakeLists.txt"]
