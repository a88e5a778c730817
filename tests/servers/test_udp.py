"""Receiving datagrams: accounts that cannot grow without end, answers that go where they do no harm."""

import pytest

from pynetdb.servers.udp import ReceiveService, plan_membership


def test_more_senders_than_can_be_told_apart() -> None:
    service = ReceiveService()
    for port in range(1000):
        service._account(("127.0.0.1", port)).received(0, 0, 0)
    assert len(service._accounts) == 65


@pytest.mark.parametrize(
    ("group", "host", "plan"),
    [
        ("239.1.2.3", None, ("239.1.2.3", ["127.0.0.1", "0.0.0.0"], "0.0.0.0")),
        ("239.1.2.3", "192.0.2.2", ("239.1.2.3", ["192.0.2.2"], "0.0.0.0")),
        ("ff02::fb%eth0", None, ("ff02::fb", ["eth0"], "::")),
        ("ff02::fb", "fe80::1%eth1", ("ff02::fb", ["eth1"], "::")),
    ],
)
def test_how_a_group_is_joined(group: str, host: str | None, plan: object) -> None:
    assert plan_membership(group, host) == plan


@pytest.mark.parametrize(
    ("group", "host"),
    [("", None), ("10.0.0.1", None), ("::1", None), ("x", None), ("239.1.2.3", "::1"), ("ff02::fb", "::1")],
)
def test_what_is_no_group(group: str, host: str | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        plan_membership(group, host)
