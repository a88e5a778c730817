"""What http-get does with an answer: print, save, keep, or tell its figures."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pynetdb.errors import NegativeAnswerError, NetworkError
from pynetdb.protocols.http.partial import Part
from pynetdb.protocols.http.responses import Response, ResponseParser
from pynetdb.results import Output
from pynetdb.results.download import Download
from pynetdb.results.http import HttpResults

TIMING = {"dns": 1.0, "connect": 2.0, "tls": None, "first_byte": 3.0, "total": 6.0}


def head(status: str = "200 OK", field: str = "X: y") -> Response:
    parser = ResponseParser("GET")
    response = parser.receive_data(f"HTTP/1.1 {status}\r\n{field}\r\nContent-Length: 4\r\n\r\n".encode())[0]
    assert isinstance(response, Response)
    return response


def take(results: HttpResults, response: Response, body: bytes = b"body") -> HttpResults:
    results.head(response)
    with results:
        results.begin("http://a/", response, None)
        results.write(body)
        results.complete()
    return results


def test_a_body_is_printed_exactly(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    take(HttpResults(Output()), head(), b"\xff\x1b")
    assert capfdbinary.readouterr().out == b"\xff\x1b"


def test_a_head_comes_before_it(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    take(HttpResults(Output(), include=True), head())
    assert capfdbinary.readouterr().out == b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 4\r\n\r\nbody"


@pytest.mark.parametrize("how", [{"searched": True}, {"timing": True}])
def test_what_takes_the_place_of_the_body(capsys: pytest.CaptureFixture[str], how: dict[str, Any]) -> None:
    results = take(HttpResults(Output(), include=True, **how), head())
    assert capsys.readouterr().out == ""
    assert bytes(results.body) == (b"body" if "searched" in how else b"")


@pytest.mark.parametrize(("status", "saved"), [("200 OK", True), ("404 No", False), ("304 Same", False)])
def test_only_what_was_asked_for_goes_into_the_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, status: str, saved: bool
) -> None:
    take(HttpResults(Output(), Download(str(tmp_path / "file"), "http://a/")), head(status))
    assert os.listdir(tmp_path) == (["file"] if saved else [])
    assert capsys.readouterr().out == ("" if saved else "body")


def test_a_body_can_be_taken_back_until_it_is_printed(tmp_path: Path) -> None:
    results = HttpResults(Output(), Download(str(tmp_path / "file"), "http://a/"), searched=True)
    results.begin("http://a/", head(), None)
    results.write(b"first")
    assert results.restart()
    take(results, head())
    assert (tmp_path / "file").read_bytes() == bytes(results.body) == b"body"
    printed = HttpResults(Output())
    printed.begin("http://a/", head(), None)
    assert printed.restart()
    printed.write(b"x")
    assert not printed.restart()


def test_figures(capsys: pytest.CaptureFixture[str]) -> None:
    take(HttpResults(Output("json")), head()).show_summary(TIMING)
    facts = json.loads(capsys.readouterr().out)
    assert (facts["status"], facts["bytes"], facts["timing_ms"]) == (200, 4, TIMING)
    assert facts["headers"] == [["X", "y"], ["Content-Length", "4"]]
    take(HttpResults(Output("csv")), head()).show_summary(TIMING)
    assert capsys.readouterr().out.startswith("url,status,reason,http,bytes,sha256,dns,connect,tls,")
    take(HttpResults(Output("csv"), timing=True), head()).show_summary(TIMING)
    assert capsys.readouterr().out.startswith("phase,ms\ndns,1.0\n")
    take(HttpResults(Output(verbosity=1), searched=True), head()).show_summary(TIMING)
    told = "http-get: 200, 4 bytes; ms: dns 1, connect 2, first_byte 3, total 6\n"
    assert capsys.readouterr() == ("", told)


def test_matches(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("a", None), ("b", "c")]
    HttpResults(Output("raw"), searched=True).show_matches(("1", "2"), rows)
    assert capsys.readouterr().out == "a\t\nb\tc\n"
    HttpResults(Output("csv"), searched=True).show_matches(("1", "2"), rows)
    assert capsys.readouterr().out == "1,2\na,\nb,c\n"
    HttpResults(Output("raw"), searched=True).show_matches(("1",), [])
    assert capsys.readouterr().out == ""


def test_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    results = HttpResults(Output(describe=lambda error: f"{error} (--hint)"), searched=True)
    results.retry(NetworkError("gone"), 0.5, 1, 3)
    results.range_ignored()
    take(results, head("302 Found", "Location: /b")).note_redirect()
    assert capsys.readouterr().err.splitlines() == [
        "http-get: gone (--hint); trying again in 0.5 s (1 of 3)",
        "http-get: the server ignored --range: this is the whole body",
        "http-get: 302: it is at /b (-L follows)",
    ]


def test_what_stays_is_said_with_the_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = str(tmp_path / "f")
    with pytest.raises(NetworkError) as caught, HttpResults(Output(), Download(path, "http://a/")) as results:
        results.begin("http://a/", head(), None)
        results.write(b"bo")
        raise NetworkError("gone", hint="stall")
    assert (
        str(caught.value) == f"gone; 2 of 4 bytes stay in {path}.part" and caught.value.hint == "part stays"
    )
    with pytest.raises(KeyboardInterrupt), HttpResults(Output(), Download(path, "http://a/")):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == f"http-get: 2 bytes stay in {path}.part\n"
    with (
        pytest.raises(NegativeAnswerError, match="^too large$"),
        HttpResults(Output(), Download(path, "http://a/")) as results,
    ):
        results.begin("http://a/", head(), None)
        raise NegativeAnswerError("too large")
    assert os.listdir(tmp_path) == []


def test_the_figures_of_a_continued_file_are_those_of_all_of_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "f.part").write_bytes(b"some")
    with HttpResults(Output("json"), Download(str(tmp_path / "f"), "http://a/", resume=True)) as results:
        held = results.held()
        assert held == Part(4) and results.held() == held
        results.begin("http://a/", head("206 Part", "Content-Range: bytes 4-7/8"), held)
        results.write(b"body")
        results.complete()
    results.show_summary(TIMING)
    facts = json.loads(capsys.readouterr().out)
    assert (facts["bytes"], facts["sha256"]) == (8, hashlib.sha256(b"somebody").hexdigest())
    assert (tmp_path / "f").read_bytes() == b"somebody"


def test_what_answers_something_else_leaves_the_part_alone(tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(b"some")
    with HttpResults(Output(), Download(str(tmp_path / "f"), "http://a/", resume=True)) as results:
        results.begin("http://a/", head("302 Found", "Location: /b"), None)
        results.write(b"moved")
        results.complete()
    assert (tmp_path / "f.part").read_bytes() == b"some" and not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    ("place", "told"),
    [("myapp://open", "which is for another program"), ("", "does not say where"), ("/b", "-L follows")],
)
def test_where_a_redirect_leads(capsys: pytest.CaptureFixture[str], place: str, told: str) -> None:
    take(HttpResults(Output(), searched=True), head("302 Found", f"Location: {place}")).note_redirect()
    assert told in capsys.readouterr().err
