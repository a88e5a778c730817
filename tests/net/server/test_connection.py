"""Connections: back-pressure, half-close, last words, and `lost` exactly once."""

import socket
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from programs import unlike_wine

from pynetdb.net.loop import Loop
from pynetdb.net.server import connection as module
from pynetdb.net.server.connection import HIGH_WATER, Connection, ConnectionHandler
from pynetdb.net.sockets import Sockets


class Notes(ConnectionHandler):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.data = b""

    def received(self, connection: Connection, data: memoryview) -> None:
        self.told.append("received")
        self.data += data

    def drained(self, connection: Connection) -> None:
        self.told.append("drained")

    def ended(self, connection: Connection) -> None:
        self.told.append("ended")

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self.told.append(f"lost {type(error).__name__}" if error else "lost")


class Bench:
    """A connection on a loop, with its peer in our hand."""

    def __init__(self) -> None:
        self.loop = Loop(Sockets())
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.peer = socket.create_connection(listening.getsockname(), timeout=10)
            sock, address = listening.accept()
        sock.setblocking(False)
        self.notes = Notes()
        self.over: list[OSError | None] = []
        self.connection = Connection(
            sock, 1, address, self.notes, self.loop, lambda c, e: self.over.append(e)
        )

    def turn(self, until: str | None = None, turns: int = 50) -> None:
        """Let the loop go round until something was told, or for a turn."""
        for _ in range(turns):
            self.loop.call_later(0.2 if until else 0, self.loop.stop)
            self.loop._stopped = False
            poller = self.loop._poller
            for descriptor, events in poller.poll(0.2 if until else 0):
                poller.callbacks[descriptor](events)
            self.loop._run_due_timers()
            if until is None or until in self.notes.told:
                return
        raise AssertionError(f"not told: {until}; told: {self.notes.told}")

    def fill(self) -> int:
        """Write until the kernel takes no more; return how much was written in all."""
        total = 0
        while not self.connection.pending:
            self.connection.write(bytes(100_000))
            total += 100_000
        return total

    def read(self, size: int) -> int:
        got = 0
        while got < size:
            self.turn()
            got += len(self.peer.recv(1 << 20))
        return got


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with bench.peer:
        yield bench
        bench.connection.abort()
        bench.loop.close()
    assert len(bench.over) == 1
    assert len([told for told in bench.notes.told if told.startswith("lost")]) == 1


def test_bytes_go_both_ways_and_are_counted(bench: Bench) -> None:
    bench.peer.sendall(b"question")
    bench.turn("received")
    assert bench.notes.data == b"question"
    bench.connection.write(b"answer")
    assert bench.peer.recv(100) == b"answer"
    assert (bench.connection.bytes_received, bench.connection.bytes_sent) == (8, 6)


def test_what_the_peer_does_not_take_waits_and_reading_pauses(bench: Bench) -> None:
    written = bench.fill()
    bench.connection.write(bytes(HIGH_WATER))
    written += HIGH_WATER
    bench.peer.sendall(b"are you there?")
    for _ in range(20):
        bench.turn()
    assert "received" not in bench.notes.told
    assert bench.read(written) == written
    bench.turn("received")
    assert bench.notes.told.count("drained") == 1
    assert bench.connection.pending == 0
    assert bench.connection.bytes_sent == written


def test_a_little_owed_does_not_stop_reading(bench: Bench) -> None:
    bench.fill()
    bench.connection._outgoing = deque((bytearray(10),))
    bench.connection._update_interest()
    bench.peer.sendall(b"hello")
    bench.turn("received")


def test_the_fin_of_the_peer_does_not_cut_off_what_it_is_owed(bench: Bench) -> None:
    written = bench.fill()
    bench.peer.shutdown(socket.SHUT_WR)
    assert bench.read(written) == written
    bench.turn("ended")
    bench.connection.write(b"and this")
    assert bench.peer.recv(100) == b"and this"
    bench.connection.close()
    assert bench.peer.recv(100) == b""
    assert bench.over == [None]


def test_close_sends_what_is_owed_first(bench: Bench) -> None:
    written = bench.fill()
    bench.connection.close()
    bench.connection.close()
    assert bench.over == []
    assert bench.read(written) == written
    assert bench.over == [None]
    assert bench.peer.recv(10) == b""


def test_finish_lets_last_words_arrive_at_a_peer_that_still_talks(bench: Bench) -> None:
    bench.peer.sendall(bytes(10_000))
    bench.connection.write(b"too much")
    bench.connection.close_gracefully()
    bench.turn()
    bench.peer.sendall(b"more")
    assert bench.peer.recv(100) == b"too much"
    assert bench.peer.recv(100) == b""
    bench.peer.close()
    bench.turn("lost")
    assert "received" not in bench.notes.told


def test_finish_does_not_wait_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINGER", 0.0)
    bench.connection.close_gracefully()
    bench.turn("lost")


def test_finish_after_the_fin_of_the_peer_is_a_close(bench: Bench) -> None:
    bench.peer.shutdown(socket.SHUT_WR)
    bench.turn("ended")
    bench.connection.close_gracefully()
    assert bench.over == [None]


@unlike_wine("shuts down a connection that was reset as if it were open")
def test_finish_on_a_connection_that_is_gone(bench: Bench) -> None:
    bench.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    bench.peer.close()
    bench.connection.close_gracefully()
    assert type(bench.over[0]).__name__ in ("OSError", "ConnectionResetError")


def test_a_reset_is_a_loss_with_its_reason(bench: Bench) -> None:
    bench.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    bench.peer.close()
    bench.turn("lost ConnectionResetError")
    bench.connection.write(b"nobody hears this")
    bench.connection.close()
    bench.connection.pause()


def test_a_reset_while_bytes_are_owed(bench: Bench) -> None:
    bench.fill()
    bench.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    bench.peer.close()
    bench.turn("lost ConnectionResetError")
    assert bench.connection.pending == 0


def test_writing_to_a_peer_that_has_left(bench: Bench) -> None:
    bench.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    bench.peer.close()
    bench.connection.write(b"x")
    assert isinstance(bench.over[0], ConnectionError)


def test_discarded_input_does_not_turn_a_close_into_a_reset(bench: Bench) -> None:
    bench.peer.sendall(bytes(100_000))
    bench.connection.write(b"good bye")
    bench.connection.discard_input()
    bench.connection.close()
    assert bench.peer.recv(100) == b"good bye"
    assert bench.peer.recv(100) == b""


def test_pause_and_resume(bench: Bench) -> None:
    bench.connection.pause()
    bench.peer.sendall(b"wait")
    for _ in range(5):
        bench.turn()
    assert bench.notes.told == []
    bench.connection.resume()
    bench.turn("received")


def test_an_event_of_the_same_turn_after_the_close_is_nothing(bench: Bench) -> None:
    bench.peer.sendall(b"late")
    bench.connection.abort()
    bench.connection._ready(module.READ)
    bench.connection._ready(module.WRITE)
    assert "received" not in bench.notes.told


def test_a_spurious_event_is_nothing(bench: Bench) -> None:
    bench.connection._ready(module.READ)
    bench.fill()
    bench.connection._ready(module.WRITE)
    assert bench.notes.told == []


def test_the_default_handler_closes_when_the_peer_does() -> None:
    loop = Loop(Sockets())
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    over: list[Any] = []
    handler = ConnectionHandler()
    connection = Connection(ours, 1, "", handler, loop, lambda c, e: over.append(e))
    handler.connected(connection)
    handler.refused(connection)
    theirs.sendall(b"x")
    connection._ready(module.READ)
    theirs.close()
    connection._ready(module.READ)
    assert over == [None]
    loop.close()
