"""The request corpora, judged at the parser: the status it leads to, and whether the connection stays open.

What the server adds is small and stands here as `converse`: GET and HEAD are 200, other methods 405, and
405 closes, as every refusal does.
"""

import json
from pathlib import Path
from typing import Any

from http_verdicts import Talk, request_bytes, verdict

from pynetdb.protocols.http.requests import Refused, Request, RequestParser


def converse(*pieces: bytes, eof: bool = False) -> Talk:
    """Send the pieces one after the other to a server made of the parser; return what it says."""
    parser = RequestParser()
    statuses: list[int] = []
    batches = [parser.receive_data(piece) for piece in pieces]
    if eof:
        batches.append(parser.receive_eof())
    for events in batches:
        for event in events:
            if isinstance(event, Refused):
                return Talk([*statuses, event.status], True)
            if isinstance(event, Request):
                if event.method not in ("GET", "HEAD"):
                    return Talk([*statuses, 405], True)
                statuses.append(200)
                if not event.keep_alive:
                    return Talk(statuses, True)
    return Talk(statuses, parser.closed)


def load(corpora: Path, name: str) -> Any:
    return json.loads((corpora / "http" / name).read_text(encoding="utf-8"))


def test_h1spec(corpora: Path) -> None:
    cases = load(corpora, "h1spec.json")
    failed = []
    for case in cases:
        talk = converse(case["request_latin1"].encode("latin-1"))
        status = talk.statuses[0] if talk.statuses else -1
        if not any(low <= status <= high for low, high in case["expected_status_ranges"]):
            failed.append(case["description"])
    assert len(cases) == 33
    # A file server refuses POST: the two that want it taken are the two that nobody like us passes.
    assert failed == ["Valid POST request with body", "Chunked Transfer-Encoding"]


def test_gunicorn(corpora: Path) -> None:
    cases = [
        case
        for case in load(corpora, "gunicorn_requests.json")
        if case["kind"] == "invalid" and case["needs_gunicorn_setting"] is None
    ]
    assert len(cases) == 63
    failed = [
        (case["id"], talk)
        for case in cases
        for talk in [converse(case["request_latin1"].encode("latin-1"), eof=True)]
        if not talk.closed or not (400 <= talk.statuses[-1] < 500 or talk.statuses[-1] in (501, 505))
    ]
    assert failed == []


def test_llhttp(corpora: Path) -> None:
    cases = [
        case
        for case in load(corpora, "llhttp_requests.json")
        if case["type"] == "request" and case["error"] and case["error"]["code"] not in range(21, 25)
    ]
    assert len(cases) > 40
    failed = [
        (case["title"], talk)
        for case in cases
        for talk in [converse(case["request_utf8"].encode("utf-8"), eof=True)]
        if not talk.closed
    ]
    assert failed == []


def test_transfer_encoding_mutations(corpora: Path) -> None:
    lines = load(corpora, "te_mutations.json")["header_lines"]
    assert len(lines) == 668
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    body = b"0\r\n\r\n"
    for name, line in lines:
        head = b"POST / HTTP/1.1\r\nHost: a\r\n" + line.encode("latin-1") + b"\r\n"
        for lengths in (b"", b"Content-Length: 5\r\n", b"Content-Length: 40\r\n"):
            talk = converse(head + lengths + b"\r\n" + body + smuggled, eof=True)
            assert talk.closed, name
            assert len(talk.statuses) == 1, name
            assert talk.statuses[0] in (400, 405, 501), name


def test_http11probe(corpora: Path) -> None:
    text = (corpora / "http" / "http11probe.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in text.splitlines()]
    singles = [case for case in cases if case["kind"] == "single" and "verdict" in case]
    assert len(cases) == 215
    assert len(singles) > 150
    failed = [
        (case["id"], talk, case["expected_text"])
        for case in singles
        for talk in [converse(request_bytes(case["request"]))]
        if case["scored"] and verdict(case, talk) == "Fail"
    ]
    assert failed == []


def test_http11probe_sequences_never_give_an_answer_too_many(corpora: Path) -> None:
    text = (corpora / "http" / "http11probe.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in text.splitlines()]
    sequences = [case for case in cases if case["kind"] == "sequence" and case["id"].startswith("SMUG")]
    assert len(sequences) > 15
    for case in sequences:
        steps = [request_bytes(step["request"]) for step in case["steps"]]
        talk = converse(*steps)
        assert talk.closed or len(talk.statuses) <= len(steps), (case["id"], talk)
        assert len(talk.statuses) <= max(len(steps), 1), (case["id"], talk)
