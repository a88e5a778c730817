"""A broker that replies with what is no reply to what was asked: the conversation ends, not the server."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

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
        self._broker = broker
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
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
            socket.create_connection((self._broker.host, self._broker.port)) as broker,
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


@contextmanager
def liar(broker: Broker) -> Iterator[Liar]:
    made = Liar(broker)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("asked", ["say", "join", "leave", "beat", "XREAD"])
def test_nonsense_costs_a_conversation_and_nothing_else(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd, asked: str
) -> None:
    broker = make_broker()
    with liar(broker) as between:
        here = serve_room(broker, url=f"redis://127.0.0.1:{between.port}/ROOM")
        (ann,) = crowd.join(here.address, "ann")
        between.spoiled = asked
        for number, nonsense in enumerate(NONSENSE):
            between.nonsense.append(nonsense)
            (fleeting,) = crowd.join(here.address, f"f{number}")
            ann.send(b"MESSAGE %d\n" % number)
            fleeting.send(b"QUIT\n")
            crowd.wait(lambda: not between.nonsense)
            crowd.wait(lambda said=b"MESSAGE ann\n%d\n" % number: said in ann.bytes)
            crowd.wait(lambda gone=b"LEFT f%d\n" % number: gone in ann.bytes)
        assert not ann.over


@pytest.mark.parametrize("asked", ["SCRIPT", "enter", "INFO", "XREVRANGE"])
def test_nonsense_at_the_start_is_said_in_one_line(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, run: Run, asked: str
) -> None:
    broker = make_broker()
    with broker_with_a_line(broker, serve_room), liar(broker) as between:
        between.spoiled, between.nonsense = asked, [b"*1\r\n:7\r\n"] * 50
        url = f"redis://127.0.0.1:{between.port}/ROOM"
        done = run("chat-server", "--port", "0", "--room", url, "--history", "5")
        assert done.returncode == 5
        assert done.stderr.count("\n") == 1


@contextmanager
def broker_with_a_line(broker: Broker, serve_room: ServeRoom) -> Iterator[None]:
    """So that there is a history to be read."""
    first = serve_room(broker)
    with Crowd() as crowd:
        (ann,) = crowd.join(first.address, "ann")
        ann.send(b"MESSAGE hi\n")
        crowd.wait(lambda: b"MESSAGE ann\nhi\n" in ann.bytes)
    first.stop()
    yield
