"""Where a database is: the path of a file, or a URL, of which nothing but the scheme is ever shown."""

import re

from pynetdb.errors import CommandLineError

# RFC 3986 section 3.1. A single letter is a drive of Windows.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def find_scheme(place: str) -> str | None:
    """Return the scheme of a URL in lower case, None for anything else."""
    match = _SCHEME.match(place)
    return match[1].lower() if match else None


def is_postgresql(place: str) -> bool:
    """Whether a place is the URL of a PostgreSQL database."""
    return find_scheme(place) in ("postgresql", "postgres")


def keeps_decimals(place: str) -> bool:
    """Whether the database of a place keeps decimals as they are written."""
    return is_postgresql(place)


def require_file(place: str, expected: str = "a file's path") -> None:
    """Raise CommandLineError for a URL. The message holds no more of it: the rest may have a password."""
    if scheme := find_scheme(place):
        raise CommandLineError(f"{scheme}://: no database of that kind is known here, expected {expected}")
