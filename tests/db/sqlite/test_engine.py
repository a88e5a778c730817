"""SQLite through the protocol that everything above speaks."""

from pathlib import Path

import pytest

from pynetdb.db import open as open_database
from pynetdb.db.engine import TextFormat
from pynetdb.db.schema import NewColumn
from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", b'[{"a":1,"b":"x"}]\n'),
        ("jsonl", b'{"a":1,"b":"x"}\n'),
        ("csv", b"a,b\n1,x\n"),
        ("tsv", b"a\tb\n1\tx\n"),
        ("raw", b"1\tx\n"),
    ],
)
def test_text_in_every_format(form: TextFormat, text: bytes) -> None:
    with open_database(":memory:", "create") as engine:
        assert engine.version.startswith("SQLite 3.")
        table = engine.create_table("t", [NewColumn("a", kind="INTEGER"), NewColumn("b", kind="TEXT")])
        with engine.transaction():
            insertion = engine.start_insert(table, ["a", "b"], "here")
            insertion.insert(Batch([1, "x"], 1, None, 0), 0, 1)
            assert insertion.end() == 1
        assert b"".join(engine.query("SELECT * FROM t").text_blocks(form)) == text


def test_what_is_measured() -> None:
    with open_database(":memory:", "create") as engine:
        engine.run_script("CREATE TABLE t (a); INSERT INTO t VALUES (1)", "here")
        assert engine.measure("t", 0.0) == (None, None)
        for seconds in (None, 60.0):
            rows, size = engine.measure("t", seconds)
            options = [row[0] for block in engine.query("PRAGMA compile_options").blocks() for row in block]
            assert rows == 1 and size == (4096 if "ENABLE_DBSTAT_VTAB" in options else None)
        assert engine.measure(None) == (None, 8192) and not engine.owns_file("x")


def test_an_error_in_the_block_leaves_no_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(DatabaseError), open_database(str(path), "create") as engine:
        engine.run_script("nonsense", "here")
    assert not path.exists()
    with open_database(str(path), "create") as engine:
        assert engine.ensure_exists()
    assert path.stat().st_size > 0
    with open_database(str(path)) as engine:
        assert not engine.ensure_exists()


def test_a_new_database_for_many_rows_has_large_pages(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with open_database(str(path), "create", many_rows=True) as engine:
        engine.create_table("t", [NewColumn("a")])
    assert path.stat().st_size == 2 * 16384
    with open_database(":memory:") as engine:
        engine.attach("x", str(path))
        assert next(engine.query("SELECT count(*) FROM x.t").blocks()) == [(0,)]
