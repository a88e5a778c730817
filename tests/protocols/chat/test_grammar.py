"""What a user types, and what it means."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.chat.grammar import HELP, RULES, parse, to_json


@pytest.mark.parametrize(
    ("line", "meaning", "recipient", "text"),
    [
        ("quit", "quit", "", ""),
        (" QUIT ", "quit", "", ""),
        ("/who", "who", "", ""),
        ("/Help", "help", "", ""),
        ("private Joe:how are you?", "private", "Joe", "how are you?"),
        ("PRIVATE  Joe : at 10:30", "private", "Joe", " at 10:30"),
        ("private Joe:", "private", "Joe", ""),
        ("private", "unclear", "", ""),
        ("private Joe", "unclear", "", ""),
        ("private :x", "unclear", "", ""),
        ("private  : x", "unclear", "", ""),
    ],
)
def test_lines_that_mean_something(line: str, meaning: str, recipient: str, text: str) -> None:
    parsed = parse(line)
    assert parsed is not None
    rule, *words = parsed
    assert (rule.meaning, *words) == (meaning, recipient, text)


@pytest.mark.parametrize("line", ["", "hello", "quit it", "/whoever", "privately", "say /help", "/etc/hosts"])
def test_anything_else_is_for_everybody(line: str) -> None:
    assert parse(line) is None


@given(st.text())
def test_no_line_is_too_strange(line: str) -> None:
    parsed = parse(line)
    if parsed is not None and parsed[0].meaning == "private":
        _, recipient, text = parsed
        assert recipient.strip() and ":" not in recipient and line.strip().endswith(":" + text)


def test_a_long_line_is_read_at_once() -> None:
    assert parse("private " + " " * 1_000_000) is not None
    assert parse("private x" + " " * 1_000_000) is not None


def test_the_table_is_plain_and_the_help_names_all_that_can_be_typed() -> None:
    table = json.loads(json.dumps(to_json()))
    assert [rule["meaning"] for rule in table["rules"]] == [rule.meaning for rule in RULES]
    for rule in RULES:
        # What JavaScript reads otherwise than Python is not used: no names of groups, no \\A, \\Z, \\s or \\w.
        assert not re.search(r"\(\?[^:]|\\[AZsSwWbBdD]", rule.pattern)
        assert not rule.usage or any(line.startswith(rule.usage) for line in HELP)
