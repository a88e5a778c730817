"""Traces and journals made by hand, with exactly what a test is about."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pynetdb.draw.sequence import SequenceChart, build_sequence
from pynetdb.draw.trace import Trace, parse_trace

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def moment(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line(at: float, who: str, call: str, *arguments: Any, result: Any = None, size: int | None = None,
         error: str | None = None, note: str = "why") -> bytes:  # fmt: skip
    """One line of a trace, `at` milliseconds after the beginning."""
    record = {"time": moment(at / 1000), "who": who, "call": call, "arguments": list(arguments), "result": result,
              "bytes": size, "error": error, "note": note}  # fmt: skip
    return json.dumps(record).encode() + b"\n"


def shown(data: bytes) -> str:
    return f"{len(data)} bytes {data[:32]!r}" + ("..." if len(data) > 32 else "") if data else "b''"


def send(at: float, who: str, data: bytes, call: str = "send", *more: Any) -> bytes:
    return line(at, who, call, shown(data), *more, result=len(data), size=len(data))


def recv(at: float, who: str, data: bytes, sender: object = None) -> bytes:
    call, origin = ("recv", "") if sender is None else ("recvfrom", f" from {sender!r}")
    return line(at, who, call, 65536, result=shown(data) + origin, size=len(data))


def trace(name: str, process: int, *lines: bytes) -> Trace:
    return parse_trace(lines, name, process)


SERVER = ("127.0.0.1", 9)


def listening(at: float = 0, kind: str = "SOCK_STREAM") -> list[bytes]:
    lines = [
        line(at, "server", "socket", "AF_INET", kind, result="fd 3"),
        line(at, "server", "bind", repr(SERVER)),
        line(at, "server", "getsockname", result=repr(SERVER)),
    ]
    return [*lines, line(at, "server", "listen", 5)] if kind == "SOCK_STREAM" else lines


def accept(at: float, who: str, port: int, descriptor: int = 7) -> bytes:
    note = f"a client's handshake is done: a new socket for it alone, {who} from here on"
    return line(at, "server", "accept", result=f"fd {descriptor}, ('127.0.0.1', {port})", note=note)


def connect(at: float, kind: str = "SOCK_STREAM", who: str = "client") -> list[bytes]:
    return [
        line(at, who, "socket", "AF_INET", kind, result="fd 3"),
        line(at, who, "connect", repr(SERVER)),
    ]


def chart(*traces: Trace, limit: int = 1000) -> SequenceChart:
    return build_sequence(traces, limit)


def arrows(made: SequenceChart, kind: str = "data") -> list[tuple[str, str, int, bool]]:
    """(from, to, bytes, lost) of each arrow."""
    return [(a.source.detail, a.destination.detail, a.size, a.lost) for a in made.arrows if a.kind == kind]


SCHEMA = """
CREATE TABLE runs (id INTEGER PRIMARY KEY, command TEXT, started TEXT, ended TEXT, reason TEXT, url TEXT,
  lost INTEGER NOT NULL DEFAULT 0);
CREATE TABLE connections (run_id INTEGER, number INTEGER, peer TEXT, opened TEXT, closed TEXT, seconds REAL,
  bytes_in INTEGER, bytes_out INTEGER, ending TEXT);
CREATE TABLE requests (run_id INTEGER, time TEXT, role TEXT, target TEXT, status INTEGER, bytes INTEGER, seconds REAL);
CREATE TABLE datagrams (run_id INTEGER, time TEXT, direction TEXT, peer TEXT, bytes INTEGER);
CREATE TABLE messages (run_id INTEGER, time TEXT, sender TEXT, characters INTEGER);
CREATE TABLE answers (run_id INTEGER, time TEXT);
CREATE TABLE samples (run_id INTEGER, time TEXT, server TEXT, offset_s REAL, delay_s REAL);
CREATE TABLE faults (run_id INTEGER, time TEXT, fault TEXT);
"""


def journal(path: Path, **tables: Sequence[Sequence[Any]]) -> str:
    """Make a journal with these rows; whatever else a journal has is not drawn."""
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        for table, rows in tables.items():
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    connection.close()
    return str(path)


def run_row(
    number: int = 1, url: str | None = "tcp://127.0.0.1:9", end: float | None = 10.0
) -> Sequence[Any]:
    return (number, "serve-echo", moment(0), None if end is None else moment(end), "signal", url, 0)
