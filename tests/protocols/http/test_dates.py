"""Dates in the three formats of RFC 9110 section 5.6.7."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.http.dates import format_http_date, parse_http_date

NOW = 1_800_000_000  # January 2027
EXAMPLE = 784_111_777  # the RFC's own


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_the_example_of_the_rfc(text: str) -> None:
    assert parse_http_date(text, NOW) == EXAMPLE


def test_format() -> None:
    assert format_http_date(EXAMPLE + 0.9) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert format_http_date(-0.5) == "Wed, 31 Dec 1969 23:59:59 GMT"


@pytest.mark.parametrize(
    ("year", "full"), [("27", 2027), ("77", 2077), ("78", 1978), ("00", 2000), ("99", 1999)]
)
def test_two_digits_of_a_year_are_within_50_years(year: str, full: int) -> None:
    expected = parse_http_date(f"Mon, 01 Mar {full} 00:00:00 GMT", NOW)
    assert parse_http_date(f"Monday, 01-Mar-{year} 00:00:00 GMT", NOW) == expected


def test_a_leap_second_is_the_second_before() -> None:
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", NOW) == parse_http_date(
        "Sat, 31 Dec 2016 23:59:59 GMT", NOW
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "yesterday", "Fri, 31 Feb 9999 23:59:99 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ", "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, ٠٦ Nov 1994 08:49:37 GMT", "Sun, 30 Feb 2024 08:49:37 GMT",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert parse_http_date(text, NOW) is None


@given(st.integers(-(10**10), 2 * 10**11))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_http_date(format_http_date(seconds), NOW) == seconds


@given(st.integers(0, 4 * 10**9))
def test_the_standard_library_writes_the_same(seconds: int) -> None:
    assert format_http_date(seconds) == formatdate(seconds, usegmt=True)


@given(st.text("SunModay,:- 0123456789GMTov", max_size=35))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert parse_http_date(text, NOW) is None or isinstance(parse_http_date(text, NOW), int)
