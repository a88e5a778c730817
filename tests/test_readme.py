"""The README is true: its help is generated, its console sessions are run.

`python tests/test_readme.py` writes the help of every command into it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from network import free_port
from programs import ROOT, environment, posix

README = ROOT / "README.md"
SESSIONS = re.findall(r"^```console\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
HELP = re.compile(r"(<!-- help ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def helped(text: str) -> str:
    """The README with the help of every command as it is now."""

    def generated(match: re.Match[str]) -> str:
        command = [sys.executable, "-m", "pynetdb", match[2], "--help"]
        shown = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment(COLUMNS="100")
        ).stdout
        return f"{match[1]}```text\n{shown}```\n{match[3]}"

    return HELP.sub(generated, text)


def test_the_help_is_that_of_the_commands() -> None:
    text = README.read_text("utf-8")
    assert text == helped(text), "run: python tests/test_readme.py"


@posix
@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.split("\n")[0][2:50])
def test_a_console_session(session: str, tmp_path: Path) -> None:
    """The commands run in one shell, and print what the README says; `...` stands for anything."""
    # The default port is somebody's perhaps: the session runs on a free one.
    port = str(free_port())
    session = session.replace("9128", port)
    defaults = {"PYNETDB_SERVE_ECHO_PORT": port, "PYNETDB_ECHO_CLIENT_PORT": port}
    session = session.replace("\\\n    ", "")
    commands = [line[2:] for line in session.splitlines() if line.startswith("$ ")]
    expected = "".join(line + "\n" for line in session.splitlines() if not line.startswith("$ "))
    (tmp_path / "pynetdb").write_text(f'#!/bin/sh\nexec {sys.executable} -m pynetdb "$@"\n')
    (tmp_path / "pynetdb").chmod(0o755)
    script = []
    for command in commands:
        script.append(command)
        if command.endswith("&"):
            # A person waits until the server says that it listens; so does the test.
            script.append("while ! grep -q listening output; do :; done")
    script.append("wait")
    with open(tmp_path / "output", "w+", encoding="utf-8") as output:
        subprocess.run(
            ["bash", "-c", "\n".join(script)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=tmp_path,
            timeout=60,
            env=environment(PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}", **defaults),
        )
        output.seek(0)
        said = output.read()
    pattern = ".*?".join(map(re.escape, expected.split("...")))
    assert re.fullmatch(pattern, said, re.DOTALL), f"expected:\n{expected}\ngot:\n{said}"


def test_there_are_sessions() -> None:
    assert len(SESSIONS) >= 8


if __name__ == "__main__":
    README.write_text(helped(README.read_text("utf-8")), "utf-8")
