"""What we write and read on the way to AWS, against independent judges: botocore signs the same requests, expat reads the
same XML."""

import base64
import datetime
import random
import urllib.parse
import xml.etree.ElementTree as ET

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
SEED = 20260901
NOW = "2026-09-01T10:00:00Z"
DOCUMENTS = 6_000

KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "")
TEMPORARY = ("ASIAEXAMPLE", "a/secret+with=signs", "IQoJb3JpZ2luX2VjEJr//////////wEaCXVz+/=" * 20)


def query(*pairs: tuple[str, str]) -> str:
    return "&".join(f"{urllib.parse.quote(name, safe='-_.~')}={urllib.parse.quote(value, safe='-_.~')}" for name, value in pairs)


REQUESTS = {
    "no path": ("GET", "https://email.us-east-1.amazonaws.com", [], b""),
    "root": ("GET", "https://email.us-east-1.amazonaws.com/", [], b""),
    "own port": ("GET", "https://email.us-east-1.amazonaws.com:443/", [], b""),
    "other port": ("POST", "http://127.0.0.1:4566/v2/email/outbound-emails", [("Content-Type", "application/json")], b"{}"),
    "IPv6": ("GET", "http://[::1]:8080/x", [], b""),
    "spaces": ("GET", "https://h.example/a%20b/c%20%20d?" + query(("a b", "c  d")), [], b""),
    "encoded address": ("GET", "https://h.example/v2/email/identities/bell%40example.com", [], b""),
    "percent of percent": ("GET", "https://h.example/a%2520b%25?" + query(("a%20", "%25")), [], b""),
    "Unicode": ("GET", "https://h.example/%C3%BC/%F0%9F%94%94?" + query(("größe", "🔔"), ("ä", "")), [], "Grüße 🔔".encode()),
    "empty values": ("GET", "https://h.example/?" + query(("b", ""), ("a", ""), ("", "x")), [], b""),
    "order": ("GET", "https://h.example/?" + query(("b", "1"), ("B", "2"), ("a", "3"), ("aa", "4"), ("a-", "5")), [], b""),
    "repeated names": ("GET", "https://h.example/?" + query(("a", "2"), ("a", "10"), ("a", "1"), ("a", "")), [], b""),
    "tilde, plus, percent": ("GET", "https://h.example/~a+b%25c?" + query(("~", "+"), ("p", "%"), ("q", "a+b~c*'()!")), [], b""),
    "dots": ("GET", "https://h.example/a/./b/../c//d/", [], b""),
    "reserved": ("GET", "https://h.example/a:b@c,d;e=f&g$h!i'j(k)*l?" + query((":@/?", "&=#")), [], b""),
    "header spaces": ("POST", "https://h.example/", [("X-A", "  a   b  "), ("X-B", "\"a   b\""), ("X-Empty", "")], b"x"),
    "header order": ("POST", "https://h.example/", [("Zebra", "1"), ("apple", "2"), ("Content-Type", "text/plain; charset=utf-8")], b""),
    "repeated headers": ("POST", "https://h.example/", [("X-A", "2"), ("X-B", "x"), ("x-a", "1"), ("X-A", "2")], b""),
    "unsigned headers": ("POST", "https://h.example/", [("User-Agent", "c/1"), ("X-Amzn-Trace-Id", "Root=1"), ("traceparent", "00")], b""),
    "bytes": ("PUT", "https://h.example/f", [], bytes(range(256))),
    "large body": ("POST", "https://h.example/", [], b"0123456789" * 20_000),
    "DELETE": ("DELETE", "https://h.example/v2/email/identities/x", [], b""),
}


def signed_by_botocore(monkeypatch, request, keys, region: str, service: str, now: str) -> dict[str, str]:
    method, url, headers, body = request
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: datetime.datetime.fromisoformat(now.rstrip("Z")))
    theirs = AWSRequest(method=method, url=url, data=body)
    for name, value in headers:
        theirs.headers.add_header(name, value)
    botocore.auth.SigV4Auth(Credentials(keys[0], keys[1], keys[2] or None), service, region).add_auth(theirs)
    added = ("X-Amz-Date", "X-Amz-Security-Token", "Authorization")
    return {name: theirs.headers[name] for name in added if name in theirs.headers}


def task(request, keys, region: str, service: str, now: str) -> dict:
    method, url, headers, body = request
    return {"method": method, "url": url, "headers": headers, "body": base64.b64encode(body).decode(), "access_key_id": keys[0],
            "secret_access_key": keys[1], "session_token": keys[2], "region": region, "service": service, "now": now}


@pytest.mark.parametrize("keys", [KEYS, TEMPORARY], ids=["keys", "session token"])
def test_botocore_signs_every_request_as_we_do(ask, monkeypatch, keys):
    for service, region, now in [("ses", "us-east-1", NOW), ("sns", "eu-central-1", "2028-02-29T23:59:59Z")]:
        ours = ask("oracle-sign-request", [task(request, keys, region, service, now) for request in REQUESTS.values()])
        theirs = [signed_by_botocore(monkeypatch, request, keys, region, service, now) for request in REQUESTS.values()]
        assert dict(zip(REQUESTS, ours)) == dict(zip(REQUESTS, theirs))


def test_botocore_signs_random_requests_as_we_do(ask, monkeypatch):
    chance = random.Random(SEED)
    alphabet = "abAB01-_.~ +%/?&=#:@!$'()*,;<>[]{}|^`\"\\äß€🔔"

    def words(most: int) -> str:
        return "".join(chance.choices(alphabet, k=chance.randint(0, most)))

    requests = []
    for _ in range(300):
        path = "/".join(urllib.parse.quote(words(6), safe="") for _ in range(chance.randint(0, 4)))
        pairs = [(words(3), words(5)) for _ in range(chance.randint(1, 5))]
        headers = [(f"X-{chance.choice('AbC')}", " ".join(chance.choices(["a", "", "b", "\"c"], k=3))) for _ in range(chance.randint(0, 3))]
        requests.append(("POST", f"https://h.example/{path}?{query(*pairs)}", headers, words(40).encode()))
    ours = ask("oracle-sign-request", [task(request, TEMPORARY, REGION, "ses", NOW) for request in requests])
    for request, answer in zip(requests, ours):
        assert answer == signed_by_botocore(monkeypatch, request, TEMPORARY, REGION, "ses", NOW), request


ANSWERS = [
    "<?xml version=\"1.0\"?>\n<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>94f20ce6</MessageId>"
    "</PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
    "<ErrorResponse xmlns='http://sns.amazonaws.com/doc/2010-03-31/'>\r\n  <Error>\r\n    <Type>Sender</Type>\r\n    <Code>InvalidParameter</Code>\r\n"
    "    <Message>Invalid parameter: PhoneNumber Reason: &lt;+1&gt; &amp; &#228;&#x1F514; is not valid</Message>\r\n  </Error>\r\n</ErrorResponse>\n",
    "<a b=\"1\" c='&lt;&#9;' ><d/><e f = \"g\"></e ><h>Grüße 🔔</h></a>",
]


def leaves(element: ET.Element, path: str = ""):
    path += ("/" if path else "") + element.tag.rpartition("}")[2]
    if len(element) == 0:
        yield path, element.text or ""
    for child in element:
        yield from leaves(child, path)


def is_mixed(element: ET.Element) -> bool:
    beside = [element.text, *(child.tail for child in element)] if len(element) else []
    return any(text and text.strip(" \t\r\n") for text in beside) or any(map(is_mixed, element))


def read_by_expat(document: bytes) -> dict[str, str] | None:
    """What expat reads, but for what has no place in an answer of AWS: DTDs, comments, CDATA, instructions, text beside elements,
    names beyond ASCII."""
    if b"<!" in document or b"<?x?>" in document:
        return None
    try:
        root = ET.fromstring(document)
    except ET.ParseError:
        return None
    names = [name.rpartition("}")[2] for element in root.iter() for name in (element.tag, *element.attrib)]
    return None if is_mixed(root) or not "".join(names).isascii() else dict(reversed(list(leaves(root))))  # the first of a repeated path


def test_expat_takes_what_we_take_and_reads_the_same(ask):
    chance = random.Random(SEED)
    pieces = [b"<", b">", b"/", b"&", b";", b"&lt;", b"&#x41;", b"&#0;", b"]]>", b"<a>", b"</a>", b"<b/>", b"<!--", b"<?x?>", b"<![CDATA[", b"\r\n", b"\r", b" ", b"=",
              b"\"", b"'", b"x", b"xmlns=\"u\"", b"\x01", b"\xff", b"\xc3\xa4", b"<!DOCTYPE a>"]
    documents = [answer.encode() for answer in ANSWERS]
    for _ in range(DOCUMENTS):
        document = bytearray(chance.choice(ANSWERS).encode())
        begin = document.find(b"?>") + 2 if document.startswith(b"<?xml") else 0  # expat is lax about the declaration
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(begin, len(document) + 1)
            document[at:at + chance.choice([0, 0, 1, 3, 20])] = chance.choice(pieces)
        documents.append(bytes(document))
    ours = ask("oracle-read-xml-answer", [{"xml": base64.b64encode(document).decode()} for document in documents])
    assert all(answer is not None for answer in ours[:len(ANSWERS)])
    assert sum(answer is not None for answer in ours) > DOCUMENTS / 20
    assert sum(answer is None for answer in ours) > DOCUMENTS / 20
    for document, answer in zip(documents, ours):
        assert answer == read_by_expat(document), document
