"""pynetdb chat-server."""

from typing import TYPE_CHECKING

import click

from pynetdb.narration import Narrator
from pynetdb.params import Port, ServerCommand, narration_options, output_options, server_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.process.lifecycle import Hosting
    from pynetdb.net.server.server import Server
    from pynetdb.servers.chat.room import Chat


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
@click.option(
    "--web", metavar="PORT", type=Port(), help="Let browsers in as well, at this port; 0 takes a free one."
)
@narration_options
@output_options("table", "jsonl")
@click.pass_context
def chat_server(
    ctx: click.Context,
    hosting: "Hosting",
    rate: float,
    history: int,
    motd: str,
    web: int | None,
    narrator: Narrator,
    output: Output,
) -> None:
    """Hold a chat room, in the protocol of the textbooks.

    Everybody hears what anybody says; nothing waits for a client that does not read. Joins and leaves
    are told on standard error, the words of the members only with --verbose. With --web the same room
    is a page in a browser too, at an address that is printed and that only those who are given it know.
    """
    from pynetdb.net.process.lifecycle import host
    from pynetdb.protocols.chat.room import Room
    from pynetdb.servers.chat.room import Chat

    server = hosting.server("chat-server", narrator, output)
    chat = Chat(server, Room(motd, history), rate)
    server.serve_streams(chat)
    if web is not None:
        _serve_pages(server, chat, hosting.host, web)
    ctx.exit(host(server, hosting, scheme="tcp", client="chat-client"))


def _serve_pages(server: "Server", chat: "Chat", host: str, port: int) -> None:
    """Let browsers into the room, by an address with a token in it."""
    from functools import partial
    from secrets import token_urlsafe

    from pynetdb.net.addresses import Target
    from pynetdb.net.process.lifecycle import reachable_urls
    from pynetdb.servers.chat.web import ChatWeb
    from pynetdb.servers.http.connection import Http

    token = token_urlsafe(12)
    pages = ChatWeb(chat, server.loop, token, partial(token_urlsafe, 18))
    server.serve_also(Http(server, pages, counts=False, keep_bodies=True), Target(host, port))

    def ready() -> None:
        urls = [f"{url}/{token}/" for url in reachable_urls(server, server.other_addresses[0], "http")]
        server.report.talk(f"{server.name}: in a browser, open {' or '.join(urls)}")
        if server.report.format == "jsonl":
            server.report.event({"event": "web", "url": urls[0]})

    server.ready = ready
