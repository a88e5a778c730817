"""Our table beside a system's: silent where they agree, a remark where not."""

import pytest

from pynetdb import services
from pynetdb.services import COLUMNS, SERVICES, Row

FILE = {
    ("http", "tcp"): 80,
    ("ntp", "udp"): 1123,
    ("strange", "tcp"): 13,
    ("own", "tcp"): 7777,
    ("own", "udp"): 7777,
}


def port_of(name: str, protocol: str) -> int | None:
    return FILE.get((name, protocol))


def name_of(port: int, protocol: str) -> str | None:
    assert 0 <= port <= 65535
    return next((name for (name, how), number in FILE.items() if (number, how) == (port, protocol)), None)


def rows(wanted: str | None) -> list[Row]:
    return services.rows(wanted, port_of, name_of)


def test_all_of_them() -> None:
    assert [row[:6] for row in rows(None)] == [service[:6] for service in SERVICES]
    assert {len(row) for row in rows(None)} == {len(COLUMNS)}


@pytest.mark.parametrize(
    ("wanted", "remark"),
    [("80", None), ("ntp", "ntp is 1123/udp here"), ("daytime", "13/tcp is strange here"), ("git", None)],
)
def test_remarks(wanted: str, remark: str | None) -> None:
    assert [row[-1] for row in rows(wanted)] == [remark]


def test_two_remarks_are_one() -> None:
    found = services.rows("ntp", lambda name, protocol: 5, lambda port, protocol: "xyz")
    assert found[0][-1] == "ntp is 5/udp here; 123/udp is xyz here"


@pytest.mark.parametrize("wanted", ["own", "7777", "07777"])
def test_what_only_the_system_knows(wanted: str) -> None:
    assert rows(wanted) == [
        ("own", 7777, protocol, None, None, None, "from this system's services file")
        for protocol in ("tcp", "udp")
    ]


def test_what_the_system_knows_comes_before_those_that_merely_contain_it() -> None:
    found = services.rows("mine", lambda name, protocol: 7777 if protocol == "tcp" else None, name_of)
    assert [row[:3] for row in found] == [("mine", 7777, "tcp"), ("minecraft", 25565, "tcp")]


def test_it_is_asked_for_one_transport_only() -> None:
    assert [row[:3] for row in rows("strange")] == [("strange", 13, "tcp")]


@pytest.mark.parametrize("wanted", ["nosuch", "64999", "65536", "99999", "9" * 5000, "0" * 5000, ""])
def test_what_nobody_knows(wanted: str) -> None:
    if wanted == "":
        assert len(rows(wanted)) == len(SERVICES), "a part of every name"
    else:
        assert rows(wanted) == []
