"""pynetdb udp-recv."""

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from pynetdb.params import ByteCount, ServerCommand, network_options, server_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions


@click.command("udp-recv", cls=ServerCommand)
@server_options(port=9999, counts="datagrams", clients=False, answers=True, protocol="udp")
@click.option("--reply", metavar="TEXT", help="Answer each datagram with TEXT, cut to the size of what came.")
@click.option("--hex", "hex_", is_flag=True, help="Show payloads in hexadecimal.")
@click.option("--bytes", "bytes_", is_flag=True, help="Write payloads alone, exactly, to standard output.")
@click.option(
    "--buffer",
    metavar="BYTES",
    type=ByteCount(1, 2**30),
    default="4MiB",
    show_default=True,
    help="Room to ask of the kernel for datagrams that wait (SO_RCVBUF).",
)
@click.option(
    "--group",
    metavar="ADDRESS",
    help="Join this multicast group, on the interface of --host, for IPv6 ADDRESS%INTERFACE.",
)
@network_options(
    "table", "json", "jsonl", "csv", "tsv", serves="udp-recv", without=("datagram",), details=False
)
@click.pass_context
def udp_recv(
    ctx: click.Context,
    options: "ServerOptions",
    reply: str | None,
    hex_: bool,
    bytes_: bool,
    buffer: int,
    group: str | None,
    network: "Network",
    output: Output,
) -> None:
    """Print each datagram that arrives, with its time and its sender.

    With --json, whose one document is the summary, or with --quiet, datagrams are only counted, as fast as
    they come; --format jsonl has each of them in a line. The numbered
    headers of `udp-send --sequence` are recognised: the end then tells loss, order and jitter.
    """
    from pynetdb.net.process.lifecycle import serve
    from pynetdb.results.datagrams import subscribe_datagrams
    from pynetdb.servers.udp import ReceiveService, plan_membership

    if bytes_ and hex_:
        raise click.UsageError("--bytes and --hex contradict each other: give one of the two")
    if bytes_ and output.format != "table":
        raise click.UsageError(f"--bytes writes payloads alone, and no {output.format}: give one of the two")
    interfaces: list[str] = []
    if group is not None:
        default = ctx.get_parameter_source("host") is ParameterSource.DEFAULT
        try:
            group, interfaces, host = plan_membership(group, None if default else options.host)
        except ValueError as error:
            raise click.UsageError(f"--group {group}: {error}") from error
        options = options._replace(host=host)
    if output.format == "json":
        output.info("udp-recv: --json is the summary alone; --format jsonl shows each datagram too")
    subscribe_datagrams(network.events, output, exact=bytes_)
    service = ReceiveService(
        reply=None if reply is None else reply.encode("utf-8", "surrogateescape"),
        hexadecimal=hex_,
        buffer=buffer,
        group=group,
        interfaces=interfaces,
    )
    ctx.exit(serve(service, options, network))
