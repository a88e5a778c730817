"""What the scripts reply: anything else is none."""

from typing import Any

import pytest

from pynetdb.protocols.chat.shared_replies import read_reply


@pytest.mark.parametrize(
    ("script", "reply"),
    [
        ("enter", [b"ok", b"1-1", [], [b"s\n1\nann\nann"]]),
        ("join", [b"ok"]),
        ("join", [b"like", b"ann"]),
        ("say", [b"ok", b"0 3"]),
        ("leave", [b"ok"]),
        ("beat", [b"reaped"]),
    ],
)
def test_what_a_script_says(script: str, reply: list[Any]) -> None:
    assert read_reply(script, reply) == (reply[0], reply[1:])


@pytest.mark.parametrize("script", ["enter", "join", "say", "leave", "beat"])
@pytest.mark.parametrize(
    "reply",
    [
        None,
        7,
        b"ok",
        [],
        [7],
        [[b"ok"]],
        [b"\xff"],
        [b"ok", 7],
        [b"like"],
        [b"stale", b"x"],
        [b"ok", b"x", b"y"],
    ],
)
def test_what_no_script_says(script: str, reply: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{script}: "):
        read_reply(script, reply)
