"""The textbook's chat client and server, rebuilt from the grammar and quirks of the corpora."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue


class TextbookClient:
    """Frames by recv, ends MESSAGE without a newline, dies of an empty line; shows what it is told."""

    def __init__(self, address: tuple[str, int], name: str) -> None:
        self.shown: Queue[str] = Queue()
        self.failure: IndexError | None = None
        self._sock = socket.create_connection(address, timeout=30)
        self._sock.sendall(f"ADD {name}\n".encode())
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def message(self, text: str) -> None:
        self._sock.sendall(f"MESSAGE {text}".encode())

    def private(self, to: str, text: str) -> None:
        self._sock.sendall(f"PRIVATE {to}\n{text}\n".encode())

    def quit(self) -> None:
        self._sock.sendall(b"QUIT\n")

    def expect(self, *lines: str) -> None:
        for line in lines:
            assert self.shown.get(timeout=30) == line

    def close(self) -> None:
        self._thread.join(30)
        self._sock.close()
        assert self.failure is None

    def _receive(self) -> None:
        try:
            while True:
                lines = self._sock.recv(1024).decode().split("\n")
                at = 0
                while at < len(lines) - 1:
                    command = lines[at].split()[0]
                    name = lines[at][len(command) + 1 :]
                    if command == "GOODBYE":
                        self.shown.put("goodbye")
                        return
                    if command == "NEW":
                        self.shown.put(f"==> {name} has joined the chat room")
                    elif command == "LEFT":
                        self.shown.put(f"==> {name} has left the chat room")
                    elif command in ("MESSAGE", "PRIVATE"):
                        at += 1
                        private = " [private]" if command == "PRIVATE" else ""
                        self.shown.put(f"==> {name}{private}: {lines[at]}")
                    at += 1
        except IndexError as error:
            self.failure = error


class _Handler(socketserver.BaseRequestHandler):
    server: "TextbookServer"

    def handle(self) -> None:
        name = ""
        while data := self.request.recv(1024).decode():
            command = data.split()[0].upper()
            rest = data[len(command) + 1 :]
            if command == "ADD":
                name = rest.rstrip("\n")
                self.server.sockets[name] = self.request
                self.server.broadcast(f"NEW {name}\n")
            elif command == "MESSAGE":
                self.server.broadcast(f"MESSAGE {name}\n{rest}\n")
            elif command == "PRIVATE":
                to, text = rest.split("\n", 1)
                if to in self.server.sockets:
                    self.server.sockets[to].sendall(f"PRIVATE {name}\n{text}".encode())
            elif command == "QUIT":
                del self.server.sockets[name]
                self.request.sendall(b"GOODBYE\n")
                break
        self.server.sockets.pop(name, None)
        self.server.broadcast(f"LEFT {name}\n")


class TextbookServer(socketserver.ThreadingTCPServer):
    """Takes what one recv returns for one command, checks nothing, adds an empty line."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.sockets: dict[str, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def broadcast(self, words: str) -> None:
        for sock in list(self.sockets.values()):
            sock.sendall(words.encode())


@contextmanager
def textbook_server() -> Iterator[int]:
    """Its port, for the length of the block."""
    with TextbookServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
