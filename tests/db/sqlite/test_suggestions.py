"""A statement that SQLite does not understand gets the hint that helps."""

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.query import Query
from pynetdb.db.sqlite.suggestions import suggest
from pynetdb.errors import DatabaseError


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select nme from students", "students has id, name; did you mean name?"),
        ("select s.nme from students s", "did you mean name?"),
        ("select zzzzz from students", "students has id, name)"),
        ("select * from student", "; did you mean students?"),
        ("select * from main.student", "did you mean students?"),
        ("students", "students is a table"),
        (".tables", "a command of the sqlite3 shell"),
        ("selct 1", "did you mean select in place of selct?"),
        ("SELEC 1", "did you mean SELECT in place of SELEC?"),
        ("select * form students", "did you mean from in place of form?"),
        ("select * from students were id = 1", "did you mean where in place of were?"),
        ("select * from students gruop by id", "did you mean group in place of gruop?"),
        ("student", "'select * from students' reads the table students"),
        ("order", "'select * from \"order\"' reads it"),
        ("select * from order", 'as a name it stands in double quotes, "order"'),
        ("select * from two words", 'did you mean "two words"?'),
        ("two words", "'select * from \"two words\"' reads it"),
        ("select x.nme from students s", "nothing is called x here, there is s; did you mean s.name?"),
        ("with x as (select 1 as a) select x.b from x, students", "students has id, name)"),
        ('select id from students, "order"', 'order".id or students.id'),
        ("select s.id, id from students s join students as t", "(s.id or t.id)"),
        ("select name from students where title = 1", "title is a column of courses"),
        ("select * from students where name = Ann", "a text stands in single quotes: 'Ann'"),
        ("select * from students where id in (Ann)", "a text stands in single quotes: 'Ann'"),
        ("select uper(name) from students", "did you mean upper()"),
        ("select len(name) from students", "in SQLite that is length(x)"),
        ("select upper(name, 1) from students", "it takes 1)"),
        ("select * from other.students", "there is no database other, only main"),
        ("select * from students order by name collate nocas", "did you mean nocase?"),
        ("select 'Ann", "is never closed"),
        ("select (1", "a ( has no )"),
        ("select count(id from students", "a ( has no )"),
        ("select", "it ends where more is expected"),
        ("select name, from students", "a comma stands before from"),
        ("from students", "did you mean 'select * from students'?"),
        ("select top 3 * from students", "did you mean '... limit 3'?"),
        ("delete students", "did you mean 'delete from students'?"),
        ("update students name = 1", "did you mean 'update students set ...'?"),
        ("truncate table students", "did you mean 'delete from students'?"),
        ("insert into students (nmae) values (1)", "students has id, name; did you mean name?"),
        ("insert into students values (1)", "(students has id, name)"),
        ("drop index i", "there is by_title)"),
        ("drop trigger t", "there is no trigger in it"),
        ("drop view t", "there is no view in it"),
        ("select * from 2020-01", 'as a name it stands in double quotes, "2020-01"'),
        ("describe students", "describe is a command of the mysql shell"),
    ],
)
def test_hints(sql: str, told: str) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE students (id, name)")
        db.execute("CREATE TABLE courses (title)")
        db.execute("CREATE INDEX by_title ON courses (title)")
        db.execute('CREATE TABLE "order" (id, "group")')
        db.execute('CREATE TABLE "two words" (a)')
        db.execute('CREATE TABLE "2020-01" (a)')
        with pytest.raises(DatabaseError) as caught:
            Query(db, sql, write=True)
        assert told in str(caught.value)


def test_an_empty_database() -> None:
    with Database(":memory:", CREATE) as db, pytest.raises(DatabaseError, match="there are no tables"):
        Query(db, "select * from student")


def test_a_table_called_like_a_command_of_a_shell() -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE help (a)")
        with pytest.raises(DatabaseError, match="help is a table"):
            Query(db, "help")


def test_attached_databases_are_looked_at() -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE students (a)")
        db.execute("ATTACH ':memory:' AS other")
        db.execute("CREATE TABLE other.students (b)")
        with pytest.raises(
            DatabaseError, match=r"\(there is other.students; did you mean other.students\?\)"
        ):
            Query(db, "select * from other.student")
        with pytest.raises(DatabaseError, match=r"\(there is students; did you mean students\?\)"):
            Query(db, "select * from main.student")
        with pytest.raises(DatabaseError, match="other.students has b"):
            Query(db, "select c from other.students")


def test_a_broken_view_hides_no_other_table() -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE gone (a)")
        db.execute("CREATE VIEW v AS SELECT a FROM gone")
        db.execute("CREATE TABLE students (name)")
        db.execute("DROP TABLE gone")
        with pytest.raises(DatabaseError, match="students has name; did you mean name?"):
            Query(db, "select nme from students")


def test_the_words_of_newer_versions() -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE students (id, name)")
        message = 'no such column: "nme" - should this be a string literal in single-quotes?'
        assert (
            suggest(db, 'select "nme" from students', message) == "students has id, name; did you mean name?"
        )
