"""Headless Chromium: what a page holds and how it looks. Each call is a browser of its own with a profile that ends with it."""

import pathlib
import struct
import subprocess
import tempfile

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--hide-scrollbars"]
LIMIT_SECONDS = 60
PNG_BEGIN = b"\x89PNG\r\n\x1a\n"


def browse(*arguments: str) -> str:
    with tempfile.TemporaryDirectory(prefix="carillon-chromium-", ignore_cleanup_errors=True) as profile:
        done = subprocess.run(["chromium", *OPTIONS, f"--user-data-dir={profile}", *arguments], capture_output=True, text=True,
                              timeout=LIMIT_SECONDS, check=False, start_new_session=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def document(url: str) -> str:
    """The page's HTML after its scripts ran."""
    return browse("--dump-dom", url)


def screenshot(url: str, file: pathlib.Path, width: int, height: int) -> None:
    browse(f"--screenshot={file}", f"--window-size={width},{height}", url)


def png_size(file: pathlib.Path) -> tuple[int, int]:
    begin = file.read_bytes()[:24]
    assert begin.startswith(PNG_BEGIN), f"{file} is no PNG"
    return struct.unpack(">II", begin[16:24])
