"""Carillon's programs as child processes of a test."""

import base64
import os
import pathlib
import secrets
import signal
import subprocess
import urllib.error
import urllib.request

from .postgres import free_ports
from .waiting import wait_until

BIN = pathlib.Path(os.environ.get("CARILLON_BIN_DIR", "build/dev/bin"))
READY_SECONDS = 60


class Program:
    """One running program; its log goes to a file. start() may be called again after kill()."""

    def __init__(self, command: list[str], environment: dict[str, str], url: str, log: pathlib.Path):
        self.command, self.environment, self.url, self.log = command, environment, url, log
        self.process: subprocess.Popen | None = None

    def start(self) -> "Program":
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | self.environment,
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self, path: str) -> bool:
        try:
            return urllib.request.urlopen(self.url + path, timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, limit_seconds: float = READY_SECONDS, path: str = "/readyz") -> "Program":
        def ready():
            assert self.is_running(), f"{self.command[0]} ended with {self.process.poll()}: {self.tail()}"
            return self.answers(path)

        try:
            wait_until(ready, limit_seconds, f"{self.command[0]} is ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None
        return self

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def pause(self) -> None:
        """Alive but silent, as a machine that stalls."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self, limit_seconds: float = 30) -> int:
        if self.is_running():
            self.go_on()
            self.process.terminate()
        try:
            return self.process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.command[0]} did not stop within {limit_seconds} s: {self.tail()}") from None


def random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


class Installation:
    """Addresses and settings of one platform over one database; makes its programs."""

    def __init__(self, database_url: str, folder: pathlib.Path, **settings: str):
        self.database_url, self.folder = database_url, folder
        self.sandbox_port, self.smtp_port = free_ports(2)
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.settings = {
            "CARILLON_DATABASE_URL": database_url,
            "CARILLON_PAYLOAD_KEY": random_key(),
            "CARILLON_AUDIT_KEY": random_key(),
            "OTP_PEPPER": random_key(),
            "CARILLON_SANDBOX_URL": self.sandbox_url,
            "EMAIL_SENDER": "hello@carillon.example",
            "POSTMARK_SERVER_TOKEN": "sandbox-token",
            "POSTMARK_BASE_URL": self.sandbox_url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.smtp_port),
            "SMTP_TLS": "none",
            "SMS_ENABLED": "true",
            "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
            "TWILIO_AUTH_TOKEN": "sandbox-token",
            "TWILIO_PHONE_NUMBER": "+15005550006",
            "TWILIO_BASE_URL": self.sandbox_url,
            "SLACK_BASE_URL": self.sandbox_url,
            "STRIPE_WEBHOOK_SECRET": "whsec_tests",
            "STRIPE_SECRET_KEY": "sk_test_tests",
            "STRIPE_BASE_URL": self.sandbox_url,
            "STRIPE_PRICE_SOLO": "price_solo",
            "STRIPE_PRICE_PORTFOLIO": "price_portfolio",
            "STRIPE_PRICE_PRO": "price_pro",
            "OPS_ALERT_EMAIL": "ops@carillon.example",
            "ADMIN_ALERT_EMAILS": "admin@carillon.example,second@carillon.example",
            "OPS_ALERT_PHONE_NUMBERS": "+15005550009",
            "NOTIFICATION_EMAIL_PER_MINUTE_LIMIT": "0",
            "NOTIFICATION_SMS_PER_MINUTE_LIMIT": "0",
        } | settings

    def program(self, name: str, *arguments: str, suffix: str = "", **settings: str) -> Program:
        port = free_ports(1)[0]
        environment = self.settings | {"CARILLON_HTTP_PORT": str(port)} | settings
        return Program([str(BIN / name), *arguments], environment, f"http://127.0.0.1:{port}", self.folder / f"{name}{suffix}.log")

    def whole(self, **settings: str) -> Program:
        """Everything and the sandbox in one process."""
        return self.program("carillon", "serve", CARILLON_SANDBOX="true", CARILLON_SANDBOX_PORT=str(self.sandbox_port),
                            CARILLON_SANDBOX_SMTP_PORT=str(self.smtp_port), **settings)

    def sandbox(self, **settings: str) -> Program:
        program = self.program("carillon-sandbox")
        program.environment = {"CARILLON_SANDBOX_PORT": str(self.sandbox_port), "CARILLON_SANDBOX_SMTP_PORT": str(self.smtp_port)} | settings
        program.url = self.sandbox_url
        return program

    def command(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
        done = subprocess.run([str(BIN / "carillon"), *arguments], env={"PATH": os.environ["PATH"], "CARILLON_DATABASE_URL": self.database_url} | environment,
                              capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, f"carillon {' '.join(arguments)}: {done.returncode} {done.stderr}"
        return done

    def migrate(self) -> None:
        self.command("migrate")

    def put_client(self, url: str, client: str, *options: str) -> None:
        """A client of the platform at `url`, provisioned unless an option says otherwise."""
        self.command("client", "put", client, *options, CARILLON_URL=url, CARILLON_API_KEY=self.api_key())

    def api_key(self, owner: str = "tests", *scopes: str) -> str:
        wanted = scopes or ("notifications:send", "notifications:read", "otp", "admin")
        return self.command("api-key", "create", owner, *[part for scope in wanted for part in ("--scope", scope)]).stdout.strip()
