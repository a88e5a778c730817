"""Files as responses: how long one is good."""

import os
import time
from pathlib import Path

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http.cache import RECHECK
from pynetdb.servers.http.files import StaticFiles
from pynetdb.servers.http.policy import Policy
from pynetdb.servers.http.root import Root

REQUEST = parse_request_head(b"GET /file.txt HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_response_is_good_until_its_file_is_looked_at_again(tmp_path: Path) -> None:
    """Remembering it longer would add to the second for which the file itself is believed."""
    (tmp_path / "file.txt").write_text("one")
    os.utime(tmp_path / "file.txt", (0, 0))
    files = StaticFiles(Root(str(tmp_path)), Policy())
    begun = time.time()
    first = files.respond(REQUEST)
    assert begun + RECHECK <= first.cacheable_until <= time.time() + RECHECK
    (tmp_path / "file.txt").write_text("another")
    while (response := files.respond(REQUEST)).body == b"one":
        assert response.cacheable_until == first.cacheable_until
    assert response.body == b"another" and time.time() >= first.cacheable_until
    assert response.cacheable_until >= first.cacheable_until


def test_a_clock_that_is_set_back_keeps_nothing_alive(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("one")
    os.utime(tmp_path / "file.txt", (0, 0))
    files = StaticFiles(Root(str(tmp_path)), Policy())
    files.respond(REQUEST)
    cached = files.cache.get_file(("file.txt",))
    assert cached is not None
    files.cache.put_file(("file.txt",), cached._replace(checked=time.time() + 3600))
    (tmp_path / "file.txt").write_text("another")
    assert files.respond(REQUEST).body == b"another"
