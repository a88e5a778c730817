"""A site on NTFS: files with two names, links, files that are replaced while they are served."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

if sys.platform != "win32":
    pytest.skip("platform: needs Windows", allow_module_level=True)

from pynetdb.servers.http.root import Root
from pynetdb.servers.http.windows_files import has_long_names, open_shared


def short_name(path: Path) -> str:
    """The second name of a file, `PROGRA~1` for `Program Files`; a disk may be set up without any."""
    buffer = ctypes.create_unicode_buffer(1000)
    assert ctypes.windll.kernel32.GetShortPathNameW(str(path), buffer, 1000)
    name = os.path.basename(buffer.value)
    if name.lower() == path.name.lower():
        pytest.skip("platform: this disk gives no short names")
    return name


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "Ordner mit Ümlaut"
    for name in ("plain.txt", ".geheim", "a long name.text", ".Hidden/inner.txt", "A Long Folder/file.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, newline="")
    return folder


@pytest.mark.parametrize("name", [".geheim", ".Hidden", "a long name.text", "A Long Folder"])
@pytest.mark.parametrize("follow", [False, True])
def test_short_names_are_no_names(site: Path, name: str, follow: bool) -> None:
    short = short_name(site / name)
    root = Root(str(site), follow=follow)
    assert os.path.exists(site / short) and not has_long_names(str(site / short))
    assert root.find([short]) is None
    for file in ("inner.txt", "file.txt"):
        assert root.find([short, file]) is None
    assert Root(str(site), hidden=True, follow=follow).find([short]) is None


def test_hidden_whatever_the_case(site: Path) -> None:
    root = Root(str(site))
    assert root.find([".GEHEIM"]) is None and root.find([".hidden", "INNER.TXT"]) is None
    shown = root.find([])
    assert shown is not None
    assert sorted(there[0] for there in root.entries(shown, []) if there) == [
        "A Long Folder",
        "a long name.text",
        "plain.txt",
    ]


@pytest.mark.parametrize("name", ["PLAIN.TXT", "plain.txt"])
def test_a_name_is_found_whatever_the_case(site: Path, name: str) -> None:
    found = Root(str(site)).find([name])
    assert found is not None and found.path == str(site / "plain.txt")


@pytest.mark.parametrize("follow", [False, True])
def test_a_file_that_is_sent_can_be_moved_and_removed(site: Path, follow: bool) -> None:
    root = Root(str(site), follow=follow)
    found = root.find(["plain.txt"])
    assert found is not None
    opened = root.open(found)
    assert opened is not None
    (site / "plain.txt").rename(site / "old.txt")
    (site / "plain.txt").write_text("new")
    (site / "old.txt").unlink()
    assert os.read(opened.descriptor, 100) == b"plain.txt"
    os.close(opened.descriptor)


def test_only_the_file_that_was_found_is_opened(site: Path) -> None:
    os.close(open_shared(str(site / "PLAIN.txt"), exactly=True))
    with pytest.raises(FileNotFoundError):
        open_shared(str(site / short_name(site / "a long name.text")), exactly=True)
    with pytest.raises(FileNotFoundError):
        open_shared(str(site / "none"), exactly=False)
    with pytest.raises(PermissionError):
        open_shared(str(site), exactly=True)
