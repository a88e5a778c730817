"""pynetdb time-query."""

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from pynetdb.commands.serve_time import PORTS
from pynetdb.errors import NegativeAnswerError, PynetdbError
from pynetdb.params import Duration, Port, network_options, timeout_option
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from pynetdb.clients.time import Answer
    from pynetdb.net.addresses import Target
    from pynetdb.net.network import Network

WELL_KNOWN = {"ntp": 123, "daytime": 13, "time": 37}

_NANO = 1_000_000_000


@click.command("time-query")
@click.argument("servers", metavar="[SERVER]...", nargs=-1)
@click.option(
    "--protocol",
    type=click.Choice(list(PORTS)),
    default="ntp",
    show_default=True,
    help="NTP (RFC 5905), daytime (RFC 867) or time (RFC 868).",
)
@click.option("--host", help="Whom to ask, as an option.  [default: 127.0.0.1]")
@click.option(
    "-p", "--port", type=Port(1, "udp"), help="Where, if SERVER does not say: a number or a service name."
)
@timeout_option
@click.option("--udp/--tcp", default=None, help="The transport of daytime and time.  [default: tcp]")
@click.option(
    "--samples",
    metavar="N",
    type=click.IntRange(1, 100),
    default=1,
    help="NTP: ask N times, and take the answer with the least delay.",
)
@click.option(
    "--max-offset", type=Duration(zero=True), help="Exit with status 7 if the local clock is further off."
)
@click.option("--sentence", is_flag=True, help="Say it in a sentence.")
@click.option("--strftime", metavar="FORMAT", help="Print the time in this format.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone to show, by its IANA name.")
@click.option("--raw", is_flag=True, help="Show the decoded packet or line, field by field.")
@network_options("table", "json", "jsonl", "csv", "tsv", "markdown")
@click.pass_context
def time_query(
    ctx: click.Context,
    servers: tuple[str, ...],
    protocol: str,
    host: str | None,
    port: int | None,
    timeout: float,
    udp: bool | None,
    samples: int,
    max_offset: float | None,
    sentence: bool,
    strftime: str | None,
    zone: str,
    raw: bool,
    network: "Network",
    output: Output,
) -> None:
    """Ask one or several servers for the time, and compare it with the local clock.

    SERVER is HOST or HOST:PORT; without one it is serve-time on this machine. Times are shown in UTC
    unless --zone says otherwise; a positive offset means that the local clock is behind. Nothing ever
    sets a clock. With several servers the exit status is 0 if at least one answered well.
    """
    from pynetdb.clients.time import NTP_PAUSE, Questioner
    from pynetdb.net.deadline import Deadline

    if protocol == "ntp" and udp is False:
        raise click.UsageError("NTP has no TCP: --tcp is for daytime and time")
    if protocol != "ntp" and samples > 1:
        raise click.UsageError("--samples is for ntp: the others tell whole seconds")
    targets = _targets(servers, host, port, protocol)
    view = _View(output, _zone(zone), sentence, strftime, raw)
    if ctx.get_parameter_source("timeout") is ParameterSource.DEFAULT and samples > 1:
        timeout += NTP_PAUSE * (samples - 1)  # The pauses are ours: a server loses no time by them.
    questioner = Questioner(protocol, bool(udp), samples, max_offset, network)
    failures: list[PynetdbError] = []
    everything = Deadline(timeout, "time-query")
    for number, target in enumerate(targets):
        # One deadline for all: each server has a fair share of what is left.
        share = Deadline(max(everything.left() / (len(targets) - number), 0.001), str(target))
        share.timeout = share.timeout if len(targets) > 1 else timeout
        try:
            answer = questioner.ask(target, targets[:number], share)
            view.show(answer)
            questioner.judge(answer)
        except PynetdbError as error:
            failures.append(error)
            view.failed(str(target), protocol, error)
    view.finish()
    if failures and len(targets) == 1:
        raise failures[0]
    for failure in failures:
        output.talk(f"Error: {failure}")
    if len(failures) == len(targets):
        raise type(failures[0])(f"none of {len(targets)} servers answered well")


def _targets(servers: tuple[str, ...], host: str | None, port: int | None, protocol: str) -> "list[Target]":
    from pynetdb.net.addresses import Target, split_host_port

    if servers and host is not None:
        raise click.UsageError("--host takes the place of SERVER: give one of the two")
    if not servers and host is None:
        return [Target("127.0.0.1", port or PORTS[protocol])]
    default = port or WELL_KNOWN[protocol]
    if host is not None:
        return [Target(host, default)]
    try:
        return [split_host_port(server, default) for server in servers]
    except ValueError as error:
        raise click.UsageError(f"SERVER {' '.join(servers)}: {error}") from error


def _zone(name: str) -> "tzinfo":
    from datetime import UTC

    if name.upper() == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.UsageError(f"--zone {name!r}: unknown, expected a name such as Europe/Zurich") from error


class _View:
    """What the user sees of the answers, in the form that was asked for."""

    COLUMNS = ("server", "protocol", "time", "offset_s", "delay_s", "stratum", "leap", "reference")

    def __init__(
        self, output: Output, zone: "tzinfo", sentence: bool, strftime: str | None, raw: bool
    ) -> None:
        self._output = output
        self._zone = zone
        self._sentence = sentence
        self._strftime = strftime
        self._raw = raw
        self._objects: list[dict[str, Any]] = []

    def show(self, answer: "Answer") -> None:
        for warning in answer.warnings:
            self._output.talk(f"{answer.server}: {warning}")
        form = self._output.format
        if self._sentence or self._strftime is not None:
            moment = self._moment(answer)
            if moment is None:
                raise NegativeAnswerError(
                    f"{answer.server}: answers in words of its own: {answer.details['line']}"
                )
            self._output.text(_sentence(moment) if self._sentence else moment.strftime(self._strftime or ""))
        elif form == "json":
            self._objects.append(self._object(answer))
        elif form == "jsonl":
            self._output.event(self._object(answer))
        elif self._raw:
            self._output.rows(("offset", "field", "value", "meaning"), answer.fields)
        elif form == "table":
            self._output.text(self._line(answer))
        else:
            self._objects.append(self._object(answer))

    def failed(self, server: str, protocol: str, error: PynetdbError) -> None:
        """A server did not answer well; if it was not shown, its place is kept."""
        form = self._output.format
        if self._sentence or self._strftime is not None or form == "table":
            return
        shown = bool(self._objects) and self._objects[-1]["server"] == server
        if shown and form == "json":
            self._objects[-1]["error"] = str(error)
        elif not shown:
            empty = dict.fromkeys(self.COLUMNS) | {"server": server, "protocol": protocol}
            if form == "jsonl":
                self._output.event({**empty, "error": str(error)})
            else:
                self._objects.append({**empty, "error": str(error)})

    def finish(self) -> None:
        form = self._output.format
        if self._sentence or self._strftime is not None:
            return
        if form == "json":
            self._output.document(self._objects)
        elif form in ("csv", "tsv", "markdown") and not self._raw:
            rows = [[answer.get(column) for column in self.COLUMNS] for answer in self._objects]
            self._output.rows(self.COLUMNS, rows)

    def _moment(self, answer: "Answer") -> "datetime | None":
        from datetime import UTC, datetime, timedelta

        if answer.unix_ns is None:
            return None
        since = timedelta(microseconds=answer.unix_ns // 1000)
        try:
            return (datetime(1970, 1, 1, tzinfo=UTC) + since).astimezone(self._zone)
        except OverflowError:
            return None

    def _time(self, answer: "Answer") -> str | None:
        moment = self._moment(answer)
        if moment is None:
            return None
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _object(self, answer: "Answer") -> dict[str, Any]:
        told: dict[str, Any] = {
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
            told["warnings"] = list(answer.warnings)
        if self._raw:
            told["fields"] = [field._asdict() for field in answer.fields]
        return told

    def _line(self, answer: "Answer") -> str:
        if answer.unix_ns is None:
            return f"{answer.server}  {answer.details['line']}"
        parts = [answer.server, self._time(answer) or "a year that calendars here do not have"]
        parts += [f"offset {answer.offset:+.6f} s", f"delay {answer.delay:.6f} s"]
        if "stratum" in answer.details:
            parts.append(f"stratum {answer.details['stratum']} ({answer.details['reference']})")
        return "  ".join(parts)


def _sentence(moment: "datetime") -> str:
    return f"It is now {moment:%H:%M:%S} on {moment.day} {moment:%B} {moment.year}"
