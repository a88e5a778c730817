"""`pynetdb draw`: what is drawn from what, into what, and how it looks in a browser."""

import os
import re
import sqlite3
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from programs import PYNETDB, Run, Serve, environment, linux
from traces import journal, moment, run_row

JOURNAL = {
    "runs": [run_row()],
    "requests": [
        (1, moment(n / 10), "server", f"/{n % 20}<b>", 200 + 204 * (n % 5 == 0), 999, 0.01) for n in range(90)
    ],
    "messages": [
        (1, moment(n), name, 9) for n in range(9) for name in ("Ann", "</svg><script>alert(1)</script>")
    ],
    "faults": [(1, moment(5), "drop")],
}


@pytest.fixture
def traces(run: Run, serve: Serve, tmp_path: Path) -> list[str]:
    """What an echo left behind, at the server and at the client."""
    server, client = str(tmp_path / "server.jsonl"), str(tmp_path / "client.jsonl")
    echo = serve("serve-echo", "--count", "1", "--trace", server)
    said = ("hello", "<script>alert(1)</script>")
    assert run("echo-client", "--port", str(echo.port), *said, "--trace", client).returncode == 0
    assert echo.wait() == 0
    return [client, server]


@pytest.mark.parametrize(
    ("form", "extension", "sign"),
    [
        ("html", "html", "<!DOCTYPE html>"),
        ("svg", "svg", "<svg "),
        ("mermaid", "mmd", "sequenceDiagram\n"),
        ("text", "txt", "     "),
    ],
)
def test_a_format_by_its_name_and_by_its_extension(
    run: Run, traces: list[str], tmp_path: Path, form: str, extension: str, sign: str
) -> None:
    done = run("draw", *traces, "-f", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(sign) and "hello" in done.stdout
    path = tmp_path / f"x.{extension}"
    saved = run("draw", *traces, "-o", str(path))
    assert (saved.returncode, saved.stdout, saved.stderr) == (0, "", f"draw: {path} is written ({form})\n")
    assert path.read_text("utf-8") == done.stdout


def test_without_a_terminal_it_is_a_page_and_in_markdown_mermaid_is_fenced(
    run: Run, traces: list[str], tmp_path: Path
) -> None:
    assert run("draw", *traces).stdout.startswith("<!DOCTYPE html>")
    assert run("draw", *traces, "-q", "-o", str(tmp_path / "x.md")).stderr == ""
    text = (tmp_path / "x.md").read_text("utf-8")
    assert text.startswith("```mermaid\nsequenceDiagram\n") and text.endswith("\n```\n")


def test_kinds(run: Run, traces: list[str], tmp_path: Path) -> None:
    assert "Open connections" in run("draw", *traces, "--kind", "timeline", "-f", "text").stdout
    place = journal(tmp_path / "j.db", **JOURNAL)
    for form, sign in (
        ("html", "<h2>Runs</h2>"),
        ("svg", "<svg "),
        ("mermaid", "xychart-beta"),
        ("text", "Requests, a second"),
    ):
        done = run("draw", place, "-f", form)
        assert (done.returncode, done.stderr) == (0, ""), form
        assert sign in done.stdout
    assert "SELECT substr(time, 1, 21)" in run("draw", place, "-f", "text", "--explain").stderr


def test_what_cannot_be_drawn(run: Run, traces: list[str], tmp_path: Path) -> None:
    place = journal(tmp_path / "j.db", **JOURNAL)
    other = str(tmp_path / "other.db")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE students (name)")
    connection.close()
    (tmp_path / "text").write_text("hello\n\x1b[31m\n")
    before = Path(traces[0]).read_bytes()
    for status, arguments, complaint in (
        (2, (), "Missing argument"),
        (2, (str(tmp_path / "missing"),), "No such file"),
        (2, (str(tmp_path),), "directory"),
        (2, (str(tmp_path / "text"),), "line 1 is not of a trace"),
        (2, (place, traces[0]), "one journal alone"),
        (2, (place, "--kind", "sequence"), "holds no single calls"),
        (2, (traces[0], "-o", "x.png"), "the extension is none of"),
        (2, (traces[0], "-o", traces[0], "-f", "svg"), "would take the place"),
        (2, (traces[0], "-o", str(tmp_path / "no" / "x.svg")), "No such file"),
        (2, (traces[0], "--limit", "0"), "--limit"),
        (2, ("mysql://user:secret@host/db",), "mysql"),
        (6, (other,), "is no journal"),
        (6, (journal(tmp_path / "empty.db"),), "nothing is recorded"),
    ):
        done = run("draw", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (status, ""), (arguments, done.stderr)
        assert complaint in done.stderr and done.stderr.count("\n") == 1 and "\x1b" not in done.stderr
        assert "secret" not in done.stderr
    assert Path(traces[0]).read_bytes() == before
    assert not list(tmp_path.glob("x.*"))


def test_a_file_stays_as_it_was_when_there_is_nothing_to_draw(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text("old")
    assert run("draw", "missing", "-o", "x.svg", cwd=tmp_path).returncode == 2
    assert (tmp_path / "x.svg").read_text() == "old"


def test_a_reader_who_leaves_is_no_error(traces: list[str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(write_end, "wb") as pipe:
        done = subprocess.run(
            [*PYNETDB, "draw", *traces], stdout=pipe, stderr=subprocess.PIPE, env=environment()
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_page_loads_nothing_and_holds_nothing_that_runs(
    run: Run, traces: list[str], tmp_path: Path
) -> None:
    for arguments in (traces, [journal(tmp_path / "j.db", **JOURNAL)]):
        text = run("draw", *arguments).stdout
        assert "<script" not in text and "javascript:" not in text
        assert set(re.findall(r"(?:https?:)?//[\w.]+", text)) <= {"http://www.w3.org", "//127.0.0.1"}
        assert not re.search(r"\b(src|href|onload|onclick)=|@import|url\(", text)
        svg = run("draw", *arguments, "-f", "svg").stdout
        assert not ElementTree.fromstring(svg).findall(".//{http://www.w3.org/2000/svg}script")


@linux
def test_a_million_rows_are_not_held(run: Run, tmp_path: Path) -> None:
    """A tenth of it here, within the memory that is allowed for all: nothing grows with the rows."""
    place = journal(tmp_path / "j.db", runs=[run_row(end=600)])
    with sqlite3.connect(place) as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
            " INSERT INTO requests SELECT 1, strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1767323045 + i / 200, 'unixepoch'), 'server',"
            " '/' || (i % 7), 200, i, (i % 1000) / 1e6 FROM n"
        )
    connection.close()
    script = (
        "import sys; from pynetdb.cli import _run; status = _run(sys.argv[1:]);"
        # Not what getrusage says, which begins with the memory of whoever started us.
        "from pathlib import Path; peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0];"
        "print(status, peak, file=sys.stderr)"
    )
    done = subprocess.run(
        [PYNETDB[0], "-c", script, "draw", place], capture_output=True, text=True, env=environment()
    )
    status, kilobytes = map(int, done.stderr.split())
    assert status == 0 and kilobytes < 60_000
    assert "100" in done.stdout


def test_a_journal_of_ours_is_drawn_as_it_is(run: Run, serve: Serve, tmp_path: Path) -> None:
    """What the picture counts is what the database counts."""
    place = str(tmp_path / "j.db")
    (tmp_path / "page").write_text("hello")
    server = serve("serve-http", str(tmp_path), "--journal", place)
    for name in ("page", "page", "missing"):
        run("http-get", f"{server.ready['url']}/{name}", "--journal", place)
    server.stop()
    text = run("draw", place, "-f", "text").stdout
    assert re.search(r"/page +█+ 2 requests, 10 bytes", text)
    assert re.search(r"/missing +█+ +1 request, ", text)
    assert "http://" not in text  # The client's account of the same requests.
    for panel in ("Requests, a second", "Open connections", "Bytes, a second", "Latency of requests, ms"):
        assert panel in text
    page = run("draw", place).stdout
    assert page.count("<td>serve-http</td>") == 1 and page.count("<td>http-get</td>") == 3
