"""TLS connections on the loop: slow handshakes, halves, back-pressure, and no more memory than agreed."""

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest

from pynetdb.net.loop import Loop
from pynetdb.net.network import Network
from pynetdb.net.server import tls_connection as module
from pynetdb.net.server.connection import HIGH_WATER, Connection, ConnectionHandler
from pynetdb.net.server.file_range import FileRange
from pynetdb.net.server.tls_connection import TlsConnection
from pynetdb.net.sockets import Sockets
from pynetdb.net.tls import ServerTls, TlsFiles

pytestmark = pytest.mark.skipif(
    which("openssl") is None,
    reason="openssl is not installed" if os.name == "posix" else "platform: openssl is no program of Windows",
)


class Notes(ConnectionHandler):
    """Writes down what it is told, and echoes if it shall."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.data = b""
        self.echoes = False

    def received(self, connection: Connection, data: memoryview) -> None:
        self.data += data
        if self.echoes:
            connection.write(data)

    def drained(self, connection: Connection) -> None:
        self.told.append("drained")

    def ended(self, connection: Connection) -> None:
        self.told.append("ended")

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self.told.append(f"lost: {error}" if error else "lost")


@pytest.fixture(scope="module")
def tls() -> ServerTls:
    return ServerTls(TlsFiles(self_signed=True), ["localhost"])


class Bench:
    """A connection on a loop, with a TLS client in our hand that the test moves on by hand."""

    def __init__(self, tls: ServerTls) -> None:
        self.loop = Loop(Sockets())
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.peer = socket.create_connection(listening.getsockname(), timeout=10)
            sock, address = listening.accept()
        sock.setblocking(False)
        self.peer.setblocking(False)
        self.notes = Notes()
        self.connection = TlsConnection(
            tls, Network(), sock, 1, address, self.notes, self.loop, lambda c, e: None
        )
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cadata=tls.certificate.pem)
        self.client = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.got = b""
        self.ended = False

    def turn(self, *, receives: bool = True) -> None:
        """Let both sides do what they can."""
        if self.outgoing.pending:
            data = self.outgoing.read()
            try:
                sent = self.peer.send(data)
            except BlockingIOError:
                sent = 0
            rest = data[sent:] + self.outgoing.read()
            self.outgoing.write(rest)
        if receives:
            try:
                data = self.peer.recv(1 << 20)
                self.incoming.write(data)
                self.ended = self.ended or not data
            except OSError:
                pass
        self.loop.call_later(0.002, self.loop.stop)
        self.loop._stopped = False
        self.loop.run()

    def until(self, done: Callable[[], bool]) -> None:
        for _ in range(5000):
            if done():
                return
            self.turn()
        raise AssertionError(f"never: {self.notes.told}")

    def shake_hands(self) -> None:
        def done() -> bool:
            try:
                self.client.do_handshake()
            except ssl.SSLWantReadError:
                return False
            return True

        self.until(done)

    def read(self) -> bytes:
        """What the client has got so far."""
        try:
            while piece := self.client.read(1 << 20):
                self.got += piece
        except ssl.SSLWantReadError:
            pass
        return self.got

    def close(self) -> None:
        self.connection.abort()
        self.peer.close()
        self.loop.close()


@pytest.fixture
def bench(tls: ServerTls) -> Iterator[Bench]:
    made = Bench(tls)
    yield made
    made.close()


def test_what_is_written_before_the_handshake_comes_behind_it(bench: Bench) -> None:
    bench.connection.write(b"hello, ")
    bench.connection.write(b"you")
    assert bench.connection.pending == 10
    bench.shake_hands()
    bench.until(lambda: bench.read() == b"hello, you")
    assert bench.connection.pending == 0


def test_a_slow_handshake_has_a_deadline(tls: ServerTls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HANDSHAKE_TIMEOUT", 0.05)
    bench = Bench(tls)
    try:
        bench.until(lambda: bool(bench.notes.told))
        assert bench.notes.told == ["lost: the TLS handshake did not come to its end in time"]
    finally:
        bench.close()


def test_a_quick_one_is_not_cut_off_by_it(tls: ServerTls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HANDSHAKE_TIMEOUT", 0.5)
    bench = Bench(tls)
    try:
        bench.shake_hands()
        bench.until(lambda: not bench.connection.layer.timer.callback)
        assert bench.notes.told == []
    finally:
        bench.close()


def test_the_end_is_said_and_heard(bench: Bench) -> None:
    bench.shake_hands()
    bench.client.write(b"last words")
    with pytest.raises(ssl.SSLWantReadError):
        bench.client.unwrap()
    bench.until(lambda: "ended" in bench.notes.told)
    assert bench.notes.data == b"last words" and bench.notes.told == ["ended"]
    bench.connection.write(b"mine")
    bench.connection.close()
    bench.until(lambda: bench.ended)
    assert bench.notes.told == ["ended", "lost"]


def test_what_came_while_it_was_paused_is_told_before_the_end(bench: Bench) -> None:
    bench.shake_hands()
    bench.connection.pause()
    bench.client.write(b"x" * 50_000)
    with pytest.raises(ssl.SSLWantReadError):
        bench.client.unwrap()
    for _ in range(20):
        bench.turn()
    assert bench.notes.data == b"" and bench.notes.told == []
    bench.connection.resume()
    bench.until(lambda: "ended" in bench.notes.told)
    assert bench.notes.data == b"x" * 50_000


def test_a_file_waits_for_room_and_keeps_its_place(bench: Bench, tmp_path: Path) -> None:
    content = os.urandom(5_000_000)
    (tmp_path / "file").write_bytes(content)
    bench.shake_hands()
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    bench.connection.write(b"before")
    bench.connection.write_file(FileRange(os.open(tmp_path / "file", flags), 0, len(content)))
    bench.connection.write(b"after")
    for _ in range(50):
        bench.turn(receives=False)
    # The file is still a file: only what the wire takes has been read.
    assert bench.connection.pending > 0 and Connection.pending.fget(bench.connection) < 4 * HIGH_WATER  # type: ignore[attr-defined]
    bench.connection.close_gracefully()
    bench.until(lambda: len(bench.read()) >= len(content) + 11)
    assert bench.got == b"before" + content + b"after"
    bench.until(lambda: bench.ended)


def test_a_file_that_shrinks_breaks_the_connection(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"short")
    bench.shake_hands()
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    bench.connection.write_file(FileRange(os.open(tmp_path / "file", flags), 0, 100))
    bench.until(lambda: bool(bench.notes.told))
    assert bench.notes.told == ["lost: the file became shorter while it was sent"]


def test_who_sends_without_reading_does_not_fill_our_memory(bench: Bench) -> None:
    bench.shake_hands()
    bench.notes.echoes = True
    layer = bench.connection.layer
    for _ in range(400):
        if bench.outgoing.pending < 1 << 20:
            bench.client.write(bytes(1 << 18))
        bench.turn(receives=False)
        assert layer.incoming.pending <= 2 * 256 * 1024 + 20_000
        assert bench.connection.pending <= HIGH_WATER + 300_000
    sent = len(bench.notes.data)
    bench.until(lambda: len(bench.read()) >= sent)


def test_no_tls_at_all(bench: Bench) -> None:
    bench.peer.send(b"GET / HTTP/1.1\r\n\r\n")
    bench.connection.write(b"nobody will read this")
    bench.until(lambda: bench.ended)
    bench.connection.write(b"nor this")
    bench.peer.close()
    bench.until(lambda: bool(bench.notes.told))
    assert bench.notes.told == ["lost: TLS: plain HTTP, expected a TLS handshake (https)"]
    assert bench.connection.pending == 0


def test_a_peer_that_leaves_during_the_handshake(bench: Bench) -> None:
    bench.peer.send(b"\x16\x03\x01")
    bench.turn()
    bench.peer.close()
    bench.until(lambda: bool(bench.notes.told))
    assert bench.notes.told == ["lost: the peer left during the TLS handshake"]
