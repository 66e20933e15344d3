"""Webhook signatures against independent judges, both ways: the providers' own libraries (Node) and, for what SNS signs and
for keys, Python's cryptography. What they sign we verify, what we sign they verify, and both refuse what was altered."""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

sys.path.insert(0, str(pathlib.Path(__file__).parent / "node"))

from install import install  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("CARILLON_BIN_DIR", "build/dev/bin")) / "oracle-webhook-signature"
ANSWER_SECONDS_MAX = 120
CASES = 60
SEED = 20260306
NOW = 1_772_827_200  # 2026-03-06T20:00:00Z
TEXTS = ["", "a", "Hello, world", " ", "+&=%", "%20", "ä€\U0001F514", "\r\n", "\"\\/", "{\"a\":1}", "x" * 300, "\u2028", "'", "\t"]

Ask = Callable[[list[dict]], list[dict]]


def asking(command: list[str]) -> Ask:
    def ask(tasks: list[dict]) -> list[dict]:
        lines = "".join(json.dumps(task) + "\n" for task in tasks)
        done = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", timeout=ANSWER_SECONDS_MAX, check=False)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.removesuffix("\n").split("\n")]
        assert len(answers) == len(tasks), done.stderr
        return answers

    return ask


@pytest.fixture(scope="session")
def ours() -> Ask:
    return asking([str(PROGRAM)])


@pytest.fixture(scope="session")
def theirs() -> Ask:
    return asking(install())


@pytest.fixture
def dice() -> random.Random:
    return random.Random(SEED)


def verdicts(answers: list[dict]) -> list[str]:
    return [answer["verdict"] for answer in answers]


def valid(answers: list[dict]) -> list[bool]:
    return [answer["valid"] for answer in answers]


def some_text(dice: random.Random, parts: int = 4) -> str:
    return "".join(dice.choice(TEXTS) for _ in range(dice.randint(1, parts)))


def altered(text: str, dice: random.Random) -> str:
    """One character is another."""
    at = dice.randrange(len(text))
    return text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1:]


# Stripe


def stripe_cases(dice: random.Random) -> list[dict]:
    return [{"body": "b" + some_text(dice), "secret": "whsec_" + str(dice.getrandbits(64)), "now": NOW + dice.randint(-10**6, 10**6)} for _ in range(CASES)]


def stripe_verify(case: dict, **changes) -> dict:
    task = {"do": "stripe_verify"} | case | changes
    return task | {"secrets": [task["secret"]]}


@pytest.mark.parametrize("signer", ["ours", "theirs"])
def test_stripe_signatures_agree_both_ways(ours, theirs, dice, signer):
    cases = stripe_cases(dice)
    sign = ours if signer == "ours" else theirs
    signed = [case | made for case, made in zip(cases, sign([{"do": "stripe_sign", "secrets": [c["secret"]]} | c for c in cases]))]
    for changes, verdict in [(lambda c: {}, "VALID"), (lambda c: {"body": altered(c["body"], dice)}, "MISMATCH"),
                             (lambda c: {"secret": c["secret"] + "0"}, "MISMATCH"), (lambda c: {"now": c["now"] + 300}, "VALID"),
                             (lambda c: {"now": c["now"] + 301}, "TOO_OLD")]:
        tasks = [stripe_verify(case, **changes(case)) for case in signed]
        assert verdicts(ours(tasks)) == [verdict] * CASES
        assert valid(theirs(tasks)) == [verdict == "VALID"] * CASES


def test_stripe_headers_with_two_signatures_or_other_schemes_agree(ours, theirs, dice):
    case = stripe_cases(dice)[0]
    [made] = theirs([{"do": "stripe_sign"} | case])
    stamp, good = made["header"].split(",")
    bad = good[:-1] + ("0" if good[-1] != "0" else "1")
    headers = {f"{stamp},{bad},{good}": "VALID", f"{stamp},{good},{bad}": "VALID", f"{good},{stamp}": "VALID", f"{stamp},v0=00,{good},v2=00": "VALID",
               f"{stamp},{bad}": "MISMATCH", f"{stamp},v0={good[3:]}": "MALFORMED", stamp: "MALFORMED", good: "MALFORMED", "": "MISSING"}
    tasks = [stripe_verify(case, header=header) for header in headers]
    assert verdicts(ours(tasks)) == list(headers.values())
    assert valid(theirs(tasks)) == [verdict == "VALID" for verdict in headers.values()]


def test_a_stripe_header_from_the_future_is_refused_by_us_alone(ours, theirs, dice):
    case = stripe_cases(dice)[0]
    [made] = theirs([{"do": "stripe_sign"} | case])
    tasks = [stripe_verify(case | made, now=case["now"] - seconds) for seconds in (300, 301)]
    assert verdicts(ours(tasks)) == ["VALID", "TOO_NEW"]
    assert valid(theirs(tasks)) == [True, True]


# Twilio

URLS = ["https://example.com/hook", "https://example.com/hook?a=1&b=%20x", "http://example.com", "https://example.com:8443/a?u=https://b.example:1/",
        "https://user:pass@example.com/a", "https://[2001:db8::1]/a", "https://example.com?q=it's"]
PORTS = {"https://example.com/hook": "https://example.com:443/hook", "http://example.com/a?b": "http://example.com:80/a?b",
         "https://example.com:8443/a": "https://example.com/a", "https://[2001:db8::1]/a": "https://[2001:db8::1]:443/a"}


def twilio_cases(dice: random.Random) -> list[dict]:
    cases = []
    for _ in range(CASES):
        names = dice.sample(["Body", "From", "To", "MessageSid", "MessageStatus", "ErrorCode", "body", "Zz", "Numéro", "1", ""], dice.randint(0, 6))
        form = [(name, some_text(dice)) for name in names]
        form += [(name, some_text(dice, 1)) for name in names[:2] for _ in range(dice.randint(0, 3))]  # repeated names
        dice.shuffle(form)
        cases.append({"url": dice.choice(URLS), "form": form, "token": str(dice.getrandbits(128)), "body": ""})
    return cases


def for_node(task: dict) -> dict:
    """Node's frameworks give a repeated name an array of values."""
    values: dict[str, list[str]] = {}
    for name, value in task.get("form", []):
        values.setdefault(name, []).append(value)
    return task | {"form": {name: found if len(found) > 1 else found[0] for name, found in values.items()}}


def twilio_verify(case: dict, **changes) -> dict:
    task = {"do": "twilio_verify"} | case | changes
    return task | {"tokens": [task["token"]]}


def check_twilio(ours: Ask, theirs: Ask, tasks: list[dict], verdict: str) -> None:
    assert verdicts(ours(tasks)) == [verdict] * len(tasks)
    assert valid(theirs([for_node(task) for task in tasks])) == [verdict == "VALID"] * len(tasks)


@pytest.mark.parametrize("signer", ["ours", "theirs"])
def test_twilio_form_signatures_agree_both_ways(ours, theirs, dice, signer):
    cases = twilio_cases(dice)
    tasks = [{"do": "twilio_sign"} | case for case in cases]
    made = ours(tasks) if signer == "ours" else theirs([for_node(task) for task in tasks])
    signed = [case | answer for case, answer in zip(cases, made)]
    check_twilio(ours, theirs, [twilio_verify(case) for case in signed], "VALID")
    check_twilio(ours, theirs, [twilio_verify(case, url=case["url"] + "x") for case in signed], "MISMATCH")
    check_twilio(ours, theirs, [twilio_verify(case, token=case["token"] + "0") for case in signed], "MISMATCH")
    check_twilio(ours, theirs, [twilio_verify(case, form=[*case["form"], ("Added", "1")]) for case in signed], "MISMATCH")
    check_twilio(ours, theirs, [twilio_verify(case, header=altered(case["header"], dice)) for case in signed], "MISMATCH")


def test_twilio_ports_agree(ours, theirs):
    base = {"form": [("Body", "x")], "token": "12345", "body": ""}
    elsewhere = [url.replace("example.com", "example.org").replace("db8", "db9") for url in PORTS.values()]
    for signed_urls, verdict in [(list(PORTS), "VALID"), (list(PORTS.values()), "VALID"), (elsewhere, "MISMATCH")]:
        made = theirs([for_node({"do": "twilio_sign", "url": url} | base) for url in signed_urls])
        check_twilio(ours, theirs, [twilio_verify(base | answer, url=url) for answer, url in zip(made, PORTS)], verdict)


def test_twilio_json_bodies_agree_both_ways(ours, theirs, dice):
    bodies = [json.dumps({"text": some_text(dice)}, ensure_ascii=False) for _ in range(CASES)]
    made = ours([{"do": "twilio_sign_body", "url": dice.choice(URLS), "body": body, "token": "12345"} for body in bodies])
    assert [answer["url"][-64:] for answer in made] == [answer["hash"] for answer in theirs([{"do": "twilio_body_hash", "body": body} for body in bodies])]
    assert [answer["header"] for answer in made] == [answer["header"] for answer in theirs([{"do": "twilio_sign", "form": {}, "token": "12345", "url": answer["url"]} for answer in made])]
    signed = [answer | {"body": body, "token": "12345", "form": []} for answer, body in zip(made, bodies)]
    for changes, verdict in [(lambda c: {}, "VALID"), (lambda c: {"body": altered(c["body"], dice)}, "MISMATCH"),
                             (lambda c: {"url": c["url"][:-64] + hashlib.sha256(b"other").hexdigest()}, "MISMATCH")]:
        tasks = [twilio_verify(case, **changes(case)) for case in signed]
        assert verdicts(ours(tasks)) == [verdict] * CASES
        assert valid(theirs([task | {"do": "twilio_verify_body"} for task in tasks])) == [verdict == "VALID"] * CASES


# SendGrid


def sendgrid_cases(dice: random.Random) -> list[dict]:
    key = ec.generate_private_key(ec.SECP256R1())
    traditional = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()).decode()
    return [{"key": traditional, "timestamp": str(NOW), "body": "[" + some_text(dice), "now": NOW, "tolerance": 600} for _ in range(CASES // 2)]


def sendgrid_verify(case: dict, **changes) -> dict:
    task = {"do": "sendgrid_verify"} | case | changes
    return task | {"key": task["public_key"], "keys": [task["public_key"]]}


@pytest.mark.parametrize("signer", ["ours", "theirs"])
def test_sendgrid_signatures_agree_both_ways(ours, theirs, dice, signer):
    cases = sendgrid_cases(dice)
    made = (ours if signer == "ours" else theirs)([{"do": "sendgrid_sign"} | case for case in cases])
    signed = [case | answer for case, answer in zip(cases, made)]
    other = base64.b64encode(ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
    for changes, verdict in [(lambda c: {}, "VALID"), (lambda c: {"body": altered(c["body"], dice)}, "MISMATCH"),
                             (lambda c: {"timestamp": str(NOW + 1)}, "MISMATCH"), (lambda c: {"public_key": other}, "MISMATCH")]:
        tasks = [sendgrid_verify(case, **changes(case)) for case in signed]
        assert verdicts(ours(tasks)) == [verdict] * len(cases)
        assert valid(theirs(tasks)) == [verdict == "VALID"] * len(cases)
    assert set(verdicts(ours([sendgrid_verify(case, now=NOW + 601) for case in signed]))) == {"TOO_OLD"}
    assert set(verdicts(ours([sendgrid_verify(case, now=NOW - 601) for case in signed]))) == {"TOO_NEW"}


# SNS

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
CERTIFICATE_URL = f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{'7506a1e3' * 4}.pem"


def instant(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def issue(name: str, key, issuer: tuple | None, *extensions: tuple[x509.ExtensionType, bool], days: int = 30):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject).public_key(key.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(instant(NOW - 86_400 * days)).not_valid_after(instant(NOW + 86_400 * days)))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


class SnsSide:
    """Root, intermediate and leaf as SNS has them; signs as SNS documents it."""

    def __init__(self) -> None:
        is_issuer = (x509.BasicConstraints(ca=True, path_length=None), True)
        self.root = issue("Judge root", rsa.generate_private_key(65537, 2048), None, is_issuer)
        self.intermediate = issue("Judge intermediate", ec.generate_private_key(ec.SECP384R1()), self.root, is_issuer)
        self.key = rsa.generate_private_key(65537, 2048)
        self.leaf = issue("sns.amazonaws.com", self.key, self.intermediate, (x509.SubjectAlternativeName([x509.DNSName("sns.amazonaws.com")]), False),
                          (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
        self.root_pem, self.intermediate_pem, self.leaf_pem = (certificate.public_bytes(serialization.Encoding.PEM).decode()
                                                               for certificate, _ in (self.root, self.intermediate, self.leaf))
        self.key_pem = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

    def digest(self, message: dict):
        return hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()

    def text(self, message: dict) -> bytes:
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] if message["Type"] == "Notification" else \
            ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        return "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()

    def sign(self, message: dict) -> str:
        signature = self.key.sign(self.text(message), padding.PKCS1v15(), self.digest(message))
        return json.dumps(message | {"Signature": base64.b64encode(signature).decode()}, ensure_ascii=False)

    def verify(self, body: str) -> None:
        message = json.loads(body)
        self.key.public_key().verify(base64.b64decode(message["Signature"]), self.text(message), padding.PKCS1v15(), self.digest(message))


@pytest.fixture(scope="module")
def sns() -> SnsSide:
    return SnsSide()


def sns_messages(dice: random.Random) -> list[dict]:
    messages = []
    for index in range(CASES):
        message = {"Type": ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"][index % 3], "MessageId": str(dice.getrandbits(64)), "TopicArn": TOPIC,
                   "Message": some_text(dice, 6), "Timestamp": instant(NOW).strftime("%Y-%m-%dT%H:%M:%S.038Z"), "SignatureVersion": dice.choice("12"),
                   "Signature": "", "SigningCertURL": CERTIFICATE_URL}
        if message["Type"] != "Notification":
            message |= {"Token": "2336412f37", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37"}
        elif dice.random() < 0.5:
            message["Subject"] = "Subject " + str(dice.random())
        messages.append(message)
    return messages


def sns_verify(sns: SnsSide, body: str, **changes) -> dict:
    return {"do": "sns_verify", "body": body, "certificate": sns.leaf_pem + sns.intermediate_pem, "roots": sns.root_pem, "topics": [TOPIC], "now": NOW} | changes


def changed(body: str, **members: str) -> str:
    return json.dumps(json.loads(body) | members)


def test_sns_signatures_of_theirs_verify_with_us_and_with_a_node_library(ours, theirs, dice, sns):
    bodies = [sns.sign(message) for message in sns_messages(dice)]
    for change, verdict in [(lambda b: b, "VALID"), (lambda b: changed(b, Message=json.loads(b)["Message"] + "x"), "MISMATCH"),
                            (lambda b: changed(b, MessageId="0"), "MISMATCH"), (lambda b: changed(b, Signature=json.loads(bodies[0])["Signature"][::-1]), None)]:
        tasks = [sns_verify(sns, change(body)) for body in bodies]
        expected = [verdict] * CASES if verdict else verdicts(ours(tasks))
        assert verdicts(ours(tasks)) == expected
        assert valid(theirs(tasks)) == [word == "VALID" for word in expected]
        assert verdict or "VALID" not in expected


def test_sns_signatures_of_ours_verify_with_them(ours, theirs, dice, sns):
    unsigned = [json.dumps(message) for message in sns_messages(dice)]
    bodies = [answer["body"] for answer in ours([{"do": "sns_sign", "body": body, "key": sns.key_pem} for body in unsigned])]
    for body in bodies:
        sns.verify(body)
    assert valid(theirs([sns_verify(sns, body) for body in bodies])) == [True] * CASES
    assert [json.loads(body) | {"Signature": ""} for body in bodies] == [json.loads(body) for body in unsigned]


def test_sns_certificates_are_judged_by_their_chain(ours, dice, sns):
    body, stranger = sns.sign(sns_messages(dice)[0]), SnsSide()
    day = 86_400
    cases = [({}, "VALID"), ({"certificate": sns.leaf_pem}, "MISSING_ISSUER"), ({"roots": stranger.root_pem}, "UNTRUSTED_CERTIFICATE"),
             ({"certificate": stranger.leaf_pem + stranger.intermediate_pem}, "UNTRUSTED_CERTIFICATE"),
             ({"certificate": stranger.leaf_pem + stranger.intermediate_pem, "roots": stranger.root_pem}, "MISMATCH"),
             ({"certificate": sns.intermediate_pem}, "BAD_CERTIFICATE"), ({"certificate": "none"}, "BAD_CERTIFICATE"),
             ({"topics": ["arn:aws:sns:eu-west-1:123456789012:other"]}, "WRONG_TOPIC"), ({"now": NOW + 3_601}, "TOO_OLD"), ({"now": NOW - 301}, "TOO_NEW"),
             ({"body": changed(body, SigningCertURL="https://sns.eu-west-1.amazonaws.com.evil.example/a.pem")}, "BAD_CERTIFICATE_URL"),
             ({"body": sns.sign(json.loads(body) | {"Timestamp": instant(NOW + 31 * day).isoformat()}), "now": NOW + 31 * day}, "EXPIRED_CERTIFICATE")]
    assert verdicts(ours([sns_verify(sns, body) | changes for changes, _ in cases])) == [verdict for _, verdict in cases]


# Postmark


def test_postmark_headers_are_those_of_the_standard_library(ours):
    pairs = [("hook", "secret"), ("hook", "a:b:c"), ("höök", "pä€\U0001F514")]
    headers = ["Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() for user, password in pairs]
    tasks = [{"user": user, "password": password} for user, password in pairs]
    assert [answer["header"] for answer in ours([{"do": "postmark_sign"} | task for task in tasks])] == headers
    verify = [{"do": "postmark_verify", "header": header} | task for header, task in zip(headers, tasks)]
    assert verdicts(ours(verify)) == ["VALID"] * 3
    assert verdicts(ours([task | {"password": "other"} for task in verify])) == ["MISMATCH"] * 3
