"""Files as answers: how long one is good."""

import os
import time
from pathlib import Path

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http.files import RECHECK, Policy, Site
from pynetdb.servers.http.root import Root

REQUEST = parse_request_head(b"GET /file.txt HTTP/1.1\r\nHost: x\r\n\r\n")


def test_an_answer_is_good_until_its_file_is_looked_at_again(tmp_path: Path) -> None:
    """Remembering it longer would add to the second for which the file itself is believed."""
    (tmp_path / "file.txt").write_text("one")
    os.utime(tmp_path / "file.txt", (0, 0))
    site = Site(Root(str(tmp_path)), Policy())
    begun = time.time()
    first = site.answer(REQUEST)
    assert begun + RECHECK <= first.good_until <= time.time() + RECHECK
    (tmp_path / "file.txt").write_text("another")
    while (answer := site.answer(REQUEST)).body == b"one":
        assert answer.good_until == first.good_until
    assert answer.body == b"another" and time.time() >= first.good_until
    assert answer.good_until >= first.good_until


def test_a_clock_that_is_set_back_keeps_nothing_alive(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("one")
    os.utime(tmp_path / "file.txt", (0, 0))
    site = Site(Root(str(tmp_path)), Policy())
    site.answer(REQUEST)
    for names, kept in site._kept.items():
        site._kept[names] = kept._replace(checked=time.time() + 3600)
    (tmp_path / "file.txt").write_text("another")
    assert site.answer(REQUEST).body == b"another"
