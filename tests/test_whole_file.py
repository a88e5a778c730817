"""A file is there whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from programs import PATIENCE, environment, posix

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.whole_file import WholeFile, remove_unfinished


def test_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with WholeFile(str(path)) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
        file.keep()
    assert path.read_bytes() == b"half and half"
    assert os.listdir(tmp_path) == ["x"]


def test_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), WholeFile(str(path)) as file:
        file.write(b"new")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x"]


@posix
def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o640)
    (tmp_path / "link").symlink_to("x")
    with WholeFile(str(tmp_path / "link")) as file:
        file.write(b"new")
        file.keep()
    assert (tmp_path / "link").is_symlink() and path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


@posix
def test_a_device_is_written_as_it_is() -> None:
    with WholeFile(os.devnull) as file:
        file.write(b"x")
        file.keep()
    with pytest.raises(PynetdbError, match="No space left"), WholeFile("/dev/full") as file:
        file.write(b"x")
        file.keep()


def test_where_no_file_can_be(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "x"):
        with pytest.raises(CommandLineError), WholeFile(str(path)):
            pass


def test_what_was_never_written_need_not_be_taken_back() -> None:
    with WholeFile(os.devnull) as file:
        assert file.restart()
        file.write(b"x")
        assert not file.restart()


@posix
def test_what_is_private_is_private_all_the_time(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o4600)
    with WholeFile(str(path)) as file:
        (part,) = set(tmp_path.iterdir()) - {path}
        assert part.stat().st_mode & 0o7777 == 0o600
        file.keep()
    assert path.stat().st_mode & 0o7777 == 0o600


@posix
def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    link = shared / "x"
    link.symlink_to(victim)
    if os.geteuid() != 0:
        pytest.skip("platform: only root can make a link of somebody else")
    os.lchown(link, 65534, 65534)
    with pytest.raises(CommandLineError, match="link of somebody else"), WholeFile(str(link)):
        pass
    assert victim.read_bytes() == b"mine"
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(CommandLineError, match="too many levels"), WholeFile(str(loop)):
        pass


@posix
def test_a_long_name_is_cut_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / ("\u00e9" * 125)
    with WholeFile(str(path)) as file:
        file.write(b"x")
        file.keep()
    assert path.read_bytes() == b"x"


@posix
def test_standard_output_by_its_name(tmp_path: Path) -> None:
    code = (
        "from pynetdb.whole_file import WholeFile\n"
        "for path in ('/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'):\n"
        "    with WholeFile(path) as file:\n"
        "        file.write(b'x')\n"
        "        file.keep()\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (0, b"xxx")
    target = tmp_path / "out"
    target.write_bytes(b"before")
    with open(target, "ab") as out:
        subprocess.run(command, stdout=out, env=environment(), timeout=PATIENCE, check=True)
    assert target.read_bytes() == b"beforexxx"


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_leaves_no_half_file(tmp_path: Path, name: str) -> None:
    code = (
        "import sys\n"
        "from pynetdb.whole_file import WholeFile\n"
        "with WholeFile('x') as file:\n"
        "    file.write(b'x')\n"
        "    print('begun', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        assert len(os.listdir(tmp_path)) == 1
        number = getattr(signal, name)
        process.send_signal(number)
        assert process.wait(PATIENCE) == -number
    assert os.listdir(tmp_path) == []


@posix
def test_a_protected_file_stays(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("platform: root may write everything")
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(CommandLineError, match="read-only"), WholeFile(str(path)):
        pass


@posix  # Windows has no signal that leads there, and removes no file that is open.
def test_remove_unfinished(tmp_path: Path) -> None:
    with WholeFile(str(tmp_path / "x")):
        remove_unfinished()
        assert os.listdir(tmp_path) == []
