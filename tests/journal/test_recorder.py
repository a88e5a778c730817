"""The recorder: never waits, loses nothing within its bound, and counts what it loses."""

import threading
from pathlib import Path
from typing import Any

import pytest
from journals import assert_intact, read, value, write

from pynetdb.errors import DatabaseError
from pynetdb.events import Closed, Connected, TimeAnswered
from pynetdb.journal import recorder as module
from pynetdb.journal.recorder import Recorder
from pynetdb.journal.rows import Row
from pynetdb.journal.sink import DatabaseSink


class Disk:
    """A sink whose disk can be full."""

    place = "j.db"

    def __init__(self) -> None:
        self.full = threading.Event()
        self.rows: list[Row] = []
        self.tried = threading.Semaphore(0)

    def begin_run(self, command: str, version: str, started: float, seed: int | None) -> int:
        return 1

    def write(self, rows: list[Row]) -> int:
        self.tried.release()
        if self.full.is_set():
            raise DatabaseError("j.db: no space left, nothing was changed")
        self.rows += rows
        return 0

    def last_messages(self, most: int) -> list[tuple[str, str]]:
        return []

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_RETRY", "_GRACE", "_LAST_RETRY"):
        monkeypatch.setattr(module, name, 0.01)


def answered() -> TimeAnswered:
    return TimeAnswered("ntp", "a")


def test_everything_is_there_at_the_end(journal_place: str) -> None:
    said: list[str] = []
    recorder = Recorder(DatabaseSink(journal_place), "serve-echo", said.append)
    for number in range(1, 20_001):
        recorder.receive(Connected(number, "a:1"))
        recorder.receive(Closed(number, "a:1", number, 2 * number, 0.5))
    recorder.close()
    recorder.close()
    assert (
        value(
            journal_place,
            "SELECT count(*) FROM connections WHERE bytes_out = 2 * number AND opened <= closed",
        )
        == 20_000
    )
    assert read(journal_place, "SELECT lost, ended IS NOT NULL FROM runs") == [(0, 1)]
    assert said == []
    assert_intact(journal_place)


def test_what_happens_is_written_before_the_end() -> None:
    disk = Disk()
    recorder = Recorder(disk, "x", pytest.fail)
    recorder.receive(answered())
    assert disk.tried.acquire(timeout=30)
    recorder.close()
    assert [name for name, _ in disk.rows] == ["answer", "ended"]


def test_a_full_disk_is_said_once_and_what_waits_is_written_later() -> None:
    disk, said = Disk(), list[str]()
    disk.full.set()
    recorder = Recorder(disk, "x", said.append)
    recorder.receive(answered())
    for _ in range(4):
        assert disk.tried.acquire(timeout=30)
        recorder.receive(answered())
    disk.full.clear()
    recorder.close()
    assert [name for name, _ in disk.rows].count("answer") == 5
    assert len(said) == 1
    assert said[0].startswith("journal j.db: no space left")
    assert recorder.lost == 0


def test_what_is_never_written_is_counted() -> None:
    disk, said = Disk(), list[str]()
    disk.full.set()
    recorder = Recorder(disk, "x", said.append, max_pending=10)
    recorder.receive(answered())
    assert disk.tried.acquire(timeout=30)
    for _ in range(50):
        recorder.receive(answered())
    assert recorder.lost == 40
    recorder.close()
    assert (
        said[1] == "journal j.db: 51 events could not be recorded (j.db: no space left, nothing was changed)"
    )
    assert len(said) == 2


def test_rows_that_somebody_made_impossible_cost_no_others(journal_place: str) -> None:
    said: list[str] = []
    first = Recorder(DatabaseSink(journal_place), "x", said.append)
    second = Recorder(DatabaseSink(journal_place), "y", said.append)
    write(journal_place, "DELETE FROM runs WHERE id = 1")
    for recorder in (first, second):
        recorder.receive(answered())
        recorder.close()
    assert read(journal_place, "SELECT run_id FROM answers") == [(2,)]
    assert said == [f"journal {journal_place}: 1 event could not be recorded"]


def test_what_was_refused_is_counted_in_the_run(journal_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what was in the same batch as the end."""
    monkeypatch.setattr(module, "_GATHER", 60)
    said: list[str] = []
    recorder = Recorder(DatabaseSink(journal_place), "x", said.append)
    without_peer: Any = TimeAnswered("ntp", None)  # type: ignore[arg-type]
    for event in (answered(), without_peer, without_peer, answered()):
        recorder.receive(event)
    recorder.close()
    assert read(journal_place, "SELECT lost, ended IS NOT NULL FROM runs") == [(2, 1)]
    assert value(journal_place, "SELECT count(*) FROM answers") == 2
    assert said == [f"journal {journal_place}: 2 events could not be recorded"]


def test_a_journal_that_cannot_be_begun_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.write_text("hello")

    def say(line: str) -> Any:
        raise AssertionError(line)

    with pytest.raises(DatabaseError):
        Recorder(DatabaseSink(str(path)), "x", say)
