"""What lies below a folder, also while somebody moves it about."""

import os
from pathlib import Path

import pytest
from programs import posix

from pynetdb.servers.http.root import Found, Root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site with a folder in it, and another beside it that is nobody's business."""
    for name in ("site/inner/deep", "outside/deep"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file.txt").write_text(name.split("/")[0])
    return tmp_path


def found(root: Root, *names: str) -> Found:
    there = root.find(names)
    assert there is not None
    return there


def content(root: Root, there: Found) -> bytes | None:
    opened = root.open(there)
    if opened is None:
        return None
    try:
        return os.read(opened.descriptor, 100)
    finally:
        os.close(opened.descriptor)


def test_a_file_is_found_and_opened(folder: Path) -> None:
    root = Root(str(folder / "site"))
    there = found(root, "inner", "deep", "file.txt")
    assert not there.directory and there.status.st_size == 4
    assert content(root, there) == b"site"
    assert root.find(["inner", "none"]) is None and root.find(["x" * 5000]) is None


@posix
@pytest.mark.parametrize("replaced", ["inner", "inner/deep", "inner/deep/file.txt"])
def test_a_link_that_comes_between_finding_and_opening_leads_nowhere(folder: Path, replaced: str) -> None:
    root = Root(str(folder / "site"))
    there = found(root, "inner", "deep", "file.txt")
    target = folder / "site" / replaced
    target.rename(folder / "moved")
    target.symlink_to(folder / replaced.replace("inner", "outside"))
    assert content(root, there) is None
    assert content(Root(str(folder / "site"), follow=True), there) == b"outside"


@posix
@pytest.mark.parametrize("replaced", ["inner", "inner/deep"])
def test_a_link_that_comes_before_a_listing_leads_nowhere(folder: Path, replaced: str) -> None:
    root = Root(str(folder / "site"))
    there = found(root, "inner", "deep")
    assert [item[0] for item in root.entries(there, ["inner", "deep"]) if item] == ["file.txt"]
    target = folder / "site" / replaced
    target.rename(folder / "moved")
    target.symlink_to(folder / replaced.replace("inner", "outside"))
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        list(root.entries(there, ["inner", "deep"]))


@posix
def test_the_folder_itself_may_be_a_link_and_may_be_listed(folder: Path) -> None:
    (folder / "link").symlink_to("site")
    root = Root(str(folder / "link"))
    assert [(item[0], item[1].directory) for item in root.entries(found(root), []) if item] == [
        ("inner", True)
    ]


def test_what_is_gone_is_nothing(folder: Path) -> None:
    root = Root(str(folder / "site"))
    there = found(root, "inner", "deep", "file.txt")
    (folder / "site" / "inner" / "deep" / "file.txt").unlink()
    assert root.open(there) is None
