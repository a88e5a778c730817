"""The well-known services, in every form."""

import csv
import io
import json

import pytest
from programs import Run

from pynetdb.services import SERVICES

COLUMNS = ["name", "port", "protocol", "purpose", "module", "command", "remark"]


def test_all_of_them(run: Run) -> None:
    done = run("ports", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert [(row["name"], row["port"], row["protocol"]) for row in rows] == [
        (service.name, service.port, service.protocol) for service in SERVICES
    ]


@pytest.mark.parametrize("wanted", ["13", "daytime", "DAYTIME", "aytim"])
def test_by_number_name_or_part_of_a_name(run: Run, wanted: str) -> None:
    (row,) = json.loads(run("ports", wanted, "--json").stdout)
    assert list(row) == COLUMNS
    remark = row.pop("remark")
    assert remark is None or "here" in remark
    assert row == {
        "name": "daytime",
        "port": 13,
        "protocol": "tcp/udp",
        "purpose": "the time as a line of text",
        "module": None,
        "command": "serve-time, time-query",
    }


@pytest.mark.parametrize("wanted", ["nosuch", "64999", "70000", "9" * 5000, "\x1b[2J", "-1"])
def test_unknown(run: Run, wanted: str) -> None:
    done = run("ports", "--format", "csv", "--", wanted)
    assert done.returncode == 7 and done.stdout.count("\n") == 1
    assert done.stderr.startswith("Error: ports: neither pynetdb nor this system knows ")
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr


def test_nothing_is_a_document_all_the_same(run: Run) -> None:
    for form, document in (("json", "[]\n"), ("jsonl", ""), ("csv", "name,port,"), ("table", "")):
        done = run("ports", "nosuch", "-f", form)
        assert done.returncode == 7 and done.stdout.startswith(document)
        assert bool(done.stdout) == bool(document)


def test_every_form(run: Run) -> None:
    lines = run("ports", "htt", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["port"] for line in lines] == [80, 443, 8080, 8443]
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        table = list(csv.reader(io.StringIO(run("ports", "htt", "-f", form).stdout), delimiter=delimiter))
        assert table[0] == COLUMNS
        assert [row[1] for row in table[1:]] == ["80", "443", "8080", "8443"]
    markdown = run("ports", "htt", "--format", "markdown").stdout.splitlines()
    assert markdown[0].startswith("| name ")
    assert len(markdown) == 6
    table_lines = run("ports", "htt").stdout.splitlines()
    assert table_lines[0].split()[:6] == COLUMNS[:6]
    assert len(table_lines) == 6
