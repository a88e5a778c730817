"""pynetdb serve-time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pynetdb.param_types import Moment
from pynetdb.params import Duration, ServerCommand, network_options, server_options
from pynetdb.protocols.time.ports import SERVE_TIME_PORTS
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions
    from pynetdb.servers.time import TimeService


@click.command("serve-time", cls=ServerCommand)
@click.option(
    "--protocol",
    type=click.Choice(list(SERVE_TIME_PORTS)),
    default="ntp",
    show_default=True,
    help="NTP (RFC 5905), daytime (RFC 867) or time (RFC 868).",
)
@server_options(port=None, counts="answers", answers=True)
@click.option(
    "--udp/--tcp", default=None, help="Daytime and time: serve one transport alone.  [default: both]"
)
@click.option("--skew", type=Duration(negative=True), default="0", help="Show a clock that is so much ahead.")
@click.option("--at", metavar="ISO8601", type=Moment(), help="Show a clock that stands still at this moment.")
@click.option(
    "--stratum", metavar="N", type=click.IntRange(0, 255), help="NTP: the stratum to claim.  [default: 1]"
)
@click.option(
    "--leap", metavar="N", type=click.IntRange(0, 3), default=0, help="NTP and daytime: the leap indicator."
)
@click.option("--kiss", metavar="CODE", help="NTP: answer with a kiss code, such as RATE or DENY.")
@click.option(
    "--health", metavar="N", type=click.IntRange(0, 9), help="Daytime: the health code.  [default: 0]"
)
@network_options("table", "jsonl", serves="serve-time")
@click.pass_context
def serve_time(
    ctx: click.Context,
    protocol: str,
    options: "ServerOptions",
    udp: bool | None,
    skew: float,
    at: int | None,
    stratum: int | None,
    leap: int,
    kiss: str | None,
    health: int | None,
    network: "Network",
    output: Output,
) -> None:
    """Tell the time, right or wrong, to test clients against.

    Listens on port 1123 for NTP, 1013 for daytime and 1037 for time unless told otherwise; daytime and
    time over TCP and UDP on the same number. The clock is this machine's, unless --skew or --at say
    otherwise.
    """
    from functools import partial

    from pynetdb.net.process.lifecycle import serve
    from pynetdb.servers.time import (
        Clock,
        NtpService,
        NtpSettings,
        TextTimeService,
        encode_daytime,
        encode_rfc868,
    )

    _check(protocol, udp, stratum, leap, kiss, health)
    if options.port == -1:
        options = options._replace(port=SERVE_TIME_PORTS[protocol])
    clock = Clock(skew, at)
    if protocol == "daytime":
        encode_daytime(clock, leap, health or 0)  # A clock that the line cannot say is found out now.
    service: TimeService
    if protocol == "ntp":
        service = NtpService(clock, NtpSettings(1 if stratum is None else stratum, leap, kiss))
    else:
        transport = {None: None, True: "udp", False: "tcp"}[udp]
        tell: Callable[[], bytes] = partial(encode_rfc868, clock)
        if protocol == "daytime":
            tell = partial(encode_daytime, clock, leap, health or 0)
        service = TextTimeService(protocol, tell, transport)
    ctx.exit(serve(service, options, network))


def _check(
    protocol: str, udp: bool | None, stratum: int | None, leap: int, kiss: str | None, health: int | None
) -> None:
    from pynetdb.protocols.time.ntp import encode_kiss_code

    if protocol == "ntp" and udp is False:
        raise click.UsageError("NTP has no TCP: --tcp is for daytime and time")
    if protocol != "ntp" and (stratum is not None or kiss is not None):
        raise click.UsageError(f"{protocol} has neither strata nor kisses: --stratum and --kiss are for ntp")
    if protocol != "daytime" and health is not None:
        raise click.UsageError(f"{protocol} says nothing of its health: --health is for daytime")
    if protocol == "time" and leap:
        raise click.UsageError("time says nothing of leap seconds: --leap is for ntp and daytime")
    if kiss is not None:
        encode_kiss_code(kiss)
