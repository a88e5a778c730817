"""10,000 keep-alive connections of which 100 ask: `python benchmarks/crowd.py [ROUNDS]` (default 5).

`serve-http` and nginx in turns, each on core 0 with a load of its own on core 1: what the 100 wait (p50 and
p99), and the memory that a connection costs.
"""

import os
import resource
import select
import socket
import statistics
import sys
import time

import http_files
import peers

CROWD, ACTIVE, SECONDS = 10_000, 100, 3.0
REQUEST = b"GET /1k.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(port: int) -> tuple[socket.socket, int]:
    """A connection that has asked once, and the size of the answer."""
    sock = socket.create_connection(("127.0.0.1", port), 30)
    sock.sendall(REQUEST)
    answer = b""
    while b"\r\n\r\n" not in answer or len(answer) < answer.index(b"\r\n\r\n") + 4 + 1024:
        piece = sock.recv(4096)
        assert piece, "closed before it has answered"
        answer += piece
    return sock, len(answer)


def ask(socks: list[socket.socket], size: int) -> list[float]:
    """Let all of them ask again and again, and return the seconds that each answer took."""
    poll = select.epoll()
    state = {}
    for sock in socks:
        sock.setblocking(False)
        poll.register(sock, select.EPOLLIN)
        sock.send(REQUEST)
        state[sock.fileno()] = [sock, time.perf_counter(), 0]
    taken = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for fd, _ in poll.poll(1):
            one = state[fd]
            one[2] += len(one[0].recv(4096))
            if one[2] >= size:
                now = time.perf_counter()
                taken.append(now - one[1])
                one[1], one[2] = now, 0
                one[0].send(REQUEST)
    poll.close()
    return taken


def measure(name: str, port: int, pid: int) -> tuple[float, float, float]:
    """Milliseconds of the median and of the 99th percentile, and bytes a connection."""
    served_by = (http_files.children(pid) or [pid])[0]
    before = peers.resident(served_by)
    crowd = []
    try:
        for _ in range(CROWD):
            sock, size = connect(port)
            crowd.append(sock)
        memory = (peers.resident(served_by) - before) / CROWD
        taken = sorted(ask(crowd[:: CROWD // ACTIVE], size))
        assert len(taken) > 1000, f"{name}: {len(taken)} answers"
        return taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000, memory
    finally:
        for sock in crowd:
            sock.close()


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    os.sched_setaffinity(0, {1})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    http_files.make_site()
    values: dict[str, list[tuple[float, float, float]]] = {"ours": [], "nginx": []}
    for turn in range(rounds):
        for name in peers.rotated(list(values), turn):
            ports = {each: peers.free_port() for each in http_files.NAMES}
            command = http_files.commands(ports)[name]
            command += ["--max-clients", "20000", "--idle", "10m"] if name == "ours" else []
            with peers.server(command, ports[name]) as server:
                values[name].append(measure(name, ports[name], server.pid))
    print(peers.machine(), f"{rounds} rounds", sep="; ")
    for name, series in values.items():
        p50, p99, memory = (statistics.median(column) for column in zip(*series, strict=True))
        print(f"  {name:<6} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms  {memory:6.0f} bytes a connection")
    tails = ([each[1] for each in values[name]] for name in ("ours", "nginx"))
    print(f"  p99 x{peers.ratios(*tails):.2f} of nginx")
