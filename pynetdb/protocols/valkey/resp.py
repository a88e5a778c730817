"""The protocol of Valkey and Redis, version 2 of RESP: commands written, replies read by hiredis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pynetdb.errors import CommandLineError, ProtocolError

if TYPE_CHECKING:
    from hiredis import Reader

Word = str | bytes | int

# What may be unread of one reply: far more than a portion of any log that we ask for. Who announces more than
# that shall not fill our memory.
_MAX_UNREAD = 64 * 1024 * 1024


def encode_command(words: Sequence[Word]) -> bytes:
    """Return a command as it goes over the wire; text as UTF-8."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogateescape")
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


class BrokerError:
    """An error that the broker replied with: `NOSCRIPT No matching script`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def code(self) -> str:
        """The first word, by which programs know it."""
        return self.text.partition(" ")[0]


def make_parser() -> "Reader":
    """Return hiredis's parser. Raises CommandLineError if hiredis is not installed."""
    try:
        from hiredis import Reader
    except ImportError as error:
        raise CommandLineError(
            "a room that several servers share needs hiredis: pip install 'pynetdb[valkey]'"
        ) from error
    return Reader(notEnoughData=_NOT_YET, replyError=BrokerError, protocolError=ProtocolError)  # type: ignore[arg-type]


_NOT_YET: Any = object()


class ReplyReader:
    """Takes a broker's bytes apart, however they are cut.

    Texts come as bytes, errors as BrokerError, what is nothing as None.
    """

    def __init__(self) -> None:
        self._parser = make_parser()

    def receive_data(self, data: bytes | memoryview) -> list[Any]:
        """Return the replies that are complete now. Raises ProtocolError for what is no reply."""
        self._parser.feed(bytes(data))
        replies: list[Any] = []
        while True:
            try:
                reply = self._parser.gets()
            except ProtocolError as error:
                raise ProtocolError(f"no Valkey or Redis: {error}, expected a reply in RESP") from error
            if reply is _NOT_YET:
                break
            replies.append(reply)
        if self._parser.len() > _MAX_UNREAD:
            raise ProtocolError(f"a reply of more than {_MAX_UNREAD >> 20} MiB")
        return replies
