"""Entity tags: the same everywhere for the same content, another for another."""

import os

from pynetdb.servers.http.validators import hash_content, is_same, is_settled, make_validators, tag_by_status


def status(mtime_ns: int, size: int, inode: int = 1, ctime_ns: int = 0) -> os.stat_result:
    seconds = mtime_ns / 1e9
    return os.stat_result(
        (0o100644, inode, 1, 1, 0, 0, size, 0, int(seconds), 0),
        {"st_mtime": seconds, "st_mtime_ns": mtime_ns, "st_ctime_ns": ctime_ns},
    )


def test_a_content_has_one_tag() -> None:
    assert hash_content(b"a") == hash_content(b"a") != hash_content(b"b")
    assert hash_content(b"").startswith('"')


def test_a_large_file_is_known_by_size_and_time_and_not_by_its_inode() -> None:
    first = tag_by_status(status(5_000_000_001, 9), "", 100.0)
    assert first == tag_by_status(status(5_000_000_001, 9, inode=77), "", 100.0)
    others = [
        tag_by_status(status(5_000_000_002, 9), "", 100.0),
        tag_by_status(status(5_000_000_001, 8), "", 100.0),
        tag_by_status(status(5_000_000_001, 9), "gzip", 100.0),
    ]
    assert len({first, *others}) == 4
    assert tag_by_status(status(99_999_000_000, 9), "", 100.0).startswith('W/"')


def test_a_file_from_the_future_is_from_now() -> None:
    assert make_validators('"x"', status(9_000_000_000_000, 1), 1, 50.0).modified == 50
    assert make_validators('"x"', status(-5_000_000_000, 1), 1, 50.0).modified == 0


def test_a_file_is_the_same_as_long_as_nothing_tells_otherwise() -> None:
    assert is_same(status(1, 2), status(1, 2)) and not is_same(status(1, 2), status(1, 2, inode=3))


def test_what_was_changed_within_a_tick_may_be_changed_again_and_look_the_same() -> None:
    assert is_settled(status(50_000_000_000, 1), 50.02)
    assert not is_settled(status(50_000_000_000, 1), 50.019)
    assert not is_settled(status(1, 1, ctime_ns=50_000_000_000), 50.019)  # A copy with its time set back.
    assert not is_settled(status(60_000_000_000, 1), 50.0)
