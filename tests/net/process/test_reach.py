"""How a server is reached: URL, place in words, environment of COMMAND."""

import os

import pytest

from pynetdb.net.addresses import Target
from pynetdb.net.process.reach import ReadyInfo, describe_place, reachable_urls, target_of
from pynetdb.net.sockets import Sockets


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "tcp://127.0.0.1:7"),
        ("::1", "tcp://[::1]:7"),
        ("0.0.0.0", "tcp://127.0.0.1:7"),
        ("::", "tcp://[::1]:7"),
        ("10.0.0.5", "tcp://10.0.0.5:7"),
    ],
)
def test_a_url_for_this_machine(host: str, url: str) -> None:
    assert ReadyInfo("serve-echo", "tcp", Target(host, 7)).url == url


def test_the_environment_of_a_command() -> None:
    around = {"HOME": "/", "PYNETDB_UNIX": "outer", "PYNETDB_ECHO_CLIENT_UNIX": "outer"}
    found = ReadyInfo("serve-echo", "tcp", Target("0.0.0.0", 7)).environment("echo-client", around)
    assert found == {
        "HOME": "/",
        "PYNETDB_HOST": "127.0.0.1",
        "PYNETDB_PORT": "7",
        "PYNETDB_URL": "tcp://127.0.0.1:7",
        "PYNETDB_ECHO_CLIENT_HOST": "127.0.0.1",
        "PYNETDB_ECHO_CLIENT_PORT": "7",
    }
    unix = ReadyInfo("serve-echo", "tcp", Target("", 0, "s")).environment("echo-client", found)
    assert set(unix) == {"HOME", "PYNETDB_URL", "PYNETDB_UNIX", "PYNETDB_ECHO_CLIENT_UNIX"}
    assert unix["PYNETDB_URL"] == f"unix://{os.path.abspath('s')}"
    assert unix["PYNETDB_ECHO_CLIENT_UNIX"] == "s"


def test_places_in_words() -> None:
    sockets = Sockets()
    here = target_of(("127.0.0.1", 7))
    assert describe_place(here, [("127.0.0.1", 7), ("127.0.0.1", 7)], sockets) == "127.0.0.1:7"
    assert describe_place(Target("", 0, "/tmp/s"), [], sockets) == "/tmp/s"
    everywhere = describe_place(Target("0.0.0.0", 7), [], sockets)
    assert everywhere.startswith("0.0.0.0:7, which is every interface: 127.0.0.1:7")
    assert reachable_urls(("0.0.0.0", 7), "http", sockets)[0] == "http://127.0.0.1:7"
