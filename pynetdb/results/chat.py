"""What chat-client shows: lines for people, around the line being typed if there is one, or JSON lines."""

import sys
import time
from typing import Protocol

from pynetdb.errors import PynetdbError
from pynetdb.protocols.chat import events as chat_events
from pynetdb.protocols.chat.names import is_reserved
from pynetdb.results.output import Output, wants_colour
from pynetdb.terminal import safe_line
from pynetdb.wording import timestamp


class Screen(Protocol):
    """A terminal on which a line is being typed."""

    def show(self, line: str) -> None:
        """Write a line above; it must be safe for a terminal already."""


class ChatResults:
    """Shows what the member `name` hears. Text is made safe here, once."""

    def __init__(self, output: Output, name: str) -> None:
        self._screen: Screen | None = None
        self._output = output
        self._name = name
        self._colour = wants_colour(sys.stdout)

    def use_screen(self, screen: Screen) -> None:
        """Show everything on `screen` from here on, around the line being typed."""
        self._screen = screen

    def show(self, event: chat_events.Event) -> None:
        """Show what happened in the room."""
        name: str = getattr(event, "sender", getattr(event, "name", self._name))
        text: str | None = getattr(event, "text", None)
        match event:
            case chat_events.Joined():
                kind, line = "joined", f"{self._format_name(name)} has joined the chat room"
            case chat_events.Left():
                kind, line = "left", f"{self._format_name(name)} has left the chat room"
            case chat_events.Said():
                kind, line = "message", f"{self._format_name(name)}: {safe_line(text or '')}"
            case chat_events.Whispered() if is_reserved(name):
                kind, line = "notice", f"{safe_line(name)}: {safe_line(text or '')}"
            case chat_events.Whispered():
                kind, line = "private", f"{self._format_name(name)} [private]: {safe_line(text or '')}"
            case chat_events.Goodbye():
                kind, line = "goodbye", ""
        if self._output.format == "jsonl":
            now = timestamp(time.time())
            self._output.event({"event": kind, "name": name, "text": text, "time": now})
        elif line:
            self._write(f"==> {line}")

    def show_private(self, to: str, text: str) -> None:
        """Show what we said to one alone, which does not come back."""
        if self._screen is not None:
            self._write(f"==> to {self._format_name(to)} [private]: {safe_line(text)}")

    def hint(self, text: str) -> None:
        """Say something that the user should know."""
        if self._screen is not None:
            self._screen.show(safe_line(text))
        else:
            self._output.info(text)

    def reconnecting(self, error: PynetdbError, pause: float) -> None:
        """Say that the server is gone, and that we try to join again after `pause` seconds."""
        self.hint(f"{self._output.describe(error)}; trying again in {pause:g} s")

    def _write(self, line: str) -> None:
        """Write a line that is safe already."""
        if self._screen is None:
            self._output.safe_text(line)
            return
        now = time.strftime("%H:%M")
        self._screen.show(f"\x1b[2m{now}\x1b[0m {line}" if self._colour else f"{now} {line}")

    def _format_name(self, name: str) -> str:
        """Return a name, in a colour of its own on a terminal."""
        if self._screen is None or not self._colour:
            return safe_line(name)
        return f"\x1b[1;{31 + sum(name.casefold().encode()) % 6}m{safe_line(name)}\x1b[0m"
