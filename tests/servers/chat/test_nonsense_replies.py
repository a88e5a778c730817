"""A broker that replies with what is no reply to what was asked: the conversation ends, not the server."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from brokers import Broker
from crowd import Crowd
from programs import PATIENCE, Run, Served, posix

from pynetdb.protocols.chat.room_scripts import SCRIPTS
from pynetdb.protocols.valkey.resp import encode_command

hiredis = pytest.importorskip("hiredis", reason="stranger: hiredis is not installed")

pytestmark = posix

ServeRoom = Callable[..., Served]

NONSENSE = (
    b":7\r\n",
    b"*0\r\n",
    b"*1\r\n*0\r\n",
    b"$1\r\nx\r\n",
    b"*1\r\n*2\r\n$1\r\nx\r\n*1\r\n*1\r\n:1\r\n",
)


def name_of(words: list[bytes]) -> str:
    """What is asked: a script's name, or the command."""
    if words[0] == b"EVALSHA":
        for name, text in SCRIPTS.items():
            if hashlib.sha1(text.encode()).hexdigest().encode() == words[1]:
                return name
    return words[0].decode()


class Liar:
    """Stands before a broker, and puts nonsense in the place of one reply to `spoiled`."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/ROOM"
        self.spoiled = ""
        self.nonsense: list[bytes] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._sockets.append(sock)
                self._begin(self._speak, sock)

    def _speak(self, sock: socket.socket) -> None:
        commands = hiredis.Reader()
        with (
            suppress(OSError),
            sock,
            socket.create_connection((self.broker.host, self.broker.port)) as broker,
        ):
            self._sockets.append(broker)
            while data := sock.recv(1 << 16):
                commands.feed(data)
                while words := commands.gets():
                    broker.sendall(encode_command(words))
                    reply = self._receive(broker)
                    if name_of(words) == self.spoiled and self.nonsense:
                        reply = self.nonsense.pop()
                    sock.sendall(reply)

    @staticmethod
    def _receive(broker: socket.socket) -> bytes:
        """One whole reply."""
        reader = hiredis.Reader(notEnoughData=hiredis)
        reply = b""
        while reader.gets() is hiredis:
            data = broker.recv(1 << 16)
            if not data:
                break
            reader.feed(data)
            reply += data
        return reply

    def close(self) -> None:
        for sock in (self._listener, *self._sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listener.close()


@pytest.fixture
def liar(make_broker: Callable[..., Broker]) -> Iterator[Liar]:
    made = Liar(make_broker())
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("asked", ["say", "join", "leave", "beat", "XREAD"])
def test_nonsense_costs_a_conversation_and_nothing_else(
    liar: Liar, serve_room: ServeRoom, crowd: Crowd, asked: str
) -> None:
    here = serve_room(liar.broker, url=liar.url)
    (ann,) = crowd.join(here.address, "ann")
    liar.spoiled = asked
    for number, nonsense in enumerate(NONSENSE):
        liar.nonsense.append(nonsense)
        (fleeting,) = crowd.join(here.address, f"f{number}")
        ann.send(b"MESSAGE %d\n" % number)
        fleeting.send(b"QUIT\n")
        crowd.wait(lambda: not liar.nonsense)
        crowd.wait(lambda said=b"MESSAGE ann\n%d\n" % number: said in ann.bytes)
        crowd.wait(lambda gone=b"LEFT f%d\n" % number: gone in ann.bytes)
    assert not ann.over


@pytest.mark.parametrize("nonsense", [b"*1\r\n:7\r\n", b"$-1\r\n"])
@pytest.mark.parametrize("asked", ["SCRIPT", "enter", "INFO", "XREVRANGE"])
def test_nonsense_at_the_start_is_said_in_one_line(
    liar: Liar, serve_room: ServeRoom, crowd: Crowd, run: Run, asked: str, nonsense: bytes
) -> None:
    first = serve_room(liar.broker)
    (ann,) = crowd.join(first.address, "ann")
    ann.send(b"MESSAGE so that there is a history\n")
    crowd.wait(lambda: b"MESSAGE ann\n" in ann.bytes)
    first.stop()
    liar.spoiled, liar.nonsense = asked, [nonsense] * 50
    done = run("chat-server", "--port", "0", "--room", liar.url, "--history", "5")
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
