"""One moment for a whole exchange."""

import pytest

from pynetdb.errors import DeadlineError
from pynetdb.net import deadline as module
from pynetdb.net.deadline import Deadline, StallError, StallLimit


def test_it_is_one_moment_and_not_a_time_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    deadline = Deadline(2.5, "127.0.0.1:9")
    assert (deadline.left(), deadline.remaining()) == (2.5, 2.5)
    now[0] += 2
    assert deadline.remaining() == 0.5
    now[0] += 1
    assert deadline.left() == 0
    with pytest.raises(DeadlineError, match=r"127\.0\.0\.1:9: no complete answer within 2\.5 s"):
        deadline.remaining()


def test_a_stall_limit_is_for_each_wait() -> None:
    limit = StallLimit(1e-9, "http://h/")
    assert limit.remaining() == limit.left() == 1e-9
    with pytest.raises(StallError, match="^http://h/: nothing came for 1e-09 s$"):
        raise limit.passed()


def test_a_deadline_can_be_renewed() -> None:
    deadline = Deadline(1000, "x")
    deadline._end = 0
    assert deadline.left() == 0
    deadline.renew()
    assert deadline.left() > 900
