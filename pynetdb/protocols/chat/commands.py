"""What a chat client says to its server: commands in lines, read and written."""

import re
from dataclasses import dataclass

from pynetdb.protocols.chat.names import Refusal
from pynetdb.protocols.record import Record
from pynetdb.terminal import safe_line

# Bytes of a line without its end. Long enough for any chat message; a client that never sends a newline
# cannot fill the server's memory.
MAX_LINE = 4096

# The textbook's client ends MESSAGE without a newline: after so much silence it was all of it.
# Seconds: longer than a network delays the rest of a line, shorter than a reader would notice.
SILENCE = 0.25

# What a terminal would obey. A tab is among them: it is escaped as the others are.
_CONTROLS = bytes(code for code in range(0x20) if code != 0x0A) + b"\x7f"
_MESSAGE = b"MESSAGE "

_TLS_HANDSHAKE = b"\x16"
# As RFC 9112 section 3 has it, with any method, or a known one without a version (HTTP/0.9).
_HTTP_REQUEST_LINE = re.compile(
    rb"(?:[!-~]+ [!-~]+ HTTP/[0-9](?:\.[0-9])?"
    rb"|(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) .*)\r?"
)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Add(Record):
    """Joins under this name."""

    name: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Message(Record):
    """Says a line to everybody."""

    text: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Private(Record):
    """Says a line to one member alone."""

    recipient: str
    text: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Quit(Record):
    """Leaves."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Unclear(Record):
    """Nothing that a server can obey; `fatal` if no line after it can be read."""

    reason: str
    fatal: bool = False


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Foreign(Record):
    """Somebody speaks another protocol, `HTTP` or `TLS`; no line after it is read.

    A web page can make a browser send lines of its choice to any port, behind a request line.
    """

    protocol: str


Command = Foreign | Add | Message | Private | Quit | Unclear


def encode(command: Add | Message | Private | Quit) -> bytes:
    """Return a command as it goes over the wire. Raises ValueError for a word with a newline."""
    match command:
        case Add(name):
            lines = f"ADD {_check_line(name)}\n"
        case Message(text):
            lines = f"MESSAGE {_check_line(text)}\n"
        case Private(recipient, text):
            lines = f"PRIVATE {_check_line(recipient)}\n{_check_line(text)}\n"
        case _:
            lines = "QUIT\n"
    return lines.encode("utf-8", "backslashreplace")


def _check_line(word: str) -> str:
    # What follows a newline would be a command of its own.
    if "\n" in word:
        raise ValueError(f"{word!r}: expected one line")
    return word


def check_text(text: str) -> str | None:
    """Return why `text` cannot be said in one line, or None if it can."""
    size = len(text.encode("utf-8", "backslashreplace"))
    most = MAX_LINE - len(_MESSAGE)
    return f"a line of {size} bytes, expected at most {most}" if size > most else None


class CommandReader:
    """Takes a client's bytes apart, however they are cut.

    Lines end with LF or CR LF. What text holds of control characters is escaped, so that it is one
    harmless line wherever it is shown. After an Unclear that is fatal it reads no more.
    """

    # A LineReader would not do: the server takes only so many lines at a time (`most`) and leaves the
    # others here; a burst is looked at once as a whole; and a line may end in silence.

    def __init__(self) -> None:
        self._buffer = b""
        self._recipient: str | Unclear | None = None  # of a PRIVATE whose second line is still to come
        # Once a MESSAGE has ended in a newline, silence is only silence: a slow network must not cut lines.
        self._line_framed = False
        self._broken = False
        self._first = True

    @property
    def has_lines(self) -> bool:
        """Whether whole lines were left for the next call."""
        return not self._broken and b"\n" in self._buffer

    @property
    def may_be_whole(self) -> bool:
        """Whether SILENCE from here on would make a MESSAGE of what has arrived."""
        return (
            not self._line_framed
            and self._recipient is None
            and self._buffer[: len(_MESSAGE)].upper() == _MESSAGE
            and not self.has_lines
        )

    def receive_data(self, data: bytes, most: int = -1) -> list[Command]:
        """Return the commands that are complete now, read from at most `most` lines (-1: from all)."""
        if self._broken:
            return []
        buffer = self._buffer + data if self._buffer else data
        if self._first and (foreign := self._look_at_first_line(buffer)) is not None:
            self._broken = True
            self._buffer = b""
            return [foreign]
        lines = buffer.split(b"\n", most)
        self._buffer = lines.pop()
        commands: list[Command] = []
        if lines:
            whole = buffer[: len(buffer) - len(self._buffer)]
            # One look at all lines in place of one at each: nearly always there is nothing to escape.
            if whole.isascii() and len(whole.translate(None, _CONTROLS)) == len(whole):
                for line in whole[:-1].decode("ascii").split("\n"):
                    if line[:8] == "MESSAGE " and self._recipient is None and len(line) <= MAX_LINE:
                        self._line_framed = True
                        commands.append(Message(line[8:]))
                    else:
                        self._read(line.encode("ascii"), commands)
                        if self._broken:
                            break
            else:
                for raw in lines:
                    self._read(raw.removesuffix(b"\r"), commands)
        if not self._broken and len(self._buffer) > MAX_LINE and b"\n" not in self._buffer:
            self._read_long(self._buffer, commands)
        return commands

    def receive_messages(self, data: bytes, most: int) -> list[str] | None:
        """Return what the next lines say, at most `most`, if each is a MESSAGE with nothing to escape.

        None is everything else: then nothing is taken, and `receive_data` is to be asked. This is how a burst
        is read in one look, whatever its number of lines.
        """
        buffer = self._buffer + data if self._buffer else data
        if self._first or self._broken or self._recipient is not None or not buffer.startswith(_MESSAGE):
            return None
        count = buffer.count(b"\n")
        rest = buffer.rpartition(b"\n")[2] if count <= most else buffer.split(b"\n", most)[most]
        whole = buffer[: len(buffer) - len(rest)]
        if not whole.isascii() or len(whole.translate(None, _CONTROLS)) != len(whole):
            return None
        texts = whole[len(_MESSAGE) : -1].decode("ascii").split("\nMESSAGE ")
        if not whole or len(texts) != min(count, most) or len(_MESSAGE) + max(map(len, texts)) > MAX_LINE:
            return None
        if count <= most and len(rest) > MAX_LINE:
            return None
        self._line_framed = True
        self._buffer = rest
        return texts

    def receive_silence(self) -> list[Command]:
        """SILENCE has passed since the last byte: return the MESSAGE of a client that ends none."""
        if not self.may_be_whole:
            return []
        text = _text(self._buffer[len(_MESSAGE) :].removesuffix(b"\r"))
        self._buffer = b""
        return [text if isinstance(text, Unclear) else Message(text)]

    def receive_eof(self) -> list[Command]:
        """The client will say no more, which is the longest silence."""
        return self.receive_silence()

    def _look_at_first_line(self, buffer: bytes) -> Foreign | None:
        """Tell by the first line that is not blank whether this is a chat client at all."""
        start = buffer.lstrip(b"\r\n")
        # A record of TLS begins so (RFC 8446 section 5.1), and no word of ours does.
        if start.startswith(_TLS_HANDSHAKE):
            return Foreign("TLS")
        line, newline, _ = start.partition(b"\n")
        self._first = not newline
        return Foreign("HTTP") if newline and _HTTP_REQUEST_LINE.fullmatch(line) else None

    def _read_long(self, line: bytes, commands: list[Command]) -> None:
        # The CR of a CR LF may be there already, and does not count.
        if len(line.removesuffix(b"\r")) > MAX_LINE:
            commands.append(Unclear(f"a line of more than {MAX_LINE} bytes", fatal=True))
            self._broken = True
            self._buffer = b""

    def _read(self, line: bytes, commands: list[Command]) -> None:
        if self._broken:
            return
        if len(line) > MAX_LINE:
            self._read_long(line, commands)
            return
        if self._recipient is not None:
            recipient, self._recipient = self._recipient, None
            text = _text(line)
            if isinstance(recipient, Unclear):
                commands.append(recipient)
            else:
                commands.append(text if isinstance(text, Unclear) else Private(recipient, text))
            return
        # The table says QUIT and the textbook's server compares with `quit`: in any case.
        word, _, rest = line.partition(b" ")
        match word.upper():
            case b"":
                if rest:
                    commands.append(_unknown(line))
            case b"MESSAGE":
                self._line_framed = True
                text = _text(rest)
                commands.append(text if isinstance(text, Unclear) else Message(text))
            case b"PRIVATE":
                self._recipient = _word(rest)
            case b"ADD":
                name = _word(rest)
                commands.append(name if isinstance(name, Unclear) else Add(name))
            case b"QUIT" if not rest.strip():
                commands.append(Quit())
            case _:
                commands.append(_unknown(line))


def _word(data: bytes) -> str | Unclear:
    """A name as it is: whether it may hold what it holds is for the room to say."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return Unclear("not UTF-8")


def _text(data: bytes) -> str | Unclear:
    word = _word(data)
    return word if isinstance(word, Unclear) else safe_line(word)


def _unknown(line: bytes) -> Unclear:
    word = safe_line(line[:20].split(b" ")[0].decode("utf-8", "backslashreplace"))
    expected = "expected ADD, MESSAGE, PRIVATE or QUIT"
    return Unclear(Refusal(f"unknown command '{word}': {expected}", f"unknown command: {expected}"))
