"""echo-client, against our server and against servers that misbehave."""

import json
import socket
import threading
import time
from contextlib import ExitStack

import pytest
from fakes import RESET, Talk, fake, fake_udp
from network import connect, free_port
from programs import Run, Serve


def test_a_message_and_its_echo(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    done = run("echo-client", "--port", port, "hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")


def test_several_messages_and_their_round_trips(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    done = run("echo-client", "--port", port, "--count", "2", "a", "wörld")
    assert done.stdout == "a\na\nwörld\nwörld\n"
    assert done.stderr.startswith("4 of 4 came back; round trip in ms: min ")


def test_json(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    done = run(
        "echo-client", "--port", port, "--json", "--quiet", "--count", "10", "--in-flight", "4", "12345"
    )
    summary = json.loads(done.stdout)
    trip = summary.pop("rtt_ms")
    assert summary == {"sent": 10, "received": 10, "bytes": 50, "lost": 0}
    assert 0 < trip["min"] <= trip["median"] <= trip["p99"] <= trip["max"]
    assert done.stderr == ""


@pytest.mark.parametrize("form", ["csv", "tsv", "markdown"])
def test_rows(run: Run, serve: Serve, form: str) -> None:
    port = str(serve("serve-echo").port)
    lines = run("echo-client", "--port", port, "--format", form, "a", "b").stdout.splitlines()
    assert "rtt_ms" in lines[0]
    assert [line.count("a") + line.count("b") for line in lines[-2:]] == [1, 1]


def test_json_lines(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    events = [
        json.loads(line)
        for line in run("echo-client", "--port", port, "-f", "jsonl", "a", "b").stdout.splitlines()
    ]
    assert [(e["event"], e.get("text")) for e in events] == [
        ("reply", "a"),
        ("reply", "b"),
        ("summary", None),
    ]


def test_raw_is_exact(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    done = run("echo-client", "--port", port, "--format", "raw", b"\x1b[31m\xff", b"\n", text=False)
    assert done.stdout == b"\x1b[31m\xff\n"


def test_what_a_server_says_cannot_command_the_terminal(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    assert run("echo-client", "--port", port, "\x1b[31mred\x9b\u202e").stdout == r"\e[31mred\x9b\u202e" + "\n"


def test_generated_bytes(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    done = run("echo-client", "--port", port, "--size", "3MB", "--count", "2", "--in-flight", "2")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("2 of 2 came back")
    assert run("echo-client", "--port", port, "--size", "1", "-f", "raw").stdout == ""


def test_pauses_are_kept(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    started = time.monotonic()
    done = run("echo-client", "--port", port, "--count", "3", "--interval", "100ms", "x")
    assert done.stdout == "x\n" * 3
    assert time.monotonic() - started > 0.2


def test_without_a_message_it_listens(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo", "--greeting", "Welcome").port)
    done = run("echo-client", "--port", port)
    assert (done.returncode, done.stdout) == (0, "Welcome\n")
    assert json.loads(run("echo-client", "--port", port, "--json").stdout)["bytes"] == 8
    lines = [
        json.loads(line) for line in run("echo-client", "--port", port, "-f", "jsonl").stdout.splitlines()
    ]
    assert [line["event"] for line in lines] == ["said", "summary"]
    assert run("echo-client", "--port", port, "-f", "raw", text=False).stdout == b"Welcome\n"


def test_a_character_cut_by_the_network_stays_whole(run: Run) -> None:
    def talk(sock: socket.socket) -> None:
        sock.sendall(b"gr\xc3")
        time.sleep(0.05)  # So that it arrives in a recv of its own; either way the test holds.
        sock.sendall(b"\xbc\xc3\x9fe")

    with fake(talk) as port:
        assert run("echo-client", "--port", port).stdout == "grüße\n"


@pytest.mark.parametrize(("text", "status"), [("come", 0), ("Good bye", 7)])
def test_an_expectation_of_a_greeting(run: Run, serve: Serve, text: str, status: int) -> None:
    port = str(serve("serve-echo", "--greeting", "Welcome").port)
    done = run("echo-client", "--port", port, "--expect", text)
    assert (done.returncode, done.stdout) == (status, "Welcome\n")
    assert done.stderr == (
        "" if status == 0 else f"Error: 127.0.0.1:{port}: did not say {text!r} (--expect)\n"
    )


@pytest.mark.parametrize(("text", "status"), [("ell", 0), ("lloho", 0), ("x", 7)])
def test_an_expectation_of_an_echo(run: Run, serve: Serve, text: str, status: int) -> None:
    port = str(serve("serve-echo").port)
    assert run("echo-client", "--port", port, "--expect", text, "hello", "hohello").returncode == status


@pytest.mark.parametrize(
    ("talk", "status", "words"),
    [
        (lambda s: s.sendall(s.recv(100).upper()), 5, "the echo differs: expected b'hello', got b'HELLO'"),
        (lambda s: s.sendall(s.recv(100) + b"!"), 5, "sent 1 bytes more than it got: b'!'"),
        (lambda s: s.sendall(s.recv(100)[:3]), 5, "closed the connection, 2 bytes of echo short"),
        (
            lambda s: s.sendall(b"Welcome\n" + s.recv(100)),
            5,
            "the echo differs: expected b'hello', got b'Welcome",
        ),
        (lambda s: s.recv(100) and s.recv(100), 4, "no complete answer within 0.3 s (--timeout)"),
        (lambda s: (s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET), s.close()), 3, "reset"),
    ],
)
def test_a_server_that_does_not_echo(run: Run, talk: Talk, status: int, words: str) -> None:
    with fake(talk) as port:
        done = run("echo-client", "--port", port, "--timeout", "300ms", "hello")
    assert done.returncode == status
    assert words in done.stderr
    assert done.stderr.startswith(f"Error: 127.0.0.1:{port}: ") and done.stderr.count("\n") == 1


def test_a_server_that_drips_does_not_stretch_the_deadline(run: Run) -> None:
    def drip(sock: socket.socket) -> None:
        for byte in sock.recv(100):
            sock.sendall(bytes([byte]))
            threading.Event().wait(0.1)

    with fake(drip) as port:
        started = time.monotonic()
        done = run("echo-client", "--port", port, "--timeout", "500ms", "x" * 90)
        assert time.monotonic() - started < 5
    assert done.returncode == 4


def test_nobody_there(run: Run) -> None:
    for kind, mode in ((socket.SOCK_STREAM, ()), (socket.SOCK_DGRAM, ("--udp",))):
        port = free_port(kind)
        done = run("echo-client", "--port", str(port), *mode, "x")
        assert (done.returncode, done.stderr) == (
            3,
            f"Error: 127.0.0.1:{port}: connection refused (is a server running there?)\n",
        )


def test_no_socket_file(run: Run) -> None:
    done = run("echo-client", "--unix", "/no/such/socket", "x")
    assert (done.returncode, done.stderr) == (
        3,
        "Error: /no/such/socket: no such socket file (is a server running there?)\n",
    )


def test_an_unknown_host(run: Run) -> None:
    done = run("echo-client", "--host", "no.such.host.invalid", "x")
    assert (done.returncode, done.stderr) == (3, "Error: no.such.host.invalid:9128: unknown host\n")


def test_datagrams(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo", "--udp").port)
    done = run("echo-client", "--udp", "--port", port, "--count", "2", "--in-flight", "3", "a", "", "b")
    assert sorted(done.stdout.splitlines()) == ["", "", "a", "a", "b", "b"]
    largest = run("echo-client", "--udp", "--port", port, "--size", "65507", "--json")
    assert json.loads(largest.stdout)["bytes"] == 65507


def test_a_silent_udp_port(run: Run) -> None:
    with fake_udp(lambda *_: None) as port:
        done = run("echo-client", "--udp", "--port", port, "--timeout", "200ms", "x")
    assert done.returncode == 4
    assert done.stderr == f"Error: 127.0.0.1:{port}: none of 1 datagram came back (is a UDP server there?)\n"


def test_lost_datagrams_are_counted_and_the_others_shown(run: Run) -> None:
    with fake_udp(lambda sock, data, sender: data != b"drop me" and sock.sendto(data, sender)) as port:
        done = run("echo-client", "--udp", "--port", port, "--in-flight", "3", "--json", "a", "drop me", "b")
    summary = json.loads(done.stdout)
    assert (summary["sent"], summary["received"], summary["lost"]) == (3, 2, 1)
    assert done.returncode == 4
    assert done.stderr.endswith(f"Error: 127.0.0.1:{port}: 1 of 3 datagrams did not come back\n")


def test_a_datagram_that_is_nobodys_echo(run: Run) -> None:
    with fake_udp(lambda sock, data, sender: sock.sendto(b"forged", sender)) as port:
        done = run("echo-client", "--udp", "--port", port, "x")
    assert (done.returncode, done.stderr) == (
        5,
        f"Error: 127.0.0.1:{port}: the echo differs: expected b'x', got b'forged'\n",
    )


def test_an_echo_that_is_late_is_no_forgery(run: Run) -> None:
    held: list[bytes] = []

    def late(sock: socket.socket, data: bytes, sender: object) -> None:
        if data == b"first":
            held.append(data)
        else:
            sock.sendto(held.pop() if held else data, sender)  # type: ignore[arg-type]
            sock.sendto(data, sender)  # type: ignore[arg-type]

    with fake_udp(late) as port:
        done = run("echo-client", "--udp", "--port", port, "first", "second")
    assert done.stdout == "second\n"
    assert done.stderr.endswith("1 of 2 datagrams did not come back\n")


def test_pauses_between_datagrams(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo", "--udp").port)
    started = time.monotonic()
    done = run("echo-client", "--udp", "--port", port, "--count", "3", "--interval", "100ms", "x")
    assert done.stdout == "x\n" * 3
    assert time.monotonic() - started > 0.2


def test_a_hundred_clients_at_once(run: Run, serve: Serve) -> None:
    server = serve("serve-echo")
    with ExitStack() as stack:
        socks = [stack.enter_context(connect(server)) for _ in range(100)]
        assert run("echo-client", "--port", str(server.port), "one more").stdout == "one more\n"
        assert len(socks) == 100


def test_datagrams_and_a_unix_socket_do_not_go_together(run: Run) -> None:
    for more in (("hi",), ("--size", "5"), ()):
        done = run("echo-client", "--udp", "--unix", "x", *more)
        assert done.returncode == 2 and "no --unix" in done.stderr
