"""pynetdb chat-server."""

from typing import TYPE_CHECKING

import click

from pynetdb.narration import Narrator
from pynetdb.output import Output
from pynetdb.params import ServerCommand, narration_options, output_options, server_options

if TYPE_CHECKING:
    from pynetdb.net.hosting import Hosting


@click.command("chat-server", cls=ServerCommand)
@server_options(port=9000, counts="connections", unix=True)
@click.option(
    "--rate",
    metavar="N",
    type=click.FloatRange(min=0, max=1_000_000),
    default=20,
    show_default=True,
    help="Hear N messages a second from each client, twice as many at once; 0 is no limit.",
)
@click.option(
    "--history",
    metavar="N",
    type=click.IntRange(min=0, max=100_000),
    default=0,
    help="Repeat the last N public messages to newcomers.",
)
@click.option("--motd", metavar="TEXT", default="", help="Greet newcomers with TEXT.")
@narration_options
@output_options("table", "jsonl")
@click.pass_context
def chat_server(
    ctx: click.Context,
    hosting: "Hosting",
    rate: float,
    history: int,
    motd: str,
    narrator: Narrator,
    output: Output,
) -> None:
    """Hold a chat room, in the protocol of the textbooks.

    Everybody hears what anybody says; nothing waits for a client that does not read. Joins and leaves
    are told on standard error, the words of the members only with --verbose.
    """
    from pynetdb.net.hosting import host
    from pynetdb.protocols.chat_room import Room
    from pynetdb.servers.chat import Chat

    server = hosting.server("chat-server", narrator, output)
    server.serve_streams(Chat(server, Room(motd, history), rate))
    ctx.exit(host(server, hosting, scheme="tcp", client="chat-client"))
