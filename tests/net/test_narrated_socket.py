"""The narration is what really happened: strace sees the same calls with the same results."""

import json
import re
import socket
from pathlib import Path

import pytest
from programs import Run, Serve, Stranger, linux

from pynetdb.narration import Call, Narrator, Observer
from pynetdb.net.narrated_socket import NarratedSocket
from pynetdb.net.sockets import Sockets


class Witness(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on_call(self, call: Call) -> None:
        self.calls.append(call)

    def said(self) -> list[str]:
        """Each call as the explainer would write it, without who."""
        return [
            f"{c.call}({', '.join(map(str, c.arguments))})"
            + (f" -> {c.error}" if c.error else f" = {c.result}")
            + f"  ({c.note})"
            for c in self.calls
        ]


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def sockets(witness: Witness) -> Sockets:
    return Sockets(Narrator([witness]))


def test_without_an_observer_the_class_is_the_standard_one() -> None:
    plain = Sockets()
    with plain.create(socket.AF_INET, socket.SOCK_STREAM, "client") as sock:
        assert type(sock) is socket.socket
    for end in plain.pair():
        assert type(end) is socket.socket
        end.close()


def test_every_outcome_of_recv_has_its_words(sockets: Sockets, witness: Witness) -> None:
    ours, theirs = sockets.pair()
    with ours, theirs:
        ours.setblocking(False)
        del witness.calls[:]
        with pytest.raises(BlockingIOError):
            ours.recv(10)
        theirs.send(b"0123456789ab")
        ours.recv(10)
        ours.recv(10)
        theirs.shutdown(socket.SHUT_WR)
        ours.recv(10)
        ours.recv_into(bytearray(4))
    said = [line for line in witness.said() if line.startswith("recv")]
    assert said == [
        "recv(10) -> BlockingIOError  (nothing yet: back to select())",
        "recv(10) = 10 bytes b'0123456789'  (a full buffer, and there may be more to come)",
        "recv(10) = 2 bytes b'ab'  (less than asked for: all that has arrived so far)",
        "recv(10) = b''  (the peer sends no more; it may still listen)",
        "recv(4) = b''  (the peer sends no more; it may still listen)",
    ]


def test_a_datagram_is_told_alike_wherever_its_bytes_go(sockets: Sockets, witness: Witness) -> None:
    with sockets.create(socket.AF_INET, socket.SOCK_DGRAM, "server") as ours:
        ours.bind(("127.0.0.1", 0))
        address = ours.getsockname()
        for _ in range(2):
            ours.sendto(b"abc", address)
        assert ours.recvfrom(9) == (b"abc", address)
        buffer = bytearray(9)
        assert ours.recvfrom_into(buffer) == (3, address)
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.recvfrom_into(buffer)
    said = [line.partition("  (")[0] for line in witness.said() if line.startswith("recvfrom")]
    assert said == [*[f"recvfrom(9) = 3 bytes b'abc' from {address!r}"] * 2, "recvfrom(9) -> BlockingIOError"]


def test_a_send_that_the_kernel_takes_in_part(sockets: Sockets, witness: Witness) -> None:
    ours, theirs = sockets.pair()
    with ours, theirs:
        ours.setblocking(False)
        sent = ours.send(bytes(50_000_000))
        with pytest.raises(BlockingIOError):
            ours.send(b"x")
    partial, blocked = [line for line in witness.said() if line.startswith("send")]
    assert 0 < sent < 50_000_000
    assert partial.startswith("send(50000000 bytes b'\\x00")
    assert partial.endswith(f"...) = {sent}  (the kernel's buffer is full, the rest waits)")
    assert (
        "-> BlockingIOError  (the kernel's buffer is full: select() will say when there is room)" in blocked
    )


def test_a_whole_conversation_in_words(sockets: Sockets, witness: Witness) -> None:
    with sockets.create(socket.AF_INET, socket.SOCK_STREAM, "server") as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        address = listening.getsockname()
        with sockets.create(socket.AF_INET, socket.SOCK_STREAM, "client") as client:
            client.connect(address)
            accepted, peer = sockets.acceptor(listening)()
            with accepted:
                assert isinstance(accepted, NarratedSocket)
                accepted.send(b"hello")
                assert client.recv(100) == b"hello"
                client.shutdown(socket.SHUT_WR)
        with sockets.create(socket.AF_INET, socket.SOCK_STREAM, "client") as late:
            listening.close()
            with pytest.raises(ConnectionRefusedError):
                late.connect(address)
    who = accepted.who
    assert re.fullmatch(r"#\d+", who)
    told = [f"{c.who} {line}" for c, line in zip(witness.calls, witness.said(), strict=True)]
    text = "\n".join(re.sub(r"fd \d+", "fd N", line) for line in told)
    assert text.replace(str(address), "ADDRESS").replace(str(peer), "PEER").splitlines() == [
        "server socket(AF_INET, SOCK_STREAM) = fd N  (a TCP socket over IPv4: one end of a future conversation)",
        "server setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) = None  (take the port even while connections of an earlier server fade away)",
        "server bind(('127.0.0.1', 0)) = None  (any free port will do: the kernel picks one)",
        "server listen(5) = None  (clients may connect from now on; so many may wait for accept())",
        "server getsockname() = ADDRESS  (the address that the kernel gave to our end)",
        "client socket(AF_INET, SOCK_STREAM) = fd N  (a TCP socket over IPv4: one end of a future conversation)",
        "client connect(ADDRESS) = None  (the three-way handshake is done: somebody listens there)",
        f"server accept() = fd N, PEER  (a client's handshake is done: a new socket for it alone, {who} from here on)",
        f"{who} send(5 bytes b'hello') = 5  (all of it is in the kernel's buffer, which does not mean that the peer has it)",
        "client recv(100) = 5 bytes b'hello'  (less than asked for: all that has arrived so far)",
        "client shutdown(SHUT_WR) = None  (half-close: the peer will see the end of our stream, we can still receive)",
        f"{who} close(fd N) = None  (the descriptor goes back to the system)",
        "client close(fd N) = None  (the descriptor goes back to the system)",
        "client socket(AF_INET, SOCK_STREAM) = fd N  (a TCP socket over IPv4: one end of a future conversation)",
        "server close(fd N) = None  (the descriptor goes back to the system)",
        "client connect(ADDRESS) -> ConnectionRefusedError  (nobody listens on that port)",
        "client close(fd N) = None  (the descriptor goes back to the system)",
    ]


def test_datagrams_are_whole(sockets: Sockets, witness: Witness) -> None:
    with (
        sockets.create(socket.AF_INET, socket.SOCK_DGRAM, "server") as server,
        sockets.create(socket.AF_INET, socket.SOCK_DGRAM, "client") as client,
    ):
        server.bind(("127.0.0.1", 0))
        client.connect(server.getsockname())
        client.send(b"ping")
        data, sender = server.recvfrom(100)
        server.sendto(b"", sender)
        assert (data, client.recv(100)) == (b"ping", b"")
        with pytest.raises(OSError, match="too long|10040"):
            client.send(bytes(70_000))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recvfrom(10)
        with pytest.raises(OSError, match="too long|10040"):
            server.sendto(bytes(70_000), sender)
    said = "\n".join(witness.said())
    assert f"recvfrom(100) = 4 bytes b'ping' from {sender!r}  (one whole datagram" in said
    assert "recv(100) = b''  (an empty datagram)" in said
    assert "sendto(b'', " in said
    assert "(one datagram is on its way; nobody promises that it arrives)" in said
    assert "-> OSError  (larger than a datagram can be)" in said


def test_failures_are_told_and_raised(sockets: Sockets, witness: Witness) -> None:
    with pytest.raises(OSError, match="not supported|10044"):
        sockets.create(socket.AF_INET, socket.SOCK_RDM, "client")
    with sockets.create(socket.AF_INET, socket.SOCK_STREAM, "server") as sock:
        for wrong in (
            sock.accept,
            lambda: sock.bind(("203.0.113.77", 1)),
            lambda: sock.shutdown(socket.SHUT_RDWR),
        ):
            with pytest.raises(OSError, match="Errno|WinError"):
                wrong()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    with pytest.raises(OSError, match="Bad file|10038"):
        sock.getsockname()
    with pytest.raises(OSError, match="not known|failed"):
        sockets.getaddrinfo("client", "no such host", 1, socket.SOCK_STREAM, 0)
    said = "\n".join(witness.said())
    assert "-> gaierror  (nobody knows that name)" in said
    assert "(no interface of this machine has that address)" in said
    assert "(set an option of the socket)" in said
    assert "getsockname() -> OSError  (the socket is closed already)" in said
    assert "shutdown(SHUT_RDWR) -> OSError  (the connection is gone already)" in said


def test_a_timeout_is_told_in_words(sockets: Sockets, witness: Witness) -> None:
    ours, theirs = sockets.pair()
    with ours, theirs:
        ours.settimeout(0.001)
        with pytest.raises(TimeoutError):
            ours.recv(5)
    assert "recv(5) -> TimeoutError  (nothing happened within the time that we allow)" in witness.said()


# How strace calls what Python calls otherwise.
SYSTEM_CALLS = {"accept4": "accept", "recvfrom": "recv", "sendto": "send"}
LINE = re.compile(
    r"(?P<pid>\d+)\s+(?P<call>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)(?: (?P<errno>E\w+))?"
)


def seen_by_strace(log: str) -> list[tuple[str, int, int | str]]:
    """(call, descriptor, result) of every call of the first process on a socket of its own."""
    seen: list[tuple[str, int, int | str]] = []
    sockets: set[int] = set()
    main = log.split(maxsplit=1)[0]
    begun = ""
    for line in log.splitlines():
        if line.startswith(f"{main} ") and line.endswith("<unfinished ...>"):
            begun = line.removesuffix("<unfinished ...>")
        if resumed := re.match(rf"{main}\s+<\.\.\. \w+ resumed>(.*)", line):
            line = begun + resumed[1]
        match = LINE.match(line)
        if not match or match["pid"] != main:
            continue
        call = SYSTEM_CALLS.get(match["call"], match["call"])
        result: int | str = match["errno"] or int(match["result"])
        if call == "socketpair":
            pair = re.findall(r"\[(\d+), (\d+)\]", line)[0]
            sockets |= set(map(int, pair))
            seen.append((call, int(pair[0]), int(pair[1])))
            continue
        if call == "socket":
            sockets.add(int(match["result"]))
            seen.append((call, int(match["result"]), 0))
            continue
        descriptor = int(match["arguments"].split(",")[0])
        if descriptor not in sockets:
            continue  # A file or a pipe.
        if call == "accept" and isinstance(result, int):
            sockets.add(result)
        if call == "close":
            sockets.discard(descriptor)
        seen.append((call, descriptor, result))
    return seen


def told_by_trace(trace: Path) -> list[tuple[str, int, int | str]]:
    """The same of our own trace."""
    told: list[tuple[str, int, int | str]] = []
    descriptors: dict[str, int] = {}  # who: its one socket
    errors = {"BlockingIOError": "EAGAIN"}
    for line in trace.read_text().splitlines():
        call = json.loads(line)
        name, who = call["call"], call["who"]
        numbers = [int(number) for number in re.findall(r"fd (\d+)", f"{call['arguments']} {call['result']}")]
        if name == "getaddrinfo":
            continue  # Not a system call.
        if name == "socketpair":
            told.append((name, *numbers))
            descriptors["loop"] = numbers[1]
        elif name == "socket":
            descriptors[who] = numbers[0]
            told.append((name, numbers[0], 0))
        elif name == "accept":
            if numbers:
                descriptors[re.findall(r"#\d+", call["note"])[0]] = numbers[0]
            told.append((name, descriptors[who], errors[call["error"]] if call["error"] else numbers[0]))
        elif name == "close":
            told.append((name, numbers[0], 0))
        else:
            name = {"recvfrom": "recv", "sendto": "send"}.get(name, name)
            result = errors[call["error"]] if call["error"] else call["bytes"] or 0
            told.append((name, -1 if who == "loop" else descriptors[who], result))
    return told


def without_wrapping(calls: list[tuple[str, int, int | str]]) -> list[tuple[str, int, int | str]]:
    """Without the getsockname with which Python itself checks a descriptor that it wraps."""
    kept: list[tuple[str, int, int | str]] = []
    fresh: set[int] = set()
    for call in calls:
        name, descriptor, result = call
        if name == "getsockname" and descriptor in fresh:
            continue
        fresh.discard(descriptor)
        if name == "accept" and isinstance(result, int):
            fresh.add(result)
        if name == "socketpair":
            fresh |= {descriptor, int(result)}
        kept.append(call)
    return kept


@linux
@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_strace_sees_the_calls_that_are_told(
    udp: bool, tmp_path: Path, stranger: Stranger, serve: Serve, run: Run
) -> None:
    log, trace = tmp_path / "strace", tmp_path / "trace"
    mode = ["--udp"] if udp else []
    strace = [stranger("strace"), "-f", "-e", "trace=network,close", "-o", str(log)]
    bound = ["--count", "2"] if udp else ["--count", "1"]
    server = serve("serve-echo", "--explain", "--trace", str(trace), *bound, *mode, prefix=strace)
    done = run("echo-client", "--port", str(server.port), "first", "second", *mode)
    assert (done.returncode, done.stdout) == (0, "first\nsecond\n"), done.stderr
    assert server.wait() == 0

    told = told_by_trace(trace)
    seen = without_wrapping(seen_by_strace(log.read_text()))
    # The ends of the wake-up pair speak under one name: only there the descriptor is not compared.
    pair = set(next(call[1:] for call in told if call[0] == "socketpair"))
    talk = ("send", "recv")
    seen = [(name, -1 if fd in pair and name in talk else fd, result) for name, fd, result in seen]
    assert told == seen
    assert {"socketpair", "socket", "bind", "recv", "send", "close"} <= {name for name, _, _ in told}
    # And the words on standard error are the same calls again, but for those of our own wake-up pair.
    lines = [line for line in server.stderr.splitlines() if re.match(r"(server|loop  |#1    ) ", line)]
    counted = [int(more[1]) if (more := re.search(r"\.\.\. (\d+) more", line)) else 1 for line in lines]
    assert sum(counted) == sum('"who": "loop"' not in line for line in trace.read_text().splitlines())


def test_clients_are_narrated_too(run: Run, serve: Serve) -> None:
    server = serve("serve-echo")
    done = run("echo-client", "--port", str(server.port), "--explain", "hello")
    calls = [line.split("(")[0].split()[1] for line in done.stderr.splitlines()]
    assert calls == ["getaddrinfo", "socket", "connect", "setsockopt", "send", "recv", "close"]


def test_an_accepted_socket_has_no_nagle() -> None:
    """TCP_NODELAY is set once, on the listening socket: every accepted one must inherit it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
