"""Dates as HTTP writes and reads them (RFC 9110 section 5.6.7)."""

import re
from datetime import UTC, datetime, timedelta

# Added to, because datetime.fromtimestamp fails before 1970 on Windows.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
# Compiled when the first date comes.
_FORMATS = (
    # Sun, 06 Nov 1994 08:49:37 GMT
    rf"(?:{'|'.join(_DAYS)}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
    # Sunday, 06-Nov-94 08:49:37 GMT: obsolete, RFC 850
    rf"(?:{'|'.join(_LONG_DAYS)}), (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
    # Sun Nov  6 08:49:37 1994: obsolete, C's asctime()
    rf"(?:{'|'.join(_DAYS)}) {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
)


def format_http_date(seconds: float) -> str:
    """Write Unix seconds as the date that HTTP sends, rounded down: `Sun, 06 Nov 1994 08:49:37 GMT`."""
    moment = _EPOCH + timedelta(seconds=seconds // 1)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"


def parse_http_date(text: str, now: float) -> int | None:
    """Read a date in any of the three formats as Unix seconds; None where it is none, or impossible.

    `now` (Unix seconds) places the two digits of an RFC 850 year: more than 50 years ahead is the past.
    The name of the day is not compared with the date.
    """
    for pattern in _FORMATS:
        if match := re.fullmatch(pattern, text):
            break
    else:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        this_year = (_EPOCH + timedelta(seconds=now)).year
        year += this_year - this_year % 100
        if year > this_year + 50:
            year -= 100
    # datetime knows no second 60. The grammar allows a leap second; no clock that we compare it with has one.
    second = 59 if match["second"] == "60" else int(match["second"])
    try:
        moment = datetime(
            year,
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            second,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return int((moment - _EPOCH) // timedelta(seconds=1))
