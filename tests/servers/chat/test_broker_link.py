"""A room that several servers share, over real brokers: one order, one name each, LEFT once, nothing lost."""

import hashlib
import os
import re
import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest
from brokers import Broker
from crowd import Crowd, check_nothing_lost, check_one_order
from network import connect, fill_with_lines, receive_all, reset
from processes import peak_memory
from programs import PATIENCE, ROOT, Served, posix

from pynetdb.protocols.chat.room_scripts import KEYS, SCRIPTS
from pynetdb.protocols.chat.shared_facts import AWAY, BACK, EXPELLED

pytest.importorskip("hiredis", reason="stranger: hiredis is not installed")

pytestmark = posix

ServeRoom = Callable[..., Served]


def key(name: str, room: str = "ROOM") -> str:
    return f"{{pynetdb:{room}}}:{name}"


def test_two_servers_are_one_room(broker: Broker, serve_room: ServeRoom, crowd: Crowd) -> None:
    here, there = serve_room(broker), serve_room(broker)
    (ann,) = crowd.join(here.address, "ann")
    (bob,) = crowd.join(there.address, "bob")
    crowd.wait(lambda: b"NEW bob\n" in ann.bytes)
    bob.send(b"MESSAGE hi\nPRIVATE ann\npsst\nPRIVATE carl\nx\n")
    ann.send("MESSAGE Käse\n".encode())
    for words in ("MESSAGE ann\nKäse\n".encode(), b"MESSAGE bob\nhi\n"):
        crowd.wait(lambda words=words: all(words in member.bytes for member in (ann, bob)))
    crowd.wait(lambda: b"nobody here is called carl" in bob.bytes and b"psst" in ann.bytes)
    assert sorted(check_one_order([ann, bob])) == [("ann", "Käse"), ("bob", "hi")]
    assert ann.notices == ["psst"]
    assert bob.notices == ["nobody here is called carl"]
    ann.send(b"MESSAGE bye\nQUIT\n")
    crowd.wait(lambda: b"LEFT ann\n" in bob.bytes)
    crowd.wait(lambda: ann.bytes.endswith(b"MESSAGE ann\nbye\nGOODBYE\n"))
    # Nobody is left behind in the broker, and the server that ends says so at once.
    (dan,) = crowd.join(here.address, "dan")
    there.stop()
    crowd.wait(lambda: b"LEFT bob\n" in dan.bytes, 1.0)
    assert broker.ask("HLEN", key("names")) == b":1\r\n"


def test_a_name_is_had_once_over_all_servers(broker: Broker, serve_room: ServeRoom, crowd: Crowd) -> None:
    here, there = serve_room(broker), serve_room(broker)
    crowd.join(here.address, "ann")
    (bob,) = crowd.join(there.address, "bob")
    bob.send(b"ADD x\n")
    crowd.wait(lambda: b"you are bob already" in bob.bytes)
    for name in ("ANN", "аnn"):
        with connect(there) as sock:
            # What follows a refused name is heard as from somebody at the door, and a second try is welcome.
            sock.sendall(f"ADD {name}\nMESSAGE early\nADD other\nMESSAGE in\nQUIT\n".encode())
            words = receive_all(sock).decode()
            first, second, *rest = words.split("PRIVATE *server*\n")[1:]
            assert first.startswith(f"the name {name} ")
            assert second.startswith("join first")
            assert rest == []
            assert words.endswith("NEW other\nMESSAGE other\nin\nGOODBYE\n")


def test_all_say_much_at_once_in_one_order(broker: Broker, serve_room: ServeRoom, crowd: Crowd) -> None:
    servers = [serve_room(broker) for _ in range(3)]
    members = [
        member
        for number, server in enumerate(servers)
        for member in crowd.join(server.address, *(f"m{number}-{who}" for who in range(5)))
    ]
    for member in members:
        member.said = 200
        member.send(b"".join(b"MESSAGE %d\n" % number for number in range(1, 201)))
    crowd.wait(lambda: all(member.bytes.count(b"MESSAGE ") == 3000 for member in members))
    check_nothing_lost(check_one_order(members), members)


def test_the_history_outlives_all_servers_and_holds_nothing_private(
    broker: Broker, serve_room: ServeRoom, crowd: Crowd
) -> None:
    first = serve_room(broker)
    (ann,) = crowd.join(first.address, "ann")
    ann.send(b"".join(b"MESSAGE %d\nPRIVATE ann\nsecret\n" % number for number in range(1500)))
    crowd.wait(lambda: ann.bytes.count(b"secret") == 1500)
    assert b"secret" in broker.ask("XREVRANGE", key("log"), "+", "-", "COUNT", "3")
    first.stop()
    second = serve_room(broker, "--history", "1200", "--motd", "welcome")
    (bob,) = crowd.join(second.address, "bob")
    told = ["welcome", *(f"ann: {number}" for number in range(300, 1500))]
    crowd.wait(lambda: len(bob.notices) == len(told))
    assert bob.notices == told
    assert b"secret" not in bob.bytes


@pytest.mark.parametrize("way", ["killed", "frozen"])
def test_a_broker_that_is_away_for_longer_than_the_lease(
    broker: Broker, serve_room: ServeRoom, crowd: Crowd, way: str
) -> None:
    """Nobody is taken for dead, disconnected or unheard; a restarted broker has forgotten its scripts."""
    here, there = serve_room(broker), serve_room(broker)
    members = [*crowd.join(here.address, "a1", "a2"), *crowd.join(there.address, "b1", "b2")]
    crowd.talk(members, 40, 400)
    if way == "killed":
        broker.kill()
    else:
        broker.freeze()
    crowd.talk(members, 400, 400)
    crowd.wait(lambda: all(AWAY in member.notices for member in members))
    gone = time.monotonic()
    # Who comes and goes meanwhile leaves nothing behind; who comes and stays is let in when it is back.
    with connect(here) as sock:
        sock.sendall(b"ADD fleeting\n")
        assert b"PRIVATE *room*\n" + AWAY.encode() in sock.recv(1000)
    late = connect(there)
    late.sendall(b"ADD late\nMESSAGE at last\n")
    crowd.talk(members, 200, 200)
    assert time.monotonic() - gone > 0.9
    if way == "killed":
        broker.start()
    else:
        broker.thaw()
    crowd.wait(lambda: all(b"at last" in member.bytes for member in members))
    crowd.wait_for_all(members, "end")
    late.close()
    check_nothing_lost(check_one_order(members), members)
    for member in members:
        assert member.notices == [AWAY, BACK]
        assert not member.over
        assert not member.left - Counter(["late"])
        assert member.joined["fleeting"] == 0


def test_a_broker_without_a_memory_is_told_who_is_here(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker(keeps=False)
    here, there = serve_room(broker), serve_room(broker)
    (ann,) = crowd.join(here.address, "ann")
    (bob,) = crowd.join(there.address, "bob")
    crowd.wait(lambda: b"NEW bob\n" in ann.bytes)
    for forget in (lambda: broker.ask("FLUSHALL"), lambda: (broker.kill(), broker.start())):
        forget()
        crowd.talk([ann, bob], 20, 200)
        crowd.wait(lambda: broker.ask("HLEN", key("names")) == b":2\r\n")
        crowd.wait_for_all([ann, bob], f"again {time.monotonic()}")
    check_nothing_lost(check_one_order([ann, bob]), [ann, bob])
    bob.send(b"QUIT\n")
    crowd.wait(lambda: b"LEFT bob\n" in ann.bytes)
    assert ann.left == Counter(["bob"])


def test_scripts_that_are_forgotten_are_loaded_again(
    broker: Broker, serve_room: ServeRoom, crowd: Crowd
) -> None:
    here = serve_room(broker)
    members = crowd.join(here.address, "ann", "bob")
    for number in range(3):
        broker.ask("SCRIPT", "FLUSH")
        crowd.talk(members, 10, 1000)
        crowd.wait_for_all(members, f"end {number}")
    check_nothing_lost(check_one_order(members), members)
    # A beat may be the first to notice.
    broker.ask("SCRIPT", "FLUSH")
    crowd.wait(lambda: b":1" in broker.ask("SCRIPT", "EXISTS", _digest(broker, "beat")))
    crowd.wait_for_all(members, "really the end")


def _digest(broker: Broker, script: str) -> str:
    return hashlib.sha1(SCRIPTS[script].encode()).hexdigest()


def test_a_server_that_dies_is_said_to_have_left_once(
    broker: Broker, serve_room: ServeRoom, crowd: Crowd, serve: Callable[..., Served]
) -> None:
    there = [serve_room(broker), serve_room(broker)]
    dying = serve("chat-server", "--room", broker.url(), "--room-lease", "900ms", status=-signal.SIGKILL)
    doomed = crowd.join(dying.address, "d1", "d2", "d3")
    members = [crowd.join(server.address, f"m{number}")[0] for number, server in enumerate(there)]
    crowd.talk([*doomed, *members], 50, 500)
    dying.process.kill()
    crowd.wait(lambda: all(len(member.left) == 3 for member in members))
    # Its names are free again.
    crowd.join(there[0].address, "d1")
    crowd.wait_for_all(members, "end")
    lines = check_one_order(members)
    check_nothing_lost(lines, members)
    for member in members:
        assert member.left == Counter(["d1", "d2", "d3"])
    # What those heard who are gone was acknowledged, and is heard by all.
    for member in doomed:
        assert set(member.lines) <= set(lines)


def test_a_server_that_was_frozen_says_no_zombie_line(
    broker: Broker, serve_room: ServeRoom, crowd: Crowd
) -> None:
    frozen, there = serve_room(broker), serve_room(broker)
    dropped = crowd.join(frozen.address, "f1", "f2")
    (bob,) = crowd.join(there.address, "bob")
    crowd.talk([*dropped, bob], 30, 500)
    crowd.wait_for_all([bob, *dropped], "before")
    os.kill(frozen.pid, signal.SIGSTOP)
    dropped[0].send(b"MESSAGE zombie\n")
    crowd.wait(lambda: len(bob.left) == 2)
    (heir,) = crowd.join(there.address, "f2")
    os.kill(frozen.pid, signal.SIGCONT)
    crowd.wait(lambda: all(member.over for member in dropped))
    for member in dropped:
        assert EXPELLED in member.notices
    # The server goes on, for whoever comes back.
    (back,) = crowd.join(frozen.address, "f1")
    crowd.wait_for_all([back, bob, heir], "after")
    assert not any(text == "zombie" for _, text in bob.lines)
    assert bob.left == Counter(["f1", "f2"])
    assert bob.joined == Counter(["bob", "f1", "f2"])


def test_what_waits_for_the_broker_is_bounded_and_then_senders_wait(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker()
    server = serve_room(broker)
    ann, bob = crowd.join(server.address, "ann", "bob")
    before = peak_memory(server.pid)
    broker.freeze()
    taken = fill_with_lines(ann.sock, b"MESSAGE %d " + b"x" * 1000 + b"\n", 30_000)
    assert taken < 30_000, "nobody held the sender back"
    assert peak_memory(server.pid) - before < 24 * 1024 * 1024
    broker.thaw()
    crowd.wait(lambda: bob.bytes.count(b"MESSAGE ann\n") == taken)
    numbers = [int(text.split()[0]) for _, text in check_one_order([ann, bob])]
    assert numbers == list(range(taken))
    assert not (ann.over or bob.over)


def test_who_reads_slowly_survives_the_catching_up(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    """A reader gets after an outage more at once than a member may be owed: it hands that out in portions."""
    broker = make_broker()
    server = serve_room(broker)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.settimeout(PATIENCE)
        slow.connect(server.address)
        slow.sendall(b"ADD slow\n")
        assert slow.recv(100) == b"NEW slow\n"
        script = "for i=1,4000 do redis.call('XADD',KEYS[1],'*','MESSAGE',ARGV[1]..i,'of','x/1') end"
        broker.ask("EVAL", script, "1", key("log"), "far\n" + "x" * 1000)
        heard = b""
        while not heard.endswith(b"x4000\n"):
            data = slow.recv(8 * 1024)
            assert data, "dropped"
            heard += data
    assert heard.count(b"MESSAGE far\n") == 4000


def test_nobody_waits_for_who_does_not_read(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker()
    server = serve_room(broker)
    (bob,) = crowd.join(server.address, "bob")
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024)
        deaf.connect(server.address)
        deaf.sendall(b"ADD deaf\n")
        crowd.wait(lambda: b"NEW deaf\n" in bob.bytes)
        script = "for i=1,8000 do redis.call('XADD',KEYS[1],'*','MESSAGE',ARGV[1]..i,'of','x/1') end"
        broker.ask("EVAL", script, "1", key("log"), "far\n" + "x" * 1000)
        crowd.wait(lambda: b"LEFT deaf\n" in bob.bytes)
        crowd.wait(lambda: b"x8000\n" in bob.bytes)
    assert bob.bytes.count(b"MESSAGE far\n") == 8000


def test_clients_that_come_and_go_at_any_moment_keep_no_names(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker()
    here, there = serve_room(broker), serve_room(broker)
    (bob,) = crowd.join(there.address, "bob")
    for number in range(60):
        sock = connect(here)
        sock.sendall(b"ADD guest%d\n" % number)
        if number % 3 == 1:
            sock.sendall(b"QUIT\n")
        if number % 3 == 2:
            reset(sock)
        else:
            sock.close()
    crowd.wait(lambda: broker.ask("HLEN", key("names")) == b":1\r\n")
    crowd.wait_for_all([bob], "end")
    crowd.wait(lambda: bob.joined - Counter(["bob"]) == bob.left)
    assert not [name for name, count in bob.left.items() if count > 1]


def test_the_keys_live_as_long_as_they_are_told_to(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker()
    keys = [key(name) for name in KEYS]
    server = serve_room(broker, "--room-ttl", "3s")
    crowd.join(server.address, "ann")[0].send(b"MESSAGE hi\n")
    crowd.wait(lambda: broker.ask("EXISTS", *keys) == b":4\r\n")
    crowd.wait(lambda: all(0 < int(broker.ask("PTTL", name)[1:]) <= 3000 for name in keys))
    server.stop()
    crowd.wait(lambda: broker.ask("EXISTS", *keys) == b":0\r\n", 10)
    for_ever = serve_room(broker)
    crowd.join(for_ever.address, "ann")
    assert broker.ask("PTTL", key("log")) == b":-1\r\n"


def test_only_verbose_tells_which_server_somebody_is_at(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker()
    here, quiet, there = serve_room(broker, "-v"), serve_room(broker), serve_room(broker)
    (ann,) = crowd.join(there.address, "ann")
    (bob,) = crowd.join(here.address, "bob")
    ann.send(b"MESSAGE hi\nQUIT\n")
    crowd.wait(lambda: b"LEFT ann\n" in bob.bytes)
    events = [here.event("elsewhere") for _ in range(3)]
    assert [(event["what"], event["name"], event.get("text")) for event in events] == [
        ("joined", "ann", None),
        ("said", "ann", "hi"),
        ("left", "ann", None),
    ]
    assert len({event["server"] for event in events}) == 1
    assert f":{there.pid}:" in events[0]["server"]
    assert b"elsewhere" not in bob.bytes
    assert events[0]["server"].encode() not in bob.bytes
    quiet.stop()
    assert "ann" not in quiet.stderr


@pytest.mark.parametrize(
    "fault", ["reset-after=200000", "close-after=200000", "split=500", "delay=1ms..20ms"]
)
def test_a_bad_way_to_the_broker_changes_nothing(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd, fault: str
) -> None:
    broker = make_broker()
    good, bad = serve_room(broker), serve_room(broker, "--fault", fault, "--seed", "7")
    (ann,) = crowd.join(good.address, "ann")
    with connect(bad) as sock:
        sock.sendall(b"ADD bob\n")
        for number in range(600):
            sock.sendall(b"MESSAGE %0299d\n" % number)
        sock.sendall(b"QUIT\n")
        crowd.wait(lambda: b"LEFT bob\n" in ann.bytes)
    assert ann.lines == [("bob", f"{number:0299d}") for number in range(600)]
    assert ann.joined == Counter(["ann", "bob"])


def test_pages_are_members_of_a_shared_room(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    broker = make_broker()
    here, there = serve_room(broker, "--web", "0"), serve_room(broker)
    (bob,) = crowd.join(there.address, "bob")
    port, path = here.event("web")["url"].removeprefix("http://127.0.0.1:").split("/", 1)

    def listen(name: str) -> "tuple[socket.socket, BinaryIO]":
        sock = socket.create_connection(("127.0.0.1", int(port)), PATIENCE)
        sock.sendall(f"GET /{path}events?name={name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        return sock, sock.makefile("rb")

    def read_until(file: BinaryIO, end: bytes) -> bytes:
        heard = b""
        while end not in heard:
            line = file.readline()
            assert line, heard
            heard += line
        return heard

    page, words = listen("ann")
    with page, words:
        heard = read_until(words, b"event: members\ndata: bob\ndata: ann\n")
        assert b"data: NEW ann\n" in heard
        bob.send(b"MESSAGE hi\n")
        read_until(words, b"data: MESSAGE bob\ndata: hi\n")
        # A name that somebody has at another server: it is said why, and the page may ask for another.
        second, refused = listen("BOB")
        with second, refused:
            assert b"the name BOB is taken" in refused.read()
    crowd.wait(lambda: b"LEFT ann\n" in bob.bytes)


def test_a_journal_has_what_members_of_this_server_said_and_where_the_room_is(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd, tmp_path: Path
) -> None:
    broker = make_broker()
    journal = tmp_path / "j.db"
    here, there = serve_room(broker, "--journal", str(journal)), serve_room(broker)
    (ann,) = crowd.join(here.address, "ann")
    (bob,) = crowd.join(there.address, "bob")
    crowd.talk([ann, bob], 6, 1000)
    crowd.wait_for_all([ann, bob], "end")
    broker.kill()
    crowd.wait(lambda: AWAY in ann.notices)
    broker.start()
    crowd.wait(lambda: BACK in ann.notices)
    here.stop()
    with closing(sqlite3.connect(journal)) as db:
        said = db.execute("select sender, text from messages order by rowid").fetchall()
        notices = [text for (text,) in db.execute("select text from notices order by rowid")]
    assert said == [("ann", "1"), ("ann", "2"), ("ann", "3"), ("ann", "end")]
    assert [text.split(" (")[0].split(" at ")[0] for text in notices] == [
        "the room is",
        "the room's broker is away",
        "the room is",
    ]


def test_a_user_of_the_broker_may_be_held_to_what_a_room_needs(
    make_broker: Callable[..., Broker], serve_room: ServeRoom, crowd: Crowd
) -> None:
    """The commands are those that docs/engines.md names."""
    page = (ROOT / "docs" / "engines.md").read_text("utf-8")
    named = re.findall("`([A-Z ]+)`", page.partition("and the commands")[2].partition(").")[0])
    rights = [f"+{command.lower().replace(' ', '|')}" for command in named]
    broker = make_broker()
    assert broker.ask("ACL", "SETUSER", "chat", "on", ">geheim", "~{pynetdb:ROOM}:*", *rights) == b"+OK\r\n"
    url = broker.url(userinfo="chat:geheim@")
    first = serve_room(broker, "--room-ttl", "1m", url=url)
    members = crowd.join(first.address, "ann", "bob")
    members[0].send(b"PRIVATE bob\npsst\n")
    crowd.talk(members, 10, 1000)
    crowd.wait_for_all(members, "end")
    members[1].send(b"QUIT\n")
    crowd.wait(lambda: b"LEFT bob\n" in members[0].bytes)
    second = serve_room(broker, "--history", "50", url=url)
    (carl,) = crowd.join(second.address, "carl")
    crowd.wait(lambda: b"bob: end" in carl.bytes)


# The scripts alone


def run_script(
    broker: Broker, script: str, *arguments: object, server: str = "s1", lease: int = 60_000
) -> bytes:
    keys = [key(name) for name in KEYS]
    common = [server, lease, 0, 1000, 1]
    return broker.ask("EVAL", SCRIPTS[script], "4", *keys, *map(str, [*common, *arguments]))


def test_a_batch_that_is_repeated_is_not_said_twice(broker: Broker) -> None:
    assert run_script(broker, "say", 1, "MESSAGE", "a\nx", 1) == b"*1\r\n$7\r\nunknown\r\n"
    run_script(broker, "enter", 0)
    for _ in range(3):
        said = run_script(broker, "say", 1, "MESSAGE", "a\nx", 1, "PRIVATE", "a\ny", 1, "no", "no")
        assert said == b"*2\r\n$2\r\nok\r\n$1\r\n1\r\n"
    assert broker.ask("XLEN", key("log")) == b":1\r\n"
    run_script(broker, "say", 2, "MESSAGE", "a\nx", 1)
    assert broker.ask("XLEN", key("log")) == b":2\r\n"


def test_a_join_that_is_repeated_is_a_yes_for_its_owner_alone(broker: Broker) -> None:
    run_script(broker, "enter", 0)
    run_script(broker, "enter", 0, server="s2")
    for _ in range(2):
        assert b"ok" in run_script(broker, "join", "ann", "s1\n1\nann\nAnn", "ann", "Ann", 1)
    assert broker.ask("XLEN", key("log")) == b":1\r\n"
    taken = run_script(broker, "join", "ann", "s2\n1\nann\nANN", "ann", "ANN", 1, server="s2")
    assert taken == b"*2\r\n$5\r\ntaken\r\n$3\r\nAnn\r\n"
    assert b"ok" in run_script(broker, "leave", "ann", "s2\n1\nann\nANN", server="s2")
    assert broker.ask("HLEN", key("names")) == b":1\r\n"
    assert b"ok" in run_script(broker, "leave", "ann", "s1\n1\nann\nAnn")
    assert broker.ask("HLEN", key("names")) == b":0\r\n"


def test_what_comes_late_from_an_earlier_conversation_is_refused(broker: Broker) -> None:
    run_script(broker, "enter", 0)
    keys = [key(name) for name in KEYS]
    second = broker.ask("EVAL", SCRIPTS["enter"], "4", *keys, "s1", "60000", "0", "1000", "2", "0")
    assert second.startswith(b"*4\r\n$2\r\nok")
    for script, arguments in (
        ("enter", [0]),
        ("join", ["ann", "s1\n1\nann\nAnn", "ann", "Ann", 1]),
        ("say", [1, "MESSAGE", "a\nx", 1]),
        ("leave", ["*"]),
        ("beat", []),
    ):
        assert run_script(broker, script, *arguments) == b"*1\r\n$5\r\nstale\r\n", script
    assert broker.ask("XLEN", key("log")) == b":0\r\n"


def test_a_lease_that_is_over_is_found_by_the_next_beat_of_another(broker: Broker, crowd: Crowd) -> None:
    run_script(broker, "enter", 0, server="dead", lease=1000)
    run_script(broker, "join", "ann", "dead\n1\nann\nAnn", "ann", "Ann", 1, server="dead", lease=1000)

    def reaped() -> bool:
        run_script(broker, "beat" if entered else "enter", *([] if entered else [0]), lease=1000)
        entered.append(1)
        return broker.ask("HLEN", key("names")) == b":0\r\n"

    entered: list[int] = []
    begin = time.monotonic()
    while not reaped():
        assert time.monotonic() - begin < PATIENCE
        time.sleep(0.05)
    assert b"LEFT" in broker.ask("XREVRANGE", key("log"), "+", "-", "COUNT", "1")
    for script, arguments in (("beat", []), ("enter", [0]), ("say", [1, "MESSAGE", "a\nx", 1])):
        assert run_script(broker, script, *arguments, server="dead") == b"*1\r\n$6\r\nreaped\r\n"
