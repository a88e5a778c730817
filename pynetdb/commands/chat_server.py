"""pynetdb chat-server."""

from typing import TYPE_CHECKING

import click

from pynetdb.params import Duration, Port, ServerCommand, network_options, server_options
from pynetdb.results.output import Output
from pynetdb.room_params import RoomChoice, room_options

if TYPE_CHECKING:
    from pynetdb.net.network import Network
    from pynetdb.net.process.lifecycle import ServerOptions


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
    help="Repeat the last N public messages to newcomers; with --journal those before a restart too.",
)
@click.option("--motd", metavar="TEXT", default="", help="Greet newcomers with TEXT.")
@click.option("--introduce", is_flag=True, help="Tell newcomers who is here, in a private line.")
@click.option(
    "--web", metavar="PORT", type=Port(), help="Let browsers in as well, at this port; 0 takes a free one."
)
@click.option(
    "--join-timeout",
    type=Duration(),
    default="30s",
    show_default=True,
    help="Send away who has not joined so long after connecting.",
)
@room_options
@network_options("table", "jsonl", tls=True, serves="chat-server")
@click.pass_context
def chat_server(
    ctx: click.Context,
    options: "ServerOptions",
    rate: float,
    history: int,
    motd: str,
    introduce: bool,
    web: int | None,
    join_timeout: float,
    choice: RoomChoice,
    network: "Network",
    output: Output,
) -> None:
    """Hold a chat room, in the protocol of the textbooks.

    Everybody hears what anybody says; nothing waits for a client that does not read. Joins and leaves
    are told on standard error, the words of the members only with --verbose. With --web the same room
    is a page in a browser too, at an address that is printed and that only those who are given it know;
    it comes back by itself when its connection breaks, with what was said meanwhile.
    With --room several servers, on one machine or many, are one room.
    """
    from pynetdb.net.process.lifecycle import serve
    from pynetdb.protocols.chat.room import Room
    from pynetdb.servers.chat.room import ChatService

    kept = 0
    if web is not None:
        from pynetdb.servers.chat.web import KEPT_LINES

        kept = KEPT_LINES
    link = None
    if choice.place is not None:
        room, link = choice.make(motd, history, kept=kept, introduces=introduce)
    else:
        earlier = network.journal.last_messages(history) if network.journal is not None and history else ()
        room = Room(motd, history, earlier, kept=kept, introduces=introduce)
    service: ChatService
    if web is None:
        service = ChatService(room, rate, join_timeout, link)
    else:
        from pynetdb.net.addresses import Target
        from pynetdb.servers.chat.web import WebChatService

        service = WebChatService(room, rate, join_timeout, link, Target(options.host, web))
    ctx.exit(serve(service, options, network))
