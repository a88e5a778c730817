"""pynetdb chat-client."""

import sys
from typing import TYPE_CHECKING

import click

from pynetdb.params import Command, client_options, network_options, timeout_option
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.net.addresses import Target
    from pynetdb.net.network import Network


@click.command("chat-client", cls=Command)
@client_options(port=9000, unix=True)
@timeout_option
@click.option("--name", metavar="NAME", help="Who you are; asked for on a terminal.")
@click.option("--say", "says", metavar="TEXT", multiple=True, help="Join, say TEXT, leave; repeatable.")
@click.option("--to", metavar="NAME", help="Say it to NAME alone.")
@click.option("--listen", is_flag=True, help="Show what happens, until the server goes; read no input.")
@click.option("--reconnect", is_flag=True, help="Join again when the server goes, until it is back.")
@network_options("table", "jsonl")
def chat_client(
    target: "Target",
    timeout: float,
    name: str | None,
    says: tuple[str, ...],
    to: str | None,
    listen: bool,
    reconnect: bool,
    network: "Network",
    output: Output,
) -> None:
    """Join a chat room.

    Type a line for everybody, `private Joe:how are you?` for Joe alone, `/who` for who is here,
    `/help` for what can be typed, `quit` to leave. From a pipe each line is the same, and its end is
    `quit`. The --timeout is for connecting and joining. A refused name is status 7, and so is a --to that
    is unknown; a server that goes is 3.
    """
    from pynetdb.clients.chat.screen import can_edit
    from pynetdb.clients.chat.session import ChatSession
    from pynetdb.protocols.chat.commands import check_text
    from pynetdb.results.chat import ChatResults

    if to is not None and not says:
        raise click.UsageError("--to is for --say: give one")
    lines = [line for text in says for line in text.splitlines() or [""]]
    for line in lines:
        if (wrong := check_text(line)) is not None:
            raise click.UsageError(f"--say: {wrong}")
    if name is None:
        if not sys.stdin.isatty():
            raise click.UsageError("missing option '--name': without a terminal nobody can be asked")
        name = click.prompt("Name", err=True)
    for option, value in (("--name", name), ("--to", to)):
        # Bytes that are no UTF-8 are lone surrogates here: no server could give such a name back.
        if value is not None and (not value or not value.isprintable()):
            raise click.UsageError(f"{option} {value!r}: expected a name")

    session = ChatSession(name, target, timeout, network, ChatResults(output, name), reconnect=reconnect)
    if says or listen:
        session.send_and_leave(lines, to, stay=listen)
    elif output.for_people and can_edit():
        session.run_interactive()
    else:
        session.relay_stdin()
