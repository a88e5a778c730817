"""Lookups hold for as long as the root would find the same, and no longer."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import posix

from pynetdb.servers.http.lookups import Lookup, Lookups
from pynetdb.servers.http.root import Root


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site behind a link, with a folder in it, links to both, and a folder that is nobody's business."""
    for name in ("one", "two", "outside"):
        (tmp_path / name / "inner" / "deep").mkdir(parents=True)
        for file in ("top.txt", "inner/deep/file.txt"):
            (tmp_path / name / file).write_text(name)
            os.utime(tmp_path / name / file, (1, 1))
    return tmp_path


def look(root: Root, path: str) -> Lookup:
    names = tuple(path.split("/")) if path else ()
    return Lookup(root, names, root.find(names))


FILES = ("top.txt", "inner/deep/file.txt")
FOLDERS = ("", "inner", "inner/deep")
NOTHING = ("none", "inner/none", "none/deep", "top.txt/none", "x" * 5000)


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("path", [*FILES, *FOLDERS, *NOTHING])
def test_what_is_still_so_holds(site: Path, path: str, follow: bool) -> None:
    lookup = look(Root(str(site / "one"), follow=follow), path)
    assert (lookup.found is None) == (path in NOTHING)
    (site / "one" / "other").touch()
    assert lookup.holds() and lookup.holds()


def rewrite(path: Path) -> None:
    path.write_text("newer")


def rewrite_and_hide_it(path: Path) -> None:
    status = path.stat()
    path.write_text("eno")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_a_twin(path: Path) -> None:
    twin = path.with_name("twin")
    twin.write_text("eno")
    os.utime(twin, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    twin.replace(path)


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@posix
@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(
    "change", [rewrite, rewrite_and_hide_it, replace_by_a_twin, replace_by_a_folder, Path.unlink]
)
def test_a_file_that_changes_or_goes(
    site: Path, path: str, follow: bool, change: Callable[[Path], object]
) -> None:
    root = Root(str(site / "one"), follow=follow)
    lookup = look(root, path)
    assert lookup.holds()
    change(site / "one" / path)
    assert not lookup.holds()
    assert look(root, path).holds()


@posix
@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("path", [*FILES, *FOLDERS])
def test_a_root_that_is_switched(site: Path, path: str, follow: bool) -> None:
    (site / "current").symlink_to("one")
    root = Root(str(site / "current"), follow=follow)
    lookup = look(root, path)
    assert lookup.holds()
    (site / "next").symlink_to("two")
    (site / "next").replace(site / "current")
    assert lookup.holds() == (path in FOLDERS)
    assert look(root, path).holds()
    (site / "current").unlink()
    assert not lookup.holds()


@posix
@pytest.mark.parametrize("path", ["inner/deep/file.txt", "inner/deep"])
@pytest.mark.parametrize("moved", ["inner", "inner/deep", "inner/deep/file.txt"])
def test_the_very_same_file_behind_a_link_that_leads_outside(site: Path, path: str, moved: str) -> None:
    inside, outside = Root(str(site / "one")), Root(str(site / "one"), follow=True)
    lookups = look(inside, path), look(outside, path)
    (site / "one" / moved).rename(site / "moved")
    (site / "one" / moved).symlink_to(site / "moved")
    for root, lookup in zip((inside, outside), lookups, strict=True):
        names = tuple(path.split("/"))
        # Renaming a file is a change of it, and finding it anew costs no more than that.
        assert lookup.holds() <= (root.find(names) is not None)
    assert not lookups[0].holds() or moved.startswith(path + "/")


@posix
def test_a_link_within_the_root_is_followed_anew(site: Path) -> None:
    (site / "one" / "link").symlink_to("inner")
    root = Root(str(site / "one"))
    lookup = look(root, "link/deep/file.txt")
    assert lookup.found is not None and lookup.holds()
    (site / "one" / "copy").symlink_to("../outside/inner")
    (site / "one" / "copy").replace(site / "one" / "link")
    assert not lookup.holds() and look(root, "link/deep/file.txt").found is None


@pytest.mark.parametrize("path", ["none", "none/deep"])
def test_nothing_becomes_something(site: Path, path: str) -> None:
    lookup = look(Root(str(site / "one")), path)
    assert lookup.holds()
    (site / "one" / path).mkdir(parents=True)
    assert not lookup.holds()


@posix
def test_what_leads_outside_is_nothing_still(site: Path) -> None:
    (site / "one" / "link").symlink_to("../outside")
    lookup = look(Root(str(site / "one")), "link/top.txt")
    assert lookup.found is None and lookup.holds()


def test_all_must_hold(site: Path) -> None:
    root, lookups = Root(str(site / "one")), Lookups()
    assert lookups.hold()
    for path in ("top.txt", "none"):
        lookups.note(look(root, path))
        assert lookups.hold()
    (site / "one" / "none").touch()
    assert not lookups.hold()
