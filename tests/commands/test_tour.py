"""The tour shows what is true, and says so when it is not."""

import subprocess
from pathlib import Path

import pytest
from programs import PYNETDB, Run, assert_clean, environment, posix

from pynetdb.lessons import CHAPTERS
from pynetdb.lessons import stage as module
from pynetdb.lessons.stage import Stage
from pynetdb.results.output import Output


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_holds(run: Run, chapter: str) -> None:
    done = run("tour", chapter)
    assert done.returncode == 0, done.stdout
    assert f"== {chapter}: " in done.stdout
    assert "FAILED" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" checks, all of them hold.")


def test_explained(run: Run) -> None:
    done = run("tour", "echo", "--explain")
    assert done.returncode == 0
    for call in ("server bind(", "server accept(", "client connect(", "#1     recv(", "server recvfrom("):
        assert call in done.stderr


def test_quiet_shows_the_verdict_alone(run: Run) -> None:
    lines = run("tour", "echo", "--quiet").stdout.splitlines()
    assert [line for line in lines if line.strip()] == [
        "== echo: bytes out, the same bytes back ==",
        "12 checks, all of them hold.",
    ]


def test_a_claim_that_does_not_hold_is_counted_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(Output(), explain=False)
    stage.check(True, "water is wet")
    stage.check(False, "the moon is made of cheese")
    assert (stage.checks, stage.failures) == (2, 1)
    assert "FAILED  the moon is made of cheese" in capsys.readouterr().out


def test_a_failed_check_is_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import click.testing

    from pynetdb.commands.tour import tour
    from pynetdb.errors import PynetdbError
    from pynetdb.lessons import echo

    monkeypatch.setattr(echo, "play", lambda stage: stage.check(False, "never"))
    result = click.testing.CliRunner().invoke(tour, ["echo"])
    assert isinstance(result.exception, PynetdbError)
    assert str(result.exception) == "1 of 1 checks failed"


def test_a_command_that_hangs_does_not_hang_the_tour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 10)
    stage = Stage(Output(), explain=False)
    with stage.server("serve-echo") as ready:
        hanging = stage.run(
            "echo-client", "--port", str(ready["port"]), "--interval", "60s", "--count", "2", "x", timeout=1.0
        )
    assert hanging.status == -1
    assert "FAILED  the command ends within 1 s" in capsys.readouterr().out


def test_a_server_that_does_not_start_is_a_failed_check(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(Output(), explain=False)
    with stage.server("serve-echo", "--nonsense"):
        pass
    assert stage.failures == 2


def test_the_tour_is_drawn(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "tour.html"
    done = run("tour", "echo", "udp", "draw", "--quiet", "--draw", str(page))
    assert done.returncode == 0, done.stdout
    text = page.read_text("utf-8")
    assert text.count("<h3>") >= 5 and "<script" not in text
    assert "<h2>echo: bytes out, the same bytes back</h2>" in text and "5 bytes &#x27;hello&#x27;" in text
    assert run("tour", "echo", "--draw", str(tmp_path / "no" / "x.html")).stdout == ""


@posix
@pytest.mark.parametrize("lines", [0, 1, 5, 12])
def test_an_audience_that_leaves_ends_it_at_once(lines: int) -> None:
    """`tour | head -5`, and `less` with q: no server of ours stays, and nobody waits for one."""
    with subprocess.Popen(
        [*PYNETDB, "tour"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 0
        assert_clean(process.stderr.read().decode())
