"""What asks a command to end unwinds it, also where a library lets no exception out."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from programs import posix

from pynetdb import interrupts
from pynetdb.db.sqlite import database, read_only
from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.file_uri import READ
from pynetdb.db.sqlite.query import Query
from pynetdb.interrupts import Terminated

pytestmark = posix

SLOW = "with recursive n(i) as (values(1) union all select i + 1 from n where i < 1000000) select count(*) from n"


@pytest.fixture(autouse=True)
def _signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.setattr("sys.unraisablehook", lambda unraisable: None)
    for number in numbers[1:]:
        signal.signal(number, signal.SIG_DFL)
    interrupts.take_signals()
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


def once(number: int, callback: Callable[..., Any]) -> Callable[..., Any]:
    """Like `callback`, but a signal arrives within the first call."""
    numbers = [number]

    def call(*arguments: Any) -> Any:
        if numbers:
            signal.raise_signal(numbers.pop())
        return callback(*arguments)

    return call


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)
@pytest.mark.parametrize("place", ["authorizer", "progress", "function"])
def test_within_what_sqlite_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, number: int, error: type[BaseException]
) -> None:
    path = tmp_path / "x.db"
    path.touch()
    if place == "authorizer":
        monkeypatch.setattr(read_only.ReadOnly, "__call__", once(number, read_only.ReadOnly.__call__))
    if place == "progress":
        monkeypatch.setattr(database.Database, "_go_on", once(number, database.Database._go_on))
    with Database(str(path), READ) as db, pytest.raises(error):
        if place == "function":
            db.connection.create_function("f", 0, once(number, lambda: 1))
            db.execute("select f()").fetchall()
        else:
            for _ in Query(db, SLOW).blocks():
                pass


def test_an_error_of_the_statement_stays_one() -> None:
    with Database(":memory:", READ) as db:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(database.DatabaseError, match="no such table"):
            db.execute("select * from t")
