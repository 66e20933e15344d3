"""Prints helm/carillon/values.schema.json with the settings and secrets that the table of settings lists.

Only the definitions `settings` and `secrets` are made here; the rest of the schema is written by hand and stays.
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).parent.parent.parent
SCHEMA = ROOT / "helm/carillon/values.schema.json"
TABLE = ROOT / "docs/NOTIFICATION_ENV_VARS.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| [^|]* \| ([^|]*) \| (.*) \| [^|]+ \|$", re.MULTILINE)
# The chart has values of its own for these, or they are of no use in a cluster.
SET_BY_THE_CHART = {"CARILLON_BUS", "CARILLON_BUS_PARTITIONS", "CARILLON_HTTP_ADDRESS", "CARILLON_HTTP_PORT", "CARILLON_INSTANCE", "CARILLON_KAFKA_BROKERS",
                    "CARILLON_KAFKA_TOPIC_PREFIX", "CARILLON_MIGRATE", "CARILLON_PUBLIC_URL", "CARILLON_STOP_GRACE_SECONDS"}
NOT_IN_A_CLUSTER = re.compile(r"CARILLON_(SANDBOX\w*|URL|PORT_FILE|FAILPOINTS|CONSOLE_FILE)$")


def settings() -> list[tuple[str, str, bool, str]]:
    """Name, type, whether secret, description."""
    return [(name, kind.strip(), "secret" in flags, text.strip()) for name, kind, flags, text in ROW.findall(TABLE.read_text())]


def schema_of(kind: str) -> dict:
    if found := re.fullmatch(r"(integer|number) (\d+) to (\d+)", kind):
        return {"type": found[1], "minimum": int(found[2]), "maximum": int(found[3])}
    if found := re.fullmatch(r"one of (.+)", kind):
        return {"enum": found[1].split(", ")}
    return {"true or false": {"type": "boolean"}, "URL": {"type": "string", "pattern": "^(https?://.+)?$"}}.get(kind, {"type": "string"})


def belongs(name: str) -> bool:
    return name not in SET_BY_THE_CHART and not NOT_IN_A_CLUSTER.match(name)


def schema() -> str:
    made = json.loads(SCHEMA.read_text())
    known = [setting for setting in settings() if belongs(setting[0])]
    made["definitions"]["settings"]["properties"] = {name: schema_of(kind) | {"description": text} for name, kind, secret, text in known if not secret}
    made["definitions"]["secrets"]["properties"] = {name: {"$ref": "#/definitions/secret"} for name, _, secret, _ in known if secret}
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
