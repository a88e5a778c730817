"""udp-recv: every datagram whole, counted, answered only as far as that is harmless."""

import json
import re
import socket
import subprocess
import sys
from contextlib import suppress

import pytest
from network import connect_udp
from programs import PYNETDB, Run, Serve, Served, linux

from pynetdb.protocols import sequence


def send(server: Served, *payloads: bytes) -> str:
    """Send from one socket, and return its address as text."""
    with connect_udp(server) as sock:
        for payload in payloads:
            sock.send(payload)
        return "{}:{}".format(*sock.getsockname())


def test_each_datagram_is_an_event_and_the_end_a_summary(serve: Serve) -> None:
    server = serve("udp-recv", "--count", "4")
    sender = send(server, b"hello", b"", "grüße\x1b".encode(), b"\xff\x00")
    events = [server.event("datagram") for _ in range(4)]
    assert [event["from"] for event in events] == [sender] * 4
    assert [event["bytes"] for event in events] == [5, 0, 8, 2]
    assert [event.get("text") for event in events] == ["hello", "", "grüße\x1b", None]
    assert events[3]["hex"] == "ff00"
    assert server.wait() == 0
    summary = server.event("summary")
    assert (summary["datagrams"], summary["bytes"]) == (4, 15)
    assert "lost" not in summary


def test_the_largest_datagram_is_not_cut(serve: Serve) -> None:
    server = serve("udp-recv", "--count", "1", "--hex")
    send(server, bytes(range(256)) * 255 + bytes(227))
    event = server.event("datagram")
    assert event["bytes"] == 65_507
    assert bytes.fromhex(event["hex"]) == bytes(range(256)) * 255 + bytes(227)


def test_for_people_and_their_terminals(run: Run) -> None:
    done = run("udp-recv", "--port", "0", "--count", "1", "--", *PYNETDB, "udp-send", "\x1b[31mred")
    assert done.stdout.endswith("  \\e[31mred\n")
    assert done.stdout.startswith("127.0.0.1:")


@pytest.mark.parametrize(("form", "tab"), [("csv", ","), ("tsv", "\t")])
def test_delimited(run: Run, form: str, tab: str) -> None:
    done = run(
        "udp-recv",
        "--port",
        "0",
        "-q",
        "--count",
        "2",
        "-f",
        form,
        "--",
        *PYNETDB,
        "udp-send",
        "-q",
        "a",
        "b",
    )
    lines = [line.split(tab) for line in done.stdout.splitlines()]
    assert lines[0] == ["from", "bytes", "time", "payload"]
    assert [(line[1], line[3]) for line in lines[1:]] == [("1", "a"), ("1", "b")]
    empty = run("udp-recv", "--port", "0", "-q", "--for", "20ms", "-f", form)
    assert empty.stdout == tab.join(lines[0]) + "\n"


def test_exact_bytes(run: Run) -> None:
    command = [*PYNETDB, "udp-send", "-q", "--hex", "00ff0a", "1b5b"]
    done = run("udp-recv", "--port", "0", "--count", "2", "--bytes", "--", *command, text=False)
    assert done.stdout == b"\x00\xff\n\x1b["


@pytest.mark.parametrize("mode", [["--format", "json"], ["--quiet"]])
def test_counting(run: Run, mode: list[str]) -> None:
    sender = [*PYNETDB, "udp-send", "-q", "--size", "64", "--count", "20000"]
    done = run("udp-recv", "--port", "0", *mode, "--", *sender)
    assert done.returncode == 0
    if mode == ["--quiet"]:
        assert done.stdout == done.stderr == ""
    else:
        summary = json.loads(done.stdout)
        assert summary["datagrams"] + summary["dropped"] == 20_000
        assert summary["bytes"] == summary["datagrams"] * 64


def test_counting_stops_at_the_count(run: Run) -> None:
    sender = [*PYNETDB, "udp-send", "-q", "--size", "1", "--count", "5000"]
    done = run("udp-recv", "--port", "0", "--json", "--count", "3000", "--", *sender)
    assert json.loads(done.stdout)["datagrams"] == 3000


def test_loss_order_and_duplicates_of_numbered_datagrams(serve: Serve) -> None:
    server = serve("udp-recv")
    numbers = [0, 1, 2, 5, 4, 4, 7, 8, 9]
    send(server, *(sequence.encode(sequence.Header(number, number * 1000), b"payload") for number in numbers))
    events = [server.event("datagram") for _ in numbers]
    assert [event["sequence"] for event in events] == numbers
    assert {event["text"] for event in events} == {"payload"}
    server.stop()
    summary = server.event("summary")
    assert (summary["lost"], summary["reordered"], summary["duplicates"]) == (2, 1, 1)
    assert summary["jitter_ms"] >= 0


_AMONG_STRANGERS = """
import os, socket
from pynetdb.protocols.sequence import Header, encode
place = ("127.0.0.1", int(os.environ["PYNETDB_PORT"]))
with socket.socket(type=socket.SOCK_DGRAM) as ours, socket.socket(type=socket.SOCK_DGRAM) as strange:
    for number in (0, 1, 2, 5, 4, 4, 7, 8, 9, 10, 11):
        strange.sendto([b"plain", b"", b"pynetdb"][number % 3], place)
        forged = 2**50 if number == 9 else 0
        ours.sendto(encode(Header(number + forged, number * 1000), b"x"), place)
"""


@pytest.mark.parametrize("mode", [["--json"], ["--json", "--reply", "x"], ["--format", "jsonl"]])
def test_the_counts_are_the_same_in_all_formats_whatever_strangers_send(run: Run, mode: list[str]) -> None:
    """Also one number that cannot be true."""
    done = run("udp-recv", "--port", "0", "--quiet", *mode, "--", sys.executable, "-c", _AMONG_STRANGERS)
    summary = json.loads(done.stdout if "--json" in mode else done.stdout.splitlines()[-1])
    counts = [summary[name] for name in ("datagrams", "lost", "reordered", "duplicates", "ignored")]
    assert counts == [22, 3, 1, 1, 1]
    assert summary["jitter_ms"] < 10_000


def test_people_are_told_what_could_not_be_true(run: Run) -> None:
    done = run("udp-recv", "--port", "0", "--", sys.executable, "-c", _AMONG_STRANGERS)
    assert "3 lost, 1 out of order, 1 twice, jitter " in done.stderr
    assert "; 1 ignored, whose number or time cannot be true" in done.stderr


def test_two_senders_have_an_account_each(serve: Serve) -> None:
    server = serve("udp-recv", "--count", "6")
    for _ in range(2):
        send(server, *(sequence.encode(sequence.Header(number, 0)) for number in range(3)))
    assert server.wait() == 0
    summary = server.event("summary")
    assert (summary["lost"], summary["duplicates"]) == (0, 0)


def test_replies_are_asked_for_and_never_longer_than_the_question(serve: Serve) -> None:
    server = serve("udp-recv", "--reply", "pong")
    with connect_udp(server) as sock:
        sock.send(b"hi")
        sock.send(b"ping, and more")
        assert [sock.recv(100), sock.recv(100)] == [b"po", b"pong"]
    server.stop()
    assert "1 reply cut to the size of what came" in server.stderr


def test_it_does_not_answer_unless_asked(serve: Serve) -> None:
    server = serve("udp-recv")
    with connect_udp(server, 0.05) as sock:
        sock.send(b"ping")
        server.event("datagram")
        with pytest.raises(TimeoutError):
            sock.recv(100)


@linux
def test_what_the_kernel_drops_is_reported(serve: Serve) -> None:
    server = serve("udp-recv", "--buffer", "4096")
    server.process.send_signal(19)  # SIGSTOP: it reads nothing.
    try:
        send(server, *[bytes(1000)] * 200)
    finally:
        server.process.send_signal(18)
    server.stop()
    summary = server.event("summary")
    assert summary["dropped"] > 0
    assert summary["datagrams"] + summary["dropped"] == 200
    assert f"{summary['dropped']} dropped by the kernel (--buffer)" in server.stderr


def test_multicast(run: Run) -> None:
    group = "239.255.77.7"
    sender = [*PYNETDB, "udp-send", "-q", "--host", group, "--interface", "127.0.0.1", "to the group"]
    done = run(
        "udp-recv",
        "--port",
        "0",
        "-q",
        "-f",
        "csv",
        "--count",
        "1",
        "--for",
        "20s",
        "--group",
        group,
        "--",
        *sender,
    )
    assert done.returncode == 0
    assert done.stdout.endswith(",to the group\n")


@linux
def test_multicast_without_options_on_a_machine_without_a_network() -> None:
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        pytest.skip("platform: no network namespaces for this user")
    script = """
    ip link set lo up
    "$@" udp-recv -q --group 239.255.77.8 --count 1 --for 20s --bytes -- "$@" udp-send -q --host 239.255.77.8 here
    """
    command = ["unshare", "--net", "sh", "-c", script, "sh", *PYNETDB]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "here"), done.stderr


@linux
def test_a_group_that_cannot_be_joined(run: Run) -> None:
    done = run("udp-recv", "--port", "0", "--group", "239.0.0.1", "--host", "203.0.113.9")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)


@linux
def test_broadcast_in_a_network_of_its_own() -> None:
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        pytest.skip("platform: no network namespaces for this user")
    script = """
    ip link add name left type veth peer name right; ip addr add 10.77.0.1/24 dev left; ip link set left up; ip link set right up
    ip link set lo up; ip route add default dev left
    "$@" udp-recv -q --host 0.0.0.0 --port 9999 --count 2 --for 20s --bytes -- sh -c '
        "$@" udp-send -q --host 10.77.0.255 --broadcast "to all here "; "$@" udp-send -q --host "<broadcast>" "to all"' sh "$@"
    """
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", *PYNETDB], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "to all here to all"), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--group", "10.0.0.1"),
        ("--group", "x"),
        ("--group", "239.0.0.1", "--host", "localhost"),
        ("--buffer", "0"),
        ("--count", "0"),
        ("--bytes", "--json"),
        ("--bytes", "-f", "jsonl"),
        ("--bytes", "-f", "csv"),
        ("--bytes", "--hex"),
    ],
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("udp-recv", "--port", "0", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_calls_are_narrated(run: Run) -> None:
    done = run(
        "udp-recv",
        "--port",
        "0",
        "--count",
        "1",
        "--explain",
        "--",
        sys.executable,
        *PYNETDB[1:],
        "udp-send",
        "x",
    )
    assert "server recvfrom(65536) = 1 bytes b'x' from (" in done.stderr
    assert "setsockopt(SOL_SOCKET, SO_RCVBUF, 4194304)" in done.stderr


def _ipv6_interface() -> int:
    """One on which a datagram to a group of IPv6 can leave."""
    for index, _ in socket.if_nameindex():
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock, suppress(OSError):
            sock.sendto(b"", ("ff02::fb", 9, 0, index))
            return index
    pytest.skip("platform: no interface of this machine speaks IPv6 to groups")


@linux
@pytest.mark.parametrize("group", ["239.1.2.3", "ff02::fb"])
def test_the_members_of_a_group_share_its_port(serve: Serve, group: str) -> None:
    """As every machine's mDNS responder does (RFC 6762 section 15.1)."""
    index = _ipv6_interface() if ":" in group else 0
    if index:
        group = f"{group}%{socket.if_indextoname(index)}"
    host = () if ":" in group else ("--host", "127.0.0.1")
    one = serve("udp-recv", "--group", group, *host)
    two = serve("udp-recv", "--group", group, *host, "--port", str(one.port))
    family = socket.AF_INET6 if ":" in group else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        if family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            sock.sendto(b"hi", (group, one.port))
        else:
            sock.sendto(b"hi", ("ff02::fb", one.port, 0, index))
    assert one.event("datagram")["text"] == two.event("datagram")["text"] == "hi"


def test_a_port_without_a_group_is_not_shared(serve: Serve, run: Run) -> None:
    one = serve("udp-recv")
    done = run("udp-recv", "--port", str(one.port), "--for", "1s")
    assert done.returncode == 3 and "already in use" in done.stderr


@pytest.mark.parametrize("group", ["10.0.0.1", "::1", "x", "ff02::fb%no-such-interface"])
def test_what_is_no_group_is_one_line(run: Run, group: str) -> None:
    done = run("udp-recv", "--port", "0", "--group", group, "--for", "1s")
    assert done.returncode in (2, 3) and done.stderr.count("\n") == 1
    assert "multicast" in done.stderr or "no-such-interface" in done.stderr


@pytest.mark.parametrize("payload", ["hi\n10.0.0.9:514  forged", "a\rb", "a\x1b[2Jb", "a\u202eb", "a\u2028b"])
def test_a_payload_is_one_line_of_the_table(run: Run, payload: str) -> None:
    client = [*PYNETDB, "udp-send", "-q", payload]
    done = run("udp-recv", "--port", "0", "--count", "1", "--", *client)
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.removesuffix("\n").isprintable()


def test_people_see_when_each_datagram_came(run: Run) -> None:
    done = run("udp-recv", "--port", "0", "--count", "1", "-q", "--", *PYNETDB, "udp-send", "-q", "x")
    assert done.stdout == "", "quiet shows none"
    done = run("udp-recv", "--port", "0", "--count", "1", "--", *PYNETDB, "udp-send", "-q", "x")
    assert re.fullmatch(r"127\.0\.0\.1:\d+  \d\d:\d\d:\d\d\.\d{3}  x\n", done.stdout)


def test_json_says_where_the_datagrams_are(run: Run) -> None:
    sender = ("--", *PYNETDB, "udp-send", "-q", "x")
    note = "udp-recv: --json is the summary alone; --format jsonl shows each datagram too\n"
    assert note in run("udp-recv", "--port", "0", "--json", *sender).stderr
    for quiet in ("--json", "-q"), ("--format", "jsonl"):
        assert note not in run("udp-recv", "--port", "0", *quiet, *sender).stderr
