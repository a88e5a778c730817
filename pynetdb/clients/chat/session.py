"""What a user does in a chat room: talk, whisper, look around, leave, come back."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Protocol

from pynetdb.clients.chat.conversation import Conversation
from pynetdb.clients.chat.line_editor import EndOfInput
from pynetdb.clients.chat.screen import Screen, cbreak
from pynetdb.clients.chat.stdin import Input, Lines
from pynetdb.errors import NegativeAnswerError, PynetdbError
from pynetdb.net.addresses import Target
from pynetdb.net.loop import Loop
from pynetdb.net.network import Network
from pynetdb.protocols.chat.commands import check_text
from pynetdb.protocols.chat.events import Event, Joined, Left, Said, Whispered
from pynetdb.protocols.chat.grammar import HELP, parse
from pynetdb.protocols.chat.names import NOBODY, SERVER, WHO, fold_name, is_reserved, read_members

# Seconds to wait before joining again: twice as many each time, for a server that needs a while.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class View(Protocol):
    """What the user sees."""

    def use_screen(self, screen: Screen) -> None:
        """Show everything on `screen` from here on, around the line being typed."""

    def show(self, event: Event) -> None:
        """Show what happened in the room."""

    def show_private(self, to: str, text: str) -> None:
        """Show what we said to one alone, which does not come back."""

    def hint(self, text: str) -> None:
        """Say something that the user should know."""

    def reconnecting(self, error: PynetdbError, pause: float) -> None:
        """Say that the server is gone, and that we try to join again after `pause` seconds."""


class ChatSession:
    """One user's stay, in one of three ways, each until the end.

    Those raise the PynetdbError that ended the stay, if one did: NegativeAnswerError for a refused name or an
    unknown recipient, NetworkError for a server that goes, DeadlineError, ProtocolError.
    """

    def __init__(
        self, name: str, target: Target, timeout: float, network: Network, view: View, *, reconnect: bool
    ) -> None:
        self._name = name
        self._target = target
        self._timeout = timeout
        self._network = network
        self._view = view
        self._reconnect = reconnect
        self._loop = Loop(network.sockets)
        self._seen: dict[str, str] = {}
        self._recipient: str | None = None
        self._unknown: str | None = None
        self._asked = False
        self._was_joined = False
        self._pause = _FIRST_PAUSE
        self._failure: PynetdbError | None = None
        self._input: Input | None = None
        self._lines = Lines()
        self._screen: Screen | None = None
        self._conversation = self._new_conversation()

    # What the user does

    def send_and_leave(self, lines: Sequence[str], to: str | None, *, stay: bool) -> None:
        """Say these lines, to one alone if `to` is given, and leave unless told to `stay`."""
        self._recipient = to
        for line in lines:
            self._conversation.say(line, to)
        if not stay:
            self._conversation.leave()
        self._run()

    def relay_stdin(self) -> None:
        """Say each line of standard input, and leave at its end."""
        self._input = Input(self._loop, self._piece_arrived)
        self._conversation.on_idle = self._input.more
        self._run()

    def run_interactive(self) -> None:
        """Edit lines on the terminal, and say them."""
        screen = self._screen = Screen(self.seen)
        self._view.use_screen(screen)
        self._input = Input(self._loop, lambda data: self._keys_arrived(screen, data), keys=True)
        self._run()

    def _run(self) -> None:
        """Join and stay until the end."""
        try:
            with ExitStack() as stack:
                stack.enter_context(self._loop.woken_by_signals())
                stack.callback(self._hang_up)
                # An error of connecting is the caller's; only later ones are worth another try.
                self._conversation.start(self._target, self._timeout, self._network)
                if self._screen is not None and self._input is not None:
                    draw = partial(self._loop.call_from_thread, self._screen.draw)
                    stack.enter_context(cbreak(resumed=draw))
                    stack.callback(self._screen.clear)
                    self._screen.draw()
                    self._input.more()
                self._loop.run()
        finally:
            self._loop.close()
        if self._failure is not None:
            raise self._failure
        if self._unknown is not None:
            raise NegativeAnswerError(f"{self._target}: {self._unknown}", hint="recipient")

    def seen(self) -> list[str]:
        """Return who is in the room, as far as we have seen."""
        return sorted(self._seen.values(), key=str.casefold)

    # What arrives from the user

    def _piece_arrived(self, data: bytes) -> None:
        lines = self._lines.receive_data(data) if data else self._lines.receive_eof()
        for line in lines:
            if self._execute(line):
                return
        if not data:
            self._conversation.leave()
        elif not lines and self._input is not None:
            self._input.more()

    def _keys_arrived(self, screen: Screen, data: bytes) -> None:
        for line in screen.receive_data(data):
            if isinstance(line, EndOfInput):
                self._conversation.leave()
                return
            if line and self._execute(line):
                return
        if not data:
            self._conversation.leave()
        elif self._input is not None:
            self._input.more()

    def _execute(self, line: str) -> bool:
        """Do what a line says; return whether it was the last."""
        parsed = parse(line)
        if parsed is None:
            self._say(line, None)
            return False
        rule, recipient, text = parsed
        match rule.meaning:
            case "quit":
                self._conversation.leave()
                return True
            case "who":
                self._view.hint("here, as far as seen: " + ", ".join(self.seen()))
                if self._screen is not None:
                    # Our server knows all of them; the textbook's passes over a private line to nobody.
                    self._asked = True
                    self._conversation.say(WHO, SERVER)
            case "help":
                for line in HELP:
                    self._view.hint(line)
            case "private":
                if self._say(text, recipient):
                    self._view.show_private(recipient, text)
            case _:
                self._view.hint(rule.help)
        return False

    def _say(self, text: str, to: str | None) -> bool:
        wrong = check_text(text)
        if wrong is not None:
            self._view.hint(f"not said: {wrong}")
        else:
            self._conversation.say(text, to)
        return wrong is None

    # What arrives from the room

    def _new_conversation(self) -> Conversation:
        return Conversation(self._name, self._loop, self._heard, self._joined, self._over)

    def _joined(self) -> None:
        self._was_joined = True
        self._pause = _FIRST_PAUSE

    def _heard(self, event: Event) -> None:
        match event:
            case Joined(name) | Said(name):
                self._seen[fold_name(name)] = name
            case Left(name):
                self._seen.pop(fold_name(name), None)
            case Whispered(sender, text) if sender == SERVER:
                if self._recipient is not None and text.startswith(NOBODY):
                    self._unknown = text
                if (members := read_members(text)) is not None:
                    self._seen.update((fold_name(name), name) for name in members)
                    if self._asked:
                        self._asked = False
                        self._view.hint(text)
                        return
            case Whispered(sender) if not is_reserved(sender):
                self._seen[fold_name(sender)] = sender
        self._view.show(event)

    def _over(self, error: PynetdbError | None) -> None:
        if error is None or not (self._reconnect and self._was_joined):
            self._failure = error
            self._loop.stop()
            return
        self._view.reconnecting(error, self._pause)
        self._seen.clear()
        last, self._conversation = self._conversation, self._new_conversation()
        self._conversation.on_idle = last.on_idle
        self._conversation.take_outbox(last)
        self._loop.call_later(self._pause, self._join_again)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _join_again(self) -> None:
        try:
            self._conversation.start(self._target, self._timeout, self._network)
        except PynetdbError as error:
            self._over(error)

    def _hang_up(self) -> None:
        self._conversation.close()
