"""A statement that SQLite does not understand gets the hint that helps."""

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.query import Query
from pynetdb.errors import DatabaseError


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select nme from students", "students has id, name; did you mean name?"),
        ("select s.nme from students s", "did you mean name?"),
        ("select zzzzz from students", "students has id, name)"),
        ("select * from student", "there is courses, students; did you mean students?"),
        ("select * from main.student", "did you mean students?"),
        ("students", "students is a table"),
        (".tables", "a command of the sqlite3 shell"),
        ("selct 1", "syntax error"),
    ],
)
def test_hints(sql: str, told: str) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE students (id, name)")
        db.execute("CREATE TABLE courses (title)")
        with pytest.raises(DatabaseError) as caught:
            Query(db, sql)
        assert told in str(caught.value)


def test_an_empty_database() -> None:
    with Database(":memory:", CREATE) as db, pytest.raises(DatabaseError, match="there are no tables"):
        Query(db, "select * from student")
