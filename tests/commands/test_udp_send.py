"""udp-send: one message, one datagram; answers within one deadline."""

import json
import math
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest
from fakes import fake_udp
from network import free_port, their_server
from programs import PYNETDB, Run, Serve, Stranger, environment, linux


def received(server: object, count: int) -> list[str]:
    return [server.event("datagram")["text"] for _ in range(count)]  # type: ignore[attr-defined]


def test_a_pair_needs_no_options_but_the_port(run: Run, serve: Serve) -> None:
    server = serve("udp-recv")
    done = run("udp-send", "--port", str(server.port), "hello", "", "wörld")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"udp-send: 3 datagrams of 11 bytes in all to 127.0.0.1:{server.port}\n"
    assert received(server, 3) == ["hello", "", "wörld"]


def test_a_datagram_for_each_line_of_standard_input(run: Run, serve: Serve) -> None:
    server = serve("udp-recv")
    run("udp-send", "--port", str(server.port), "-", input=b"one\n\ntwo\r\nlast", text=False)
    assert received(server, 4) == ["one", "", "two", "last"]


def test_hexadecimal_file_and_size(run: Run, serve: Serve, tmp_path: Path) -> None:
    server = serve("udp-recv", "--hex")
    path = tmp_path / "payload"
    path.write_bytes(b"\0\xff\n")
    port = ["--port", str(server.port)]
    run("udp-send", *port, "--hex", "00 ff", "0a")
    run("udp-send", *port, "--hex", "-", input="aa\nbb\n")
    run("udp-send", *port, "--file", str(path))
    run("udp-send", *port, "--size", "3")
    payloads = [server.event("datagram")["hex"] for _ in range(6)]
    assert payloads == ["00ff", "0a", "aa", "bb", "00ff0a", b"abc".hex()]


def test_the_largest_and_one_more(run: Run, serve: Serve, tmp_path: Path) -> None:
    server = serve("udp-recv")
    port = ["--port", str(server.port)]
    assert run("udp-send", *port, "--size", "65507").returncode == 0
    assert server.event("datagram")["bytes"] == 65_507
    path = tmp_path / "large"
    path.write_bytes(bytes(65_508))
    for wrong in (["--size", "65508"], ["--file", str(path)], ["--sequence", "--size", "65500"]):
        done = run("udp-send", *port, *wrong)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert run("udp-send", *port, "-", input="x" * 65_508).returncode == 2


def test_many_copies_and_what_they_came_to(run: Run, serve: Serve) -> None:
    server = serve("udp-recv", "--count", "1000")
    done = run("udp-send", "--port", str(server.port), "--count", "1000", "--json", "-q", "x" * 100)
    summary = json.loads(done.stdout)
    assert (summary["sent"], summary["bytes"], summary["replies"]) == (1000, 100_000, 0)
    assert server.wait() == 0
    assert server.event("summary")["bytes"] == 100_000


@pytest.mark.parametrize("size", ["1", "40000"])
def test_every_copy_is_a_datagram_of_its_own(run: Run, serve: Serve, size: str) -> None:
    server = serve("udp-recv", "--count", "130")
    run("udp-send", "--port", str(server.port), "--size", size, "--rate", "2000", "--count", "130")
    # All of their texts together may be more than a reader is owed, these are not.
    assert {server.event("datagram")["bytes"] for _ in range(90)} == {int(size)}
    summary = server.event("summary")
    assert (summary["datagrams"], summary["bytes"]) == (130, 130 * int(size))


def test_a_rate_is_kept(run: Run, serve: Serve) -> None:
    server = serve("udp-recv")
    started = time.monotonic()
    done = run("udp-send", "--port", str(server.port), "--count", "100", "--rate", "200", "--json", "x")
    assert time.monotonic() - started > 0.45
    assert json.loads(done.stdout)["rate"] <= 230
    spaced = run("udp-send", "--port", str(server.port), "--rate", "20", "--json", "a", "b", "c", "d")
    assert json.loads(spaced.stdout)["seconds"] > 0.14
    paused = run("udp-send", "--port", str(server.port), "--interval", "50ms", "--count", "3", "--json", "a")
    assert json.loads(paused.stdout)["seconds"] > 0.09


def test_replies(run: Run, serve: Serve) -> None:
    port = ["--port", str(serve("udp-recv", "--reply", "pong\x1b").port)]
    assert run("udp-send", *port, "--reply", "pinging").stdout == "pong\\e\n"
    assert run("udp-send", *port, "--reply", "--format", "raw", "pinging").stdout == "pong\x1b"
    assert run("udp-send", *port, "--reply", "--hex", "112233445566").stdout == b"pong\x1b".hex() + "\n"
    lines = [
        json.loads(line)
        for line in run("udp-send", *port, "--reply", "-f", "jsonl", "123456").stdout.splitlines()
    ]
    assert [line["event"] for line in lines] == ["reply", "summary"]
    assert lines[0]["text"] == "pong\x1b"
    assert run("udp-send", *port, "--reply", "-f", "csv", "123456").stdout.startswith(
        "number,from,bytes,rtt_ms,text\n1,127.0.0.1:"
    )


def test_a_reply_that_is_lost_is_asked_for_again(run: Run) -> None:
    asked: list[bytes] = []

    def third_time(sock: socket.socket, data: bytes, sender: object) -> None:
        asked.append(data)
        if len(asked) == 3:
            sock.sendto(b"at last", sender)  # type: ignore[arg-type]

    with fake_udp(third_time) as port:
        done = run(
            "udp-send", "--port", port, "--reply", "--retries", "5", "--timeout", "3s", "--json", "hello?"
        )
    assert done.returncode == 0
    assert asked == [b"hello?"] * 3
    assert json.loads(done.stdout)["replies"] == 1


def test_no_reply_within_the_deadline(run: Run) -> None:
    with fake_udp(lambda *_: None) as port:
        started = time.monotonic()
        done = run("udp-send", "--port", port, "--reply", "--retries", "3", "--timeout", "400ms", "a", "b")
        assert time.monotonic() - started < 5
    assert done.returncode == 4
    assert done.stderr.endswith(f"Error: 127.0.0.1:{port}: 2 of 2 got no answer within 0.4 s\n")


def test_what_does_not_leave_in_time_is_told(run: Run, serve: Serve, tmp_path: Path) -> None:
    journal = str(tmp_path / "j.db")
    server = serve("udp-recv", "--count", "1")
    port = ("--port", str(server.port))
    late = ("--timeout", "100ms", "--fault", "delay=60s", "--seed", "1")
    done = run("udp-send", *port, *late, "--json", "--journal", journal, "hello")
    assert (done.returncode, json.loads(done.stdout)["sent"]) == (4, 0)
    assert done.stderr.endswith(
        f"Error: 127.0.0.1:{server.port}: 0 datagrams sent within 0.1 s, and not all (--timeout)\n"
    )
    rows = run("db-query", journal, "select count(*) from datagrams", "--format", "tsv")
    assert rows.stdout == "count(*)\n0\n"
    run("udp-send", *port, "in time")
    assert received(server, 1) == ["in time"]


@pytest.mark.parametrize("options", [[], ["--reply"], ["--count", "1000"], ["--sequence"]])
def test_a_closed_port(run: Run, options: list[str]) -> None:
    port = free_port(socket.SOCK_DGRAM)
    done = run("udp-send", "--port", str(port), *options, "x")
    assert done.returncode == 3
    assert done.stderr == f"Error: 127.0.0.1:{port}: connection refused (is a server running there?)\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--size", "1", "x"),
        ("--file", "a", "--size", "1"),
        ("--hex", "xyz"),
        ("--hex", "abc"),
        ("--retries", "1", "x"),
        ("--rate", "5", "--interval", "1s", "x"),
        ("--file", "/no/such/file"),
        ("--rate", "0", "x"),
    ],
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("udp-send", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_network_that_is_not_there(run: Run) -> None:
    assert run("udp-send", "--host", "no.such.host.invalid", "x").returncode == 3


@linux
def test_a_path_that_carries_less_than_we_send_at_once() -> None:
    """UDP_SEGMENT refuses datagrams larger than the interface's packets: then each goes alone."""
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        pytest.skip("platform: no network namespaces for this user")
    script = """
    ip link set lo mtu 1400 up
    "$@" udp-recv --port 9999 --json -q -- "$@" udp-send -q --size 5000 --count 50
    """
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", *PYNETDB], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == 250_000


@linux
def test_everybody_is_reached_by_who_asks_for_it(run: Run) -> None:
    """A machine without a network has but the broadcast address of its loopback."""
    for host in ("255.255.255.255", "127.255.255.255"):
        done = run("udp-send", "--host", host, "x")
        assert done.returncode == 3
        told = "permission denied (--broadcast allows a broadcast address)"
        assert done.stderr == f"Error: {host}:9999: {told}\n"


@linux
def test_no_option_is_named_where_there_is_none(run: Run) -> None:
    done = run("echo-client", "--udp", "--host", "255.255.255.255", "x")
    assert (done.returncode, done.stderr) == (3, "Error: 255.255.255.255:9128: permission denied\n")


# Strangers


def test_nc_hears_us(stranger: Stranger, run: Run) -> None:
    port = free_port(socket.SOCK_DGRAM)
    socat = [stranger("socat"), f"UDP-RECVFROM:{port},bind=127.0.0.1,fork", "SYSTEM:tr a-z A-Z"]
    with their_server(socat, port, socket.SOCK_DGRAM):
        done = run("udp-send", "--port", str(port), "--reply", "--retries", "3", "shout")
    assert (done.returncode, done.stdout) == (0, "SHOUT\n")


@pytest.mark.parametrize("program", ["nc", "ncat", "socat"])
def test_we_hear_them(stranger: Stranger, serve: Serve, program: str) -> None:
    server = serve("udp-recv", "--count", "1")
    commands = {
        "nc": ["-u", "-w", "1", "127.0.0.1", str(server.port)],
        "ncat": ["-u", "127.0.0.1", str(server.port)],
        "socat": ["-", f"UDP:127.0.0.1:{server.port}"],
    }
    subprocess.run([stranger(program), *commands[program]], input=b"ping", timeout=60, check=True)
    assert server.event("datagram")["text"] == "ping"


# Loss


@linux
def test_thirty_percent_loss(stranger: Stranger) -> None:
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        pytest.skip("platform: no network namespaces for this user")
    number = 4000
    script = f"""
    ip link set lo up
    {stranger("nft")} -f - <<END
    table inet loss {{
        chain in {{
            type filter hook input priority 0
            udp dport 9999 numgen random mod 100 < 30 drop
        }}
    }}
END
    test $? = 0 || exit 77
    "$@" udp-recv --port 9999 --json -q -- "$@" udp-send -q --sequence --size 20 --count {number}
    # The same share, in turn: six tries in a row are never all lost, as by chance they would be once in a while.
    nft flush ruleset; nft -f - <<END
    table inet loss {{
        chain in {{
            type filter hook input priority 0
            udp dport 9999 numgen inc mod 10 < 3 drop
        }}
    }}
END
    "$@" udp-recv --port 9999 -q --reply ok -- "$@" udp-send --reply --retries 5 --timeout 30s --json -q one two six ten
    """
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", *PYNETDB],
        capture_output=True,
        text=True,
        timeout=90,
        env=environment(),
    )
    if done.returncode == 77:
        pytest.skip(f"platform: no nftables: {done.stderr}")
    assert done.returncode == 0, done.stderr
    counted, asked = (json.loads(document) for document in re.findall(r"\{.*?\}", done.stdout, re.DOTALL))
    # What was lost after the last arrival cannot be known; it is a handful.
    expected, sigma = 0.3 * number, math.sqrt(number * 0.3 * 0.7)
    assert counted["datagrams"] + counted["lost"] <= number
    assert abs(counted["lost"] - expected) < 5 * sigma + 10
    assert asked["replies"] == 4
