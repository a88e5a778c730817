"""RFC 868: four bytes, wherever they are cut, in the nearest era."""

import calendar
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import ProtocolError
from pynetdb.protocols.time import rfc868
from pynetdb.protocols.time.rfc868 import Reader, SurplusIgnored, TimeReceived

IN_2026 = 1_795_220_020.0


def utc(*parts: int) -> int:
    return calendar.timegm((*parts, 0, 0, 0)[:6])


def outcome(pieces: list[bytes]) -> Any:
    reader, events = Reader(IN_2026), []
    try:
        for piece in pieces:
            events += reader.receive_data(piece)
        return events + reader.receive_eof()
    except ProtocolError as error:
        return str(error)


# RFC 868, "For example: the time 2,208,988,800 corresponds to 00:00 1 Jan 1970 GMT..."
@pytest.mark.parametrize(
    ("count", "moment"),
    [
        (2_208_988_800, utc(1970, 1, 1)),
        (2_398_291_200, utc(1976, 1, 1)),
        (2_524_521_600, utc(1980, 1, 1)),
        (2_629_584_000, utc(1983, 5, 1)),
        (0xFFFFFFFF, calendar.timegm((2036, 2, 7, 6, 28, 15))),
    ],
)
def test_the_examples_of_the_rfc(count: int, moment: int) -> None:
    data = count.to_bytes(4, "big")
    assert rfc868.decode(data, IN_2026) == [TimeReceived(count, moment)]
    assert rfc868.encode(moment) == data


def test_its_example_before_1900_as_it_writes_it() -> None:
    """ "-1,297,728,000 corresponds to 00:00 17 Nov 1858 GMT": 32 bits, two's complement."""
    assert rfc868.encode(utc(1858, 11, 17)) == (-1_297_728_000).to_bytes(4, "big", signed=True)


def test_the_corpus_names_the_same_examples(corpora: Path) -> None:
    vectors = json.loads((corpora / "ntp" / "vectors.json").read_text("utf-8"))
    assert len(vectors["rfc868"]) == 8
    for text, expected in vectors["rfc868"]:
        count = int(text, 0)
        if count <= 0:
            continue  # The two that are not plain moments have tests of their own.
        date, clock = expected.split(" ")[:2]
        moment = calendar.timegm((*map(int, date.split("-")), *map(int, clock.split(":"))))
        assert rfc868.decode(count.to_bytes(4, "big"), IN_2026) == [TimeReceived(count, moment)]


def test_the_captures_of_three_servers(corpora: Path) -> None:
    cases = json.loads((corpora / "ntp" / "vectors.json").read_text("utf-8"))["rfc868_867_captures"]
    told = {case["server"].split(" ")[0]: bytes.fromhex(case["time_hex"]) for case in cases}
    assert rfc868.decode(told["xinetd"], IN_2026) == [
        TimeReceived(0xEEAB5B5F, calendar.timegm((2026, 11, 20, 23, 50, 55)))
    ]
    assert len(rfc868.decode(told["openbsd-inetd"], IN_2026)) == 1
    (time, surplus) = rfc868.decode(told["inetutils-inetd"], IN_2026)
    assert time == TimeReceived(0xEEAB5B34, calendar.timegm((2026, 11, 20, 23, 50, 12)))
    assert surplus == SurplusIgnored(8)
    assert surplus.warning == "time reply of 8 bytes, expected 4: the first 4 count"


def test_zero_is_2036_and_hard_to_believe() -> None:
    (told,) = rfc868.decode(bytes(4), IN_2026)
    assert isinstance(told, TimeReceived)
    assert told.unix == calendar.timegm((2036, 2, 7, 6, 28, 16))
    assert told.warning == "the server says 0, as one does that has no time"


def test_other_times_are_believed() -> None:
    (told,) = rfc868.decode(b"\0\0\0\1", IN_2026)
    assert told.warning == ""


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_less_than_four_bytes(size: int) -> None:
    with pytest.raises(ProtocolError, match=f"^time reply of {size} bytes, expected 4$"):
        rfc868.decode(bytes(size), IN_2026)


def test_the_time_is_there_with_its_fourth_byte() -> None:
    reader = Reader(IN_2026)
    assert reader.receive_data(b"\xee") == []
    assert len(reader.receive_data(b"\xab\x5b\x5f\0")) == 1
    assert reader.receive_data(bytes(3)) == []
    assert reader.receive_eof() == [SurplusIgnored(8)]


def test_a_peer_that_never_stops_is_not_stored() -> None:
    reader = Reader(IN_2026)
    for _ in range(100):
        reader.receive_data(bytes(100_000))
    assert reader.receive_eof() == [SurplusIgnored(10_000_000)]
    assert len(reader._data) == 4


def test_described() -> None:
    (told,) = rfc868.decode(bytes.fromhex("eeab5b5f"), IN_2026)
    assert isinstance(told, TimeReceived)
    assert [tuple(field) for field in rfc868.describe(told)] == [
        (0, "time", "eeab5b5f", "4004207455 s since 1900: 2026-11-20 23:50:55 UTC, era 0")
    ]


@given(st.binary(max_size=50))
def test_any_bytes_are_a_time_or_a_protocol_error(data: bytes) -> None:
    found = outcome([data])
    assert isinstance(found, str) == (len(data) < 4)


@given(st.binary(max_size=50), st.lists(st.integers(0, 50)))
def test_cut_anywhere_the_same_events(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(data)]
    assert outcome([data[a:b] for a, b in pairwise(places)]) == outcome([data])


@given(st.integers(0, 2**40))
def test_encode_then_decode_gives_the_moment_back(moment: int) -> None:
    (told,) = rfc868.decode(rfc868.encode(moment), moment)
    assert isinstance(told, TimeReceived)
    assert told.unix == moment
