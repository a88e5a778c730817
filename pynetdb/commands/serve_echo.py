"""pynetdb serve-echo."""

import click

from pynetdb.params import ServerCommand, network_options, server_options
from pynetdb.results.output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions


@click.command("serve-echo", cls=ServerCommand)
@server_options(port=9128, counts="connections (datagrams with --udp)", unix=True, answers=True)
@click.option("--udp", is_flag=True, help="Echo datagrams instead of connections.")
@click.option("--greeting", metavar="TEXT", help="Say TEXT and a newline to everybody who connects.")
@network_options("table", "jsonl", tls=True, serves="serve-echo")
@click.pass_context
def serve_echo(
    ctx: click.Context,
    options: "ServerOptions",
    udp: bool,
    greeting: str | None,
    network: "Network",
    output: Output,
) -> None:
    """Send back whatever arrives (RFC 862).

    Bytes, not lines, until the client closes its side.
    """
    from pynetdb.net.process.lifecycle import serve
    from pynetdb.servers.echo import EchoService

    if udp and (greeting is not None or options.unix is not None):
        raise click.UsageError("--udp has no connections: --greeting and --unix do not go with it")
    if udp and network.tls is not None:
        raise click.UsageError("--udp has no connections: TLS (--cert, --self-signed) does not go with it")
    said = b"" if greeting is None else greeting.encode("utf-8", "surrogateescape") + b"\n"
    ctx.exit(serve(EchoService(said, udp=udp), options, network))
