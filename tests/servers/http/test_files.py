"""Files as responses: what they are made of, and which may be kept."""

import gzip
import os
from pathlib import Path

import pytest

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http import files as module
from pynetdb.servers.http.files import MAX_CACHED_FILE, StaticFiles
from pynetdb.servers.http.policy import Policy
from pynetdb.servers.http.response import Response
from pynetdb.servers.http.root import Root


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of a wait: no file has changed just now."""
    monkeypatch.setattr(module, "is_settled", lambda *rest: True)


def get(files: StaticFiles, target: str, *fields: str) -> Response:
    lines = (f"GET {target} HTTP/1.1", "Host: x", *fields, "", "")
    response = files.respond(parse_request_head("\r\n".join(lines).encode()))
    if response.file_range is not None:
        response.file_range.close()
    return response


def holds(response: Response) -> bool:
    return response.basis is not None and response.basis.hold()


@pytest.mark.usefixtures("settled")
def test_what_is_sent_is_never_older_than_the_request(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    files = StaticFiles(Root(str(tmp_path)), Policy())
    for content in (b"one", b"two, longer", b"six"):
        path.write_bytes(content)
        os.utime(path, (len(content), 0))
        for _ in range(2):
            response = get(files, "/file.txt")
            assert response.body == content and holds(response)
    path.unlink()
    assert not holds(response) and get(files, "/file.txt").status == 404


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("size", [10, MAX_CACHED_FILE + 1])
def test_a_kept_response_gives_way_to_whatever_would_be_sent_in_its_place(tmp_path: Path, size: int) -> None:
    content = bytes(size)
    for name in ("index.html", "page.html", "file.bin"):
        (tmp_path / name).write_bytes(content)
    policy = Policy(spa=True, clean_urls=True)
    files = StaticFiles(Root(str(tmp_path)), policy)
    for target, comes in (
        ("/file.bin", None),
        ("/", None),
        ("/page", "page"),
        ("/user/jane", "user/jane"),
        ("/user/joe", "user/joe.html"),
    ):
        response = get(files, target, "Accept: text/html", "Sec-Fetch-Mode: navigate")
        assert response.status == 200
        assert holds(response) == (os.name == "posix" or size == 10), target
        if comes is not None:
            (tmp_path / comes).parent.mkdir(exist_ok=True)
            (tmp_path / comes).write_bytes(b"in its place")
            assert not holds(response), target


@pytest.mark.usefixtures("settled")
def test_a_compressed_copy_gives_way_to_a_file_that_is_newer(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.txt", tmp_path / "a.txt.gz"
    path.write_bytes(b"a" * 100)
    copy.write_bytes(gzip.compress(b"a" * 100))
    files = StaticFiles(Root(str(tmp_path)), Policy())
    response = get(files, "/a.txt", "Accept-Encoding: gzip")
    assert ("Content-Encoding", "gzip") in response.fields and holds(response)
    path.write_bytes(b"b" * 100)
    os.utime(path, (2**31, 2**31))
    assert not holds(response)
    assert get(files, "/a.txt", "Accept-Encoding: gzip").body == b"b" * 100


@pytest.mark.parametrize("size", [10, MAX_CACHED_FILE + 1])
def test_what_has_changed_just_now_is_not_kept(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_settled", lambda *rest: False)
    (tmp_path / "file.txt").write_bytes(bytes(size))
    files = StaticFiles(Root(str(tmp_path)), Policy())
    assert get(files, "/file.txt").basis is None
    assert files.cache.get_file(("file.txt",)) is None
