"""time-query, against our own server and against servers that lie."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fakes import fake, fake_udp
from network import free_port
from programs import PYNETDB, Run, Serve, posix

from pynetdb.protocols.time import ntp

Change = Callable[[ntp.Packet], ntp.Packet]
EXAMPLE = b"\n56259 12-11-28 19:30:19 00 0 0 118.4 UTC(NIST) * \n"


def true_reply(question: bytes) -> ntp.Packet:
    now = ntp.to_timestamp(time.time_ns())
    reply = ntp.encode_reply(question, receive=now, transmit=now, stratum=2)
    assert reply is not None
    return ntp.decode(reply)


@contextmanager
def liar(*lies: Change | bytes, then_the_truth: bool = False) -> Iterator[str]:
    """An NTP server that answers with each lie in turn, and perhaps with the truth in the end."""

    def answer(sock: socket.socket, question: bytes, sender: object) -> None:
        truth = true_reply(question)
        for lie in lies:
            sock.sendto(lie if isinstance(lie, bytes) else ntp.encode(lie(truth)), sender)  # type: ignore[arg-type]
        if then_the_truth:
            sock.sendto(ntp.encode(truth), sender)  # type: ignore[arg-type]

    with fake_udp(answer) as port:
        yield port


# What everybody hopes for


def test_a_pair_without_options_beyond_the_port(run: Run, serve: Serve) -> None:
    server = serve("serve-time")
    done = run("time-query", f"127.0.0.1:{server.port}")
    assert done.returncode == 0
    assert done.stdout.startswith(f"127.0.0.1:{server.port}  20")
    assert "stratum 1 (LOCL)" in done.stdout


def test_json_is_an_array_with_an_object_for_each_server(run: Run, serve: Serve) -> None:
    ports = [serve("serve-time", "--skew", skew, "--stratum", "3").port for skew in ("1h", "-1h")]
    done = run("time-query", "--json", *(f"127.0.0.1:{port}" for port in ports))
    answers = json.loads(done.stdout)
    assert [answer["server"] for answer in answers] == [f"127.0.0.1:{port}" for port in ports]
    assert [round(answer["offset_s"]) for answer in answers] == [3600, -3600]
    for answer in answers:
        assert (answer["protocol"], answer["stratum"], answer["leap"]) == ("ntp", 3, 0)
        assert 0 < answer["delay_s"] < 1
        assert answer["time"].endswith("Z")
        assert answer["reference"] == "127.127.1.0"


def test_the_offset_of_our_own_clock_is_nothing(run: Run, serve: Serve) -> None:
    server = serve("serve-time")
    answer = json.loads(run("time-query", "--json", "--samples", "5", "--port", str(server.port)).stdout)[0]
    assert abs(answer["offset_s"]) < 0.005
    assert answer["samples"] == 5


@pytest.mark.parametrize("protocol", ["daytime", "time"])
@pytest.mark.parametrize("transport", ["--tcp", "--udp"])
def test_daytime_and_time_over_both_transports(run: Run, serve: Serve, protocol: str, transport: str) -> None:
    server = serve("serve-time", "--protocol", protocol, "--at", "2012-11-28T19:30:19")
    done = run("time-query", "--protocol", protocol, transport, "--port", str(server.port), "--sentence")
    assert (done.returncode, done.stdout) == (0, "It is now 19:30:19 on 28 November 2012\n")


def test_the_line_of_the_course(run: Run) -> None:
    with fake(lambda sock: sock.sendall(EXAMPLE)) as port:
        done = run("time-query", "--protocol", "daytime", "--port", port, "--json", "--raw")
        answer = json.loads(done.stdout)[0]
        assert answer["time"] == "2012-11-28T19:30:19.000000Z"
        assert (answer["mjd"], answer["health"], answer["advance_ms"]) == (56259, 0, 118.4)
        assert [field["value"] for field in answer["fields"]][:3] == ["56259", "12-11-28", "19:30:19"]
        done = run("time-query", "--protocol", "daytime", "--port", port, "--sentence")
        assert done.stdout == "It is now 19:30:19 on 28 November 2012\n"


def test_zones_and_formats(run: Run, serve: Serve) -> None:
    port = str(serve("serve-time", "--at", "2012-11-28T19:30:19.5").port)
    assert (
        run("time-query", "--port", port, "--zone", "Asia/Tokyo", "--sentence").stdout
        == "It is now 04:30:19 on 29 November 2012\n"
    )
    assert run("time-query", "--port", port, "--strftime", "%Y|%H").stdout == "2012|19\n"
    assert "+09:00" in run("time-query", "--port", port, "--zone", "Asia/Tokyo").stdout


@pytest.mark.parametrize("form", ["csv", "tsv", "markdown", "jsonl", "table"])
def test_other_forms(run: Run, serve: Serve, form: str) -> None:
    port = str(serve("serve-time").port)
    assert "LOCL" in run("time-query", "--port", port, "--format", form).stdout
    raw = run("time-query", "--port", port, "--format", form, "--raw").stdout
    assert "transmit timestamp" in raw


def test_the_packet_is_explained_field_by_field(run: Run, serve: Serve) -> None:
    port = str(serve("serve-time").port)
    lines = run("time-query", "--port", port, "--explain").stderr.splitlines()
    assert "client field(1, stratum) = 1  (primary: at the source itself)" in lines
    assert any(line.startswith("client send(48 bytes b'#") for line in lines)


def test_beyond_2036(run: Run, serve: Serve) -> None:
    for protocol in ("ntp", "time", "daytime"):
        port = str(serve("serve-time", "--protocol", protocol, "--at", "2040-02-29T12:00:00").port)
        done = run("time-query", "--protocol", protocol, "--port", port, "--sentence")
        assert done.stdout == "It is now 12:00:00 on 29 February 2040\n"


# Thresholds and refusals


def test_max_offset(run: Run, serve: Serve) -> None:
    port = str(serve("serve-time", "--skew", "-2s").port)
    assert run("time-query", "--port", port, "--max-offset", "3s").returncode == 0
    done = run("time-query", "--port", port, "--max-offset", "500ms")
    assert done.returncode == 7
    assert "more than 0.5 s (--max-offset)" in done.stderr
    assert done.stdout


@pytest.mark.parametrize("code", ["RATE", "DENY", "RSTR", "INIT"])
def test_a_kiss_ends_the_conversation(run: Run, serve: Serve, code: str) -> None:
    port = str(serve("serve-time", "--kiss", code).port)
    done = run("time-query", "--port", port, "--json")
    assert done.returncode == 7
    assert f"kiss code {code}" in done.stderr
    answer = json.loads(done.stdout)[0]
    assert (answer["time"], answer["error"][: len("127.0.0.1")]) == (None, "127.0.0.1")


@pytest.mark.parametrize("option", [("--leap", "3"), ("--stratum", "16"), ("--stratum", "0")])
def test_a_server_that_does_not_know_the_time(run: Run, serve: Serve, option: tuple[str, str]) -> None:
    port = str(serve("serve-time", *option).port)
    done = run("time-query", "--port", port)
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.startswith(f"Error: 127.0.0.1:{port}: ")


def test_an_ill_daytime_server_is_shown_and_not_trusted(run: Run, serve: Serve) -> None:
    port = str(serve("serve-time", "--protocol", "daytime", "--health", "2").port)
    done = run("time-query", "--protocol", "daytime", "--port", port, "--json")
    assert done.returncode == 7
    assert json.loads(done.stdout)[0]["health"] == 2
    assert "health 2: known to be wrong by more than 5 s" in done.stderr


def test_one_good_server_is_enough(run: Run, serve: Serve) -> None:
    port = serve("serve-time").port
    dead = free_port(socket.SOCK_DGRAM)
    done = run("time-query", f"127.0.0.1:{dead}", f"127.0.0.1:{port}", "--json")
    assert done.returncode == 0
    refused, answered = json.loads(done.stdout)
    assert "connection refused" in refused["error"]
    assert "error" not in answered
    assert f"Error: 127.0.0.1:{dead}: connection refused" in done.stderr
    done = run("time-query", f"127.0.0.1:{dead}", f"127.0.0.1:{dead}")
    assert done.returncode == 3
    assert done.stderr.endswith("Error: none of 2 servers answered well\n")


# Lies


LIES: dict[str, Change | bytes] = {
    "origin": lambda p: p._replace(origin=p.origin ^ 1),
    "transmit": lambda p: p._replace(transmit=0),
    "mode": lambda p: p._replace(mode=3),
    "version": lambda p: p._replace(version=0),
    "length": bytes(47),
    "receive": lambda p: p._replace(receive=0),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_ignored_counted_and_named_and_the_truth_still_heard(run: Run, name: str) -> None:
    with liar(LIES[name], then_the_truth=True) as port:
        answer = json.loads(run("time-query", "--port", port, "--json").stdout)[0]
    assert answer["ignored"] == {name: 1}
    assert answer["warnings"] == [f"ignored 1 ({name})"]
    assert answer["stratum"] == 2


def test_a_port_may_be_a_service_and_a_share_of_the_time_is_a_round_number(run: Run) -> None:
    done = run("time-query", "127.0.0.1:nosuch")
    assert done.returncode == 2 and "'nosuch' is neither a port nor a known service" in done.stderr
    with liar() as port:
        done = run("time-query", f"127.0.0.1:{port}", f"localhost:{port}", "--timeout", "1s")
    assert done.returncode == 4
    assert f"127.0.0.1:{port}: no complete answer within 0.5 s" in done.stderr
    assert "127.0.0.1:13: " in run("time-query", "127.0.0.1:daytime", "--timeout", "300ms").stderr


def test_nothing_but_lies_until_the_deadline(run: Run) -> None:
    with liar(*LIES.values()) as port:
        started = time.monotonic()
        done = run("time-query", "--port", port, "--timeout", "500ms")
        assert time.monotonic() - started < 5
    assert done.returncode == 4
    assert "no valid reply within 0.5 s, ignored 1 (origin), 1 (transmit)" in done.stderr


def test_a_kiss_for_somebody_else_is_not_obeyed(run: Run) -> None:
    forged: Change = lambda p: p._replace(stratum=0, reference_id=b"DENY", origin=1)  # noqa: E731
    with liar(forged, then_the_truth=True) as port:
        assert run("time-query", "--port", port).returncode == 0


def test_a_duplicate_of_an_answer_is_not_taken_for_the_next(run: Run) -> None:
    truth: Change = lambda p: p  # noqa: E731
    with liar(truth, truth) as port:
        answer = json.loads(run("time-query", "--samples", "2", "--port", port, "--json").stdout)[0]
    assert answer["ignored"] == {"origin": 1}
    assert answer["samples"] == 2


def test_a_reply_from_another_port_is_not_heard(run: Run) -> None:
    def answer(sock: socket.socket, question: bytes, sender: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(ntp.encode(true_reply(question)), sender)  # type: ignore[arg-type]

    with fake_udp(answer) as port:
        assert run("time-query", "--port", port, "--timeout", "300ms").returncode == 4


def test_silence(run: Run) -> None:
    with fake_udp(lambda *_: None) as port:
        for protocol in ("ntp", "daytime", "time"):
            done = run("time-query", "--protocol", protocol, "--udp", "--port", port, "--timeout", "200ms")
            assert (done.returncode, done.stderr.count("\n")) == (4, 1)


def test_a_lost_question_is_asked_again(run: Run) -> None:
    questions: list[bytes] = []

    def answer(sock: socket.socket, question: bytes, sender: object) -> None:
        questions.append(question)
        if len(questions) > 1:
            sock.sendto(ntp.encode(true_reply(question)), sender)  # type: ignore[arg-type]

    with fake_udp(answer) as port:
        assert run("time-query", "--port", port).returncode == 0
    assert len(set(questions)) == 2


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        (b"x" * 5000, 5, "a line of more than 512 bytes"),
        (b"", 5, "an answer without a line"),
        (b"56259 12-11-28 19:30:19 00", 5, "begins as NIST's line"),
        (b"56259 13-11-28 19:30:19 00 0 0 118.4 UTC(NIST) *", 5, "but the line says 13-11-28"),
    ],
)
def test_a_garbled_line(run: Run, line: bytes, status: int, words: str) -> None:
    with fake(lambda sock: sock.sendall(line)) as port:
        done = run("time-query", "--protocol", "daytime", "--port", port)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert words in done.stderr


def test_an_endless_line_is_cut_off_within_the_deadline(run: Run) -> None:
    def endless(sock: socket.socket) -> None:
        while True:
            sock.sendall(b"x")
            threading.Event().wait(0.02)

    with fake(endless) as port:
        done = run("time-query", "--protocol", "daytime", "--port", port, "--timeout", "500ms")
    assert done.returncode == 4


def test_another_legal_line_is_shown_and_made_safe(run: Run) -> None:
    with fake(lambda sock: sock.sendall(b"Tuesday, February 22, 1982 17:37:43-PST \x1b[31m\r\n")) as port:
        arguments = ("time-query", "--protocol", "daytime", "--port", port)
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (
            0,
            f"127.0.0.1:{port}  Tuesday, February 22, 1982 17:37:43-PST \\e[31m\n",
        )
        assert run(*arguments, "--sentence").returncode == 7
        assert run(*arguments, "--max-offset", "1s").returncode == 7


def test_eight_bytes_where_four_are_expected(run: Run) -> None:
    with fake(lambda sock: sock.sendall((2_629_584_000).to_bytes(4, "big") + b"more")) as port:
        done = run("time-query", "--protocol", "time", "--port", port, "--sentence")
    assert (done.returncode, done.stdout) == (0, "It is now 00:00:00 on 1 May 1983\n")
    assert "time reply of 8 bytes, expected 4: the first 4 count" in done.stderr


def test_three_bytes_where_four_are_expected(run: Run) -> None:
    with fake(lambda sock: sock.sendall(b"abc")) as port:
        done = run("time-query", "--protocol", "time", "--port", port)
    assert (done.returncode, done.stderr) == (
        5,
        f"Error: 127.0.0.1:{port}: time reply of 3 bytes, expected 4\n",
    )


def test_a_short_datagram_is_ignored_until_the_deadline(run: Run) -> None:
    with fake_udp(lambda sock, data, sender: sock.sendto(b"abc", sender)) as port:
        done = run("time-query", "--protocol", "time", "--udp", "--port", port, "--timeout", "200ms")
    assert done.returncode == 4
    assert "ignored 1 (time reply of 3 bytes, expected 4)" in done.stderr


def test_nobody_there(run: Run) -> None:
    assert run("time-query", "--protocol", "daytime", "--port", str(free_port())).returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tcp",),
        ("--protocol", "time", "--samples", "2"),
        ("--zone", "Nowhere/Land"),
        ("--zone", "../etc/passwd"),
        ("--host", "a", "b"),
        ("a:b",),
        ("a:0",),
        ("[::1",),
        ("[::1]x",),
        (":5",),
    ],
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("time-query", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_an_answer_of_several_lines_is_one_line(run: Run) -> None:
    from fakes import fake

    with fake(lambda sock: sock.sendall(b"first\nsecond line\n10.0.0.1:13  2026-01-01\r\n")) as port:
        done = run("time-query", "--protocol", "daytime", "--tcp", f"127.0.0.1:{port}")
    assert len(done.stdout.splitlines()) == 1
    assert "first\\nsecond line\\n10.0.0.1:13" in done.stdout


@posix  # An argument is text on Windows.
def test_a_strftime_of_bytes_that_are_no_text(run: Run) -> None:
    client = [*PYNETDB, "time-query", "--strftime", b"%Y \xff"]
    done = run("serve-time", "--port", "0", "-q", "--at", "2012-11-28T19:30:19Z", "--", *client)
    assert (done.returncode, done.stdout) == (0, "2012 \\xff\n")
