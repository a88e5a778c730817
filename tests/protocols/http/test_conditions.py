"""Conditions and ranges: the two corpora completely, and what they leave open."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.http.conditions import Decision, Validators, decide
from pynetdb.protocols.http.dates import format_http_date
from pynetdb.protocols.http.fields import Fields

NOW = 1_800_000_000
FILE = Validators('"abcDEF-1"', NOW - 1000, 1000)
WEAK = Validators('W/"abc"', NOW - 1000, 1000)


def judge(method: str = "GET", file: Validators = FILE, **fields: str) -> Decision:
    pairs = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return decide(method, Fields(pairs), file, NOW)


def test_the_range_cases(corpora: Path) -> None:
    document = json.loads((corpora / "http" / "range_cases.json").read_text(encoding="utf-8"))
    assert len(document["cases"]) == 76
    for case in document["cases"]:
        size = document["resources"][case["resource"]]["bytes"]
        # On the wire the text is UTF-8; our fields are Latin-1.
        value = case["range"].encode("utf-8").decode("latin-1")
        fields = Fields((("Range", value), *case["extra_headers"].items()))
        decision = decide(case["method"], fields, Validators('"x"', NOW - 1000, size), NOW)
        assert any(fits(accepted, decision) for accepted in case["acceptable"]), (case, decision)


def fits(accepted: dict[str, Any], decision: Decision) -> bool:
    if accepted["status"] != decision.status:
        return False
    if "content_range" in accepted and accepted["content_range"] != decision.content_range:
        return False
    slice_ = [decision.first, decision.first + decision.length]
    if decision.status == 206 and "body_slice" not in accepted:
        return False
    return accepted.get("body_slice") in (None, slice_) and accepted.get("content_length") in (
        None,
        decision.length,
    )


def test_the_conditional_cases(corpora: Path) -> None:
    document = json.loads((corpora / "http" / "conditional_cases.json").read_text(encoding="utf-8"))
    assert len(document["cases"]) == 39
    rfc850 = format_rfc850()
    asctime = "Fri Jan 15 07:43:20 2027"
    assert format_http_date(FILE.modified) == "Fri, 15 Jan 2027 07:43:20 GMT"
    words = {
        "{ETAG}": FILE.etag,
        "{ETAG_UNQUOTED}": FILE.etag.strip('"'),
        "{ETAG_UPPER_IF_DIFFERENT}": FILE.etag.upper(),
        "{LAST_MODIFIED}": format_http_date(FILE.modified),
        "{LAST_MODIFIED_MINUS_60S}": format_http_date(FILE.modified - 60),
        "{LAST_MODIFIED_PLUS_1S}": format_http_date(FILE.modified + 1),
        "{LAST_MODIFIED_RFC850}": rfc850,
        "{LAST_MODIFIED_ASCTIME}": asctime,
    }
    for case in document["cases"]:
        fields = dict(case["headers"])
        if fields.pop("_path", None) or case["method"] == "POST":
            continue  # not for this floor: no file, so no decision; a method that is answered 405 before it
        method = fields.pop("_method", case["method"])
        for word, meaning in words.items():
            fields = {name: value.replace(word, meaning) for name, value in fields.items()}
        # The parser takes the white space around a value away.
        pairs = tuple((name, value.strip(" \t")) for name, value in fields.items())
        decision = decide(method, Fields(pairs), FILE, NOW)
        assert decision.status in case["acceptable_status"], (case, decision)


def format_rfc850() -> str:
    return "Friday, 15-Jan-27 07:43:20 GMT"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"If_Match": 'W/"abc"'}, 412),
        ({"If_Match": "*"}, 200),
        ({"If_None_Match": '"abc"'}, 304),
        ({"Range": "bytes=0-1", "If_Range": 'W/"abc"'}, 200),
        ({"Range": "bytes=0-1", "If_Range": '"abc"'}, 200),
    ],
)
def test_a_weak_tag(fields: dict[str, str], status: int) -> None:
    assert judge(file=WEAK, **fields).status == status


def test_a_comma_within_a_tag() -> None:
    file = Validators('"a,b"', 0, 1)
    assert judge(file=file, If_None_Match='"x", "a,b"').status == 304
    assert judge(file=file, If_None_Match='"a", "b"').status == 200
    assert judge(file=file, If_None_Match='"a,b').status == 200


def test_the_order_of_13_2_2() -> None:
    old, new = format_http_date(FILE.modified - 60), format_http_date(FILE.modified)
    assert judge(If_Match=FILE.etag, If_Unmodified_Since=old).status == 200
    assert judge(If_Match='"x"', If_None_Match=FILE.etag).status == 412
    assert judge(If_Unmodified_Since=new, If_None_Match=FILE.etag).status == 304
    assert judge(If_None_Match=FILE.etag, Range="bytes=0-0").status == 304
    assert judge(If_Modified_Since=old, Range="bytes=0-0").status == 206
    assert judge("HEAD", If_None_Match='"x"', Range="bytes=0-0").status == 200
    assert judge("POST", If_None_Match=FILE.etag).status == 412
    assert judge("POST", If_Modified_Since=new).status == 200


def test_a_date_joins_parts_only_when_the_file_was_left_alone() -> None:
    fresh = Validators('"x"', NOW, 10)
    assert judge(file=fresh, Range="bytes=0-1", If_Range=format_http_date(NOW)).status == 200
    assert judge(Range="bytes=0-1", If_Range=format_http_date(FILE.modified)).status == 206
    assert judge(Range="bytes=0-1", If_Range="no date").status == 200


def test_a_date_does_not_tell_two_changes_of_one_second_apart() -> None:
    file = Validators(FILE.etag, FILE.modified, FILE.size, changed_within_second=True)
    date = format_http_date(FILE.modified)
    assert judge(file=file, Range="bytes=0-1", If_Range=date).status == 200
    assert judge(file=file, Range="bytes=0-1", If_Range=FILE.etag).status == 206
    assert judge(file=file, If_Modified_Since=date).status == 304


def test_a_date_to_come_is_ignored() -> None:
    assert judge(If_Modified_Since=format_http_date(NOW + 1)).status == 200


@pytest.mark.parametrize(
    ("value", "decision"),
    [
        ("bytes=0-0", Decision(206, 0, 1, "bytes 0-0/1000")),
        ("bytes=000000000000000000000000-0", Decision(206, 0, 1, "bytes 0-0/1000")),
        ("bytes=999-", Decision(206, 999, 1, "bytes 999-999/1000")),
        ("bytes=1000-", Decision(416, content_range="bytes */1000")),
        ("bytes=1000-,-0", Decision(416, content_range="bytes */1000")),
        ("bytes=0-0,1-1", Decision(200, 0, 1000)),
        ("bytes=0-0,", Decision(200, 0, 1000)),
        ("bytes=-", Decision(200, 0, 1000)),
        ("lines=0-0", Decision(200, 0, 1000)),
    ],
)
def test_ranges(value: str, decision: Decision) -> None:
    assert judge(Range=value) == decision


@given(st.text("0123456789-,= bytes", max_size=30), st.integers(0, 20))
def test_a_range_never_leaves_the_file(value: str, size: int) -> None:
    for text in (value, f"bytes={value}"):
        decision = decide("GET", Fields((("Range", text),)), Validators('"x"', 0, size), NOW)
        assert decision.status in (200, 206, 416)
        assert 0 <= decision.first <= decision.first + decision.length <= size
        assert decision.length or decision.status != 206


@given(st.integers(0, 99), st.integers(1, 99), st.integers(0, 99))
def test_what_is_asked_is_what_is_sent(first: int, length: int, more: int) -> None:
    size = first + length + more
    decision = decide(
        "GET", Fields((("Range", f"bytes={first}-{first + length - 1}"),)), Validators('"x"', 0, size), NOW
    )
    assert (decision.status, decision.first, decision.length) == (206, first, length)


@given(st.text('"W/, *abc', max_size=20))
def test_any_list_of_tags_is_judged(value: str) -> None:
    assert judge(If_None_Match=value).status in (200, 304)
    assert judge(If_Match=value).status in (200, 412)
