"""`serve-http --workers`: one server to everybody outside, whatever happens to its processes."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from network import receive_all
from processes import running, sockets_open_in
from programs import PATIENCE, PYNETDB, Run, Serve, Served, assert_clean, environment, linux

pytestmark = linux

GET = b"GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.txt").write_text("hello\n")
    (folder / "large").write_bytes(bytes(range(256)) * 80_000)
    return folder


def workers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def wait_until(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def ask(address: tuple[str, int]) -> bytes:
    """One request on a connection of its own; nothing if the server closes without a word."""
    with socket.create_connection(address, 30) as sock:
        sock.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = receive_all(sock)
        return b"" if answer == b"(reset)" else answer


def answered_by(server: Served) -> set[int]:
    """The workers that hold a connection of somebody's."""
    # A worker's own are its listener, its control, and the loop's pair.
    return {pid for pid in workers_of(server.pid) if sockets_open_in(pid) > 4}


def test_all_of_them_serve_and_the_parent_sums_up(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "3", "-v")
    assert server.ready["pid"] == server.process.pid
    assert len(workers_of(server.pid)) == 3
    holding = []
    while len(answered_by(server)) < 3:
        sock = socket.create_connection(server.address, 30)
        sock.sendall(GET)
        assert sock.recv(15) == b"HTTP/1.1 200 OK"
        holding.append(sock)
    events = []
    for sock in holding:
        sock.close()
        events.append(server.event("closed"))
    server.process.terminate()
    stopped = server.event("stopped")
    server.stop()
    assert stopped["connections"] == stopped["requests"] == len(holding)
    assert stopped["reason"] == "signal"
    assert len({event["connection"] for event in events}) == len(holding), "numbers are nobody else's"


@pytest.mark.parametrize("number", [1, 7, 300])
def test_the_count_is_exact(serve: Serve, site: Path, number: int) -> None:
    server = serve("serve-http", str(site), "--workers", "2", "--count", str(number))
    answers = Counter[bytes]()

    def go_on() -> None:
        try:
            while answer := ask(server.address)[:15]:
                answers[answer] += 1
        except OSError:
            pass  # It is gone, or about to.

    threads = [threading.Thread(target=go_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    stopped = server.event("stopped")
    for thread in threads:
        thread.join()
    assert server.wait() == 0
    assert answers == {b"HTTP/1.1 200 OK": number}
    assert (stopped["reason"], stopped["requests"]) == ("count", number)


def test_refused_requests_count_as_others_do(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "2", "--count", "4")
    for _ in range(4):
        with socket.create_connection(server.address, 30) as sock:
            sock.sendall(b"no request\r\n\r\n")
            assert receive_all(sock).startswith(b"HTTP/1.1 400 ")
    assert server.event("stopped")["requests"] == 4
    assert server.wait() == 0


def test_clients_are_counted_by_all_together(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "3", "--max-clients", "5", "-v")
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            socks = [socket.create_connection(server.address, 30) for _ in range(8)]

            def talk(sock: socket.socket) -> bytes:
                sock.sendall(GET)
                return sock.recv(15)

            said = Counter(pool.map(talk, socks))
            assert said == {b"HTTP/1.1 200 OK": 5, b"HTTP/1.1 503 Se": 3}
            for sock in socks:
                sock.close()
            # Until all have noticed that they are gone.
            for _ in range(5):
                server.event("closed")
    server.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_served_to_its_end(serve: Serve, site: Path, number: signal.Signals) -> None:
    server = serve("serve-http", str(site), "--workers", "2", start_new_session=True)
    with ThreadPoolExecutor(8) as pool:
        socks = [socket.create_connection(server.address, 30) for _ in range(8)]
        heads = []
        for sock in socks:
            sock.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            heads.append(sock.recv(4096))
        # As a key on a terminal does: the parent gets it, and so does each worker.
        os.killpg(server.pid, number)
        rest = list(pool.map(receive_all, socks))
        for sock in socks:
            sock.close()
    body = (site / "large").read_bytes()
    for first, then in zip(heads, rest, strict=True):
        got = (first + then).partition(b"\r\n\r\n")[2]
        assert len(got) == len(body)
        assert got == body
    assert server.event("stopped")["requests"] == 8
    server.stop()


def test_a_signal_at_any_moment_of_the_start_is_obeyed(site: Path) -> None:
    for delay in range(20):
        command = [*PYNETDB, "serve-http", str(site), "-p", "0", "--workers", "3", "--for", "60s"]
        with subprocess.Popen(
            command, env=environment(), stderr=subprocess.PIPE, text=True, process_group=0
        ) as process:
            assert process.stderr is not None
            # From when it forks on; before that it is a process as any other.
            wait_until(lambda pid=process.pid: workers_of(pid))
            time.sleep(delay / 2000)  # Not to wait for something: to be at another place each time.
            os.killpg(process.pid, signal.SIGTERM)
            assert process.wait(20) == 0
            assert_clean(process.stderr.read())


def test_a_worker_that_dies_ends_them_all(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "2", status=1)
    first, second = workers_of(server.pid)
    os.kill(first, signal.SIGKILL)
    assert server.event("stopped")["reason"] == "worker"
    assert server.wait() == 1
    assert f"worker {first} ended by signal 9" in server.stderr
    assert_clean(server.stderr)
    wait_until(lambda: not running(second))


def test_and_the_command_with_it(run: Run, site: Path) -> None:
    script = "kill -9 $(ps -o pid= --ppid $PPID | grep -v $$ | head -n 1); exec sleep 60"
    done = run("serve-http", str(site), "-p", "0", "--workers", "2", "--", "sh", "-c", script)
    assert done.returncode == 1
    assert "ended by signal 9" in done.stderr


def test_one_that_is_frozen_does_not_keep_the_rest(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "2")
    first, second = workers_of(server.pid)
    os.kill(first, signal.SIGSTOP)
    server.process.terminate()
    assert server.wait() == 0
    assert not running(first)
    assert not running(second)


def test_a_second_signal_ends_all_at_once(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "2", status=(0, 128 + signal.SIGTERM))
    pids = workers_of(server.pid)
    with socket.create_connection(server.address, 30) as sock:
        sock.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        sock.recv(10)
        server.process.terminate()
        server.process.terminate()
        assert server.wait() in (0, 128 + signal.SIGTERM)
    assert not any(map(running, pids))


def test_without_their_parent_they_go(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "3", status=-signal.SIGKILL)
    pids = workers_of(server.pid)
    server.process.kill()
    server.process.wait()
    for pid in pids:
        wait_until(lambda pid=pid: not running(pid))


def test_a_journal_has_every_request_once(serve: Serve, run: Run, site: Path, tmp_path: Path) -> None:
    journal = str(tmp_path / "j.db")
    server = serve("serve-http", str(site), "--workers", "3", "--journal", journal)
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(ask, [server.address] * 400))) == 400
    server.stop()
    sql = "select count(*) n, count(distinct connection) c, (select count(*) from runs) r from requests"
    done = run("db-query", journal, sql, "-f", "json")
    assert json.loads(done.stdout) == [{"n": 400, "c": 400, "r": 1}]


def test_a_certificate_is_the_same_for_all(serve: Serve, site: Path) -> None:
    import ssl

    server = serve("serve-http", str(site), "--workers", "3", "--self-signed")
    seen = {ssl.get_server_certificate(server.address) for _ in range(12)}
    assert len(seen) == 1
    server.stop()


def test_tags_are_the_same_from_every_worker(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "3")
    tags = set()
    for _ in range(12):
        connection = http.client.HTTPConnection(*server.address)
        connection.request("GET", "/a.txt")
        tags.add(connection.getresponse().headers["ETag"])
        connection.close()
    assert len(tags) == 1
    server.stop()


def test_a_unix_socket_is_shared_as_well(run: Run, site: Path, tmp_path: Path) -> None:
    place = tmp_path / "s"
    script = f"for i in 1 2 3; do curl -sf --unix-socket {place} http://localhost/a.txt; done"
    done = run(
        "serve-http", str(site), "--unix", str(place), "--workers", "2", "--ready-file",
        str(tmp_path / "r"), "--", "sh", "-c", script,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "hello\n" * 3)
    assert not place.exists()
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--workers", "0"], "'0' is not a number from 1 to 512, nor 'auto'"),
        (["--workers", "many"], "'many' is not a number from 1 to 512, nor 'auto'"),
        (["--workers", "513"], "'513' is not a number from 1 to 512, nor 'auto'"),
        (["--workers", "2", "--per-address", "3"], "--per-address is counted by one process"),
        (["--workers", "2", "--explain"], "--explain and --trace tell of one process"),
        (
            ["--workers", "2", "--fault", "delay=1ms", "--seed", "1"],
            "--seed repeats the faults of one process",
        ),
    ],
)
def test_what_does_not_go_together_is_said(run: Run, site: Path, options: list[str], words: str) -> None:
    done = run("serve-http", str(site), "-p", "0", "--for", "1s", *options)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.parametrize("word", ["1", "auto"])
def test_one_is_a_server_as_without(serve: Serve, site: Path, word: str) -> None:
    server = serve("serve-http", str(site), "--workers", word)
    assert len(workers_of(server.pid)) == (
        0 if word == "1" or len(os.sched_getaffinity(0)) == 1 else len(os.sched_getaffinity(0))
    )
    assert ask(server.address).startswith(b"HTTP/1.1 200 ")
    server.stop()


def test_a_second_server_cannot_join_the_port(serve: Serve, run: Run, site: Path) -> None:
    server = serve("serve-http", str(site), "--workers", "2")
    done = run("serve-http", str(site), "-p", str(server.port), "--workers", "2")
    assert done.returncode == 3
    assert "in use" in done.stderr
    server.stop()


def test_nobody_who_was_accepted_is_lost_when_it_stops(serve: Serve, site: Path) -> None:
    """Requests that were answered began with a word and ended with the last byte, to the very end."""
    server = serve("serve-http", str(site), "--workers", "2")
    broken: list[bytes] = []
    whole = threading.Event()

    def go_on() -> None:
        try:
            while True:
                answer = ask(server.address)
                if answer and not answer.endswith(b"\r\n\r\nhello\n"):
                    broken.append(answer)
                whole.set()
        except OSError:
            pass  # Nobody listens any more.

    threads = [threading.Thread(target=go_on) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert whole.wait(PATIENCE)
    server.stop()
    for thread in threads:
        thread.join()
    assert not broken


# The system allows one more process, and then none.
_FEW_PROCESSES = """
import errno, os, sys
from pynetdb.__main__ import main
fork, allowed = os.fork, [1]
def limited():
    if not allowed:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    allowed.pop()
    return fork()
os.fork = limited
main()
"""


@pytest.mark.parametrize("options", [[], ["--count", "3"]])
def test_without_processes_it_does_not_begin(site: Path, tmp_path: Path, options: list[str]) -> None:
    ready = tmp_path / "ready"
    words = ["serve-http", str(site), "--port", "0", "--workers", "3", "--ready-file", str(ready), *options]
    done = subprocess.run(
        [sys.executable, "-c", _FEW_PROCESSES, *words],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: cannot start 3 workers: Resource temporarily unavailable\n"
    assert not ready.exists()
