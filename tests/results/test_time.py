"""What time-query shows, in each form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import pytest

from pynetdb.errors import DeadlineError, NegativeAnswerError
from pynetdb.protocols.time.field import Field
from pynetdb.results import Output
from pynetdb.results.time import TimeResults, find_zone

MOMENT = 1_354_131_019 * 10**9


@dataclass(frozen=True)
class Told:
    server: str = "a:123"
    protocol: str = "ntp"
    unix_ns: int | None = MOMENT
    offset: float | None = 0.25
    delay: float = 0.5
    fields: Sequence[Field] = (Field(0, "leap", "0", "no warning"),)
    details: Mapping[str, Any] = field(default_factory=lambda: {"stratum": 2, "leap": 0, "reference": "GPS"})
    warnings: Sequence[str] = ()


def shown(capsys: pytest.CaptureFixture[str], format: str, *, error: bool = False, **how: Any) -> str:
    results = TimeResults(Output(format, describe=lambda error: f"{error}!"), UTC, **how)
    results.add("a:123", "ntp", Told(), NegativeAnswerError("a: bad") if error else None)
    results.add("b:123", "ntp", None, DeadlineError("b: late"))
    results.close()
    return capsys.readouterr().out


def test_a_line_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    line = "a:123  2012-11-28T19:30:19.000000Z  offset +0.250000 s  delay 0.500000 s  stratum 2 (GPS)\n"
    assert shown(capsys, "table") == line


def test_json_keeps_the_place_of_those_who_failed(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = json.loads(shown(capsys, "json"))
    assert (good["server"], good["offset_s"], "error" in good) == ("a:123", 0.25, False)
    assert (bad["server"], bad["offset_s"], bad["error"]) == ("b:123", None, "b: late!")
    doubtful, _ = json.loads(shown(capsys, "json", error=True))
    assert (doubtful["offset_s"], doubtful["error"]) == (0.25, "a: bad!")


def test_json_lines_are_not_amended(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, shown(capsys, "jsonl", error=True).splitlines())
    assert "error" not in first and second["error"] == "b: late!"


def test_delimited_text_has_a_row_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "csv").splitlines()
    assert lines[1:] == ["a:123,ntp,2012-11-28T19:30:19.000000Z,0.25,0.5,2,0,GPS", "b:123,ntp,,,,,,"]


def test_fields_are_a_table_or_a_part_of_the_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "csv", fields=True) == "offset,field,value,meaning\n0,leap,0,no warning\n"
    assert json.loads(shown(capsys, "json", fields=True))[0]["fields"][0]["name"] == "leap"


@pytest.mark.parametrize("format", ["table", "json"])
def test_words_take_the_place_of_every_format(capsys: pytest.CaptureFixture[str], format: str) -> None:
    assert shown(capsys, format, sentence=True) == "It is now 19:30:19 on 28 November 2012\n"
    assert shown(capsys, format, strftime="%Y") == "2012\n"


def test_no_sentence_can_be_made_of_other_words() -> None:
    results = TimeResults(Output(), UTC, sentence=True)
    with pytest.raises(NegativeAnswerError, match="answers in words of its own: noon"):
        results.add("a", "daytime", Told(unix_ns=None, details={"line": "noon"}), None)


def test_years_beyond_every_calendar(capsys: pytest.CaptureFixture[str]) -> None:
    results = TimeResults(Output(), UTC)
    results.add("a", "ntp", Told(unix_ns=10**30, warnings=["odd"]), None)
    told = capsys.readouterr()
    assert "a year that calendars here do not have" in told.out
    assert told.err == "a:123: odd\n"


def test_zones() -> None:
    assert find_zone("utc") is UTC
    assert str(find_zone("Europe/Zurich")) == "Europe/Zurich"
    for name in ("Nowhere/Land", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="unknown, expected a name such as"):
            find_zone(name)
