"""What a journal's timeline says is what its rows say."""

from pathlib import Path
from typing import Any

import pytest
from traces import BEGIN, journal, moment, run_row

import pynetdb.db
from pynetdb.draw.journal import read_journal, seconds_of
from pynetdb.draw.timeline import Timeline
from pynetdb.errors import DatabaseError


def read(path: Path, **tables: Any) -> Timeline:
    with pynetdb.db.open(journal(path / "j.db", **tables)) as engine:
        return read_journal(engine)


def values(line: Timeline, title: str) -> dict[str, list[tuple[float, float]]]:
    (panel,) = [panel for panel in line.panels if panel.title == title]
    return {
        series.name: [(round(at, 3), round(value, 3)) for at, value in series.points if value]
        for series in panel.series
    }


@pytest.mark.parametrize("length", [10, 13, 15, 16, 18, 19, 21, 22, 23, 24, 25, 26])
def test_a_prefix_is_where_its_bucket_begins(length: int) -> None:
    text = "2026-01-02T03:04:05.678912Z"[:length]
    assert BEGIN.timestamp() + 0.678912 >= seconds_of(text) > BEGIN.timestamp() - 86400
    assert seconds_of(moment(0)) == BEGIN.timestamp()


def test_requests_and_their_latencies(tmp_path: Path) -> None:
    rows = [
        (1, moment(n / 10), "server", "/", 404 if n % 10 == 0 else 200, 100, (n % 10 + 1) / 1000)
        for n in range(100)
    ]
    line = read(tmp_path, runs=[run_row()], requests=rows)
    assert (line.bucket, line.seconds, line.began) == (0.1, 10.0, BEGIN.timestamp())
    requests = values(line, "Requests")
    assert len(requests["all"]) == 100 and {value for _, value in requests["all"]} == {10.0}
    assert len(requests["failed"]) == 10
    assert values(line, "Bytes") == {"sent": [(round(n / 10, 3), 1000.0) for n in range(100)]}
    assert values(line, "Latency of requests")["99 %"][:3] == [(0.05, 1.0), (0.15, 2.0), (0.25, 3.0)]


def test_percentiles_of_a_bucket(tmp_path: Path) -> None:
    rows = [(1, moment(0), "server", "/", 200, 0, n / 1000) for n in range(1, 101)]
    rows += [(1, moment(0), "server", "/", None, None, None), (1, moment(300), "server", "/", 200, 0, 7.0)]
    line = read(tmp_path, runs=[run_row(end=300)], requests=rows)
    assert values(line, "Latency of requests") == {
        "median": [(0.5, 50), (300.5, 7000)], "90 %": [(0.5, 90), (300.5, 7000)], "99 %": [(0.5, 99), (300.5, 7000)]
    }  # fmt: skip


def test_of_both_halves_of_an_exchange_the_servers_counts(tmp_path: Path) -> None:
    line = read(
        tmp_path, runs=[run_row(), run_row(2, url=None)],
        requests=[(1, moment(1), "server", "/", 200, 5, 0.1), (2, moment(1), "client", "http://x/", 200, 5, 0.2)],
        connections=[(1, 1, "a", moment(1), moment(2), 1.0, 10, 20, "closed"), (2, 1, "b", moment(1), moment(2), 1.0, 20, 10, "closed")],
    )  # fmt: skip
    assert sum(value for _, value in values(line, "Requests")["all"]) * line.bucket == pytest.approx(1)
    assert max(value for _, value in values(line, "Open connections")["connections"]) == 1
    moved = {
        name: sum(value for _, value in points) * line.bucket
        for name, points in values(line, "Bytes").items()
    }
    assert moved == {"received": pytest.approx(10, abs=0.1), "sent": pytest.approx(20, abs=0.1)}


def test_clients_alone_are_drawn_as_well(tmp_path: Path) -> None:
    line = read(
        tmp_path, runs=[run_row(1, url=None, end=None)], requests=[(1, moment(1), "client", "u", None, None, None)],
        connections=[(1, 1, "a", moment(0), None, None, None, None, None)],
    )  # fmt: skip
    assert values(line, "Requests")["failed"]
    assert line.facts[0][3] == "has not ended, or was killed"
    # Open to the end.
    points = values(line, "Open connections")["connections"]
    assert points[0] == (0, 1) and len(points) > 90


def test_connections(tmp_path: Path) -> None:
    connections = [
        (1, 1, "a", moment(1), moment(4.5), 3.5, 0, 0, "closed"),
        (1, 2, "a", moment(2), moment(3), 1.0, 0, 0, "closed"),
        (1, 3, "a", moment(2.001), None, None, 0, 0, "refused"),
        (1, 4, "a", moment(200.1), moment(200.6), 0.5, 0, 0, "closed"),
    ]
    line = read(tmp_path, runs=[run_row(end=300)], connections=connections)
    assert line.bucket == 1
    assert values(line, "Open connections")["connections"] == [(1, 1), (2, 2), (3, 2), (4, 1), (200, 0.5)]


def test_everything_else(tmp_path: Path) -> None:
    line = read(
        tmp_path, runs=[run_row(end=300)],
        datagrams=[(1, moment(1), "received", "a:1", 10), (1, moment(1.5), "received", "b:1", 20), (1, moment(2), "sent", "a:1", 5)],
        messages=[(1, moment(3), "Ann", 5), (1, moment(3.5), "Ann", 7), (1, moment(4), "Joe", 1)],
        answers=[(1, moment(5))],
        samples=[(1, moment(6), "x", 0.002, 0.5), (1, moment(6.5), "x", 0.001, 0.1), (1, moment(6), "y", None, None)],
        faults=[(1, moment(7), "drop"), (1, moment(7.5), "drop"), (1, moment(8), "delay")],
    )  # fmt: skip
    assert values(line, "Datagrams") == {"received": [(1, 2)], "sent": [(2, 1)]}
    assert values(line, "Bytes") == {"received": [(1, 30)], "sent": [(2, 5)]}
    assert values(line, "Chat messages") == {"all": [(3, 2), (4, 1)]}
    assert values(line, "The time was told") == {"answers": [(5, 1)]}
    # Of two samples in one bucket the one with the shorter way.
    assert values(line, "Clock offset by server") == {"x": [(6.5, 1)]}
    assert line.marks == {"drop": [(7, 2)], "delay": [(8, 1)]}
    assert [(ranking.title, ranking.rows) for ranking in line.rankings] == [
        (
            "Who said how much",
            [("Ann", 2, "2 messages, 12 characters"), ("Joe", 1, "1 message, 1 character")],
        ),
        ("Whose datagrams came", [("a:1", 1, "1 datagram, 10 bytes"), ("b:1", 1, "1 datagram, 20 bytes")]),
    ]


def test_a_ranking_says_how_many_it_leaves_out(tmp_path: Path) -> None:
    line = read(tmp_path, runs=[run_row()], messages=[(1, moment(1), f"{n}", 1) for n in range(40)])
    assert (len(line.rankings[0].rows), line.rankings[0].more) == (12, 28)


def test_what_is_no_journal_and_one_that_is_empty(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="nothing is recorded"):
        read(tmp_path)
    import sqlite3

    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE students (name)")
    connection.close()
    with (
        pynetdb.db.open(str(tmp_path / "other.db")) as engine,
        pytest.raises(DatabaseError, match="is no journal"),
    ):
        read_journal(engine)
