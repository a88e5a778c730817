"""Names beyond ASCII: one host, or a refusal."""

import sys
from types import SimpleNamespace

import pytest

from pynetdb.errors import CommandLineError
from pynetdb.net.addresses import Target
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.host_names import HostNameError, encode_host_name
from pynetdb.net.network import Network
from pynetdb.net.os_errors import network_errors

DIFFERENT = ["stra\u00dfe.de", "\u03c3\u03cc\u03c6\u03bf\u03c2.gr", "a\u200db.example"]


@pytest.fixture
def without_idna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idna", None)


@pytest.mark.usefixtures("without_idna")
def test_names_on_which_both_standards_agree() -> None:
    assert encode_host_name("gr\u00fcezi.ch") == "xn--grezi-lva.ch"
    assert encode_host_name("a.example") == "a.example"


@pytest.mark.usefixtures("without_idna")
@pytest.mark.parametrize("name", DIFFERENT)
def test_names_on_which_they_differ_are_refused(name: str) -> None:
    with pytest.raises(HostNameError, match=r"pynetdb\[idna\]"):
        encode_host_name(name)
    with pytest.raises(CommandLineError, match="x: .*IDNA 2003 and 2008"), network_errors("x"):
        encode_host_name(name)


def test_the_package_is_asked_if_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(name: str, *, uts46: bool) -> bytes:
        assert uts46  # Capital letters are mapped to small ones, as users type them.
        return {"stra\u00dfe.de": b"xn--strae-oqa.de"}[name]

    monkeypatch.setitem(sys.modules, "idna", SimpleNamespace(encode=encode))  # type: ignore[arg-type]
    assert encode_host_name("stra\u00dfe.de") == "xn--strae-oqa.de"


@pytest.mark.usefixtures("without_idna")
def test_a_client_is_told_at_once() -> None:
    target = Target("stra\u00dfe.invalid", 80)
    with pytest.raises(CommandLineError, match="two different hosts"):
        Stream.connect(target, Deadline(30, str(target)), Network())
