"""Who waits while large folders are listed: `python benchmarks/listing.py [NAMES]`.

Some clients at once ask for a folder of 100,000 names, by name, by size, by time and filtered; another asks
for a small file all the time. Nobody else shall wait for more than 50 ms.
"""

import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import peers

SITE = peers.BUILD / "folders"
TARGETS = ("many/", "many/?sort=size", "many/?filter=77", "many/?sort=modified&order=desc")
REQUEST = b"GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"


def make_site(names: int) -> None:
    many = SITE / "many"
    if many.is_dir() and sum(1 for _ in many.iterdir()) == names:
        return
    shutil.rmtree(SITE, ignore_errors=True)
    many.mkdir(parents=True)
    (SITE / "small.txt").write_text("small\n")
    for number in range(names):
        (many / f"file-{number}.txt").touch()


def wait(sock: socket.socket) -> float:
    """Return the milliseconds until the small file was there."""
    began = time.perf_counter()
    sock.sendall(REQUEST)
    sock.recv(65536)
    return (time.perf_counter() - began) * 1000


def describe(waits: list[float]) -> str:
    ordered = sorted(waits)
    at = {"median": 0.5, "99 %": 0.99, "longest": 1.0}
    figures = ", ".join(
        f"{name} {ordered[min(int(len(ordered) * part), len(ordered) - 1)]:.1f} ms"
        for name, part in at.items()
    )
    return f"{len(ordered)} requests, {figures}"


def main() -> None:
    make_site(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    port = peers.free_port()
    command = [*peers.PYNETDB, "serve-http", str(SITE), "--port", str(port), "--quiet"]
    print(peers.machine())
    with ExitStack() as stack:
        stack.enter_context(peers.server(command, port))
        sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), 60))
        print("alone:", describe([wait(sock) for _ in range(2000)]))
        url = f"http://127.0.0.1:{port}/"
        began = time.monotonic()
        listings = [
            subprocess.Popen(["curl", "-sS", "-o", "/dev/null", url + target], preexec_fn=peers.on_core(1))
            for target in TARGETS
        ]
        waits = []
        while any(process.poll() is None for process in listings):
            waits.append(wait(sock))
            time.sleep(0.001)
        print(f"beside {len(listings)} listings ({time.monotonic() - began:.1f} s):", describe(waits))


if __name__ == "__main__":
    main()
