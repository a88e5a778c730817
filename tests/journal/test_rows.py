"""Which rows an event becomes."""

from typing import Any

import pytest

from pynetdb import events
from pynetdb.db.sqlite.store_sql import statement_sql
from pynetdb.events.event import Event
from pynetdb.journal.rows import MAX_BODY, Row, RowMaker
from pynetdb.journal.statements import STATEMENTS
from pynetdb.protocols.chat.names import describe_nobody

T = "1970-01-01T00:01:40.000000Z"


def rows(*emitted: Event, bodies: bool = False) -> list[Row]:
    maker = RowMaker(7, bodies=bodies)
    made = [row for event in emitted for row in maker.rows(event)]
    for name, values in made:
        assert "".join(statement_sql(STATEMENTS[name])).count("?") == len(values)
    return made


def test_a_servers_connection() -> None:
    made = rows(
        events.Connected(3, "a:1", time=100.0), events.Closed(3, "a:1", 10, 20, 2.5, "reset", time=102.5)
    )
    assert made == [
        ("opened", (7, 3, "a:1", T)),
        ("closed", (7, 3, "a:1", T, "1970-01-01T00:01:42.500000Z", 2.5, 10, 20, "reset")),
    ]


def test_a_clients_connections_are_numbered_and_told_apart_by_their_peers() -> None:
    made = rows(
        events.Connected(None, "a:1", time=100.0),
        events.Connected(None, "b:1", time=100.0),
        events.Connected(None, "a:1", time=100.0),
        events.Closed(None, "b:1", 0, 0, 0.0, time=100.0),
        events.Closed(None, "a:1", 0, 0, 0.0, time=100.0),
        events.Closed(None, "a:1", 0, 0, 0.0, time=100.0),
        events.Closed(None, "c:1", 0, 0, 0.0, time=100.0),
    )
    assert [(name, values[1]) for name, values in made] == [
        ("opened", 1),
        ("opened", 2),
        ("opened", 3),
        ("closed", 2),
        ("closed", 1),
        ("closed", 3),
        ("closed", 4),
    ]


def test_a_refused_connection() -> None:
    ((name, values),) = rows(events.Refused(4, "a:1", "too many", time=100.0))
    assert name == "closed"
    assert values[-1] == "refused"


def test_what_refers_to_a_connection_that_was_not_told_brings_it_along() -> None:
    request = events.RequestServed(9, "a:1", "GET", "/", 200, 5, time=100.0)
    assert [name for name, _ in rows(request)] == ["seen", "served"]
    assert [name for name, _ in rows(events.Connected(9, "a:1"), request)] == ["opened", "served"]


def test_requests_lose_their_secrets_and_their_bodies() -> None:
    request = events.RequestServed(
        1, "a", "GET", "/x?token=abc", 200, 5, "", 0.123456789, b"x" * 99_999, time=100.0
    )
    response = events.ResponseReceived(
        "GET",
        "http://ann:pw@h/",
        200,
        5,
        0.1,
        0.2,
        None,
        0.3,
        0.4,
        "http://ann:pw@h/: cut",
        b"hi",
        time=100.0,
    )
    _, (name, values) = rows(request)
    assert (name, values[4], values[7], values[8]) == ("served", "/x?token=***", 0.123457, None)
    ((_, values),) = rows(response)
    assert "pw" not in repr(values)
    assert values[-1] is None
    assert rows(request, bodies=True)[1][1][-1] == b"x" * MAX_BODY
    assert rows(response, bodies=True)[0][1][-1] == b"hi"


def test_messages() -> None:
    said = events.MessageSaid("Ann", None, "s:1", "hello", time=100.0)
    whispered = events.PrivateMessageSaid("Ann", None, "s:1", "Bob", "psst!", time=100.0)
    assert rows(said) == [("message", (7, None, T, "Ann", None, "hello", 5))]
    assert rows(whispered) == [("message", (7, None, T, "Ann", "Bob", None, 5))]
    refused = events.CommandRefused("Ann", 1, "a", describe_nobody("Bob: SECRET"), time=100.0)
    assert rows(refused, bodies=True) == [("notice", (7, T, "#1 refused: nobody here is called Bob: SECRET"))]
    assert rows(whispered, bodies=True) == [("message", (7, None, T, "Ann", "Bob", "psst!", 5))]
    connected = events.Connected(None, "s:1")
    assert rows(connected, said)[1][1][1] == 1


@pytest.mark.parametrize(
    ("event", "row"),
    [
        (events.Ready("serve-echo", "h", 1, "tcp://h:1", 5), ("ready", ("tcp://h:1", 7))),
        (
            events.DatagramReceived("a", 2, b"hi", sequence=4),
            ("datagram", (7, T, "received", "a", 2, 4, 0, None)),
        ),
        (events.DatagramSent("a", 2, b"hi"), ("datagram", (7, T, "sent", "a", 2, None, 0, None))),
        (events.MemberJoined("Ann", None, "s", 3), ("joined", (7, None, "Ann", T))),
        (events.MemberLeft("Ann", None, "s", 3, "quit"), ("left", (T, "quit", 7, "Ann"))),
        (events.TimeAnswered("ntp", "a"), ("answer", (7, T, "ntp", "a"))),
        (
            events.TimeSampled("a", "ntp", 0.5, 0.1, 1, 0, "GPS"),
            ("sample", (7, T, "a", "ntp", 0.5, 0.1, 1, 0, "GPS", None)),
        ),
        (
            events.ExchangeDone("echo", "a", {"sent": 1}),
            ("exchange", (7, T, "echo", "a", '{"sent": 1}', None)),
        ),
        (
            events.FaultInjected(None, "a", "delay", "sent", 5, 0.25),
            ("fault", (7, None, T, "delay", "sent", "a", 5, 0.25)),
        ),
        (
            events.Exhausted("no descriptors"),
            ("notice", (7, T, "no descriptors; new clients wait until one leaves")),
        ),
        (events.CommandRefused("Ann", 1, "a", "no"), ("notice", (7, T, "#1 refused: no"))),
        (
            events.CommandRefused("Ann", 1, "a", describe_nobody("Bob: SECRET")),
            ("notice", (7, T, "#1 refused: nobody here has that name")),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_others(event: Any, row: Row) -> None:
    object.__setattr__(event, "time", 100.0)
    assert rows(event) == [row]


def test_payloads_when_asked() -> None:
    assert rows(events.DatagramReceived("a", 2, b"hi"), bodies=True)[0][1][-1] == b"hi"


def test_the_page_of_a_chat_room_is_not_recorded_its_address_is_a_secret() -> None:
    assert rows(events.WebReady(("http://h/TOKEN/",))) == []


def test_the_end_of_a_run() -> None:
    maker = RowMaker(7)
    assert maker.rows(events.Stopped("signal", {})) == []
    assert maker.last_row(100.0, 3) == ("ended", (T, "signal", 3, 7))
