"""Where a broker is, and what of it is ours: `valkey://user:password@host:6379/ROOM?db=2`."""

from dataclasses import dataclass, field

_SCHEMES = {"valkey": False, "redis": False, "valkeys": True, "rediss": True}
_EXPECTED = "expected valkey://HOST/ROOM (or redis://, with TLS valkeys:// or rediss://)"

_PORT = 6379

# Long enough for any name; it is a part of each key.
_MAX_ROOM = 100


@dataclass(frozen=True)
class Place:
    """A room at a broker. Its representation and its text hold no password."""

    host: str
    port: int
    room: str
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    database: int = 0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'valkeys' if self.tls else 'valkey'}://{host}:{self.port}/{self.room}"


def parse_place(url: str) -> Place:
    """Read the URL of a room. Raises ValueError with what is wrong, without any password."""
    from urllib.parse import unquote, urlsplit

    scheme, separator, _ = url.partition("://")
    if not separator or not scheme.isascii() or not scheme.replace("+", "").isalnum():
        raise ValueError(f"is no URL: {_EXPECTED}")
    if scheme.lower() not in _SCHEMES:
        raise ValueError(f"cannot be {scheme}://: {_EXPECTED}")
    if "#" in url:
        raise ValueError("has a # in it: expected %23 in a password or in the name of a room")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"has a host or a port that cannot be read: {_EXPECTED}") from error
    if port == 0:
        raise ValueError("has the port 0: expected 1 to 65535")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user and not password:
        raise ValueError("has a user without a password: expected USER:PASSWORD@HOST, or :PASSWORD@HOST")
    database, room = _split_path(unquote(parts.path), parts.query)
    host = unquote(parts.hostname or "") or "127.0.0.1"
    tls = _SCHEMES[scheme.lower()]
    return Place(host, _PORT if port is None else port, room, tls, user, password, database)


def _split_path(path: str, query: str) -> tuple[int, str]:
    """Return the number of the database and the room: `/ROOM`, `/ROOM?db=2` or `/2/ROOM`."""
    segments = path.removeprefix("/").split("/")
    numbers = [pair.removeprefix("db=") for pair in query.split("&") if pair.startswith("db=")]
    if [pair for pair in query.split("&") if pair and not pair.startswith("db=")] or len(numbers) > 1:
        raise ValueError("knows one parameter: expected ?db=N, the number of a database")
    if len(segments) == 2 and not numbers:
        numbers, segments = segments[:1], segments[1:]
    number = numbers[0] if numbers else "0"
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise ValueError("has a database that is no number: expected ?db=N")
    room = segments[0]
    if len(segments) != 1 or not room:
        raise ValueError(f"names no room: {_EXPECTED}")
    if len(room) > _MAX_ROOM or not room.isprintable() or " " in room:
        raise ValueError(f"has a room that cannot be: expected at most {_MAX_ROOM} characters without blanks")
    return int(number), room
