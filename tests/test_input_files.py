"""A --trace that would take the place of what is read, in every way in which a command reads a file."""

import os
import subprocess
from pathlib import Path

import pytest
from programs import PYNETDB, Run, environment, posix

CONTENT = '{"a": 1}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text(CONTENT)


@pytest.mark.parametrize(
    "line",
    [
        "db-insert x.db t --from file --create",
        "db-create x.db t --from file",
        "db-create x.db --sql file",
        "db-query :memory: --load file",
        "db-query :memory: --load t=file",
        "db-query :memory: --attach t=file",
        "draw file",
        "udp-send --file file",
        "http-get http://127.0.0.1:1/ --cacert file",
        "serve-http --cert file",
        "serve-echo --cert other --key file",
        "chat-server --room valkeys://127.0.0.1/r --room-cacert file",
    ],
)
def test_what_is_read_is_not_emptied(run: Run, line: str) -> None:
    same = Path("folder/../file")
    Path("folder").mkdir()
    for trace in ("file", str(same), os.path.abspath("file")):
        done = run(*line.split(), "--trace", trace)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith(f"Error: --trace {trace}: would take the place of what is read")
        assert Path("file").read_text() == CONTENT
    assert sorted(os.listdir()) == ["file", "folder"]


@posix
@pytest.mark.parametrize("line", ["db-insert x.db t --from - --create", "db-query :memory: -", "udp-send"])
def test_nor_is_standard_input(line: str) -> None:
    with open("file") as file:
        command = [*PYNETDB, *line.split(), "--trace", "file"]
        done = subprocess.run(command, stdin=file, capture_output=True, env=environment(), check=False)
    assert done.returncode == 2 and b"would take the place of what is read" in done.stderr
    assert Path("file").read_text() == CONTENT


def test_another_trace_and_a_new_file_are_written(run: Run) -> None:
    Path("old").write_text("an old trace\n")
    for trace in ("old", "new"):
        assert run("db-query", ":memory:", "select 1", "--load", "t=file", "--trace", trace).returncode == 0
        assert '"who": "sqlite"' in Path(trace).read_text()
