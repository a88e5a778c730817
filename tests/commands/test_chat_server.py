"""chat-server: the textbook's room, made real (protocols.md, section 5)."""

import json
import re
import selectors
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network import connect
from processes import descriptors, peak_memory
from programs import PYNETDB, Run, Serve, Served, environment, linux, posix
from textbook_chat import TextbookClient


class Person:
    """A member over a real socket, who reads exactly."""

    def __init__(self, server: Served, name: str = "", timeout: float = 30) -> None:
        self.sock = connect(server, timeout)
        self.file = self.sock.makefile("rb")
        if name:
            self.send(f"ADD {name}\n".encode())
            self.expect(f"NEW {name}")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def line(self) -> str:
        return self.file.readline().decode().removesuffix("\n")

    def expect(self, *lines: str) -> None:
        assert [self.line() for _ in lines] == list(lines)

    def refusal(self) -> str:
        self.expect("PRIVATE *server*")
        return self.line()

    def expect_end(self) -> None:
        assert self.file.read() == b""

    def close(self) -> None:
        self.file.close()
        self.sock.close()

    def __enter__(self) -> "Person":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


# The wire


def test_the_recorded_transcript_where_our_page_does_not_decide_otherwise(
    serve: Serve, corpora: Path
) -> None:
    transcript = json.loads((corpora / "chat" / "textbook_protocol.json").read_text())["transcript"]
    # The extra empty line is the textbook server's own; so is its silence, and its framing by recv.
    otherwise = {
        "MESSAGE hi back\n": {"alice": "MESSAGE bob\nhi back\n", "bob": "MESSAGE bob\nhi back\n"},
        "PRIVATE nobody\nlost\n": {"alice": "PRIVATE *server*\nnobody here is called nobody\n", "bob": ""},
        "MESSAGE one\nMESSAGE two\n": dict.fromkeys(
            ("alice", "bob"), "MESSAGE alice\none\nMESSAGE alice\ntwo\n"
        ),
    }
    server = serve("chat-server")
    with Person(server) as alice, Person(server) as bob:
        people = {"alice": alice, "bob": bob}
        for step in transcript:
            people[step["actor"]].send(step["sends"].encode())
            for name, words in otherwise.get(step["sends"], step["received"]).items():
                lines, end, _ = words.partition("<EOF>")
                people[name].expect(*lines.split("\n")[:-1])
                if end:
                    people[name].expect_end()


def test_the_textbooks_client(serve: Serve) -> None:
    server = serve("chat-server")
    alice = TextbookClient(server.address, "alice")
    alice.expect("==> alice has joined the chat room")
    with Person(server, "bob") as bob:
        alice.expect("==> bob has joined the chat room")
        alice.message("no newline")
        alice.expect("==> alice: no newline")
        bob.expect("MESSAGE alice", "no newline")
        alice.message("and again")
        bob.expect("MESSAGE alice", "and again")
        alice.private("bob", "psst")
        bob.expect("PRIVATE alice", "psst")
        bob.send(b"MESSAGE with a newline\nPRIVATE alice\nhush\n")
        alice.expect("==> alice: and again", "==> bob: with a newline", "==> bob [private]: hush")
        alice.private("nobody", "psst")
        alice.expect("==> *server* [private]: nobody here is called nobody")
        alice.quit()
        alice.expect("goodbye")
        bob.expect("MESSAGE bob", "with a newline", "LEFT alice")
    alice.close()


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 120), max_size=6))
def test_a_stream_cut_anywhere_gives_the_same_room(cut_server: Served, cuts: list[int]) -> None:
    data = "ADD joe\nMESSAGE Grüße\r\nPRIVATE joe\nto myself\nMESSAGE \x1b[2J\nnonsense\nQUIT\n".encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    with Person(cut_server) as joe:
        for start, end in pairwise(places):
            joe.send(data[start:end])
        assert joe.file.read().decode() == (
            "NEW joe\nMESSAGE joe\nGrüße\nPRIVATE joe\nto myself\nMESSAGE joe\n\\e[2J\n"
            "PRIVATE *server*\nunknown command 'nonsense': expected ADD, MESSAGE, PRIVATE or QUIT\nGOODBYE\n"
        )


@pytest.fixture(scope="module")
def cut_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(["chat-server", "--port", "0", "--rate", "0"], tmp_path_factory.mktemp("cut"), ())
    yield served
    served.stop()


def test_five_quick_sends_in_one(serve: Serve) -> None:
    server = serve("chat-server")
    with Person(server) as joe:
        joe.send(b"ADD joe\n" + b"".join(b"MESSAGE %d\n" % n for n in range(5)) + b"QUIT\n")
        joe.expect("NEW joe")
        for number in range(5):
            joe.expect("MESSAGE joe", str(number))
        joe.expect("GOODBYE")
        joe.expect_end()


def test_refusals(serve: Serve) -> None:
    server = serve("chat-server")
    with Person(server, "joe") as joe, Person(server) as guest:
        guest.send(b"MESSAGE hi\nPRIVATE joe\nhi\nADD\nADD JOE\nADD *x\nADD a b\nADD \xff\n")
        expected = ["join first"] * 2 + ["empty", "taken", "server's", "white space", "not UTF-8"]
        for words in expected:
            assert words in guest.refusal()
        guest.send(b"ADD guest\nADD other\nPRIVATE nobody\nhi\nMESSAGE \xff\n\nHELP\n")
        guest.expect("NEW guest")
        for words in ("guest already", "called nobody", "not UTF-8", "unknown command 'HELP'"):
            assert words in guest.refusal()
        joe.expect("NEW guest")
        guest.send(b"MESSAGE " + b"x" * 4089)
        assert "more than 4096 bytes" in guest.refusal()
        guest.expect_end()
        joe.expect("LEFT guest")


def test_the_longest_line_arrives_whole(serve: Serve) -> None:
    server = serve("chat-server")
    with Person(server, "joe") as joe:
        joe.send(b"MESSAGE " + b"x" * 4088 + b"\r\n")
        joe.expect("MESSAGE joe", "x" * 4088)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_leave_the_room_standing(cut_server: Served, data: bytes) -> None:
    with Person(cut_server) as nobody:
        nobody.send(data)
        nobody.sock.shutdown(socket.SHUT_WR)
        said = nobody.file.read()
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", said)
    with Person(cut_server, "witness") as witness:
        witness.send(b"QUIT\n")
        witness.expect("GOODBYE")


def test_hostile_strings_are_harmless(serve: Serve, corpora: Path) -> None:
    (path,) = [path for path in (corpora / "strings").rglob("*.json") if "blns" in path.name][:1]
    server = serve("chat-server", "--rate", "0")
    with Person(server, "joe") as joe:
        for text in json.loads(path.read_text("utf-8")):
            line = text.encode("utf-8", "replace").replace(b"\n", b" ")
            joe.send(b"MESSAGE " + line + b"\nMESSAGE .\n")
            joe.expect("MESSAGE joe")
            heard = joe.file.readline()
            assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", heard)
            joe.expect("MESSAGE joe", ".")


# Coming and going


@pytest.mark.parametrize("how", ["quit", "closed", "half-closed", "reset", "too long"])
def test_left_is_told_exactly_once(serve: Serve, how: str) -> None:
    server = serve("chat-server")
    with Person(server, "watcher") as watcher:
        joe = Person(server, "joe")
        watcher.expect("NEW joe")
        if how == "quit":
            joe.send(b"QUIT\nQUIT\nMESSAGE after\n")
        elif how == "half-closed":
            joe.sock.shutdown(socket.SHUT_WR)
            joe.expect_end()
        elif how == "reset":
            joe.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif how == "too long":
            joe.send(b"x" * 5000)
        if how != "quit":
            joe.close()
        watcher.expect("LEFT joe")
        with Person(server, "joe") as again:
            watcher.expect("NEW joe")
            again.send(b"QUIT\n")
            watcher.expect("LEFT joe")
            watcher.send(b"QUIT\n")
            watcher.expect("GOODBYE")
            watcher.expect_end()
        joe.close()


def test_the_last_words_of_a_pipe_are_heard(serve: Serve) -> None:
    """`printf 'ADD joe\\nMESSAGE hi' | nc` ends without a newline and closes at once."""
    server = serve("chat-server")
    with Person(server, "watcher") as watcher, Person(server) as joe:
        joe.send(b"ADD joe\nMESSAGE hi")
        joe.sock.shutdown(socket.SHUT_WR)
        joe.expect("NEW joe", "MESSAGE joe", "hi")
        joe.expect_end()
        watcher.expect("NEW joe", "MESSAGE joe", "hi", "LEFT joe")


def test_idle_members_leave(serve: Serve) -> None:
    server = serve("chat-server", "--idle", "200ms")
    with Person(server, "joe") as joe:
        assert server.event("left")["reason"] == "idle"
        joe.expect_end()


def test_a_full_room_says_so(serve: Serve) -> None:
    server = serve("chat-server", "--max-clients", "1")
    with Person(server, "joe"), Person(server) as late:
        assert "full" in late.refusal()
        late.expect_end()


@posix
def test_a_unix_socket(serve: Serve, run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "chat.sock")
    serve("chat-server", "--unix", path)
    done = run("chat-client", "--unix", path, "--name", "joe", "--say", "hi")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "==> joe: hi")


@linux
def test_dead_peers_are_probed_by_the_kernel(serve: Serve, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    server = serve("chat-server", "--trace", str(trace))
    with Person(server, "joe"):
        pass
    server.stop()  # What is told is written in the background: all of it is there at the end.
    calls = [json.loads(line) for line in trace.read_text().splitlines()]
    options = [call["arguments"] for call in calls if call["call"] == "setsockopt" and call["who"] == "#1"]
    assert ["SOL_SOCKET", "SO_KEEPALIVE", "1"] in options
    assert ["IPPROTO_TCP", "TCP_KEEPIDLE", "60"] in options


# What newcomers are told


def test_motd_and_history(serve: Serve) -> None:
    server = serve("chat-server", "--motd", "Welcome\nall", "--history", "2")
    with Person(server, "joe") as joe:
        joe.expect("PRIVATE *server*", "Welcome", "PRIVATE *server*", "all")
        joe.send(b"MESSAGE one\nMESSAGE two\nMESSAGE three\nPRIVATE joe\nhush\n")
        joe.expect("MESSAGE joe", "one", "MESSAGE joe", "two", "MESSAGE joe", "three", "PRIVATE joe", "hush")
        with Person(server, "ann") as ann:
            ann.expect("PRIVATE *server*", "Welcome", "PRIVATE *server*", "all")
            ann.expect("PRIVATE *history*", "joe: two", "PRIVATE *history*", "joe: three")


@linux
def test_a_history_larger_than_what_may_be_unread_flows_with_the_member(serve: Serve) -> None:
    server = serve("chat-server", "--rate", "0", "--history", "1000")
    text = "x" * 4000
    with Person(server, "joe") as joe:
        for number in range(1000):  # 4 MB, of which 256 KiB may be unread.
            joe.send(f"MESSAGE {number} {text}\n".encode())
            joe.expect("MESSAGE joe", f"{number} {text}")
        with Person(server, "slow") as slow:
            # She reads nothing for now; the others go on, and she misses nothing.
            joe.expect("NEW slow")
            joe.send(b"MESSAGE meanwhile\n")
            joe.expect("MESSAGE joe", "meanwhile")
            joe.send(b"PRIVATE slow\npsst\n")
            slow.send(b"MESSAGE here I am\nQUIT\n")
            first = slow.line(), slow.line()
            assert first[0] == "PRIVATE *history*"
            start = int(first[1].split()[1])
            assert start <= 2  # Two were said meanwhile, and took the place of the oldest.
            for number in range(start + 1, 1000):
                slow.expect("PRIVATE *history*", f"joe: {number} {text}")
            slow.expect("MESSAGE joe", "meanwhile", "PRIVATE joe", "psst")
            slow.expect("MESSAGE slow", "here I am", "GOODBYE")
            slow.expect_end()
    assert peak_memory(server.pid) < 80_000_000


@linux
def test_a_newcomer_that_reads_nothing_of_a_history_is_dropped_for_what_is_said_after_it(
    serve: Serve,
) -> None:
    server = serve("chat-server", "--rate", "0", "--history", "1000")
    text = "x" * 4000
    with Person(server, "joe") as joe:
        for number in range(1000):
            joe.send(f"MESSAGE {number} {text}\n".encode())
            joe.expect("MESSAGE joe", f"{number} {text}")
        with Person(server, "deaf"):
            joe.expect("NEW deaf")
            # What the system's buffers take (at most some megabytes) is not owed any more.
            for _ in range(4000):
                joe.send(f"MESSAGE {text}\n".encode())
                joe.line()
                if joe.line() != text:
                    break
            assert server.event("left")["name"] == "deaf"


# Strangers


def test_a_web_page_cannot_speak_in_the_room(serve: Serve) -> None:
    """Cross-protocol scripting: a form's POST to this port, its body our commands."""
    server = serve("chat-server")
    with Person(server, "joe") as joe, connect(server) as page:
        page.sendall(
            f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: text/plain\r\n"
            "\r\n\nADD Head-of-School\nMESSAGE class is cancelled\nQUIT\n".encode()
        )
        assert page.makefile("rb").read().startswith(b"PRIVATE *server*\nthis is a chat room")
        stranger = server.event("stranger")
        assert (stranger["protocol"], stranger["connection"]) == ("HTTP", 2)
        joe.send(b"QUIT\n")
        joe.expect("GOODBYE")


@pytest.mark.parametrize(
    ("words", "protocol"), [(b"GET / HTTP/1.1\r\n\r\n", "HTTP"), (b"\x16\x03\x01\x02\0", "TLS")]
)
def test_the_operator_is_told_of_strangers(words: bytes, protocol: str) -> None:
    command = [*PYNETDB, "chat-server", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as server:
        assert server.stderr is not None
        port = int(server.stderr.readline().split(":")[2].split()[0])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
            sock.sendall(words)
            assert f"it speaks {protocol}, this is a chat room" in server.stderr.readline()
            assert b"chat room" in sock.makefile("rb").read()
        server.terminate()
        assert server.wait(30) == 0


def test_who_does_not_join_in_time_is_sent_away_and_the_place_is_free(serve: Serve) -> None:
    server = serve("chat-server", "--max-clients", "2", "--join-timeout", "300ms")
    with Person(server) as silent, Person(server, "joe") as joe:
        assert "nobody joined within 0.3 s" in silent.refusal()
        silent.expect_end()
        silent.close()
        server.event("closed")
        with Person(server, "ann") as ann:
            joe.expect("NEW ann")
            joe.send(b"MESSAGE still here\n")
            ann.expect("MESSAGE joe", "still here")


def test_quit_before_joining_ends_the_conversation(serve: Serve) -> None:
    server = serve("chat-server")
    with Person(server) as guest:
        guest.send(b"QUIT\n")
        guest.expect("GOODBYE")
        guest.expect_end()


# What the operator sees


def test_events_tell_of_joins_and_leaves_and_keep_words_to_themselves(serve: Serve) -> None:
    server = serve("chat-server")
    with Person(server, "joe") as joe:
        joined = server.event("joined")
        assert (joined["name"], joined["members"], joined["connection"]) == ("joe", 1, 1)
        joe.send(b"MESSAGE secret\nPRIVATE joe\nsecret\nQUIT\n")
        joe.expect("MESSAGE joe", "secret", "PRIVATE joe", "secret", "GOODBYE")
        joe.expect_end()
        left = server.event("left")
        assert (left["name"], left["members"], left["reason"]) == ("joe", 0, "quit")
    server.stop()
    assert "secret" not in server.stderr


def test_verbose_events_tell_every_word(serve: Serve) -> None:
    server = serve("chat-server", "--verbose")
    with Person(server, "joe") as joe:
        joe.send(b"MESSAGE hello\nPRIVATE joe\npsst\nHELP\n")
        message = server.event("message")
        assert (message["name"], message["text"]) == ("joe", "hello")
        private = server.event("private")
        assert (private["name"], private["to"], private["text"]) == ("joe", "joe", "psst")
        assert "unknown command" in server.event("refused")["text"]


def test_people_read_it_on_standard_error(run: Run) -> None:
    client = "from pynetdb.cli import main; main(['chat-client', '--name', 'joe', '--say', 'hi'])"
    done = run("chat-server", "--port", "0", "--", "python", "-c", client)
    assert done.stdout.splitlines() == ["==> joe has joined the chat room", "==> joe: hi"]
    told = done.stderr.splitlines()
    assert told[1:3] == [
        "chat-server: joe joined, 1 in the room",
        "chat-server: joe left (quit), 0 in the room",
    ]


# Limits


def test_over_the_rate_nothing_is_lost_and_nobody_floods(serve: Serve) -> None:
    server = serve("chat-server", "--rate", "50")
    with Person(server, "joe") as joe, Person(server, "ann") as ann:
        joe.expect("NEW ann")
        joe.send(b"".join(b"MESSAGE %d\n" % number for number in range(130)))
        ann.send(b"MESSAGE between\n")
        heard = []
        while len(heard) < 131:
            ann.line()
            heard.append(ann.line())
        assert [text for text in heard if text != "between"] == [str(number) for number in range(130)]
        # Ann does not wait for what Joe may not say yet: his burst is twice the rate, less his ADD.
        assert heard.index("between") <= 105


def test_the_rate_is_not_evaded_by_coming_back(serve: Serve) -> None:
    server = serve("chat-server", "--rate", "5")
    for _ in range(3):
        with Person(server) as joe:
            joe.send(b"ADD joe\n" + b"".join(b"MESSAGE %d\n" % number for number in range(5)) + b"QUIT\n")
            while joe.line() != "GOODBYE":
                pass
            joe.expect_end()
    # 21 lines of which ten were free: at five a second that is two seconds.
    server.stop()
    assert server.event("stopped")["seconds"] > 1.9


def test_so_many_from_one_address_and_no_more(serve: Serve) -> None:
    server = serve("chat-server", "--per-address", "2")
    with Person(server, "joe") as joe:
        with Person(server, "ann"):
            joe.expect("NEW ann")
            with Person(server) as third:
                assert "try again later" in third.refusal()
                third.expect_end()
        joe.expect("LEFT ann")
        with Person(server, "bob"):
            joe.expect("NEW bob")


def test_a_rate_that_is_no_number_is_the_command_line(run: Run) -> None:
    assert run("chat-server", "--rate", "-1").returncode == 2


@linux
def test_five_hundred_members_hear_a_flood_in_order(serve: Serve) -> None:
    server = serve("chat-server", "--rate", "0", "--quiet")
    members, messages = 500, 1000
    drain = threading.Thread(target=lambda: [server.event("joined") for _ in range(members)])
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        drain.start()
        people = [stack.enter_context(Person(server, f"m{number}")) for number in range(members)]
        drain.join()
        expected = b"".join(b"MESSAGE m0\n%d\n" % number for number in range(messages))
        people[0].send(b"".join(b"MESSAGE %d\n" % number for number in range(messages)))
        heard = {person.sock: bytearray() for person in people}
        for person in people:
            person.sock.setblocking(False)
            selector.register(person.sock, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(60):
                heard[key.fileobj] += key.fileobj.recv(1 << 16)
                if heard[key.fileobj].endswith(expected[-16:]):
                    selector.unregister(key.fileobj)
        for number, person in enumerate(people):
            said = bytes(heard[person.sock])
            # Those who came before hear of all who came after; that may be in the file object's buffer.
            assert said[said.index(b"MESSAGE") if number < members - 1 else 0 :] == expected
        assert peak_memory(server.pid) < 60_000_000


@linux
def test_who_does_not_read_is_dropped_and_nobody_waits(serve: Serve) -> None:
    server = serve("chat-server", "--rate", "0")
    with Person(server, "deaf") as deaf, Person(server, "ann") as ann:
        deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        before = peak_memory(server.pid)
        sent = 0
        said: list[str] = []
        while "LEFT deaf" not in said:
            ann.send(b"".join(b"MESSAGE %d %s\n" % (sent + n, b"x" * 1000) for n in range(20)))
            sent += 20
            for _ in range(20):
                said.append(ann.line())
                if said[-1] == "LEFT deaf":
                    said.append(ann.line())
                said.append(ann.line().split(" ")[0])
            assert sent < 50_000, "a deaf member is kept for ever"
        assert said.count("LEFT deaf") == 1
        assert [text for text in said if text.isdigit()] == [str(number) for number in range(sent)]
        left = server.event("left")
        assert (left["name"], left["reason"]) == ("deaf", "holds more than 256 KiB unread")
        assert peak_memory(server.pid) - before < 4_000_000


@linux
def test_five_hundred_who_connect_and_close_leave_no_descriptor(serve: Serve) -> None:
    server = serve("chat-server", "--quiet")
    with Person(server, "joe") as joe:
        before = descriptors(server.pid)
        for number in range(500):
            sock = connect(server)
            if number % 3 == 0:
                sock.sendall(b"ADD x%d\n" % number)
            sock.close()
        for _ in range(500):
            server.event("closed")
        joe.send(b"MESSAGE done\n")
        while joe.line() != "done":
            pass
        assert descriptors(server.pid) == before
