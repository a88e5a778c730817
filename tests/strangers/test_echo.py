"""Our echo against programs that we did not write, in both directions."""

import hashlib
import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
from network import free_port, their_server
from programs import PYNETDB, Run, Serve, Stranger, environment, linux, posix

pytestmark = posix


def ask(command: list[str], data: bytes) -> bytes:
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, timeout=60, check=True).stdout


# Their client, our server


@pytest.mark.parametrize(
    ("program", "options"),
    [("nc", ["-N"]), ("ncat", []), ("socat", [])],
)
def test_their_client_gets_its_bytes_back(
    stranger: Stranger, serve: Serve, program: str, options: list[str]
) -> None:
    server = serve("serve-echo")
    path = stranger(program)
    where = [f"TCP:127.0.0.1:{server.port}"] if program == "socat" else ["127.0.0.1", str(server.port)]
    command = [path, *options, *(["-t", "10", "-"] if program == "socat" else []), *where]
    assert ask(command, b"hello\n") == b"hello\n"
    large = os.urandom(2_000_000)
    assert hashlib.sha256(ask(command, large)).digest() == hashlib.sha256(large).digest()


def test_fifty_megabytes_through_socat(stranger: Stranger, serve: Serve, tmp_path: Path) -> None:
    server = serve("serve-echo")
    data = os.urandom(1_000_000) * 50
    source = tmp_path / "data"
    source.write_bytes(data)
    with open(source, "rb") as stdin:
        command = [stranger("socat"), "-t", "30", "-", f"TCP:127.0.0.1:{server.port}"]
        with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            digest = hashlib.sha256()
            while piece := process.stdout.read(1 << 16):
                digest.update(piece)
    assert process.returncode == 0
    assert digest.digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize("program", ["nc", "socat"])
def test_their_datagrams_come_back(stranger: Stranger, serve: Serve, program: str) -> None:
    server = serve("serve-echo", "--udp", "--count", "1")
    commands = {
        "nc": ["-u", "-w", "1", "127.0.0.1", str(server.port)],
        "socat": ["-t", "1", "-", f"UDP:127.0.0.1:{server.port}"],
    }
    done = subprocess.run(
        [stranger(program), *commands[program]], input=b"ping", stdout=subprocess.PIPE, timeout=60
    )
    assert done.stdout == b"ping"
    assert server.wait() == 0


@pytest.mark.parametrize("program", ["ncat", "socat", "nc"])
def test_their_client_on_a_unix_socket(
    stranger: Stranger, serve: Serve, tmp_path: Path, program: str
) -> None:
    path = str(tmp_path / "s")
    serve("serve-echo", "--unix", path)
    commands = {
        "ncat": ["-U", path],
        "socat": ["-t", "10", "-", f"UNIX-CONNECT:{path}"],
        "nc": ["-N", "-U", path],
    }
    assert ask([stranger(program), *commands[program]], b"hello\n") == b"hello\n"


def test_the_line_of_the_documentation(stranger: Stranger, run: Run) -> None:
    stranger("nc")
    script = 'printf hi | nc -N "$PYNETDB_HOST" "$PYNETDB_PORT"'
    done = run("serve-echo", "--port", "0", "--", "sh", "-c", script)
    assert (done.returncode, done.stdout) == (0, "hi")


# Our client, their server


@linux
@pytest.mark.parametrize("program", ["ncat", "socat"])
def test_our_client_at_their_server(stranger: Stranger, run: Run, program: str) -> None:
    port = free_port()
    path = stranger(program)
    commands = {
        "ncat": [path, "-l", "-k", "-e", "/bin/cat", "127.0.0.1", str(port)],
        "socat": [path, f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", "PIPE"],
    }
    with their_server(commands[program], port):
        done = run("echo-client", "--port", str(port), "hello", "again")
        assert (done.returncode, done.stdout) == (0, "hello\nagain\n")
        large = run("echo-client", "--port", str(port), "--size", "50kB", "--count", "20", "--json")
        assert json.loads(large.stdout)["bytes"] == 1_000_000


@linux
def test_our_datagrams_at_socat(stranger: Stranger, run: Run) -> None:
    port = free_port(socket.SOCK_DGRAM)
    command = [stranger("socat"), "-b", "70000", f"UDP-RECVFROM:{port},bind=127.0.0.1,fork", "PIPE"]
    with their_server(command, port, socket.SOCK_DGRAM):
        done = run("echo-client", "--udp", "--port", str(port), "ping")
        assert (done.returncode, done.stdout) == (0, "ping\n")


@linux
@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_our_client_at_the_internal_echo_of_xinetd(
    stranger: Stranger, run: Run, tmp_path: Path, udp: bool
) -> None:
    kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
    port = free_port(kind)
    config = tmp_path / "xinetd.conf"
    config.write_text(
        "service echo\n{\n"
        f"    type = INTERNAL UNLISTED\n    port = {port}\n    bind = 127.0.0.1\n"
        f"    socket_type = {'dgram' if udp else 'stream'}\n    protocol = {'udp' if udp else 'tcp'}\n"
        f"    wait = {'yes' if udp else 'no'}\n    user = root\n    disable = no\n}}\n"
    )
    command = [stranger("xinetd"), "-dontfork", "-f", str(config), "-pidfile", str(tmp_path / "pid")]
    with their_server(command, port, kind):
        mode = ["--udp"] if udp else []
        # One datagram: xinetd loses those that arrive while it starts to answer.
        count = "1" if udp else "3"
        done = run("echo-client", "--port", str(port), *mode, "--count", count, "hello")
        assert (done.returncode, done.stdout) == (0, "hello\n" * int(count)), done.stderr
        if not udp:
            large = run("echo-client", "--port", str(port), "--size", "1MB", "--json")
            assert json.loads(large.stdout)["bytes"] == 1_000_000


@linux
def test_our_client_hears_what_ncat_says_on_its_own(stranger: Stranger) -> None:
    port = free_port()
    with their_server([stranger("ncat"), "-l", "-k", "-c", "echo welcome", "127.0.0.1", str(port)], port):
        done = subprocess.run(
            [*PYNETDB, "echo-client", "--port", str(port)],
            capture_output=True,
            text=True,
            env=environment(),
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (0, "welcome\n")
