"""serve-echo, and with it the life that all servers share."""

import hashlib
import json
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from network import connect, fill, receive, reset
from processes import descriptors, peak_memory, running, wait_for
from programs import PYNETDB, Run, Serve, Stranger, assert_clean, environment, linux, posix


def ask(sock: socket.socket, data: bytes) -> bytes:
    sock.sendall(data)
    return receive(sock, len(data))


# Echo


def test_bytes_come_back_not_lines(serve: Serve) -> None:
    server = serve("serve-echo")
    every_byte = bytes(range(256))
    with connect(server) as sock:
        assert ask(sock, b"no newline") == b"no newline"
        assert ask(sock, every_byte) == every_byte
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(10) == b""


def test_a_greeting_is_said_first(serve: Serve) -> None:
    server = serve("serve-echo", "--greeting", "Grüße")
    with connect(server) as sock:
        assert receive(sock, 8) == "Grüße\n".encode()
        assert ask(sock, b"hi") == b"hi"


def test_datagrams_come_back_whole(serve: Serve) -> None:
    server = serve("serve-echo", "--udp")
    assert server.ready["url"] == f"udp://127.0.0.1:{server.port}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        sock.connect(server.address)
        for payload in (b"one", b"", b"x" * 65_507):
            sock.send(payload)
            assert sock.recv(70_000) == payload


@posix
def test_a_unix_socket(serve: Serve, tmp_path: Path, run: Run) -> None:
    path = str(tmp_path / "echo.sock")
    server = serve("serve-echo", "--unix", path)
    ready = server.ready
    assert (ready["host"], ready["port"], ready["unix"], ready["url"]) == (None, None, path, f"unix://{path}")
    assert run("echo-client", "--unix", path, "hello").stdout == "hello\n"
    server.stop()
    assert not os.path.exists(path)


@posix
def test_a_stale_socket_file_is_replaced_and_a_live_one_is_not(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    path = str(tmp_path / "echo.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    server = serve("serve-echo", "--unix", path)
    done = run("serve-echo", "--unix", path)
    assert done.returncode == 3
    assert done.stderr == f"Error: {path}: already in use by a server that answers\n"
    assert stat.S_ISSOCK(os.stat(path).st_mode)
    assert run("echo-client", "--unix", path, "still here").stdout == "still here\n"
    server.stop()


@posix
def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    done = run("serve-echo", "--unix", str(path))
    assert (done.returncode, done.stderr) == (3, f"Error: {path}: exists, and is not a socket\n")
    assert path.read_text() == "data"


@posix
def test_somebody_elses_socket_file_is_not_removed(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "echo.sock"
    server = serve("serve-echo", "--unix", str(path))
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        server.stop()
        assert path.exists()


@posix
@pytest.mark.parametrize("folder", ["no-such-folder/x.sock", "x" * 120])
def test_a_unix_path_that_cannot_be(folder: str, tmp_path: Path, run: Run) -> None:
    done = run("serve-echo", "--unix", str(tmp_path / folder))
    assert done.returncode in (2, 3)
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1


# Where it listens


def test_the_ready_event_and_line(serve: Serve) -> None:
    server = serve("serve-echo")
    assert server.ready == {
        "event": "ready",
        "service": "serve-echo",
        "host": "127.0.0.1",
        "port": server.port,
        "url": f"tcp://127.0.0.1:{server.port}",
        "pid": server.process.pid,
    }
    server.stop()
    assert server.stderr == (
        f"serve-echo: listening on 127.0.0.1:{server.port} (Ctrl-C stops)\n"
        "serve-echo: stopped after 0 connections, 0 bytes in, 0 out\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_all_interfaces_says_so_with_addresses(serve: Serve, host: str) -> None:
    server = serve("serve-echo", "--host", host)
    assert server.ready["host"] in ("0.0.0.0", "::")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sock:
        assert ask(sock, b"v4") == b"v4"
    if server.ready["host"] == "::":
        assert server.ready["url"] == f"tcp://[::1]:{server.port}"
        with socket.create_connection(("::1", server.port), timeout=30) as sock:
            assert ask(sock, b"v6") == b"v6"
    server.stop()
    assert server.stderr.startswith("serve-echo: listening on ")
    assert f"which is every interface: 127.0.0.1:{server.port}" in server.stderr


def test_a_name_with_two_addresses_is_served_on_both(serve: Serve) -> None:
    server = serve("serve-echo", "--host", "localhost")
    found = socket.getaddrinfo("localhost", server.port, type=socket.SOCK_STREAM)
    for *_, address in found:
        with socket.create_connection(address[:2], timeout=30) as sock:
            assert ask(sock, b"x") == b"x"
    server.stop()
    assert all(str(address[0]) in server.stderr for *_, address in found)


def test_a_port_in_use(serve: Serve, run: Run) -> None:
    server = serve("serve-echo")
    done = run("serve-echo", "--port", str(server.port))
    assert done.returncode == 3
    assert done.stderr.startswith(f"Error: 127.0.0.1:{server.port}: already in use")
    assert done.stderr.count("\n") == 1


def test_an_address_that_is_not_ours(run: Run) -> None:
    done = run("serve-echo", "--host", "203.0.113.7", "--port", "0")
    assert (done.returncode, done.stderr) == (
        3,
        "Error: 203.0.113.7:0: this machine does not have that address\n",
    )


def test_an_unknown_host(run: Run) -> None:
    done = run("serve-echo", "--host", "no.such.host.invalid")
    assert (done.returncode, done.stderr) == (3, "Error: no.such.host.invalid: unknown host\n")


@linux
def test_no_permission_for_a_low_port(stranger: Stranger) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 7:
        pytest.skip("platform: low ports need no privilege here")
    # Root is root by its capabilities: without this one it is nobody special.
    drop = [stranger("setpriv"), "--bounding-set=-net_bind_service"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, *PYNETDB, "serve-echo", "--port", "echo"], capture_output=True, text=True, env=environment()
    )
    assert (done.returncode, done.stderr) == (3, "Error: 127.0.0.1:7, a port below 1024: permission denied\n")


# How long it lives


def test_count_serves_the_last_one_to_its_end(serve: Serve) -> None:
    server = serve("serve-echo", "--count", "2")
    with connect(server) as first:
        assert ask(first, b"1") == b"1"
        with connect(server) as second:
            assert ask(second, b"2") == b"2"
            with pytest.raises(ConnectionRefusedError):
                connect(server)
        assert ask(first, b"still served") == b"still served"
    assert server.wait() == 0
    assert server.event("stopped")["reason"] == "count"


def test_count_of_datagrams(serve: Serve, run: Run) -> None:
    server = serve("serve-echo", "--udp", "--count", "2")
    assert run("echo-client", "--udp", "--port", str(server.port), "a", "b").stdout == "a\nb\n"
    assert server.wait() == 0
    assert server.event("stopped")["datagrams"] == 2


def test_for_ends_by_itself(serve: Serve) -> None:
    server = serve("serve-echo", "--for", "50ms")
    assert server.wait() == 0
    stopped = server.event("stopped")
    assert stopped["reason"] == "for"
    assert stopped["seconds"] >= 0.05


def test_idle_closes_the_silent_and_not_the_others(serve: Serve) -> None:
    server = serve("serve-echo", "--idle", "300ms")
    with connect(server) as silent, connect(server) as busy:
        end = time.monotonic() + 30
        while not select.select([silent], [], [], 0.02)[0]:
            assert ask(busy, b"x") == b"x"
            assert time.monotonic() < end
        assert silent.recv(1) == b""
        assert ask(busy, b"still") == b"still"
    assert server.event("closed")["error"] == "idle"


def test_max_clients_refuses_and_counts(serve: Serve) -> None:
    server = serve("serve-echo", "--max-clients", "1", "--verbose")
    with connect(server) as first:
        assert ask(first, b"x") == b"x"
        with connect(server) as second:
            assert second.recv(10) == b""
        assert ask(first, b"y") == b"y"
    server.event("closed")
    with connect(server) as third:
        assert ask(third, b"z") == b"z"
    server.stop()
    stopped = server.event("stopped")
    assert (stopped["connections"], stopped["refused"]) == (2, 1)
    assert "refused: 127.0.0.1:" in server.stderr
    assert "stopped after 2 connections, 1 refused, 3 bytes in, 3 out" in server.stderr


def test_events_of_connections(serve: Serve) -> None:
    server = serve("serve-echo")
    with connect(server) as sock:
        ask(sock, b"hello")
        peer = "{}:{}".format(*sock.getsockname())
    connected, closed = server.event("connected"), server.event("closed")
    assert (connected["connection"], connected["from"]) == (1, peer)
    assert (closed["connection"], closed["bytes_received"], closed["bytes_sent"], closed["error"]) == (
        1,
        5,
        5,
        None,
    )
    with connect(server) as sock:
        ask(sock, b"x")
        reset(sock)
    assert server.event("closed")["error"] == "Connection reset by peer"


def test_quiet_says_nothing(serve: Serve) -> None:
    server = serve("serve-echo", "--quiet")
    server.stop()
    assert server.stderr == ""


# Signals


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_gracefully(serve: Serve, tmp_path: Path, number: int) -> None:
    ready_file = tmp_path / "ready"
    server = serve("serve-echo", "--ready-file", str(ready_file))
    assert ready_file.exists()
    with connect(server) as sock:
        assert ask(sock, b"x") == b"x"
        server.process.send_signal(number)
        assert sock.recv(10) == b""
    assert server.wait() == 0
    assert server.event("stopped")["reason"] == "signal"
    assert not ready_file.exists()


@posix
@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_started_in_the_background_of_a_shell_that_ignores_sigint(tmp_path: Path, name: str) -> None:
    ready_file = tmp_path / "ready"
    script = f"""
    "$@" serve-echo --port 0 --ready-file {ready_file} &
    server=$!
    while ! test -e {ready_file}; do :; done
    kill -{name} $server
    wait $server
    """
    done = subprocess.run(
        ["sh", "-c", script, "sh", *PYNETDB], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert done.returncode == 0, done.stderr
    assert_clean(done.stderr)
    assert not ready_file.exists()


@posix
def test_what_is_owed_is_sent_before_the_end(serve: Serve) -> None:
    server = serve("serve-echo")
    data = os.urandom(1_000_000)
    with connect(server) as sock:
        writer = threading.Thread(target=sock.sendall, args=(data,))
        writer.start()
        first = receive(sock, 1000)
        writer.join()
        server.process.terminate()
        rest = receive(sock, len(data))
    got = first + rest
    assert data.startswith(got)
    assert server.wait() == 0
    assert server.event("stopped")["bytes_sent"] == len(got)


@posix
def test_a_peer_that_takes_nothing_cannot_hold_it_for_ever(serve: Serve) -> None:
    server = serve("serve-echo")
    with connect(server) as sock:
        fill(sock)
        started = time.monotonic()
        server.process.terminate()
        assert server.wait() == 0
        assert time.monotonic() - started < 10


@posix
def test_a_second_signal_ends_it_at_once(serve: Serve) -> None:
    server = serve("serve-echo", status=128 + signal.SIGTERM)
    with connect(server) as sock:
        fill(sock)
        server.process.send_signal(signal.SIGINT)
        # It has taken the first: nobody can connect any more.
        while True:
            try:
                connect(server).close()
            except OSError:
                break
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM


# The ready file


def test_the_ready_file_is_the_ready_event(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    server = serve("serve-echo", "--ready-file", str(path))
    assert json.loads(path.read_text()) == server.ready
    path.unlink()
    server.stop()


@pytest.mark.parametrize("name", ["no/such/folder/ready", "."])
def test_a_ready_file_that_cannot_be(tmp_path: Path, run: Run, name: str) -> None:
    done = run("serve-echo", "--port", "0", "--ready-file", str(tmp_path / name))
    assert done.returncode == 2
    assert done.stderr.startswith("Error: --ready-file ")
    assert "listening" not in done.stderr


@linux
def test_a_ready_file_on_a_system_folder_that_takes_no_files(run: Run) -> None:
    done = run("serve-echo", "--port", "0", "--ready-file", "/proc/self/ready")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: --ready-file /proc/self/ready: ")


# -- COMMAND


@posix
def test_serving_while_a_command_runs(run: Run) -> None:
    script = (
        'exec 3<>"/dev/tcp/$PYNETDB_HOST/$PYNETDB_PORT"; printf hi >&3; head -c 2 <&3; echo " $PYNETDB_URL"'
    )
    done = run("serve-echo", "--port", "0", "--", "bash", "-c", script)
    assert done.returncode == 0
    assert re.fullmatch(r"hi tcp://127.0.0.1:\d+\n", done.stdout)


@posix
@pytest.mark.parametrize(
    ("script", "status"), [("exit 3", 3), ("exit 0", 0), ("kill -KILL $$", 137), ("kill -TERM $$", 143)]
)
def test_the_status_is_the_commands(run: Run, script: str, status: int) -> None:
    assert run("serve-echo", "--port", "0", "--", "sh", "-c", script).returncode == status


@pytest.mark.parametrize("options", [(), ("--udp",), ("--host", "")])
def test_our_client_finds_the_server_that_runs_it(run: Run, options: tuple[str, ...]) -> None:
    client = ["echo-client", *(["--udp"] if "--udp" in options else []), "hello"]
    done = run("serve-echo", *options, "--port", "0", "--", *PYNETDB, *client)
    assert (done.returncode, done.stdout) == (0, "hello\n")


@posix
def test_our_client_finds_the_unix_socket(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    done = run("serve-echo", "--unix", path, "--", *PYNETDB, "echo-client", "hello")
    assert (done.returncode, done.stdout) == (0, "hello\n")


def test_a_command_inherits_standard_input(run: Run) -> None:
    done = run(
        "serve-echo", "--port", "0", "--", sys.executable, "-c", "print(input())", input="from outside\n"
    )
    assert done.stdout == "from outside\n"


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("no-such-command", 127, "command not found"),
        ("/no/such/command", 127, "Error: /no/such/command: command not found\n"),
        ("/no/such folder/command", 127, "Error: /no/such folder/command: command not found\n"),
        ("echo hi", 127, " is one word: leave the quotes off, or use "),
        (f"{sys.executable} -V", 127, " is one word: leave the quotes off, or use "),
        (".", 126, "is a folder"),
    ],
)
def test_a_command_that_cannot_run_is_found_out_before_anything_is_bound(
    run: Run, command: str, status: int, words: str
) -> None:
    # On a folder of that name PATH has no say.
    done = run("serve-echo", "--port", "0", "--explain", "--", "./" if command == "." else command)
    assert done.returncode == status
    assert words in done.stderr
    assert "bind" not in done.stderr


@posix
def test_a_command_without_permission(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a-script-of-this-test"
    path.write_text("#!/bin/sh\n")
    for name, env in ((str(path), {}), (path.name, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})):
        done = run("serve-echo", "--port", "0", "--", name, env=env)
        assert (done.returncode, done.stderr) == (
            126,
            f"Error: {path}: cannot be executed (permission denied)\n",
        )


@posix
def test_a_command_that_the_kernel_refuses(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a-script-of-this-test"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    done = run("serve-echo", "--port", "0", "--quiet", "--", str(path))
    assert done.returncode == 126
    assert done.stderr.startswith(f"Error: {path}: ")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_goes_to_the_command_first_and_no_orphan_is_left(
    serve: Serve, tmp_path: Path, number: int
) -> None:
    pids = tmp_path / "pids"
    # A shell does not pass signals on: what it started must be ended, too.
    script = f"trap 'exit 9' INT TERM; sleep 600 & echo $! $$ > {pids}.new; mv {pids}.new {pids}; wait"
    server = Background("serve-echo", "--port", "0", "--", "sh", "-c", script)
    wait_for(pids)
    server.process.send_signal(number)
    assert server.process.wait(60) == 9
    for pid in map(int, pids.read_text().split()):
        assert not running(pid)


@posix
def test_a_signal_while_the_command_is_being_started_reaches_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import os, pathlib, signal, sys; from pynetdb.cli import main; from pynetdb.net.process.child import Child\n"
        "start = Child.__init__\n"
        "def signalled(self, *arguments):\n"
        "    start(self, *arguments)\n"
        f"    while not pathlib.Path({str(ready)!r}).exists(): pass\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "Child.__init__ = signalled\n"
        "main()"
    )
    script = f"trap 'exit 9' TERM; touch {ready}; while :; do sleep 600 & wait; done"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve-echo", "--port", "0", "--quiet", "--", "sh", "-c", script],
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 9


@posix
def test_a_command_that_ignores_the_first_signal_is_killed_by_the_second(tmp_path: Path) -> None:
    started, heard = tmp_path / "started", tmp_path / "heard"
    script = (
        f"trap 'touch {heard}' TERM; echo $$ > {started}.new; mv {started}.new {started}; "
        "while :; do sleep 600 & wait; done"
    )
    server = Background("serve-echo", "--port", "0", "--", "sh", "-c", script)
    wait_for(started)
    server.process.terminate()
    wait_for(heard)  # Two signals that arrive at once would be one to the system.
    server.process.terminate()
    assert server.process.wait(60) == 128 + signal.SIGKILL
    assert not running(int(started.read_text()))


@posix
def test_for_ends_the_command_too(run: Run) -> None:
    done = run("serve-echo", "--port", "0", "--for", "200ms", "--", "sleep", "600")
    assert done.returncode == 128 + signal.SIGTERM


@posix
def test_count_lets_the_command_finish(run: Run) -> None:
    script = '"$@" echo-client one; "$@" echo-client two; echo $?'
    done = run("serve-echo", "--port", "0", "--count", "1", "--", "sh", "-c", script, "sh", *PYNETDB)
    assert (done.returncode, done.stdout) == (0, "one\n3\n")


class Background:
    """A server of ours with a COMMAND, which owns standard output."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*PYNETDB, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        )


# Under load, and under attack


@linux
def test_fifty_megabytes_through_a_half_closing_client_that_reads_slowly(serve: Serve) -> None:
    server = serve("serve-echo")
    data = os.urandom(1_000_000) * 50
    with connect(server, 60) as sock:
        before = peak_memory(server.pid)
        writer = threading.Thread(target=lambda: (sock.sendall(data), sock.shutdown(socket.SHUT_WR)))
        writer.start()
        # Read nothing until everybody's buffers are full, then in small pieces.
        while select.select([], [sock], [], 0.2)[1]:
            pass
        digest = hashlib.sha256()
        while piece := sock.recv(20_000):
            digest.update(piece)
        writer.join()
        assert digest.digest() == hashlib.sha256(data).digest()
        assert peak_memory(server.pid) - before < 4_000_000


@linux
def test_a_client_that_never_reads_costs_a_bounded_amount(serve: Serve) -> None:
    server = serve("serve-echo")
    with connect(server) as greedy, connect(server) as other:
        before = peak_memory(server.pid)
        fill(greedy)
        assert peak_memory(server.pid) - before < 4_000_000
        assert ask(other, b"does not notice") == b"does not notice"


@linux
def test_ten_thousand_idle_connections_and_a_hundred_active_ones(serve: Serve) -> None:
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 10_500:
        pytest.skip("platform: fewer than 10,500 descriptors allowed")
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 10_500), hard))
    server = serve("serve-echo", "--max-clients", "10200", prefix=["prlimit", "--nofile=1024:20000"])
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        before = peak_memory(server.pid)
        idle = [stack.enter_context(connect(server)) for _ in range(10_000)]
        active = [stack.enter_context(connect(server)) for _ in range(100)]
        for turn in range(20):
            for sock in active:
                sock.sendall(b"turn %d" % turn)
            for sock in active:
                assert receive(sock, len(b"turn %d" % turn)) == b"turn %d" % turn
        for sock in idle[::100]:
            assert ask(sock, b"awake") == b"awake"
        assert peak_memory(server.pid) - before < 10_100 * 1024


@linux
def test_running_out_of_descriptors(serve: Serve) -> None:
    server = serve("serve-echo", prefix=["prlimit", "--nofile=40:40"])
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(100)]
        for sock in clients:
            sock.sendall(b"x")
        served: list[socket.socket] = []
        while new := select.select([sock for sock in clients if sock not in served], [], [], 0.5)[0]:
            served += new
        assert 20 <= len(served) < 40
        assert ask(served[0], b"xy") == b"xxy"[:2]
        # Those that leave make room for those that wait.
        for sock in served:
            sock.close()
        waiting = [sock for sock in clients if sock not in served]
        for sock in waiting[:20]:
            assert receive(sock, 1) == b"x"
    server.stop()
    assert "Too many open files; new clients wait" in server.stderr
    assert server.stderr.count("Too many open files") == 1


@linux
def test_clients_that_reset_or_vanish(serve: Serve) -> None:
    server = serve("serve-echo")
    with connect(server) as sock:
        assert ask(sock, b"x") == b"x"
        before = descriptors(server.pid)
        for number in range(200):
            client = connect(server)
            if number % 2:
                client.sendall(b"unread")
            reset(client)
        for _ in range(50):
            connect(server).close()
        for _ in range(250):
            server.event("closed")
        assert ask(sock, b"y") == b"y"
        assert descriptors(server.pid) == before


@posix
@pytest.mark.parametrize("command", ["serve-echo", "serve-http", "chat-server"])
def test_a_socket_file_in_no_folder(run: Run, tmp_path: Path, command: str) -> None:
    done = run(command, "--unix", str(tmp_path / "none" / "s"))
    assert done.returncode == 2
    assert done.stderr == f"Error: --unix {tmp_path}/none/s: there is no folder {tmp_path}/none\n"
