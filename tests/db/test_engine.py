"""Every engine says every word of the protocol, with the same arguments."""

import inspect

import pytest

from pynetdb.db.engine import Engine, Insertion, Query
from pynetdb.db.sqlite.engine import SqliteEngine, SqliteQuery
from pynetdb.db.sqlite.insert import Insertion as SqliteInsertion


@pytest.mark.parametrize(
    ("protocol", "implementation"),
    [(Engine, SqliteEngine), (Query, SqliteQuery), (Insertion, SqliteInsertion)],
)
def test_the_same_methods_and_arguments(protocol: type, implementation: type) -> None:
    for name, method in inspect.getmembers(protocol, inspect.isfunction):
        if name.startswith("_"):
            continue
        wanted = inspect.signature(method).parameters
        found = inspect.signature(getattr(implementation, name)).parameters
        assert list(found) == list(wanted), name
        assert [one.default for one in found.values()] == [one.default for one in wanted.values()], name
