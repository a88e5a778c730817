"""What a server costs while it waits, and how fast it answers meanwhile: `python benchmarks/waiting.py`.

Processor time in a second of: nobody there; 100 idle connections; more clients than descriptors, so that some
wait to be accepted. Then the time of a request to serve-http beside 300 clients that never finish theirs.
"""

import socket
import statistics
import time
from contextlib import ExitStack

import peers

ECHO = [*peers.PYNETDB, "serve-echo", "--port", "PORT", "--quiet"]
SECONDS = 2.0
SLOW = {
    "nobody": b"",
    "a head that never ends": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-a: ",
    "a body that never ends": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nx",
    "answers that nobody reads": b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10,
}


def clients(stack: ExitStack, port: int, number: int, data: bytes = b"") -> None:
    for _ in range(number):
        sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
        sock.sendall(data)


def share(command: list[str], number: int) -> float:
    """The part of a processor that the server takes, with so many clients that say nothing more."""
    port = peers.free_port()
    with ExitStack() as stack:
        process = stack.enter_context(peers.server(command, port))
        clients(stack, port, number, b"x")
        time.sleep(0.5)
        before = peers.cpu_seconds(process.pid)
        time.sleep(SECONDS)
        return (peers.cpu_seconds(process.pid) - before) / SECONDS


def request(data: bytes, folder: str) -> float:
    """The median time of a request beside 300 clients that said `data` and then nothing."""
    port = peers.free_port()
    command = [*peers.PYNETDB, "serve-http", folder, "--port", "PORT", "--quiet"]
    with ExitStack() as stack:
        stack.enter_context(peers.server(command, port))
        if data:
            clients(stack, port, 300, data)
        taken = []
        for _ in range(50):
            start = time.perf_counter()
            with socket.create_connection(("127.0.0.1", port), 30) as sock:
                sock.sendall(b"GET /small HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                while sock.recv(1 << 16):
                    pass
            taken.append(time.perf_counter() - start)
        return statistics.median(taken)


if __name__ == "__main__":
    print(peers.machine())
    print(f"  nobody there           {share(ECHO, 0):6.2%} of a processor")
    print(f"  100 idle connections   {share(ECHO, 100):6.2%} of a processor")
    few = ["prlimit", "--nofile=40:40", *ECHO]
    print(f"  100 on 40 descriptors  {share(few, 100):6.2%} of a processor")
    peers.BUILD.mkdir(exist_ok=True)
    site = peers.BUILD / "site"
    site.mkdir(exist_ok=True)
    (site / "big").write_bytes(bytes(10_000_000))
    (site / "small").write_bytes(b"small\n")
    for name, said in SLOW.items():
        print(f"  a request beside {name:<26} {request(said, str(site)) * 1000:6.2f} ms")
