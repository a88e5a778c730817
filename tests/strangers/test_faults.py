"""Faults as clients meet them: our own, and some that know nothing of us."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from journals import read, value
from programs import PATIENCE, Run, Serve, Stranger, held


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "big.bin").write_bytes(bytes(range(256)) * 2000)
    return folder


def ask(server: Any, message: bytes, size: int) -> bytes:
    with socket.create_connection(server.address, timeout=PATIENCE) as client:
        client.sendall(message)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while len(answer) < size and (piece := client.recv(size)):
            answer += piece
        return answer


def test_our_echo_client_through_pieces_and_delays(run: Run, serve: Serve) -> None:
    server = serve("serve-echo", "--fault", "split=1", "--fault", "delay=30ms")
    done = run("echo-client", "--port", str(server.port), "Grüße", "hello", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["received"], told["lost"]) == (0, 2, 0)
    assert told["rtt_ms"]["min"] >= 30


def test_our_echo_client_finds_what_is_corrupt(run: Run, serve: Serve) -> None:
    server = serve("serve-echo", "--fault", "corrupt=100%")
    assert run("echo-client", "--port", str(server.port), "hello").returncode == 5


def test_our_http_client_tries_again_after_a_reset(
    run: Run, serve: Serve, site: Path, tmp_path: Path
) -> None:
    """Each try is a connection that breaks at the same place, and goes on where the last one broke."""
    server = serve("serve-http", str(site), "--fault", "reset-after=200000")
    out = tmp_path / "out"
    done = run("http-get", f"http://127.0.0.1:{server.port}/big.bin", "-o", str(out), "--retry", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the peer reset the connection; trying again") == 2
    assert out.read_bytes() == (site / "big.bin").read_bytes()
    server.process.terminate()
    assert server.event("stopped")["requests"] == 3


def test_our_http_client_tries_again_when_refused(run: Run, serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--fault", "refuse=50%", "--seed", "1")
    url = f"http://127.0.0.1:{server.port}/"
    statuses = [run("http-get", url, "-q", "--retry", "5").returncode for _ in range(3)]
    assert 0 in statuses
    assert set(statuses) <= {0, 3}


def test_our_datagrams_through_loss(run: Run, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    server = serve("serve-echo", "--udp", "--fault", "drop=30%", "--seed", "1", "--journal", str(path))
    words = [f"word {number}" for number in range(10)]
    done = run(
        "udp-send", *words, "--reply", "--retries", "9", "--timeout", "10s", "--port", str(server.port)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == words
    server.stop()
    tried = value(path, "SELECT count(*) FROM datagrams")
    dropped = value(path, "SELECT times FROM fault_counts WHERE fault = 'drop'")
    assert tried - dropped == len(words)
    assert value(path, "SELECT seed FROM runs") == 1


def test_our_chat_client_through_a_stall(run: Run, serve: Serve) -> None:
    server = serve("chat-server", "--fault", "stall=300ms@5")
    done = run("chat-client", "--name", "Ann", "--say", "hi", "--port", str(server.port))
    assert (done.returncode, done.stdout) == (0, "==> Ann has joined the chat room\n==> Ann: hi\n")


def test_our_own_datagrams_are_lost_by_ourselves(run: Run, serve: Serve) -> None:
    server = serve("udp-recv", "--for", "30s", "--quiet")
    faults = ["--fault", "drop=10%", "--fault", "duplicate=10%", "--seed", "1"]
    sequence = ["--sequence", "--count", "1000", "--rate", "5000", "--port", str(server.port)]
    assert run("udp-send", "x", *sequence, *faults).returncode == 0
    server.process.terminate()
    told = server.event("summary")
    assert 60 < told["lost"] < 140
    assert 60 < told["duplicates"] < 140


def test_the_same_seed_does_the_same(run: Run, serve: Serve) -> None:
    outcomes = []
    for seed in ("1", "1", "2"):
        server = serve("serve-echo", "--fault", "corrupt=10%", "--seed", seed)
        outcomes.append([ask(server, b"0123456789" * 20, 200) for _ in range(3)])
    assert outcomes[0] == outcomes[1] != outcomes[2]
    assert outcomes[0][0] != outcomes[0][1]


def test_a_fault_is_told_in_every_form(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    server = serve("serve-echo", "--fault", "close-after=3", "--journal", str(path), "--explain", "--verbose")
    assert ask(server, b"hello", 9) == b"hel"
    told = server.event("fault")
    assert (told["connection"], told["fault"], told["direction"], told["bytes"]) == (
        1,
        "close-after",
        "sent",
        3,
    )
    server.stop()
    assert "#1 fault of ours: close-after, after 3 bytes" in server.stderr
    assert "fault(close-after)" in server.stderr
    assert "(a fault of ours, as it was asked for: the connection is closed in the middle" in server.stderr
    assert read(path, "SELECT connection, fault, bytes FROM faults") == [(1, "close-after", 3)]


def test_refusing_is_counted_and_recorded(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    server = serve("serve-echo", "--fault", "refuse=50%", "--seed", "3", "--journal", str(path))
    refused = 0
    for _ in range(100):
        try:
            refused += ask(server, b"hi", 2) != b"hi"
        except OSError:  # Wherever the reset is met first.
            refused += 1
    server.process.terminate()
    assert server.event("stopped")["refused"] == refused
    assert 30 < refused < 70
    server.stop()
    assert value(path, "SELECT count(*) FROM connections WHERE ending = 'refused'") == refused
    assert value(path, "SELECT times FROM fault_counts WHERE fault = 'refuse'") == refused


@pytest.mark.parametrize(
    ("fault", "status"),
    # curl's: 18 a part of the file, 56 receiving failed.
    [
        ("close-after=1000", 18),
        ("reset-after=1000", 56),
        ("split=50000", 0),
        ("delay=10ms", 0),
        ("rate=5MB", 0),
    ],
)
def test_curl(serve: Serve, stranger: Stranger, site: Path, tmp_path: Path, fault: str, status: int) -> None:
    server = serve("serve-http", str(site), "--fault", fault)
    out = tmp_path / "out"
    command = [stranger("curl"), "-s", "-o", str(out), f"http://127.0.0.1:{server.port}/big.bin"]
    assert subprocess.run(command, timeout=PATIENCE, check=False).returncode == status
    if not status:
        assert out.read_bytes() == (site / "big.bin").read_bytes()


def test_ncat(serve: Serve, stranger: Stranger) -> None:
    server = serve("serve-echo", "--fault", "close-after=7")
    command = [stranger("ncat"), "127.0.0.1", str(server.port)]
    with held(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as ncat:
        assert ncat.stdin
        assert ncat.stdout
        ncat.stdin.write(b"hello, world\n")
        assert ncat.stdout.read() == b"hello, "
