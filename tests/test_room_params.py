"""--room and what belongs to it: what is wrong with a URL, with a broker, with this machine; passwords stay secret."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from brokers import Broker
from fakes import fake
from network import connect, free_port
from programs import PYNETDB, ROOT, Run, Serve, Stranger, environment, posix

pytest.importorskip("hiredis", reason="stranger: hiredis is not installed")

pytestmark = posix

QUICK = ("--port", "0", "--for", "100ms")


@pytest.fixture
def make_broker(tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    with ExitStack() as stack:

        def make(*options: str) -> Broker:
            broker = Broker(tmp_path / f"b{len(list(tmp_path.iterdir()))}", *options)
            stack.callback(broker.stop)
            return broker

        yield make


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("--room", "amqp://u:secret@h/r"), "--room cannot be amqp://: expected valkey://HOST/ROOM"),
        (("--room", "redis://:secret@h"), "--room names no room"),
        (("--room", "redis://h/r", "--room-cacert", "x"), "--room-cacert is for a room by TLS"),
        (("--room", "redis://h/r", "--room-ttl", "5s"), "expected at least three times --room-lease"),
        (
            ("--room", "redis://h/r", "--room-lease", "10ms"),
            "--room-lease is 0.01 s, expected at least 0.3 s",
        ),
        (("--room-ttl", "1h"), "--room-ttl is for --room"),
        (("--room-cacert", "x"), "--room-cacert is for --room"),
        (
            ("--room", "rediss://h/r", "--room-cacert", "/dev/null"),
            "--room-cacert /dev/null: no certificates",
        ),
    ],
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...], wrong: str) -> None:
    done = run("chat-server", *QUICK, *arguments)
    assert done.returncode == 2
    assert wrong in done.stderr
    assert "secret" not in done.stderr


def test_a_broker_that_cannot_be_reached(run: Run) -> None:
    port = free_port()
    done = run("chat-server", *QUICK, "--room", f"valkey://:secret@127.0.0.1:{port}/r", "-v")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"Error: 127.0.0.1:{port}: connection refused (is a server running there?)\n"
    done = run("chat-server", *QUICK, "--room", "valkey://no.such.host.invalid/r")
    assert (done.returncode, "no.such.host.invalid:6379: unknown host" in done.stderr) == (3, True)


INFO = b"# Server\r\nredis_version:4.0.14\r\n"


@pytest.mark.parametrize(
    ("reply", "status", "wrong"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", 5, "no Valkey or Redis"),
        (b"-MOVED 1 10.0.0.1:6379\r\n", 3, "a part of a cluster, expected a single Valkey or Redis"),
        (b"$%d\r\n%b\r\n$11\r\nrole:master\r\n" % (len(INFO), INFO), 3, "Redis 4.0.14 has no streams"),
        (b"+OK\r\n+OK\r\n", 5, "no Valkey or Redis"),
        (b"+OK\r\n+OK\r\n+OK\r\n", 5, "no Valkey or Redis"),
        (b"", 3, "the broker closed the connection"),
    ],
)
def test_what_is_no_broker_for_us(run: Run, reply: bytes, status: int, wrong: str) -> None:
    with fake(lambda sock: (sock.recv(1000), sock.sendall(reply))) as port:
        done = run("chat-server", *QUICK, "--room", f"redis://127.0.0.1:{port}/r")
    assert done.returncode == status
    assert done.stderr.startswith(f"Error: 127.0.0.1:{port}: ")
    assert wrong in done.stderr


def test_a_replica_and_a_cluster(run: Run, make_broker: Callable[..., Broker]) -> None:
    primary = make_broker()
    replica = make_broker("--replicaof", primary.host, str(primary.port))
    cluster = make_broker("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    for broker, wrong in ((replica, "a replica that can only be read"), (cluster, "a part of a cluster")):
        done = run("chat-server", *QUICK, "--room", broker.url())
        assert (done.returncode, wrong in done.stderr) == (3, True)


def test_a_password_is_wanted_and_never_shown(
    run: Run, make_broker: Callable[..., Broker], tmp_path: Path
) -> None:
    broker = make_broker("--requirepass", "geheim")
    done = run("chat-server", *QUICK, "--room", broker.url())
    assert (done.returncode, "wants a password" in done.stderr) == (3, True)
    trace, journal = tmp_path / "trace", tmp_path / "j.db"
    done = run("chat-server", *QUICK, "--room", broker.url(userinfo="default:falsch@"), "--explain")
    assert (done.returncode, "does not take this user and password" in done.stderr) == (3, True)
    assert "falsch" not in done.stderr
    narrated = ("--explain", "-v", "--trace", str(trace), "--journal", str(journal))
    for more in ((), ("--fault", "split=100", "--seed", "1")):
        url = broker.url("room", userinfo=":geheim@") + "?db=3"
        done = run("chat-server", *QUICK, "--room", url, *narrated, *more, "--format", "jsonl")
        assert done.returncode == 0
        shown = done.stdout + done.stderr + trace.read_text() + journal.read_bytes().decode("latin-1")
        assert "geheim" not in shown
        calls = [json.loads(line) for line in trace.read_text().splitlines()]
        assert {"broker", "log"} <= {call["who"] for call in calls}
        assert any("a password in them" in str(call["arguments"]) for call in calls)
        trace.unlink()
    plain = make_broker()
    done = run("chat-server", *QUICK, "--room", plain.url(userinfo=":x@"))
    assert (done.returncode, "the broker has no password" in done.stderr) == (3, True)


def test_by_tls(
    run: Run, serve: Serve, make_broker: Callable[..., Broker], stranger: Stranger, tmp_path: Path
) -> None:
    cert, key = str(tmp_path / "cert"), str(tmp_path / "key")
    names = ["-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = [stranger("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*make, "-keyout", key, "-out", cert], check=True, capture_output=True)
    port = str(free_port())
    files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert]
    make_broker("--tls-port", port, *files, "--tls-auth-clients", "no")
    url = f"rediss://127.0.0.1:{port}/ROOM"
    done = run("chat-server", *QUICK, "--room", url)
    assert (done.returncode, "the certificate is not trusted" in done.stderr) == (3, True)
    done = run("chat-server", *QUICK, "--room", url.replace("127.0.0.1", "localhost"), "--room-cacert", cert)
    assert (done.returncode, "the certificate is not trusted" in done.stderr) == (3, True)
    for more in ((), ("--fault", "split=100")):
        server = serve("chat-server", "--room", url, "--room-cacert", cert, *more)
        with connect(server) as sock:
            sock.sendall(b"ADD ann\n")
            assert sock.recv(100) == b"NEW ann\n"
        server.stop()
    done = run("chat-server", *QUICK, "--room", url, "--room-cacert", cert, "--explain")
    assert re.search(r"broker TLS handshake\(\) = TLSv1.[23]", done.stderr)


def test_a_signal_ends_the_wait_for_a_broker(make_broker: Callable[..., Broker], tmp_path: Path) -> None:
    broker = make_broker()
    broker.freeze()
    command = [*PYNETDB, "chat-server", "--room", broker.url(), "--port", "0", "--explain"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "INFO" in line:
                break
        process.terminate()
        assert process.wait(30) == 0
        assert "listening" not in process.stderr.read()


def test_without_hiredis_one_line_says_what_to_install(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hiredis.py").write_text("raise ImportError('not here')\n")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = run("chat-server", *QUICK, "--room", "redis://h/r", env={"PYTHONPATH": path})
    assert done.returncode == 2
    assert done.stderr == (
        "Error: a room that several servers share needs hiredis: pip install 'pynetdb[valkey]'\n"
    )
    assert run("chat-server", *QUICK, env={"PYTHONPATH": path}).returncode == 0
