"""Who a broker is, and whether it can be what a room needs."""

import pytest

from pynetdb.errors import NetworkError, ProtocolError
from pynetdb.protocols.valkey.greeting import (
    BusyError,
    authentication,
    check_reply,
    introduction,
    read_introduction,
)
from pynetdb.protocols.valkey.place import parse_place
from pynetdb.protocols.valkey.resp import BrokerError

MASTER = b"# Replication\r\nrole:master\r\n"


def server(*lines: str) -> bytes:
    return "\r\n".join(["# Server", *lines]).encode()


def test_who_we_are_is_said_first_and_only_if_somebody_wants_it() -> None:
    assert authentication(parse_place("redis://h/r")) == []
    assert authentication(parse_place("redis://:secret@h/r")) == ["AUTH", "secret"]
    assert authentication(parse_place("redis://ann:secret@h/r")) == ["AUTH", "ann", "secret"]


def test_a_database_is_chosen_before_anything_is_asked() -> None:
    assert introduction(parse_place("redis://h/r?db=2"))[0] == ["SELECT", 2]
    assert introduction(parse_place("redis://h/r")) == [["INFO", "server"], ["INFO", "replication"]]


def test_the_product_and_its_version() -> None:
    redis = server("redis_version:7.0.15", "redis_mode:standalone")
    valkey = server("redis_version:7.2.4", "server_name:valkey", "valkey_version:9.1.2")
    assert str(read_introduction("h:1", [b"OK", redis, MASTER])) == "Redis 7.0.15"
    assert str(read_introduction("h:1", [valkey, MASTER])) == "Valkey 9.1.2"


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        (server("redis_version:4.0.14"), MASTER, "h:1: Redis 4.0.14 has no streams, expected 5.0 or newer"),
        (server("redis_version:7.0.1", "redis_mode:cluster"), MASTER, "h:1: a part of a cluster"),
        (server("redis_version:7.0.1"), b"role:slave", "h:1: a replica that can only be read"),
        (BrokerError("NOAUTH Authentication required."), MASTER, "h:1: the broker wants a password"),
        (BrokerError("MOVED 1 h:2"), MASTER, "h:1: a part of a cluster"),
        (BrokerError("CLUSTERDOWN no slot"), MASTER, "h:1: a part of a cluster"),
    ],
)
def test_a_broker_that_cannot_be_used(first: object, second: bytes, wrong: str) -> None:
    with pytest.raises(NetworkError, match=wrong):
        read_introduction("h:1", [first, second])


@pytest.mark.parametrize("replies", [[b"OK", 7], [b"OK", b"OK"], [server("redis_version:x.y"), MASTER]])
def test_what_is_no_broker(replies: list[object]) -> None:
    with pytest.raises(ProtocolError, match="h:1: no Valkey or Redis, expected"):
        read_introduction("h:1", replies)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "WRONGPASS invalid username-password pair or user is disabled.",
            "does not take this user and password",
        ),
        ("ERR invalid password", "does not take this user and password"),
        ("ERR AUTH <password> called without any password configured", "has no password"),
        ("ERR Client sent AUTH, but no password is set", "has no password"),
        ("READONLY You can't write against a read only replica.", "a replica that can only be read"),
        ("NOPERM this user has no permissions", "may not do what a room needs"),
        ("ERR ACL failure in script: User u has no permissions to run", "may not do what a room needs"),
        ("ERR The user executing the script can't run this command", "may not do what a room needs"),
        ("ERR DB index is out of range", "the broker refused: ERR DB index is out of range"),
    ],
)
def test_what_an_error_means(text: str, wrong: str) -> None:
    with pytest.raises(NetworkError, match=wrong) as caught:
        check_reply("h:1", BrokerError(text))
    assert not isinstance(caught.value, BusyError)


@pytest.mark.parametrize("text", ["LOADING Redis is loading the dataset in memory", "BUSY a script"])
def test_what_passes_by_itself(text: str) -> None:
    with pytest.raises(BusyError, match=text):
        check_reply("h:1", BrokerError(text))
    check_reply("h:1", b"OK")
