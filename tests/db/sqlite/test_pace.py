"""How many rows are asked for at a time."""

import pytest

from pynetdb.db.sqlite.pace import Pace


def test_a_pace_follows_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 0.001, 1.0, 1.05, 2.0, 3.0, 4.0, 4.001, 5.0, 9.0, 9.0, 19.0, 20.0, 30.0])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    pace = Pace(100, 40)
    found = []
    for _ in range(7):
        with pace:
            found.append(pace.size)
    assert [*found, pace.size] == [40, 100, 100, 25, 100, 25, 6, 1]
