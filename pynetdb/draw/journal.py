"""A timeline from a journal: the database counts, and only what is drawn comes here.

The statements are ones that every engine understands. A bucket of time is a prefix of the time's text.
"""

# ruff: noqa: S608 - the statements are put together from the constants of this file alone

from array import array
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from pynetdb.draw.timeline import (
    Panel,
    PanelKind,
    Ranking,
    Series,
    Timeline,
    bucket_width,
    per_second,
    percentile,
)
from pynetdb.errors import DatabaseError
from pynetdb.wording import format_count

if TYPE_CHECKING:
    from pynetdb.db.engine import Engine

_MOMENTS = {
    "runs": ("started", "ended"),
    "connections": ("opened", "closed"),
    "requests": ("time", "time"),
    "datagrams": ("time", "time"),
    "messages": ("time", "time"),
    "answers": ("time", "time"),
    "samples": ("time", "time"),
    "faults": ("time", "time"),
}
"""The tables that are drawn, with the columns of their first and last time."""

_SHARES = ((0.5, "median"), (0.9, "90 %"), (0.99, "99 %"))
_MAX_RANKED = 12
# More than that is one line too many to be told apart.
_MAX_SERVERS = 8

Points = list[tuple[float, float]]


def read_journal(engine: "Engine") -> Timeline:
    """Draw up the timeline of a journal. Raises DatabaseError for what is none, or is empty."""
    return _Reader(engine).read()


class _Reader:
    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        names = {table.name for table in engine.all_tables()}
        if "runs" not in names:
            raise DatabaseError(f"{engine.place}: is no journal, expected what --journal writes")
        self._tables = [table for table in _MOMENTS if table in names]
        self._bounds()

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        for block in self._engine.query(sql).blocks():
            yield from block

    def _bounds(self) -> None:
        moments: list[str] = []
        self._counts: dict[str, int] = {}
        for table in self._tables:
            first, last = _MOMENTS[table]
            ((count, begin, end),) = self._rows(f"SELECT count(*), min({first}), max({last}) FROM {table}")
            self._counts[table] = count
            moments += [str(moment) for moment in (begin, end) if moment is not None]
        if not moments:
            raise DatabaseError(f"{self._engine.place}: nothing is recorded in this journal yet")
        self.began, self.ended = seconds_of(min(moments)), seconds_of(max(moments))
        self.bucket, self._prefix = bucket_width(self.ended - self.began)
        self._key = f"substr(time, 1, {self._prefix})"
        self._served: dict[float, float] = {}

    def _at(self, key: str) -> float:
        """Where a bucket begins, in seconds since the beginning of the picture."""
        return seconds_of(key) - self._first

    def read(self) -> Timeline:
        # The picture begins where the bucket of its first moment does.
        moment = datetime.fromtimestamp(self.began, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        self._first = seconds_of(moment[: self._prefix])
        length = self.ended - self._first
        line = Timeline(self._engine.place, self._first, length, self.bucket, self._runs())
        for draw in (
            self._connections,
            self._requests,
            self._datagrams,
            self._chat,
            self._answers,
            self._samples,
        ):
            line.panels += draw()
        line.panels.insert(1 if self._counts.get("connections") else 0, self._bytes())
        line.panels = [panel for panel in line.panels if any(series.points for series in panel.series)]
        if self._counts.get("faults"):
            line.marks = self._faults()
        line.rankings = [ranking for ranking in self._rankings() if ranking.rows]
        return line

    def _runs(self) -> list[tuple[str, ...]]:
        rows = self._rows(
            "SELECT id, command, started, ended, reason, url, lost FROM runs ORDER BY started, id LIMIT 50"
        )
        facts: list[tuple[str, ...]] = []
        for number, command, started, ended, reason, url, lost in rows:
            took = (
                f"{seconds_of(ended) - seconds_of(started):.3f} s"
                if ended
                else "has not ended, or was killed"
            )
            told = f"{lost} events lost" if lost else ""
            facts.append(
                (str(number), str(command), str(started), took, str(reason or ""), str(url or ""), told)
            )
        return facts

    # Counts by bucket

    def _counted(self, table: str, what: str = "count(*)", where: str = "") -> Points:
        """Sum something up by bucket; where nothing was, there is a zero."""
        if not self._counts.get(table):
            return []
        rows = self._rows(f"SELECT {self._key}, {what} FROM {table} {where} GROUP BY {self._key} ORDER BY 1")
        return self._filled({self._at(at): float(value or 0) for at, value in rows})

    def _filled(self, found: dict[float, float]) -> Points:
        if not found:
            return []
        values: dict[int, float] = {}
        for at, value in found.items():
            number = round(at / self.bucket)
            values[number] = values.get(number, 0) + value
        last = max(int((self.ended - self._first) / self.bucket), *values)
        return [(number * self.bucket, values.get(number, 0.0)) for number in range(last + 1)]

    def _panel(self, title: str, unit: str, kind: PanelKind, **series: Points) -> Panel:
        return Panel(
            title, unit, kind, [Series(name.replace("_", " "), points) for name, points in series.items()]
        )

    def _rates(self, title: str, table: str, **wheres: str) -> Panel:
        found = {
            name: per_second(self._counted(table, where=where), self.bucket) for name, where in wheres.items()
        }
        return self._panel(title, "a second", "bars", **found)

    def _servers_only(self, table: str) -> str:
        """The same where a row does not tell its side: servers are the runs that have a URL."""
        half = "run_id IN (SELECT id FROM runs WHERE url IS NOT NULL)"
        found = self._rows(f"SELECT 1 FROM {table} WHERE {half} LIMIT 1")
        return half if any(found) else "1 = 1"

    # The panels

    def _pieces(self) -> list[tuple[float, float | None, int, float, int, int]]:
        """Connections by the buckets of their two ends: how many, seconds, bytes in, bytes out."""
        if not self._counts.get("connections"):
            return []
        opened, closed = (f"substr({name}, 1, {self._prefix})" for name in ("opened", "closed"))
        rows = self._rows(
            f"SELECT {opened}, {closed}, count(*), sum(seconds), sum(bytes_in), sum(bytes_out)"
            f" FROM connections WHERE opened IS NOT NULL AND (ending IS NULL OR ending <> 'refused')"
            f" AND {self._servers_only('connections')} GROUP BY 1, 2"
        )
        return [
            (
                self._at(first),
                None if last is None else self._at(last),
                n,
                float(s or 0),
                int(i or 0),
                int(o or 0),
            )
            for first, last, n, s, i, o in rows
        ]

    def _connections(self) -> list[Panel]:
        self._spread = pieces = self._pieces()
        open_ones: dict[int, float] = defaultdict(float)
        final = int((self.ended - self._first) / self.bucket)
        for first, last, count, seconds, _, _ in pieces:
            begin = round(first / self.bucket)
            end = final if last is None else round(last / self.bucket)
            if end <= begin and last is not None:
                # Shorter than a bucket: so many were open on average.
                open_ones[begin] += min(seconds / self.bucket, count)
                continue
            for number in range(begin, end + 1):
                open_ones[number] += count
        points = self._filled({number * self.bucket: value for number, value in open_ones.items()})
        return [self._panel("Open connections", "at a time", "steps", connections=points)]

    def _role(self) -> str:
        """Of an exchange of which both sides are in the journal, the server's half counts."""
        found = self._rows("SELECT 1 FROM requests WHERE role = 'server' LIMIT 1")
        return f"role = '{'server' if any(found) else 'client'}'"

    def _requests(self) -> list[Panel]:
        if not self._counts.get("requests"):
            return []
        where = self._role()
        counts, failed = {}, {}
        measured: list[tuple[str, int]] = []
        for key, count, known, bad, size in self._rows(
            f"SELECT {self._key}, count(*), count(seconds), sum(CASE WHEN status < 400 THEN 0 ELSE 1 END),"
            f" sum(bytes) FROM requests WHERE {where} GROUP BY 1 ORDER BY 1"
        ):
            at = self._at(key)
            counts[at], failed[at], self._served[at] = float(count), float(bad), float(size or 0)
            measured.append((key, known))
        rates = {"all": per_second(self._filled(counts), self.bucket)}
        if any(failed.values()):
            rates["failed"] = per_second(self._filled(failed), self.bucket)
        return [self._panel("Requests", "a second", "bars", **rates), self._latency(where, measured)]

    def _latency(self, where: str, measured: list[tuple[str, int]]) -> Panel:
        """Percentiles by bucket: sorted by the database, they are positions; one bucket at a time is here."""
        rows = self._rows(
            f"SELECT seconds FROM requests WHERE {where} AND seconds IS NOT NULL"
            f" ORDER BY {self._key}, seconds"
        )
        series = [Series(name, []) for _, name in _SHARES]
        for key, count in measured:
            ordered = array("d", (seconds for (seconds,) in islice(rows, count)))
            for (share, _), one in zip(_SHARES, series, strict=True):
                if ordered:
                    one.points.append((self._at(key) + self.bucket / 2, percentile(ordered, share) * 1000))
        return Panel("Latency of requests", "ms", "lines", series)

    def _bytes(self) -> Panel:
        """What moved: of a connection evenly over its life, of a datagram or a body when it was told."""
        incoming: dict[float, float] = defaultdict(float)
        outgoing: dict[float, float] = defaultdict(float)
        for first, last, _, _, bytes_in, bytes_out in self._spread:
            begin = round(first / self.bucket)
            end = max(round((first if last is None else last) / self.bucket), begin)
            for number in range(begin, end + 1):
                incoming[number * self.bucket] += bytes_in / (end - begin + 1)
                outgoing[number * self.bucket] += bytes_out / (end - begin + 1)
        if not self._spread and self._counts.get("requests"):
            outgoing |= self._served
        for direction, found in (("received", incoming), ("sent", outgoing)):
            for at, count in self._counted("datagrams", "sum(bytes)", self._direction(direction)):
                found[at] += count
        series = {
            name: per_second(self._filled(found), self.bucket)
            for name, found in (("received", incoming), ("sent", outgoing))
            if any(found.values())
        }
        return self._panel("Bytes", "a second", "lines", **series)

    def _direction(self, direction: str) -> str:
        if not self._counts.get("datagrams"):
            return ""
        return f"WHERE direction = '{direction}' AND {self._servers_only('datagrams')}"

    def _datagrams(self) -> list[Panel]:
        wheres = {name: self._direction(name) for name in ("received", "sent")}
        return [self._rates("Datagrams", "datagrams", **wheres)]

    def _chat(self) -> list[Panel]:
        return [self._rates("Chat messages", "messages", all="")]

    def _answers(self) -> list[Panel]:
        return [self._rates("The time was told", "answers", answers="")]

    def _samples(self) -> list[Panel]:
        if not self._counts.get("samples"):
            return []
        found: dict[str, Points] = defaultdict(list)
        # By bucket the one with the shortest way: the others say less about the clock.
        rows = self._rows(
            f"SELECT server, {self._key}, offset_s, delay_s FROM samples"
            " WHERE offset_s IS NOT NULL ORDER BY 1, 2, 4"
        )
        last = None
        for server, at, offset, _ in rows:
            if (server, at) != last:
                found[server].append((self._at(at) + self.bucket / 2, float(offset) * 1000))
            last = server, at
        servers = sorted(found, key=lambda name: -len(found[name]))[:_MAX_SERVERS]
        return [
            Panel("Clock offset by server", "ms", "dots", [Series(name, found[name]) for name in servers])
        ]

    def _faults(self) -> dict[str, list[tuple[float, int]]]:
        marks: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for fault, at, count in self._rows(
            f"SELECT fault, {self._key}, count(*) FROM faults GROUP BY 1, 2 ORDER BY 1, 2"
        ):
            marks[str(fault)].append((self._at(at), int(count)))
        return dict(marks)

    # Who did how much

    def _rankings(self) -> Iterator[Ranking]:
        if self._counts.get("messages"):
            sql = "SELECT sender, count(*), sum(characters) FROM messages GROUP BY sender ORDER BY 2 DESC, 1"
            yield self._ranking("Who said how much", sql, "message", "character")
        if self._counts.get("datagrams"):
            sql = (
                f"SELECT peer, count(*), sum(bytes) FROM datagrams {self._direction('received')}"
                " GROUP BY peer ORDER BY 2 DESC, 1"
            )
            yield self._ranking("Whose datagrams came", sql, "datagram", "byte")
        if self._counts.get("requests"):
            sql = (
                f"SELECT target, count(*), sum(bytes) FROM requests WHERE {self._role()}"
                " GROUP BY target ORDER BY 2 DESC, 1"
            )
            yield self._ranking("What was asked for", sql, "request", "byte")

    def _ranking(self, title: str, sql: str, noun: str, detail: str) -> Ranking:
        ranking = Ranking(title, [])
        for number, (name, count, size) in enumerate(self._rows(sql)):
            if number >= _MAX_RANKED:
                ranking.more += 1
                continue
            told = f"{format_count(int(count), noun)}, {format_count(int(size or 0), detail)}"
            ranking.rows.append(("?" if name is None else str(name), float(count), told))
        return ranking


def seconds_of(text: str) -> float:
    """Return a moment, or the beginning of the bucket that a prefix of it names, in seconds since 1970."""
    text = str(text).rstrip("Z")
    complete = text + "0000-01-01T00:00:00.000000"[len(text) :]
    return datetime.fromisoformat(complete).replace(tzinfo=UTC).timestamp()
