"""What time-query shows of the answers: a line, a sentence, the fields, or an object each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from pynetdb.errors import NegativeAnswerError, PynetdbError
from pynetdb.events.stream import Events
from pynetdb.protocols.time.field import Field
from pynetdb.results.histogram import show_histogram, wants_histogram
from pynetdb.results.output import Output
from pynetdb.results.results import Results
from pynetdb.terminal import decoded, safe_line

if TYPE_CHECKING:
    from pynetdb.events.event import Event

_COLUMNS = ("server", "protocol", "time", "offset_s", "delay_s", "stratum", "leap", "reference")


class Answer(Protocol):
    """What a server said, as the client hands it on."""

    @property
    def server(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def unix_ns(self) -> int | None: ...
    @property
    def offset(self) -> float | None: ...
    @property
    def delay(self) -> float: ...
    @property
    def fields(self) -> Sequence[Field]: ...
    @property
    def details(self) -> Mapping[str, Any]: ...
    @property
    def warnings(self) -> Sequence[str]: ...


class TimeResults:
    """Shows answers as they come, and those who did not answer well."""

    def __init__(
        self,
        output: Output,
        zone: tzinfo,
        *,
        sentence: bool = False,
        strftime: str | None = None,
        fields: bool = False,
    ) -> None:
        """With `sentence` or a `strftime` format that is all that is shown; with `fields` each field too."""
        self._output = output
        self._zone = zone
        # Bytes of the command line that are no UTF-8: strftime takes no lone surrogates.
        words = None if strftime is None else decoded(strftime.encode("utf-8", "surrogateescape"))
        self._strftime = None if sentence else words
        self._words = sentence or strftime is not None
        self._fields = fields
        # Fields are a table a server; in JSON they are a part of its object.
        self._tables = fields and output.format not in ("json", "jsonl")
        self._results = Results(output, _COLUMNS, lines=True)
        self._failures: list[str] = []
        self._samples: _Samples | None = None

    def watch(self, events: Events) -> None:
        """Listen to samples, to show how their offsets are spread, where somebody looks."""
        if wants_histogram(self._output):
            self._samples = _Samples()
            events.subscribe(self._samples)

    def add(self, server: str, protocol: str, answer: Answer | None, error: PynetdbError | None) -> None:
        """Show what came of asking `server`. Raises NegativeAnswerError where no sentence can be made."""
        if answer is not None:
            for warning in answer.warnings:
                self._output.info(f"{answer.server}: {warning}")
            if self._words:
                self._output.text(self._say(answer))
            elif self._tables:
                self._output.rows(("offset", "field", "value", "meaning"), answer.fields)
            else:
                self._add_row(answer)
        if error is not None:
            self._add_error(server, protocol, answer, self._output.describe(error))

    def close(self) -> None:
        """All servers were asked."""
        if self._samples is not None:
            for server, offsets in self._samples.offsets.items():
                what = "offsets" if len(self._samples.offsets) == 1 else f"offsets of {server}"
                show_histogram(self._output, what, offsets, "ms")
        if not (self._words or self._tables):
            self._results.close()

    def _add_row(self, answer: Answer) -> None:
        record = self._record(answer)
        row = [record.get(column) for column in _COLUMNS]
        self._results.row(row, text=self._line(answer), record=record)

    def _add_error(self, server: str, protocol: str, answer: Answer | None, message: str) -> None:
        """If nothing was shown of this server, its place is kept."""
        if self._words or self._tables:
            return
        if answer is not None:
            self._results.amend(error=message)
            return
        empty = dict.fromkeys(_COLUMNS) | {"server": server, "protocol": protocol}
        self._results.row([*empty.values()], record={**empty, "error": message})

    def _say(self, answer: Answer) -> str:
        moment = self._moment(answer)
        if moment is None:
            words = answer.details["line"]
            raise NegativeAnswerError(f"{answer.server}: answers in words of its own: {words}")
        return format_sentence(moment) if self._strftime is None else moment.strftime(self._strftime)

    def _moment(self, answer: Answer) -> datetime | None:
        """Return the server's time in the zone, None for one that no calendar here has."""
        if answer.unix_ns is None:
            return None
        try:
            since = timedelta(microseconds=answer.unix_ns // 1000)
            return (datetime(1970, 1, 1, tzinfo=UTC) + since).astimezone(self._zone)
        except OverflowError:
            return None

    def _time(self, answer: Answer) -> str | None:
        moment = self._moment(answer)
        if moment is None:
            return None
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _record(self, answer: Answer) -> dict[str, Any]:
        record: dict[str, Any] = {
            "server": answer.server,
            "protocol": answer.protocol,
            "time": self._time(answer),
            "offset_s": None if answer.offset is None else round(answer.offset, 9),
            "delay_s": round(answer.delay, 9),
            "stratum": None,
            "leap": None,
            "reference": None,
            **answer.details,
        }
        if answer.warnings:
            record["warnings"] = list(answer.warnings)
        if self._fields:
            record["fields"] = [field._asdict() for field in answer.fields]
        return record

    def _line(self, answer: Answer) -> str:
        if answer.unix_ns is None:
            return f"{answer.server}  {safe_line(answer.details['line'])}"
        parts = [answer.server, self._time(answer) or "a year that calendars here do not have"]
        parts += [f"offset {answer.offset:+.6f} s", f"delay {answer.delay:.6f} s"]
        if "stratum" in answer.details:
            parts.append(f"stratum {answer.details['stratum']} ({answer.details['reference']})")
        return "  ".join(parts)


class _Samples:
    """Keeps the offsets of samples in milliseconds, by server."""

    wants_details = True
    wants_words = wants_bodies = False

    def __init__(self) -> None:
        self.offsets: dict[str, list[float]] = {}

    def receive(self, event: "Event") -> None:
        """Take note of a sample that has an offset."""
        from pynetdb.events.sample import TimeSampled

        if isinstance(event, TimeSampled) and event.offset is not None:
            self.offsets.setdefault(event.server, []).append(event.offset * 1000)

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Nothing here can fail."""

    def close(self) -> None:
        """Nothing is under way."""


def format_sentence(moment: datetime) -> str:
    """Return `It is now 19:30:19 on 28 November 2012`."""
    return f"It is now {moment:%H:%M:%S} on {moment.day} {moment:%B} {moment.year}"


def find_zone(name: str) -> tzinfo:
    """Return the time zone with this IANA name. Raises ValueError for an unknown one."""
    if name.upper() == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r}: unknown, expected a name such as Europe/Zurich") from error
