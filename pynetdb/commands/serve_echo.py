"""pynetdb serve-echo."""

import click

from pynetdb.narration import Narrator
from pynetdb.params import ServerCommand, narration_options, output_options, server_options
from pynetdb.results.output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.net.process.lifecycle import Hosting


@click.command("serve-echo", cls=ServerCommand)
@server_options(port=9128, counts="connections (datagrams with --udp)", unix=True)
@click.option("--udp", is_flag=True, help="Echo datagrams instead of connections.")
@click.option("--greeting", metavar="TEXT", help="Say TEXT and a newline to everybody who connects.")
@narration_options
@output_options("table", "jsonl")
@click.pass_context
def serve_echo(
    ctx: click.Context,
    hosting: "Hosting",
    udp: bool,
    greeting: str | None,
    narrator: Narrator,
    output: Output,
) -> None:
    """Send back whatever arrives (RFC 862).

    Bytes, not lines, until the client closes its side. With COMMAND the server runs while COMMAND does
    and exits with its status; COMMAND finds PYNETDB_HOST, PYNETDB_PORT and PYNETDB_URL in its
    environment.
    """
    from pynetdb.net.process.lifecycle import host
    from pynetdb.servers.echo import DatagramEcho, Echo

    if udp and (greeting is not None or hosting.unix is not None):
        raise click.UsageError("--udp has no connections: --greeting and --unix do not go with it")
    server = hosting.server("serve-echo", narrator, output)
    if udp:
        server.serve_datagrams(DatagramEcho())
        scheme = "udp"
    else:
        said = b"" if greeting is None else greeting.encode("utf-8", "surrogateescape") + b"\n"
        server.serve_streams(Echo(said))
        scheme = "tcp"
    ctx.exit(host(server, hosting, scheme=scheme, client="echo-client"))
