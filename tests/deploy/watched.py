"""A platform over Kafka that does something of everything, and a Prometheus that watches it with the rules of the chart."""

import hashlib
import hmac
import json
import pathlib
import re
import subprocess
import time
import urllib.parse
import urllib.request
import uuid

import yaml
from conftest import CHART, PROMETHEUS, ROOT, run
from harness.api import Api, Sandbox
from harness.otp import post
from harness.postgres import free_port
from harness.programs import BIN, Installation
from harness.waiting import wait_until

SCRAPE_SECONDS = 1
RECEIPTS = "postmark:a-long-random-word"
SAMPLES = ROOT / "docs/samples/stripe"


class Platform:
    def __init__(self, installation: Installation):
        self.installation = installation
        self.migrate()
        settings = installation.settings
        installation.command("kafka", "topics", "--apply", "--replication", "1", **{n: v for n, v in settings.items() if n.startswith(("CARILLON_BUS", "CARILLON_KAFKA"))})
        user, password = RECEIPTS.split(":")
        self.program = installation.whole(POSTMARK_WEBHOOK_USER=user, POSTMARK_WEBHOOK_PASSWORD=password, CARILLON_SANDBOX_RECEIPTS_POSTMARK_AUTH=RECEIPTS)
        self.program.environment |= {"CARILLON_SANDBOX_RECEIPTS_URL": self.program.url, "CARILLON_PUBLIC_URL": self.program.url}
        self.program.start().wait_ready()
        self.key = installation.api_key("deploy-tests", "notifications:send", "notifications:read", "otp", "onboarding", "admin")
        self.api, self.sandbox = Api(self.program.url, self.key), Sandbox(installation.sandbox_url)
        self.numbers = 0

    def migrate(self) -> None:
        """As the chart's job does: the database's address comes from a file."""
        file = self.installation.folder / "database-url"
        file.write_text(self.installation.database_url + "\n")
        done = subprocess.run([str(BIN / "carillon"), "migrate"], env={"CARILLON_DATABASE_URL_FILE": str(file)}, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr

    def carillon(self, *arguments: str) -> None:
        self.installation.command(*arguments, CARILLON_URL=self.program.url, CARILLON_API_KEY=self.key)

    def stripe(self, name: str, client: str) -> None:
        event = json.loads((SAMPLES / f"{name}.json").read_text()) | {"id": f"evt_{uuid.uuid4().hex}"}
        body = json.dumps(event).replace("sub_sample0001", f"sub_{client}").replace("cus_sample0001", f"cus_{client}").replace('"acme"', f'"{client}"')
        now = int(time.time())
        signature = hmac.new(self.installation.settings["STRIPE_WEBHOOK_SECRET"].encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
        assert self.api.call("POST", "/api/webhooks/stripe", body, {"Stripe-Signature": f"t={now},v1={signature}"}).status == 200

    def messages(self) -> None:
        api = self.api
        ids = [api.manual(f"{uuid.uuid4().hex}@example.com") for _ in range(5)]
        ids += [api.manual(f"{uuid.uuid4().hex}-failing@example.com"), api.manual(f"{uuid.uuid4().hex}-refused@example.com")]
        self.numbers += 1
        ids.append(api.send({"template_key": "ADMIN_MANUAL_SMS", "recipient": f"+4477009002{self.numbers:02}", "variables": {"body": "Hello"}}).json()["message_id"])
        assert api.send({"template_key": "MADE_UP_BY_A_TEST", "recipient": "ann@example.com"}).status == 202
        attachment = api.call("POST", "/api/attachments?file_name=a.txt", b"hello", {"Content-Type": "text/plain"}).json()["attachment_id"]
        ids.append(api.manual(f"{uuid.uuid4().hex}@example.com", attachments=[attachment]))
        statuses = {api.final(message_id, 20)["status"] for message_id in ids}
        assert statuses <= {"SENT", "DELIVERED", "FAILED"} and "FAILED" in statuses

    def everything(self) -> None:
        """Each series of the dashboards grows by this, but those of failures that can't be had for the asking."""
        self.sandbox.order(provider="postmark", mode="status", status=500, recipient_contains="-failing")
        self.sandbox.order(provider="postmark", mode="status", status=422, error_code=300, recipient_contains="-refused")
        self.messages()
        post(self.api, "/api/otp/send", phone_number="+447700900111", action="PHONE_VERIFY")
        post(self.api, "/api/otp/verify", phone_number="+447700900111", action="PHONE_VERIFY", code="000000")
        client = f"c{uuid.uuid4().hex[:10]}"
        self.carillon("client", "put", client, "--email", f"{client}@example.com", "--onboarding-status", "PENDING")
        self.stripe("checkout_session_completed", client)
        self.carillon("pool", "add", f"+4416329600{self.numbers:02}")
        assert self.api.call("POST", f"/api/admin/clients/{client}/allocate-number").status == 200
        post(self.api, "/api/onboarding/messages", owner_phone=f"+4477009003{self.numbers:02}", text="Hi")
        for path in ("/api/webhooks/postmark", "/api/webhooks/stripe", "/api/webhooks/twilio/sms", "/api/webhooks/twilio/voice"):
            assert 400 <= post(self.api, path).status < 500, path


class Prometheus:
    def __init__(self, folder: pathlib.Path, target: str):
        rules = folder / "rules"
        rules.mkdir()
        for name in ("recording.yml", "alerts.yml"):
            (rules / name).write_text((CHART / "files/prometheus" / name).read_text())
        config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
        config["global"] = {"scrape_interval": f"{SCRAPE_SECONDS}s", "scrape_timeout": f"{SCRAPE_SECONDS}s", "evaluation_interval": f"{SCRAPE_SECONDS}s"}
        config["scrape_configs"][0]["static_configs"] = [{"targets": [target]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "prometheus.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(PROMETHEUS), f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                             f"--web.listen-address={self.url.removeprefix('http://')}", "--log.level=warn"], stdout=log, stderr=log)
        wait_until(self.answers, 20, f"Prometheus is ready: {self.log}")

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return urllib.request.urlopen(self.url + "/-/ready", timeout=2).status == 200
        except OSError:
            return False

    def ask(self, path: str, **parameters: str) -> dict:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[dict]:
        return self.ask("query", query=expression)["result"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def panels() -> dict[str, str]:
    """Every query of every dashboard, with Grafana's own variables filled in."""
    found = {}
    for file in sorted((CHART / "files/grafana").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "1m")
                found[f"{file.stem}: {panel['title']} ({target['refId']})"] = re.sub(r"\$\w+", ".*", expression)
    return found


def promtool_check(promtool: pathlib.Path, text: str) -> str:
    """What promtool finds wrong with an answer of /metrics; "" = nothing."""
    done = run(promtool, "check", "metrics", text=text, check=False)
    return done.stdout + done.stderr
