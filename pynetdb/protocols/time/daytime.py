"""The daytime protocol (RFC 867): a line in any form, and NIST's form field by field."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pynetdb.errors import CommandLineError, ProtocolError
from pynetdb.protocols.time.field import Field
from pynetdb.terminal import decoded

# Ten times NIST's line. A peer that never ends its line can fill neither memory nor a screen.
MAX_LINE = 512

# The Modified Julian Date of 1970-01-01, where Unix time begins.
_MJD_OF_1970 = 40587
# date.toordinal() of 1858-11-17, which is day 0 of the Modified Julian Date.
_ORDINAL_OF_MJD_0 = 678_576
# NIST's line has five digits for it: it ends on 2132-08-31.
_MAX_MJD = 99_999

# By the digit of the line. Older texts give 4 as the failure: what is not 0 is not to be trusted.
HEALTHS = (
    "healthy",
    "may be wrong by up to 5 s, should heal within 10 minutes",
    "known to be wrong by more than 5 s",
    "failed in hardware or software, the error is unknown",
    "special maintenance, or failed",
)
LEAPS = (
    "no leap second at the end of this month",
    "a leap second will be added at the end of this month",
    "a leap second will be removed at the end of this month",
)

# Who begins like this means NIST's form; the rest of the line is then held to it.
_CLAIM = re.compile(rb"\s*\d{5} +\d\d-\d\d-\d\d +\d\d:\d\d:\d\d ")
_NIST = re.compile(
    rb"\s*(?P<mjd>\d{5}) +(?P<year>\d\d)-(?P<month>\d\d)-(?P<day>\d\d)"
    rb" +(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    rb" +(?P<dst>\d\d) +(?P<leap>\d) +(?P<health>\d) +(?P<advance>\d{1,6}(?:\.\d{1,6})?)"
    rb" +(?P<label>UTC\([!-'*-~]{1,16}\)) +\*"
)


@dataclass(frozen=True, slots=True)
class NistTime:
    """NIST's line: `56259 12-11-28 19:30:19 00 0 0 118.4 UTC(NIST) *`."""

    mjd: int
    """Modified Julian Date: days since 1858-11-17. It decides the century of the date."""
    hour: int
    minute: int
    second: int
    """60 in a leap second."""
    dst: int = 0
    """United States: 0 standard time, 50 daylight time, others count down to the change."""
    leap: int = 0
    health: int = 0
    """0 is healthy; what is not 0 is not to be trusted."""
    advance: float = 0.0
    """Milliseconds by which the line was sent early, to make up for the way."""
    label: str = "UTC(NIST)"

    @property
    def date(self) -> date:
        """The day, in UTC."""
        return date.fromordinal(self.mjd + _ORDINAL_OF_MJD_0)

    @property
    def unix(self) -> int:
        """Seconds since 1970. A leap second has the number of the second after it, as POSIX wants."""
        days = self.mjd - _MJD_OF_1970
        return ((days * 24 + self.hour) * 60 + self.minute) * 60 + self.second


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A line in another form: "There is no specific syntax for the daytime" (RFC 867)."""

    text: str
    """As it came, without the white space around it; not yet safe for a terminal."""


class Reader:
    """Turns the bytes of one answer into one event, a NistTime or an OtherLine."""

    # A LineReader would wait for the LF: NIST's line begins with one, and speaks of the moment of its `*`.

    def __init__(self) -> None:
        self._data = bytearray()
        self._done = False

    def receive_data(self, data: bytes) -> list[NistTime | OtherLine]:
        """Return NIST's time as soon as its on-time marker is there: that is the moment it speaks of.

        Other lines end with the connection. Raises ProtocolError for a line over MAX_LINE bytes, and for
        one of NIST that contradicts itself.
        """
        if self._done:
            return []
        # One byte more than the limit is enough to see that it is passed.
        self._data += data[: MAX_LINE + 1]
        if match := _NIST.match(self._data, 0, MAX_LINE):
            self._done = True
            return [_check_nist_time(match)]
        if len(self._data) > MAX_LINE:
            raise ProtocolError(f"daytime: a line of more than {MAX_LINE} bytes")
        return []

    def receive_eof(self) -> list[NistTime | OtherLine]:
        """Return the line if it was not NIST's. Raises ProtocolError if there is none, or half of one."""
        if self._done:
            return []
        self._done = True
        text = decoded(bytes(self._data)).strip()
        if not text:
            raise ProtocolError("daytime: an answer without a line")
        if _CLAIM.match(self._data):
            raise ProtocolError(
                f"daytime: {text!r} begins as NIST's line, expected 'TT L H msADV UTC(NIST) *' to follow"
            )
        return [OtherLine(text)]


def decode(data: bytes) -> NistTime | OtherLine:
    """Return the content of a datagram. Raises ProtocolError as Reader does."""
    reader = Reader()
    (event,) = reader.receive_data(data) or reader.receive_eof()
    return event


def _check_nist_time(match: "re.Match[bytes]") -> NistTime:
    number = {name: int(match[name]) for name in ("mjd", "hour", "minute", "second", "dst", "leap", "health")}
    time = NistTime(**number, advance=float(match["advance"]), label=match["label"].decode("ascii"))
    said = b"-".join(match.group("year", "month", "day")).decode("ascii")
    if _with_two_digits(time.date) != said:
        raise ProtocolError(f"daytime: day {time.mjd} is {time.date}, but the line says {said}")
    # A leap second is inserted as 23:59:60 UTC and nowhere else.
    longest = 60 if (time.hour, time.minute) == (23, 59) else 59
    if time.hour > 23 or time.minute > 59 or time.second > longest:
        clock = f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}"
        raise ProtocolError(f"daytime: {clock} is not a time of day")
    return time


def encode(time: NistTime) -> bytes:
    """Return NIST's line as NIST sends it: a newline before it and behind it."""
    return (
        f"\n{time.mjd:05d} {_with_two_digits(time.date)} {time.hour:02d}:{time.minute:02d}:{time.second:02d}"
        f" {time.dst:02d} {time.leap} {time.health} {time.advance:5.1f} {time.label} * \n"
    ).encode("ascii")


def _with_two_digits(day: date) -> str:
    """Return `12-11-28`. Not by strftime, whose %y begins with 1900 on Windows."""
    return f"{day.year % 100:02d}-{day.month:02d}-{day.day:02d}"


def make_nist_time(unix: int, *, leap: int = 0, health: int = 0, advance: float = 0.0) -> NistTime:
    """Return NIST's line for a moment in seconds since 1970, with the daylight code of that day.

    Raises CommandLineError for a moment that five digits of days do not reach.
    """
    days, seconds = divmod(unix, 86400)
    mjd = days + _MJD_OF_1970
    if not 0 <= mjd <= _MAX_MJD:
        raise CommandLineError("daytime: NIST's line can say 1858-11-17 to 2132-08-31")
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    plain = NistTime(mjd, hour, minute, second, 0, leap, health, advance)
    return replace(plain, dst=find_daylight_code(plain.date))


def find_daylight_code(day: date) -> int:
    """Return NIST's code for the daylight saving time of the United States, by the rule since 2007.

    50 while it lasts and 0 else; in a month of change the days to go, counted down to 51 or 1.
    """
    begins, ends = _find_sunday(day.year, 3, 2), _find_sunday(day.year, 11, 1)
    if day.month == 3 and day <= begins:
        return 51 + (begins - day).days
    if day.month == 11 and day <= ends:
        return 1 + (ends - day).days
    return 50 if begins < day < ends else 0


def _find_sunday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))


def _describe_daylight(code: int) -> str:
    season, until = ("daylight", code - 51) if code > 50 else ("standard", code - 1)
    if code == 0:
        return "standard time in the United States"
    if code == 50:
        return "daylight saving time in the United States"
    when = "today" if until == 0 else f"in {until} day{'s' if until > 1 else ''}"
    return f"the United States change to {season} time {when}, at 2 am local time"


def describe(time: NistTime) -> list[Field]:
    """Return the line field by field, in words; offsets count from the first digit."""
    clock = f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}"
    health = HEALTHS[min(time.health, len(HEALTHS) - 1)]
    leap = LEAPS[time.leap] if time.leap < len(LEAPS) else "not a code of NIST's"
    advance = f"{time.advance:5.1f}"
    return [
        Field(0, "Modified Julian Date", f"{time.mjd:05d}", f"days since 1858-11-17: {time.date}"),
        Field(6, "date", _with_two_digits(time.date), f"{time.date}, the century from the day number"),
        Field(15, "time", clock, f"{clock} UTC" + (", a leap second" if time.second == 60 else "")),
        Field(24, "daylight saving", f"{time.dst:02d}", _describe_daylight(time.dst)),
        Field(27, "leap second", str(time.leap), leap),
        Field(29, "health", str(time.health), health + (", do not trust it" if time.health else "")),
        Field(31, "advance", advance.strip(), f"sent {time.advance:g} ms early, to make up for the way"),
        Field(32 + len(advance), "label", time.label, "Coordinated Universal Time, and who keeps it"),
        Field(
            33 + len(advance) + len(time.label), "on-time marker", "*", "it was that time when this arrived"
        ),
    ]
