"""Servers of our own that misbehave on purpose, and a subscriber that remembers."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pynetdb.events import Event

RESET = b"\1\0\0\0\0\0\0\0"
"""struct linger that makes close() send a reset."""

Talk = Callable[[socket.socket], object]


@contextmanager
def fake(talk: Talk) -> Iterator[str]:
    """A TCP server that treats each client to `talk`; gives its port."""

    class One(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(30)
            with suppress(OSError):  # The client had enough.
                talk(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), One) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(0.01))
        thread.start()
        try:
            yield str(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def fake_udp(answer: Callable[[socket.socket, bytes, object], object]) -> Iterator[str]:
    """A UDP server that treats each datagram with `answer`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.02)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    data, sender = sock.recvfrom(70_000)
                except TimeoutError:
                    continue
                answer(sock, data, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield str(sock.getsockname()[1])
        finally:
            over.set()
            thread.join()


class Recorder:
    """A subscriber that remembers every event."""

    wants_details = True
    wants_words = True

    def __init__(self) -> None:
        self.events: list[Event] = []

    def receive(self, event: Event) -> None:
        self.events.append(event)

    def watch(self, failed: Callable[[OSError], None]) -> None:
        pass

    def close(self) -> None:
        pass
