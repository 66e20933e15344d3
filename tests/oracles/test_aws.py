"""Our clients of SES and SNS against independent judges: botocore serialises the same messages, moto plays AWS and checks
our signatures as IAM does."""

import base64
import json
import pathlib
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.config import Config
from conftest import run
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

REGION = "us-east-1"
SENDER, RECIPIENT, PHONE = "bell@example.com", "ann@example.com", "+447700900123"
MESSAGE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ses:*", "sns:*"], "Resource": "*"}]}
FILE = bytes(range(256)) * 40


class Capture:
    """Answers every request with what `answer(method, path)` returns, and keeps the requests."""

    def __init__(self, answer):
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        capture = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                capture.requests.append((self.command, self.path, dict(self.headers), body))
                status, content = answer(self.command, self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content.encode())

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self) -> "Capture":
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


def client(service: str, url: str, keys: tuple[str, str] = ("testing", "testing")):
    return boto3.client(service, endpoint_url=url, region_name=REGION, aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
                        config=Config(retries={"total_max_attempts": 1}, read_timeout=20))


def environment(url: str, keys: tuple[str, str] = ("testing", "testing"), **more: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], "SES_BASE_URL": url, "SNS_BASE_URL": url, "EMAIL_SENDER": f"Carillon <{SENDER}>",
            "EMAIL_REPLY_TO": "help@example.com"} | more


MAIL = {"message_id": MESSAGE_ID, "attempt": 2, "recipient": RECIPIENT, "subject": "Ihre Rechnung für März 🔔", "text": "Grüße, 5 % & \"mehr\"\r\n.\r\n",
        "html": "<p>Grüße</p>"}


def test_botocore_serialises_the_same_mail_as_we_do(send_one):
    def answer(*_):
        return 200, json.dumps({"MessageId": "m-1"})

    with Capture(answer) as capture:
        outcome = send_one("ses", environment(capture.url, SES_CONFIGURATION_SET="events"), **MAIL, unsubscribe_url="https://c.example/u?t=1",
                           attachments=[{"file_name": "Übersicht.pdf", "content_type": "application/pdf", "content": base64.b64encode(FILE).decode()}])
        assert (outcome["kind"], outcome["provider_message_id"]) == ("ACCEPTED", "m-1")
        client("sesv2", capture.url).send_email(
            FromEmailAddress=f"Carillon <{SENDER}>", Destination={"ToAddresses": [RECIPIENT]}, ReplyToAddresses=["help@example.com"],
            Content={"Simple": {
                "Subject": {"Data": MAIL["subject"], "Charset": "UTF-8"},
                "Body": {"Text": {"Data": MAIL["text"], "Charset": "UTF-8"}, "Html": {"Data": MAIL["html"], "Charset": "UTF-8"}},
                "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://c.example/u?t=1>"}, {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}],
                "Attachments": [{"FileName": "Übersicht.pdf", "ContentType": "application/pdf", "ContentDisposition": "ATTACHMENT",
                                 "ContentTransferEncoding": "BASE64", "RawContent": FILE}]}},
            EmailTags=[{"Name": "message_id", "Value": MESSAGE_ID}, {"Name": "attempt", "Value": "2"}], ConfigurationSetName="events")
        ours, theirs = capture.requests
    assert ours[:2] == theirs[:2] == ("POST", "/v2/email/outbound-emails")
    assert json.loads(ours[3]) == json.loads(theirs[3])
    assert ours[2]["Content-Type"] == theirs[2]["Content-Type"]


PUBLISHED = '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>'


@pytest.mark.parametrize("own_number", ["", "+447700900456"])
def test_botocore_serialises_the_same_sms_as_we_do(send_one, own_number):
    sender = {"AWS.MM.SMS.OriginationNumber": own_number} if own_number else {"AWS.SNS.SMS.SenderID": "Carillon"}
    with Capture(lambda *_: (200, PUBLISHED)) as capture:
        outcome = send_one("sns", environment(capture.url, SNS_SENDER_ID="Carillon"), message_id=MESSAGE_ID, recipient=PHONE, text="Grüße & 5 % 🔔", from_number=own_number)
        assert (outcome["kind"], outcome["provider_message_id"]) == ("ACCEPTED", "m-1")
        attributes = {"AWS.SNS.SMS.SMSType": "Transactional"} | sender
        client("sns", capture.url).publish(PhoneNumber=PHONE, Message="Grüße & 5 % 🔔",
                                           MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()})
        ours, theirs = capture.requests
    assert ours[:2] == theirs[:2] == ("POST", "/")
    assert urllib.parse.parse_qs(ours[3].decode(), strict_parsing=True) == urllib.parse.parse_qs(theirs[3].decode(), strict_parsing=True)
    assert ours[2]["Content-Type"].lower() == theirs[2]["Content-Type"].lower()


def test_botocore_reads_the_same_account_as_we_do():
    told = {"EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": True, "SendingEnabled": True,
            "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 37.0}}
    with Capture(lambda *_: (200, json.dumps(told))) as capture:
        ours = json.loads(run("oracle-ses-account", "status", environment=environment(capture.url)).stdout)
        theirs = client("sesv2", capture.url).get_account()
        assert capture.requests[0][:2] == capture.requests[1][:2] == ("GET", "/v2/email/account")
    quota = theirs["SendQuota"]
    assert ours == {"production": theirs["ProductionAccessEnabled"], "sending_enabled": theirs["SendingEnabled"], "per_day": quota["Max24HourSend"],
                    "per_second": quota["MaxSendRate"], "sent": quota["SentLast24Hours"]}


class Amazon:
    """moto's server, with a user that may send, one that may nothing, and a role; IAM checks every signature."""

    def __init__(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.url = "http://127.0.0.1:%d" % self.server.get_host_and_port()[1]
        self.check_signatures(False)
        iam = client("iam", self.url)
        self.user, self.stranger = self.make_user(iam, "sender", POLICY), self.make_user(iam, "stranger", None)
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "*"}, "Action": "sts:AssumeRoleWithWebIdentity"}]}
        self.role = iam.create_role(RoleName="mail", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName="mail", PolicyName="send", PolicyDocument=json.dumps(POLICY))
        client("ses", self.url).verify_email_identity(EmailAddress=SENDER)
        self.check_signatures(True)

    def make_user(self, iam, name: str, policy: dict | None) -> tuple[str, str]:
        iam.create_user(UserName=name)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="send", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def check_signatures(self, yes: bool) -> None:
        first_free = b"0" if yes else b"inf"
        request = urllib.request.Request(f"{self.url}/moto-api/reset-auth", data=first_free, headers={"Content-Type": "text/plain"}, method="POST")
        urllib.request.urlopen(request, timeout=20).close()

    def mails(self) -> dict:
        return {message.id: message for message in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages}

    def sms(self) -> dict:
        return sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages


@pytest.fixture(scope="module")
def amazon():
    amazon = Amazon()
    yield amazon
    amazon.check_signatures(False)
    amazon.server.stop()


def test_a_mail_arrives_with_its_signature_checked(amazon, send_one):
    outcome = send_one("ses", environment(amazon.url, amazon.user), **MAIL)
    assert (outcome["kind"], outcome["reason"]) == ("ACCEPTED", "NONE"), outcome
    mail = amazon.mails()[outcome["provider_message_id"]]
    assert (mail.source, mail.destinations, mail.subject, mail.body) == (f"Carillon <{SENDER}>", {"ToAddresses": [RECIPIENT]}, MAIL["subject"], MAIL["html"])
    text = send_one("ses", environment(amazon.url, amazon.user), **(MAIL | {"html": ""}))
    assert amazon.mails()[text["provider_message_id"]].body == MAIL["text"]


def test_an_sms_arrives_with_its_signature_checked(amazon, send_one):
    text = "Code:4711&ü🔔=%+~"  # no space: moto hashes a form as Python writes it, with '+' for "%20"
    outcome = send_one("sns", environment(amazon.url, amazon.user), recipient=PHONE, text=text)
    assert (outcome["kind"], outcome["reason"]) == ("ACCEPTED", "NONE"), outcome
    assert amazon.sms()[outcome["provider_message_id"]] == (PHONE, text)


@pytest.mark.parametrize("provider", ["ses", "sns"])
def test_refused_credentials_are_the_account_s(amazon, send_one, provider):
    message = MAIL if provider == "ses" else {"recipient": PHONE, "text": "x"}
    before = len(amazon.mails()) + len(amazon.sms())
    for keys in [(amazon.user[0], "wrong"), ("AKIAUNKNOWN", "wrong"), amazon.stranger]:
        outcome = send_one(provider, environment(amazon.url, keys), **message)
        # The code is the status: what moto's IAM refuses has a form of its own.
        assert (outcome["kind"], outcome["reason"], outcome["provider_code"]) == ("ACCOUNT", "AUTHENTICATION", "403"), outcome
        assert keys[0] not in outcome["detail"]
    assert len(amazon.mails()) + len(amazon.sms()) == before


def test_an_unverified_sender_is_the_account_s(amazon, send_one):
    outcome = send_one("ses", environment(amazon.url, amazon.user, EMAIL_SENDER="other@example.org"), **MAIL)
    assert (outcome["kind"], outcome["reason"], outcome["provider_code"]) == ("ACCOUNT", "SENDER_REJECTED", "MessageRejected"), outcome
    assert "other@example.org" not in outcome["detail"]


def test_an_sms_that_is_too_long_is_refused_for_good(amazon, send_one):
    outcome = send_one("sns", environment(amazon.url, amazon.user), recipient=PHONE, text="x" * 1_601)
    assert (outcome["kind"], outcome["reason"], outcome["provider_code"]) == ("REJECTED", "CONTENT_REJECTED", "InvalidParameter"), outcome


def test_a_sender_is_verified_once(amazon):
    def verify(address: str) -> dict:
        return json.loads(run("oracle-ses-account", "verify", address, environment=environment(amazon.url, amazon.user)).stdout)

    assert verify("new@example.com") == {"verification": "PENDING"}
    assert "new@example.com" in [one["IdentityName"] for one in client("sesv2", amazon.url, amazon.user).list_email_identities()["EmailIdentities"]]
    assert verify("nobody")["error"] == "INVALID_EMAIL_ADDRESS"


def without_keys(url: str, **more: str) -> dict[str, str]:
    return {name: value for name, value in environment(url).items() if not name.startswith("AWS_")} | more


def test_a_web_identity_becomes_a_role_that_sends(amazon, send_one, tmp_path: pathlib.Path):
    token = tmp_path / "token"
    token.write_text("eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n")
    amazon.check_signatures(False)  # moto wants a signature of this call too, which AWS does not
    settings = without_keys(amazon.url, AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=amazon.role, AWS_ENDPOINT_URL_STS=amazon.url)
    outcome = send_one("ses", settings, **MAIL)
    amazon.check_signatures(True)
    assert (outcome["kind"], outcome["reason"]) == ("ACCEPTED", "NONE"), outcome
    assert outcome["provider_message_id"] in amazon.mails()


def temporary_credentials(amazon) -> dict:
    amazon.check_signatures(False)
    issued = client("sts", amazon.url).assume_role_with_web_identity(RoleArn=amazon.role, RoleSessionName="carillon", WebIdentityToken="eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
    amazon.check_signatures(True)
    return issued["Credentials"]


def test_a_container_s_credentials_sign_with_their_token(amazon, send_one):
    issued = temporary_credentials(amazon)
    body = json.dumps({"AccessKeyId": issued["AccessKeyId"], "SecretAccessKey": issued["SecretAccessKey"], "Token": issued["SessionToken"],
                       "Expiration": issued["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")})
    with Capture(lambda *_: (200, body)) as agent:
        settings = without_keys(amazon.url, AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.url + "/v1/credentials", AWS_CONTAINER_AUTHORIZATION_TOKEN="secret-of-agent")
        for provider, message in [("ses", MAIL), ("sns", {"recipient": PHONE, "text": "x"})]:
            outcome = send_one(provider, settings, **message)
            assert (outcome["kind"], outcome["reason"]) == ("ACCEPTED", "NONE"), outcome
        assert agent.requests[0][2]["Authorization"] == "secret-of-agent"
    outcome = send_one("ses", settings, **MAIL)
    assert (outcome["kind"], outcome["reason"]) == ("ACCOUNT", "AUTHENTICATION")
    assert outcome["detail"].startswith("no AWS credentials: container credentials: CONNECT"), outcome


def test_the_metadata_of_an_ec2_instance_are_asked_only_when_enabled(amazon, send_one):
    settings = without_keys(amazon.url, AWS_EC2_METADATA_SERVICE_ENDPOINT=amazon.url)
    for off in ({}, {"AWS_EC2_METADATA_ENABLED": "true", "AWS_EC2_METADATA_DISABLED": "true"}):
        done = run("oracle-send-one", "ses", text=json.dumps(MAIL), environment=settings | off)
        assert (done.returncode, done.stderr) == (3, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of AWS credentials\n")
    amazon.check_signatures(False)  # moto's instance has a key that moto's IAM does not know
    outcome = send_one("ses", settings | {"AWS_EC2_METADATA_ENABLED": "true"}, **MAIL)
    amazon.check_signatures(True)
    assert (outcome["kind"], outcome["reason"]) == ("ACCEPTED", "NONE"), outcome
