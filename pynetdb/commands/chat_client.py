"""pynetdb chat-client."""

import sys
import time
from typing import TYPE_CHECKING

import click

from pynetdb.params import client_options, network_options, timeout_option
from pynetdb.results.output import Output, wants_colour
from pynetdb.terminal import safe_line
from pynetdb.wording import timestamp

if TYPE_CHECKING:
    from pynetdb.clients.chat.screen import Screen
    from pynetdb.net.addresses import Target
    from pynetdb.net.network import Network
    from pynetdb.protocols.chat.events import Event


@click.command("chat-client")
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

    Type a line for everybody, `private Joe:how are you?` for Joe alone, `/who` for who has been seen,
    `quit` to leave. From a pipe each line is the same, and its end is `quit`. The --timeout is for
    connecting and joining. A refused name is status 7, and so is a --to that is unknown; a server that
    goes is 3.
    """
    from pynetdb.clients.chat.screen import can_edit
    from pynetdb.clients.chat.session import ChatSession
    from pynetdb.protocols.chat.commands import check_text

    if to is not None and not says:
        raise click.UsageError("--to is for --say: give one")
    lines = [line for text in says for line in text.splitlines() or [""]]
    for line in lines:
        if (wrong := check_text(line)) is not None:
            raise click.UsageError(f"--say: {wrong}")
    if name is None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError("missing option '--name': without a terminal nobody can be asked")
        name = click.prompt("Name", err=True)
    for option, value in (("--name", name), ("--to", to)):
        if value is not None and (not value or "\n" in value):
            raise click.UsageError(f"{option} {value!r}: expected a name")

    view = _View(output, name)
    session = ChatSession(name, target, timeout, network, view, reconnect=reconnect)
    if says or listen:
        session.recite(lines, to, stay=listen)
    elif output.format == "table" and can_edit():
        view.screen = session.converse()
    else:
        session.relay_input()
    session.run()


class _View:
    """What the user sees of a conversation."""

    def __init__(self, output: Output, name: str) -> None:
        self.screen: Screen | None = None
        self._output = output
        self._name = name
        self._colour = wants_colour(sys.stdout)

    def heard(self, event: "Event") -> None:
        """Something happened in the room."""
        from pynetdb.protocols.chat import events as chat_events
        from pynetdb.protocols.chat.names import is_reserved

        name: str = getattr(event, "sender", getattr(event, "name", self._name))
        text: str | None = getattr(event, "text", None)
        match event:
            case chat_events.Joined():
                kind, line = "joined", f"{self._called(name)} has joined the chat room"
            case chat_events.Left():
                kind, line = "left", f"{self._called(name)} has left the chat room"
            case chat_events.Said():
                kind, line = "message", f"{self._called(name)}: {safe_line(text or '')}"
            case chat_events.Whispered() if is_reserved(name):
                kind, line = "notice", f"{safe_line(name)}: {safe_line(text or '')}"
            case chat_events.Whispered():
                kind, line = "private", f"{self._called(name)} [private]: {safe_line(text or '')}"
            case chat_events.Goodbye():
                kind, line = "goodbye", ""
        if self._output.format == "jsonl":
            now = timestamp(time.time())
            self._output.event({"event": kind, "name": name, "text": text, "time": now})
        elif line:
            self._show(f"==> {line}")

    def whispered(self, to: str, text: str) -> None:
        """We said something to one alone, which does not come back."""
        if self.screen is not None:
            self._show(f"==> to {self._called(to)} [private]: {safe_line(text)}")

    def hint(self, text: str) -> None:
        """Something that the user should know."""
        if self.screen is not None:
            self.screen.show(safe_line(text))
        else:
            self._output.talk(text)

    def _show(self, line: str) -> None:
        if self.screen is None:
            self._output.text(line)
            return
        now = time.strftime("%H:%M")
        self.screen.show(f"\x1b[2m{now}\x1b[0m {line}" if self._colour else f"{now} {line}")

    def _called(self, name: str) -> str:
        """A name, in a colour of its own on a terminal."""
        if self.screen is None or not self._colour:
            return safe_line(name)
        return f"\x1b[1;{31 + sum(name.casefold().encode()) % 6}m{safe_line(name)}\x1b[0m"
