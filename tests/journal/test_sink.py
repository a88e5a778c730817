"""The tables of a journal, filled and read."""

import os
from pathlib import Path

import pytest
from journals import assert_intact, read, value
from programs import posix

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.journal.sink import DatabaseSink

T = "2026-01-01T00:00:00.000000Z"


def test_a_run_and_its_rows_in_the_order_that_they_need(journal_place: str) -> None:
    sink = DatabaseSink(journal_place)
    run = sink.begin_run("serve-http", "1.0", 1.5, 7)
    request = (run, 1, T, "GET", "/", 200, 5, 0.1, None)
    assert (
        sink.write([("served", request), ("ended", (T, "signal", 0, run)), ("opened", (run, 1, "a", T))]) == 0
    )
    sink.close()
    assert read(journal_place, "SELECT command, version, started, seed, ended, reason FROM runs") == [
        ("serve-http", "1.0", "1970-01-01T00:00:01.500000Z", 7, T, "signal")
    ]
    assert value(journal_place, "SELECT count(*) FROM requests") == 1
    assert_intact(journal_place)


@pytest.mark.parametrize("at_once", [True, False])
def test_many_connections_that_began_and_are_over(journal_place: str, at_once: bool) -> None:
    """However they are spread over batches, each is one row, which says when it began."""
    sink = DatabaseSink(journal_place)
    run = sink.begin_run("serve-echo", "1", 0.0, None)
    opened = [("opened", (run, number, f"a:{number}", "began")) for number in range(200)]
    closed = [
        ("closed", (run, number, f"a:{number}", "later", "over", 0.5, 1, 2, "closed"))
        for number in range(199)
    ]
    for rows in [[*opened, *closed]] if at_once else [opened, closed]:
        assert sink.write(rows) == 0
    sink.close()
    assert value(journal_place, "SELECT count(*) FROM connections WHERE peer = 'a:' || number") == 200
    assert (
        value(journal_place, "SELECT count(*) FROM connections WHERE opened = 'began' AND closed IS NULL")
        == 1
    )
    begun = "later" if at_once else "began"
    assert (
        value(journal_place, f"SELECT count(*) FROM connections WHERE opened = '{begun}' AND closed = 'over'")
        == 199
    )
    assert_intact(journal_place)


def test_runs_are_counted_on(journal_place: str) -> None:
    sink = DatabaseSink(journal_place)
    assert [sink.begin_run("x", "1", 0.0, None) for _ in range(3)] == [1, 2, 3]


def test_the_last_messages_of_rooms(journal_place: str) -> None:
    sink = DatabaseSink(journal_place)
    room = sink.begin_run("chat-server", "1", 0.0, None)
    member = sink.begin_run("chat-client", "1", 0.0, None)
    again = sink.begin_run("chat-server", "1", 0.0, None)
    sink.write(
        [
            ("message", (room, None, T, "Ann", None, "one", 3)),
            ("message", (member, None, T, "Ann", None, "one", 3)),
            ("message", (room, None, T, "Ann", "Bob", "secret", 6)),
            ("message", (again, None, T, "Bob", None, "two", 3)),
            ("message", (again, None, T, "Ann", None, "three", 5)),
        ]
    )
    sink.close()
    assert sink.last_messages(2) == [("Bob", "two"), ("Ann", "three")]
    assert sink.last_messages(9) == [("Ann", "one"), ("Bob", "two"), ("Ann", "three")]


@pytest.mark.parametrize(("place", "wrong"), [(":memory:", "in memory"), ("", "without a name")])
def test_what_can_be_no_journal(place: str, wrong: str) -> None:
    with pytest.raises(CommandLineError, match=wrong):
        DatabaseSink(place).begin_run("x", "1", 0.0, None)


@posix
def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe that nobody writes into would be waited for without an end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (str(pipe), os.devnull):
        with pytest.raises(DatabaseError, match="is not a regular file"):
            DatabaseSink(place).begin_run("x", "1", 0.0, None)
    with pytest.raises(DatabaseError, match="is a folder"):
        DatabaseSink(str(tmp_path)).begin_run("x", "1", 0.0, None)
