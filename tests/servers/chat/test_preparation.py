"""A broker that does not do all that a room needs: said at the start, and later to everybody."""

from collections.abc import Callable

import pytest
from brokers import Broker
from crowd import Crowd
from programs import Run, Served, posix

from pynetdb.protocols.chat.shared_facts import AWAY, BACK

pytest.importorskip("hiredis", reason="stranger: hiredis is not installed")

pytestmark = posix

ServeRoom = Callable[..., Served]

LOG, SEQ = "{pynetdb:ROOM}:log", "{pynetdb:ROOM}:seq"

RIGHTS = [
    "info",
    "script|load",
    "evalsha",
    "time",
    "pexpire",
    "hget",
    "hgetall",
    "hset",
    "hdel",
    "xadd",
    "xread",
    "xrange",
    "xrevrange",
]


def allow(broker: Broker, *without: str) -> str:
    """Have a user with all rights that a room needs but these, and return the URL of its room."""
    rights = [f"+{right}" for right in RIGHTS if right not in without]
    user = ("reset", "on", ">pw", "~{pynetdb:ROOM}:*", *rights)
    assert broker.ask("ACL", "SETUSER", "u", *user) == b"+OK\r\n"
    return broker.url(userinfo="u:pw@")


@pytest.mark.parametrize("right", RIGHTS)
def test_a_right_that_is_missing_is_said_at_the_start(
    make_broker: Callable[..., Broker], run: Run, right: str
) -> None:
    url = allow(make_broker(), right)
    done = run("chat-server", "--port", "0", "--room", url, "--room-ttl", "1m", "--for", "50ms")
    assert done.returncode == 3
    assert "may not do what a room needs" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("key", [LOG, SEQ])
def test_a_key_of_another_type_is_said_at_the_start(
    make_broker: Callable[..., Broker], run: Run, key: str
) -> None:
    broker = make_broker()
    broker.ask("SET", key, "x")
    done = run("chat-server", "--port", "0", "--room", broker.url(), "--for", "50ms")
    assert done.returncode == 3
    assert "WRONGTYPE" in done.stderr


def _without_rights(broker: Broker) -> Callable[[], object]:
    allow(broker, "xadd")
    return lambda: allow(broker)


def _without_log(broker: Broker) -> Callable[[], object]:
    allow(broker, "xread")
    broker.ask("CLIENT", "KILL", "USER", "u")
    return lambda: allow(broker)


def _seq_is_a_string(broker: Broker) -> Callable[[], object]:
    broker.ask("SET", SEQ, "x")
    return lambda: broker.ask("DEL", SEQ)


def _log_is_full(broker: Broker) -> Callable[[], object]:
    """What no trial finds: the request itself is refused, again and again."""
    most = str(2**64 - 1)
    broker.ask("XADD", LOG, f"{most}-{most}", "x", "x")
    return lambda: broker.ask("DEL", LOG)


@pytest.mark.parametrize("spoil", [_without_rights, _without_log, _seq_is_a_string, _log_is_full])
def test_what_is_refused_later_is_told_to_members_and_operator_until_it_is_mended(
    make_broker: Callable[..., Broker],
    serve_room: ServeRoom,
    crowd: Crowd,
    spoil: Callable[[Broker], Callable[[], object]],
) -> None:
    broker = make_broker()
    here = serve_room(broker, url=allow(broker))
    (ann,) = crowd.join(here.address, "ann")
    mend = spoil(broker)
    ann.send(b"MESSAGE while it refuses\n")
    crowd.wait(lambda: AWAY in ann.notices)
    assert here.event("broker")["state"] == "lost"
    mend()
    crowd.wait(lambda: b"MESSAGE ann\nwhile it refuses\n" in ann.bytes)
    crowd.wait(lambda: BACK in ann.notices)
    assert here.event("broker")["state"] == "reached"
    assert [notice for notice in ann.notices if notice in (AWAY, BACK)] == [AWAY, BACK]
    # Who came while nothing could be written down is let in.
    (bob,) = crowd.join(here.address, "bob")
    mend = spoil(broker)
    bob.send(b"MESSAGE again\n")
    crowd.wait(lambda: AWAY in bob.notices)
    mend()
    crowd.wait(lambda: b"MESSAGE bob\nagain\n" in ann.bytes)
