"""The manual pages are those of the commands, and are what man takes for pages.

`python tests/test_manual.py` writes them.
"""

import re
import subprocess
import sys

import click
import pytest
from programs import ROOT, Stranger, environment

from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.manual import page_name, render_page, show_page

PAGES = ROOT / "docs" / "man"
NAMES = (None, *COMMANDS)


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_the_page_is_that_of_the_command(name: str | None) -> None:
    page = (PAGES / page_name(name)).read_text("utf-8")
    assert page == render_page(pynetdb, name), "run: python tests/test_manual.py"


def test_there_are_no_other_pages() -> None:
    assert {path.name for path in PAGES.iterdir()} == set(map(page_name, NAMES))


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_groff_has_nothing_to_say_about_it(name: str | None, stranger: Stranger) -> None:
    done = subprocess.run(
        [stranger("groff"), "-man", "-Tutf8", "-wall", "-Wbreak", "-rLL=78n", str(PAGES / page_name(name))],
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"):
        assert section in re.sub(".\b", "", done.stdout)  # Bold is a letter struck twice.


def test_a_name_that_is_no_command() -> None:
    with pytest.raises(KeyError):
        render_page(pynetdb, "serve-eco")


def test_what_groff_would_obey_is_text() -> None:
    @click.command("x", help=".TH says 'no' to \\fB and --all\n\n\b\n'as it is'")
    @click.option("-s", "--some-thing", metavar="X-Y", help=".so /etc/passwd")
    def command() -> None: ...

    page = render_page(click.Group("pynetdb", commands={"x": command}), "x")
    assert "\\&.TH says 'no' to \\efB and \\-\\-all" in page
    assert "\\&.so /etc/passwd" in page
    assert "\\fB\\-s\\fR, \\fB\\-\\-some\\-thing\\fR X\\-Y" in page
    assert ".nf\n\\&'as it is'\n.fi" in page


def test_where_there_is_no_man(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert show_page("page", "page.1") is False


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGES.mkdir(parents=True, exist_ok=True)
    for path in PAGES.iterdir():
        path.unlink()
    for command in NAMES:
        (PAGES / page_name(command)).write_text(render_page(pynetdb, command), "utf-8", newline="\n")
