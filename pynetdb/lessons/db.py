"""The chapter about databases: a table, a value that would like to be SQL, a file that loses nothing."""

import json

from pynetdb.lessons.stage import Stage

_CSV = "symbol,shares,price,zip\nRHAT,100,35.14,01234\nIBM,1000,45.0,99\nMSFT,500,72.25,00501\n"


def play(stage: Stage) -> None:
    with stage.folder():
        _play(stage)


def _play(stage: Stage) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        outcome = stage.run(*arguments)
        return outcome.status, outcome.output

    db = "school.db"
    stage.say("A database is one file. A table has columns with types; the first one here is the key.")
    run("db-create", db, "students", "id:int:pk", "name:text:notnull", "age:int")
    run("db-insert", db, "students", "name=Ann", "age=36")
    stage.say("A value is bound to the statement, never pasted into it: whatever it says, it stays a value.")
    name = "Robert'); DROP TABLE students;--"
    run("db-insert", db, "students", f"name={name}", "age=7")
    status, text = run("db-query", db, "select * from students", "--json")
    found = json.loads(text or "[]")
    stage.check(status == 0 and [row["name"] for row in found] == ["Ann", name], "both rows are there")

    stage.say("Who only asks cannot change anything: the file is opened for reading.")
    status, _ = run("db-query", db, "delete from students")
    stage.check(status == 6, "without --write the statement is refused, with exit status 6")

    stage.say("Many rows come from a file, all of them or none. A type is chosen only if it loses nothing.")
    stage.write("stocks.csv", _CSV)
    run("db-insert", db, "stocks", "--from", "stocks.csv", "--create")
    run("db-query", db, "select symbol, price, zip from stocks order by price")
    status, text = run("db-query", db, "select * from stocks", "--format", "csv")
    stage.check(status == 0 and text == _CSV, "what comes out is what went in, 01234 and all")
    stage.write("stocks.csv", "HPQ,250\n", append=True)
    status, _ = run("db-insert", db, "stocks", "--from", "stocks.csv")
    stage.check(status == 6, "one short row, by its line: exit status 6")
    _, text = run("db-query", db, "select count(*) from stocks", "--format", "raw")
    stage.check(text == "3", "and none of the others was inserted either")
