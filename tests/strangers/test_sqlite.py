"""Our databases and the sqlite3 shell: each reads what the other wrote."""

import csv
import io
import json
import os
import pty
import random
import subprocess
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Run, Stranger, environment, posix

pytestmark = posix

TEXT = 'id,name,price,note\n1,"O\'Neil, Ann",1.5,"two\nlines"\n2,Bob,0.25,\n3,"say ""hi""",100.0,\u00e9\U0001f600\n'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stranger: Stranger):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    program = stranger("sqlite3")

    def run(*arguments: str) -> str:
        command = [program, "-batch", *arguments]
        return subprocess.run(
            command, stdout=subprocess.PIPE, check=True, encoding="utf-8", timeout=PATIENCE
        ).stdout

    return run


def test_our_dump_is_their_own(shell, run: Run) -> None:  # type: ignore[no-untyped-def]
    Path("x.csv").write_text(TEXT)
    assert run("db-insert", "ours.db", "t", "--from", "x.csv", "--create").returncode == 0
    schema = shell("ours.db", ".schema t")
    shell("theirs.db", schema, ".import --csv --skip 1 x.csv t")
    assert shell("ours.db", ".dump") == shell("theirs.db", ".dump")
    assert shell("ours.db", "PRAGMA integrity_check") == "ok\n"


def test_values_of_every_kind_are_those_of_the_shell(shell, run: Run) -> None:  # type: ignore[no-untyped-def]
    chance = random.Random(14)
    texts = ["a,b", 'say "hi"', "it's", "two\nlines", "\u65e5\u672c", " x ", "007", "1e5", "NULL"]
    lines = io.StringIO(newline="")
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(["i", "r", "t"])
    for number in range(2000):
        integer = chance.choice([number, -(2**63), 2**63 - 1, 0])
        # Of more than fifteen digits the shell does not keep every double.
        table.writerow([integer, round(chance.uniform(-1e6, 1e6), 3), chance.choice(texts)])
    Path("x.csv").write_bytes(lines.getvalue().encode())
    assert run("db-insert", "ours.db", "t", "--from", "x.csv", "--create").returncode == 0
    schema = shell("ours.db", ".schema t")
    assert '"i" INTEGER, "r" REAL, "t" TEXT' in schema
    shell("theirs.db", schema, ".import --csv --skip 1 x.csv t")
    sql = "SELECT quote(i), quote(r), quote(t), typeof(i), typeof(r), typeof(t) FROM t"
    assert shell("ours.db", sql) == shell("theirs.db", sql)


def test_a_dump_of_theirs_is_a_script_of_ours(shell, run: Run) -> None:  # type: ignore[no-untyped-def]
    Path("x.csv").write_text(TEXT)
    shell(
        "theirs.db",
        ".import --csv x.csv t",
        "CREATE INDEX i ON t (name)",
        "CREATE VIEW v AS SELECT id FROM t",
    )
    Path("dump.sql").write_text(shell("theirs.db", ".dump"))
    assert run("db-create", "ours.db", "--sql", "dump.sql").returncode == 0
    assert shell("ours.db", ".dump") == Path("dump.sql").read_text()
    listed = json.loads(run("db-query", "ours.db", "--json").stdout)
    assert listed == [
        {"table": "t", "columns": ["id", "name", "price", "note"], "rows": 3},
        {"table": "v", "columns": ["id"], "rows": 3},
    ]


@pytest.mark.parametrize(
    "pragma", ["journal_mode = wal", "encoding = 'UTF-16le'", "page_size = 512", "auto_vacuum = 1"]
)
def test_we_read_what_they_wrote(shell, run: Run, pragma: str) -> None:  # type: ignore[no-untyped-def]
    Path("x.csv").write_text(TEXT)
    shell("theirs.db", f"PRAGMA {pragma}", ".import --csv x.csv t")
    assert run("db-query", "theirs.db", "SELECT * FROM t", "-f", "csv").stdout == TEXT
    assert run("db-insert", "theirs.db", "t", "id=4", "name=Dee").returncode == 0
    assert shell("theirs.db", "SELECT name FROM t WHERE id = '4'") == "Dee\n"


def test_the_same_csv_and_plan(shell, run: Run) -> None:  # type: ignore[no-untyped-def]
    Path("x.csv").write_text(TEXT)
    shell("theirs.db", ".import --csv x.csv t")
    theirs = shell("theirs.db", "-csv", "-header", "-newline", "\n", "SELECT id, name, price FROM t")
    assert run(
        "db-query", "theirs.db", "SELECT id, name, price FROM t", "-f", "csv"
    ).stdout == theirs.replace("\r\n", "\n")
    sql = "SELECT * FROM t WHERE id IN (SELECT 1 UNION SELECT id FROM t) ORDER BY name"
    assert run("db-query", "theirs.db", sql, "--plan").stdout == shell(
        "theirs.db", f"EXPLAIN QUERY PLAN {sql}"
    )


def test_a_progress_bar_on_a_terminal(tmp_path: Path, run: Run) -> None:
    data = tmp_path / "x.csv"
    data.write_text("a,b\n" + "1234567,some text\n" * 400_000)
    for quiet in ([], ["--quiet"]):
        main, sub = pty.openpty()
        command = [
            *PYNETDB,
            "db-insert",
            str(tmp_path / f"{len(quiet)}.db"),
            "t",
            "--from",
            str(data),
            "--create",
            *quiet,
        ]
        with subprocess.Popen(
            command, env=environment(TERM="xterm"), stdout=subprocess.PIPE, stderr=sub
        ) as process:
            os.close(sub)
            told = b""
            while True:
                try:
                    told += os.read(main, 65536)
                except OSError:
                    break
            assert process.wait(PATIENCE) == 0
        os.close(main)
        assert (b"inserting" in told and b"100%" in told) is not bool(quiet)
