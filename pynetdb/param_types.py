"""Click types: durations, moments, ports, numbers of bytes, names with files."""

from typing import TYPE_CHECKING, Any

import click

from pynetdb.quantities import parse_duration, parse_size

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:  # Generic only since click 8.4.
    _ParamType = click.ParamType

# Long enough for any server or skew (a century); far below what clocks and selectors can be asked for.
_MAX_DURATION = 100 * 366 * 86400.0


class Duration(_ParamType):
    """`500ms`, `5s`, `2m`, `1.5h` or a plain number of seconds, as float seconds.

    `zero` and `negative` say whether those make sense for the option.
    """

    name = "duration"

    def __init__(self, *, zero: bool = False, negative: bool = False) -> None:
        self._zero = zero
        self._negative = negative

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float | int):
            return float(value)
        seconds = parse_duration(value)
        if seconds is None:
            self.fail(
                f"{value!r} is not a duration: expected 500ms, 5s, 2m or a number of seconds", param, ctx
            )
        if seconds < 0 and not self._negative:
            self.fail(f"{value!r}: a duration cannot be negative here", param, ctx)
        if seconds == 0 and not (self._zero or self._negative):
            self.fail(f"{value!r}: expected more than no time at all", param, ctx)
        if abs(seconds) > _MAX_DURATION:
            self.fail(f"{value!r} is more than a hundred years", param, ctx)
        return seconds


class Moment(_ParamType):
    """ISO 8601, in UTC unless it says otherwise, as nanoseconds since 1970."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        from datetime import UTC, datetime, timedelta

        try:
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a moment: expected 2012-11-28T19:30:19Z", param, ctx)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


class Port(_ParamType):
    """A number from `lowest` to 65535, or the name of a service, as an int.

    Names are looked up for `protocol`, `tcp` or `udp`, in the system's services file and in a short
    list of our own for systems that have none.
    """

    name = "port"

    def __init__(self, lowest: int = 0, protocol: str = "tcp") -> None:
        self._lowest = lowest
        self._protocol = protocol

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value  # A command's own default.
        text = str(value)
        if text.isascii() and text.lstrip("-").isdigit():
            number = int(text) if len(text) < 10 else -1
            if not self._lowest <= number <= 65535:
                self.fail(
                    f"{text} is not a port: expected {self._lowest} to 65535 or a service name", param, ctx
                )
            return number
        from pynetdb.net.addresses import service_port

        port = service_port(text, self._protocol)
        if port is None:
            expected = f"expected {self._lowest} to 65535 or a name such as echo or http"
            self.fail(f"{text!r} is not a known service: {expected}", param, ctx)
        return port


class ByteCount(_ParamType):
    """A number of bytes: `4096`, or with a decimal unit `64kB`, `50MB`, or a binary one `4KiB`, `1MiB`."""

    name = "bytes"

    def __init__(self, lowest: int = 0, highest: int = 2**40) -> None:
        self._lowest = lowest
        self._highest = highest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        size = parse_size(value)
        if size is None:
            self.fail(f"{value!r} is not a number of bytes: expected 4096, 64kB or 1MiB", param, ctx)
        if not self._lowest <= size <= self._highest:
            self.fail(f"{value}: expected {self._lowest} to {self._highest} bytes", param, ctx)
        return size


class NameAndFile(_ParamType):
    """`NAME=FILE`, as a pair of texts."""

    name = "name=file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, equals, file = value.partition("=")
        if not (name and equals and file):
            option = param.opts[-1] if param else ""
            raise click.UsageError(f"{option} {value!r}: expected NAME=FILE", ctx)
        return name, file


class NewFile(_ParamType):
    """A file, socket or database that is made if it is not there: `-`, a stream elsewhere, is none."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == "-":
            self.fail("- is a stream, expected a file: ./- is one of that name", param, ctx)
        return str(value)


class Statuses(_ParamType):
    """HTTP statuses and ranges of them, `200,401` or `200-299`, as pairs of the first and the last."""

    name = "statuses"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[tuple[int, int]]:
        found = []
        for part in str(value).split(","):
            first, dash, last = part.strip().partition("-")
            last = last if dash else first
            known = all(text.isascii() and text.isdigit() and len(text) == 3 for text in (first, last))
            if not known or last < first:
                self.fail(f"{value!r}: expected statuses and ranges, as in 200,401 or 200-299", param, ctx)
            found.append((int(first), int(last)))
        return found


class Workers(_ParamType):
    """How many processes serve: a number, or `auto` for as many as there are processors for us."""

    name = "workers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        import sys

        from pynetdb.threads import count_processors

        most = 512
        if value == "auto":
            return min(count_processors(), most) if sys.platform == "linux" else 1
        if not (value.isascii() and value.isdigit() and 1 <= len(value) <= 4 and 1 <= int(value) <= most):
            self.fail(f"{value!r} is not a number from 1 to {most}, nor 'auto'", param, ctx)
        if int(value) > 1 and sys.platform != "linux":
            self.fail("more than one worker needs Linux", param, ctx)
        return int(value)
