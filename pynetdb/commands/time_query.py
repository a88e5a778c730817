"""pynetdb time-query."""

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from pynetdb.command_classes import Command
from pynetdb.errors import NegativeAnswerError, PynetdbError
from pynetdb.params import Duration, Port, choose_host, network_options, parse_argument, timeout_option
from pynetdb.protocols.time.ports import SERVE_TIME_PORTS, WELL_KNOWN_PORTS
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.addresses import Target
    from pynetdb.net.network import Network


@click.command("time-query", cls=Command)
@click.argument("servers", metavar="[SERVER]...", nargs=-1)
@click.option(
    "--protocol",
    type=click.Choice(list(SERVE_TIME_PORTS)),
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
    from pynetdb.results.time import TimeResults, find_zone

    if protocol == "ntp" and udp is False:
        raise click.UsageError("NTP has no TCP: --tcp is for daytime and time")
    if protocol != "ntp" and samples > 1:
        raise click.UsageError("--samples is for ntp: the others tell whole seconds")
    targets = _targets(servers, host, port, protocol)
    shown_in = parse_argument("--zone", find_zone, zone)
    results = TimeResults(output, shown_in, sentence=sentence, strftime=strftime, fields=raw)
    results.watch(network.events)
    if ctx.get_parameter_source("timeout") is ParameterSource.DEFAULT and samples > 1:
        timeout += NTP_PAUSE * (samples - 1)  # The pauses are ours: a server loses no time by them.
    questioner = Questioner(protocol, bool(udp), samples, max_offset, network)
    failures: list[PynetdbError] = []
    for target, answer, failure in questioner.ask_all(targets, timeout):
        try:
            results.add(str(target), protocol, answer, failure)
        except NegativeAnswerError as error:
            failure = error
        failures += [] if failure is None else [failure]
    results.close()
    if failures and len(targets) == 1:
        raise failures[0]
    for failure in failures:
        output.info(f"Error: {output.describe(failure)}")
    if len(failures) == len(targets):
        raise type(failures[0])(f"none of {len(targets)} servers answered well")


def _targets(servers: tuple[str, ...], host: str | None, port: int | None, protocol: str) -> "list[Target]":
    from pynetdb.net.addresses import Target, split_host_port

    if servers and host is not None:
        raise click.UsageError("--host takes the place of SERVER: give one of the two")
    if port is None and (number := next((word for word in servers if word.isdigit()), None)):
        raise click.UsageError(f"SERVER {number!r} is a number: HOST:{number} names a port")
    if not servers and host is None:
        return [Target(choose_host("127.0.0.1"), port or SERVE_TIME_PORTS[protocol])]
    default = port or WELL_KNOWN_PORTS[protocol]
    if host is not None:
        return [Target(host, default)]
    try:
        return [split_host_port(server, default, "tcp") for server in servers]
    except ValueError as error:
        raise click.UsageError(f"SERVER {' '.join(servers)}: {error}") from error
