"""The README and the docs are true: help is generated, console sessions are run, links lead somewhere.

`python tests/test_readme.py` writes the help of every command into its page.
"""

import ast
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from network import free_port
from programs import ROOT, environment, posix

from pynetdb.cli import COMMANDS
from pynetdb.topics import topic_text

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HELP = re.compile(r"(<!-- help ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# Each is somebody's perhaps: sessions that say nothing of a port run on free ones.
PORTS = {
    "9128": ("SERVE_ECHO", "ECHO_CLIENT"),
    "8080": ("SERVE_HTTP",),
    "9000": ("CHAT_SERVER", "CHAT_CLIENT"),
    "9999": ("UDP_RECV", "UDP_SEND"),
    "1123": ("SERVE_TIME", "TIME_QUERY"),
}
TALKATIVE_SERVER = r"^pynetdb (serve-\w+|chat-server|udp-recv)\b(?!.*--quiet).*&$"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def sessions() -> list[tuple[str, str]]:
    """Each session with its place: of a lesson all blocks are one, elsewhere each is one."""
    found = []
    for page in PAGES:
        blocks = [text for kind, text in BLOCK.findall(page.read_text("utf-8")) if kind == "console"]
        if page.parent.name == "lessons":
            blocks = ["".join(blocks)] if blocks else []
        found += [(f"{name_of(page)}: {block.split(chr(10))[0][2:50]}", block) for block in blocks]
    return found


def helped(text: str) -> str:
    """A page with the help of its command as it is now."""

    def generated(match: re.Match[str]) -> str:
        command = [sys.executable, "-m", "pynetdb", match[2], "--help"]
        shown = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment(COLUMNS="100")
        ).stdout
        return f"{match[1]}```text\n{shown}```\n{match[3]}"

    return HELP.sub(generated, text)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_is_that_of_the_command(command: str) -> None:
    text = (ROOT / "docs" / "commands" / f"{command}.md").read_text("utf-8")
    assert text.startswith(f"# {command}\n")
    assert f"<!-- help {command} -->" in text
    assert text == helped(text), "run: python tests/test_readme.py"


@posix
@pytest.mark.parametrize("session", [text for _, text in sessions()], ids=[name for name, _ in sessions()])
def test_a_console_session(session: str, tmp_path: Path) -> None:
    """The commands run in one shell, and print what the page says; `...` stands for anything."""
    variables = {}
    for port, commands in PORTS.items():
        free = str(free_port(socket.SOCK_DGRAM if port in ("9999", "1123") else socket.SOCK_STREAM))
        session = re.sub(rf"\b{port}\b", free, session)
        variables.update({f"PYNETDB_{command}_PORT": free for command in commands})
    session = session.replace("\\\n    ", "")
    commands_typed = [line[2:] for line in session.splitlines() if line.startswith("$ ")]
    expected = "".join(line + "\n" for line in session.splitlines() if not line.startswith("$ "))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pynetdb").write_text(f'#!/bin/sh\nexec {sys.executable} -m pynetdb "$@"\n')
    (tmp_path / "bin" / "pynetdb").chmod(0o755)
    (tmp_path / "work").mkdir()
    script = []
    servers = 0
    for command in commands_typed:
        script.append(command)
        if re.match(TALKATIVE_SERVER, command):
            # A person waits until the server says that it listens; so does the test.
            servers += 1
            script.append(f"until [ $(grep -c 'listening' ../output) -ge {servers} ]; do :; done")
    script.append("wait")
    with open(tmp_path / "output", "w+", encoding="utf-8") as output:
        subprocess.run(
            ["bash", "-c", "\n".join(script)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=tmp_path / "work",
            timeout=60,
            env=environment(
                PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", TZ="UTC", **variables
            ),
        )
        output.seek(0)
        said = output.read()
    pattern = ".*?".join(map(re.escape, expected.split("...")))
    assert re.fullmatch(pattern, said, re.DOTALL), f"expected:\n{expected}\ngot:\n{said}"


def test_there_are_sessions() -> None:
    assert len(sessions()) >= 40


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for place in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        assert "://" in place or (page.parent / place).exists(), place


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_in_a_page_is_python(page: Path) -> None:
    for kind, text in BLOCK.findall(page.read_text("utf-8")):
        if kind == "python":
            ast.parse(text)


def test_the_readme_can_be_read_in_five_minutes() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert 250 <= len(text.splitlines()) <= 300
    for command in COMMANDS:
        assert f"\n| [{command}](docs/commands/{command}.md) |" in text


def test_statuses_are_told_alike() -> None:
    rows = re.findall(
        r"^\| (\d+) \| ([^|]*) \|", (ROOT / "docs" / "statuses.md").read_text("utf-8"), re.MULTILINE
    )
    for status, meaning in rows:
        told = meaning.strip().replace("`", "")
        assert re.search(rf"^ +{status} +{re.escape(told)}$", topic_text("statuses"), re.MULTILINE), status
    assert len(rows) == 11


def test_formats_are_told_alike() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    for name in ("table", "json", "jsonl", "csv", "tsv", "markdown", "raw"):
        assert f"`{name}`" in page and name in topic_text("formats")


if __name__ == "__main__":
    for place in (ROOT / "docs" / "commands").glob("*.md"):
        place.write_text(helped(place.read_text("utf-8")), "utf-8")
