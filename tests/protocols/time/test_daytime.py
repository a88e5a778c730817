"""Daytime: NIST's line held to its own fields, every other line shown as it is."""

import calendar
import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import CommandLineError, ProtocolError
from pynetdb.protocols.time import daytime
from pynetdb.protocols.time.daytime import MAX_LINE, NistTime, OtherLine, Reader
from pynetdb.terminal import safe_line

COURSE = b"56259 12-11-28 19:30:19 00 0 0 118.4 UTC(NIST) *"
SPOKEN = NistTime(56259, 19, 30, 19, 0, 0, 0, 118.4)


def outcome(pieces: list[bytes]) -> Any:
    """The events of an answer that arrives in these pieces, or its error."""
    reader, events = Reader(), []
    try:
        for piece in pieces:
            events += reader.receive_data(piece)
        return events + reader.receive_eof()
    except ProtocolError as error:
        return str(error)


@pytest.mark.parametrize(
    "data",
    [
        COURSE,
        b"\n" + COURSE + b" \n",
        b"\r\n" + COURSE + b"\r\n",
        b"\n56259 12-11-28 19:30:19 00 0 0  118.4 UTC(NIST) * \n",
        # What follows the marker is too late to matter.
        COURSE + b" \n" + b"x" * 100_000,
    ],
)
def test_the_courses_line(data: bytes) -> None:
    time = daytime.decode(data)
    assert time == SPOKEN
    assert isinstance(time, NistTime)
    assert time.date == date(2012, 11, 28)
    assert time.unix == calendar.timegm((2012, 11, 28, 19, 30, 19))


@pytest.mark.parametrize(
    ("line", "day"),
    [
        (b"61281 26-08-29 00:00:00 50 0 0 909.7 UTC(NIST) *", date(2026, 8, 29)),
        (b"00000 58-11-17 00:00:00 00 0 0  50.0 UTC(NIST) *", date(1858, 11, 17)),
        (b"99999 32-08-31 00:00:00 00 0 0  50.0 UTC(NIST) *", date(2132, 8, 31)),
        (b"88127 00-02-28 00:00:00 00 0 0  50.0 UTC(NIST) *", date(2100, 2, 28)),
        (b"51603 00-02-29 00:00:00 00 0 0  50.0 UTC(NIST) *", date(2000, 2, 29)),
    ],
)
def test_the_day_number_decides_the_century(line: bytes, day: date) -> None:
    time = daytime.decode(line)
    assert isinstance(time, NistTime)
    assert time.date == day


def test_a_leap_second() -> None:
    time = daytime.decode(b"57753 16-12-31 23:59:60 00 1 0  50.0 UTC(NIST) *")
    assert isinstance(time, NistTime)
    assert time.second == 60
    assert time.unix == calendar.timegm((2017, 1, 1, 0, 0, 0))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (
            COURSE.replace(b"12-11-28", b"12-11-29"),
            "daytime: day 56259 is 2012-11-28, but the line says 12-11-29",
        ),
        (
            COURSE.replace(b"12-11-28", b"12-13-28"),
            "daytime: day 56259 is 2012-11-28, but the line says 12-13-28",
        ),
        (COURSE.replace(b"19:30:19", b"24:30:19"), "daytime: 24:30:19 is not a time of day"),
        (COURSE.replace(b"19:30:19", b"19:60:19"), "daytime: 19:60:19 is not a time of day"),
        (COURSE.replace(b"19:30:19", b"19:30:60"), "daytime: 19:30:60 is not a time of day"),
        (COURSE.replace(b"19:30:19", b"23:59:61"), "daytime: 23:59:61 is not a time of day"),
        (b"", "daytime: an answer without a line"),
        (b" \r\n\n", "daytime: an answer without a line"),
        (b"x" * (MAX_LINE + 1), f"daytime: a line of more than {MAX_LINE} bytes"),
        (b"\n" * 70_000, f"daytime: a line of more than {MAX_LINE} bytes"),
        (b"\n" * MAX_LINE + COURSE, f"daytime: a line of more than {MAX_LINE} bytes"),
    ],
)
def test_what_is_refused(data: bytes, complaint: str) -> None:
    assert outcome([data]) == complaint
    assert outcome([bytes([byte]) for byte in data]) == complaint


@pytest.mark.parametrize("end", [24, 26, 30, 35, 38, len(COURSE) - 1])
def test_half_of_nists_line_is_not_a_line(end: int) -> None:
    complaint = outcome([COURSE[:end]])
    assert complaint.startswith("daytime: '56259 12-11-28 19:30:19")
    assert complaint.endswith("expected 'TT L H msADV UTC(NIST) *' to follow")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Tuesday, February 22, 1982 17:37:43-PST\r\n", "Tuesday, February 22, 1982 17:37:43-PST"),
        (b"02 FEB 82 07:59:01 PST\r\n", "02 FEB 82 07:59:01 PST"),
        (b"56259", "56259"),
        ("Mittwoch, 3. M\u00e4rz\n".encode(), "Mittwoch, 3. M\u00e4rz"),
        (b"M\xe4rz", "M\\xe4rz"),
        (b"x" * MAX_LINE, "x" * MAX_LINE),
        (b"\x1b]0;owned\x07\x1b[2Jnow\n", "\x1b]0;owned\x07\x1b[2Jnow"),
    ],
)
def test_other_lines_are_shown_as_they_are(data: bytes, text: str) -> None:
    assert daytime.decode(data) == OtherLine(text)
    assert safe_line(text).isprintable()


def test_the_captures_of_three_servers(corpora: Path) -> None:
    cases = json.loads((corpora / "ntp" / "vectors.json").read_text("utf-8"))["rfc868_867_captures"]
    assert len(cases) == 3
    for case in cases:
        line = case["daytime"].replace("\\r", "\r").replace("\\n", "\n")
        assert daytime.decode(line.encode()) == OtherLine(line.strip())


def test_nists_time_is_there_with_its_marker_not_with_the_end() -> None:
    reader = Reader()
    assert reader.receive_data(b"\n" + COURSE[:-1]) == []
    assert reader.receive_data(COURSE[-1:]) == [SPOKEN]
    assert reader.receive_data(b" \n") == []
    assert reader.receive_eof() == []


# Writing it.


def test_nists_line_as_nist_writes_it() -> None:
    time = daytime.make_nist_time(calendar.timegm((2012, 11, 28, 19, 30, 19)), advance=118.4)
    assert time == SPOKEN
    assert daytime.encode(time) == b"\n" + COURSE + b" \n"
    assert daytime.encode(daytime.make_nist_time(0, leap=2, health=4)) == (
        b"\n40587 70-01-01 00:00:00 00 2 4   0.0 UTC(NIST) * \n"
    )


def test_what_five_digits_of_days_cannot_say() -> None:
    first, last = -40587 * 86400, (99_999 - 40587 + 1) * 86400 - 1
    assert daytime.make_nist_time(first).date == date(1858, 11, 17)
    assert daytime.make_nist_time(last).date == date(2132, 8, 31)
    for moment in (first - 1, last + 1):
        with pytest.raises(CommandLineError, match="1858-11-17 to 2132-08-31"):
            daytime.make_nist_time(moment)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 1, 15), 0),
        (date(2026, 2, 28), 0),
        (date(2026, 3, 1), 58),
        (date(2026, 3, 7), 52),
        (date(2026, 3, 8), 51),
        (date(2026, 3, 9), 50),
        (date(2026, 8, 29), 50),
        (date(2026, 10, 31), 50),
        (date(2026, 11, 1), 1),
        (date(2026, 11, 2), 0),
        (date(2025, 11, 1), 2),
        (date(2012, 11, 28), 0),
    ],
)
def test_daylight_saving_time_is_counted_down(day: date, code: int) -> None:
    assert daytime.find_daylight_code(day) == code


# In words.


def test_described() -> None:
    fields = daytime.describe(SPOKEN)
    assert [tuple(field) for field in fields] == [
        (0, "Modified Julian Date", "56259", "days since 1858-11-17: 2012-11-28"),
        (6, "date", "12-11-28", "2012-11-28, the century from the day number"),
        (15, "time", "19:30:19", "19:30:19 UTC"),
        (24, "daylight saving", "00", "standard time in the United States"),
        (27, "leap second", "0", "no leap second at the end of this month"),
        (29, "health", "0", "healthy"),
        (31, "advance", "118.4", "sent 118.4 ms early, to make up for the way"),
        (37, "label", "UTC(NIST)", "Coordinated Universal Time, and who keeps it"),
        (47, "on-time marker", "*", "it was that time when this arrived"),
    ]
    for field in fields:
        assert COURSE[field.offset :].startswith(field.value.encode())


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"hour": 23, "minute": 59, "second": 60}, "23:59:60 UTC, a leap second"),
        ({"dst": 50}, "daylight saving time in the United States"),
        ({"dst": 51}, "the United States change to daylight time today, at 2 am local time"),
        ({"dst": 52}, "the United States change to daylight time in 1 day, at 2 am local time"),
        ({"dst": 1}, "the United States change to standard time today, at 2 am local time"),
        ({"dst": 4}, "the United States change to standard time in 3 days, at 2 am local time"),
        ({"leap": 1}, "a leap second will be added at the end of this month"),
        ({"leap": 7}, "not a code of NIST's"),
        ({"health": 2}, "known to be wrong by more than 5 s, do not trust it"),
        ({"health": 9}, "special maintenance, or failed, do not trust it"),
    ],
)
def test_described_in_other_cases(changes: dict[str, int], meaning: str) -> None:
    assert meaning in [field.meaning for field in daytime.describe(replace(SPOKEN, **changes))]


# The three properties.

times = st.builds(
    NistTime,
    st.integers(0, 99_999),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.integers(0, 99),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 99_999).map(lambda tenths: tenths / 10),
    st.sampled_from(["UTC(NIST)", "UTC(PTB)", "UTC(x)"]),
)
almost = st.tuples(times.map(daytime.encode), st.integers(0, 60), st.binary(max_size=3)).map(
    lambda made: made[0][: made[1]] + made[2] + made[0][made[1] + len(made[2]) :]
)
answers = st.one_of(st.binary(max_size=2 * MAX_LINE), times.map(daytime.encode), almost)


@given(answers)
def test_any_bytes_are_one_event_or_a_protocol_error(data: bytes) -> None:
    found = outcome([data])
    assert isinstance(found, str) or len(found) == 1
    assert isinstance(found, str) or not isinstance(found[0], NistTime) or daytime.describe(found[0])


@given(answers, st.lists(st.integers(0, 2 * MAX_LINE)))
def test_cut_anywhere_the_same_events(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(data)]
    assert outcome([data[a:b] for a, b in pairwise(places)]) == outcome([data])


@given(times)
def test_encode_then_decode_gives_the_time_back(time: NistTime) -> None:
    assert daytime.decode(daytime.encode(time)) == time


@given(st.integers(-40587 * 86400, (99_999 - 40587 + 1) * 86400 - 1))
def test_a_moment_comes_back(moment: int) -> None:
    time = daytime.decode(daytime.encode(daytime.make_nist_time(moment)))
    assert isinstance(time, NistTime)
    assert time.unix == moment
