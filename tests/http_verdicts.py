"""The verdicts of Http11Probe's cases, for a parser and for a server alike."""

import base64
import zlib
from typing import Any, NamedTuple


class Talk(NamedTuple):
    statuses: list[int]
    closed: bool


def verdict(case: dict[str, Any], talk: Talk) -> str:
    """Return the case's own verdict, and the static server's where the first does not pass."""
    profile, rules = case["static_profile"].split(":")[0], case["verdict"]
    refused = bool(talk.statuses) and (400 <= talk.statuses[0] < 500 or talk.statuses[0] in (501, 505))
    if profile == "REJECT" and refused:
        return "Pass"
    if profile == "REJECT_CLOSE" and refused and talk.closed:
        return "Pass"
    if profile in ("VALID_POST", "OPTIONS") and talk.statuses and talk.statuses[0] in (405, 501):
        return "Pass"
    if profile == "NO_CRASH" and talk.statuses and (talk.statuses[0] < 500 or talk.statuses[0] == 501):
        return "Pass"
    state = "ClosedByServer" if talk.closed else "TimedOut"
    if "any_state" in rules:
        rules = rules["any_state"]
    elif state in rules:
        rules = rules[state]
    if not talk.statuses:
        silence = rules.get("no_response", "Fail")
        return silence if isinstance(silence, str) else str(silence[state])
    for word, ranges in rules["status"].items():
        if any(low <= talk.statuses[0] <= high for low, high in ranges):
            return str(word)
    return "Fail"


def request_bytes(request: dict[str, Any]) -> bytes:
    if "latin1" in request:
        return bytes(request["latin1"], "latin-1")
    return zlib.decompress(base64.b64decode(request["zlib_b64"]))
