"""What the tests of PostgreSQL's engine share: an empty database, and it opened."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from postgres import Server

from pynetdb.db import open as open_database
from pynetdb.db.engine import Engine

Open = Callable[..., Engine]


@pytest.fixture
def place(postgresql: Server) -> str:
    """The URL of an empty database."""
    return postgresql.empty("unit")


@pytest.fixture
def execute(postgresql: Server, place: str) -> Callable[[str], list[Any]]:
    """Run a statement in that database, past our own code."""
    return lambda sql: postgresql.execute(sql, "unit")


@pytest.fixture
def opened(place: str) -> Iterator[Open]:
    """Open it: `opened("write")`."""
    with ExitStack() as stack:
        yield lambda *arguments, **more: stack.enter_context(open_database(place, *arguments, **more))


# Servers are started on Linux alone; where psycopg is not, not even the modules can be read.
if importlib.util.find_spec("psycopg") is None:
    collect_ignore_glob = ["test_*.py"]
