"""Which 136 years a 32-bit count of seconds since 1900 belongs to (RFC 5905, section 6)."""

# RFC 868: "2,208,988,800 corresponds to 00:00 1 Jan 1970 GMT". 70 years with 17 leap days.
SECONDS_FROM_1900_TO_1970 = 2_208_988_800
ERA = 1 << 32
"""Seconds until the count begins again: era 1 starts at 2036-02-07 06:28:16 UTC."""


def to_unix_seconds(count: int, now: float) -> int:
    """Return the moment of `count` in seconds since 1970: of all eras the one nearest to `now`.

    The era is never on the wire. `now` is the local clock in seconds since 1970 and may be wrong by
    68 years.
    """
    # A clock that lost its battery says 1970: the window then begins there and not in 1902, for there
    # were no such servers before.
    earliest = max(int(now) - ERA // 2, 0)
    return earliest + (count - SECONDS_FROM_1900_TO_1970 - earliest) % ERA


def to_count_since_1900(seconds: int) -> int:
    """Return the 32-bit count that goes on the wire for a moment in seconds since 1970."""
    return (seconds + SECONDS_FROM_1900_TO_1970) % ERA


def find_era(seconds: int) -> int:
    """Return the number of the era that a moment in seconds since 1970 lies in: 0 until 2036."""
    return (seconds + SECONDS_FROM_1900_TO_1970) // ERA
