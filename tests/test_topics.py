"""The topics are true."""

import re

import pytest

from pynetdb import errors
from pynetdb.services import OWN_PORTS
from pynetdb.topics import TOPICS, find_topics, topic_text


def test_every_status_is_told() -> None:
    told = set(map(int, re.findall(r"^    (\d+) ", topic_text("statuses"), re.MULTILINE)))
    classes = [item for item in vars(errors).values() if isinstance(item, type)]
    assert told == {0, 130} | {item.exit_status for item in classes}


def test_every_port_of_ours_is_told() -> None:
    assert {str(port) for _, port in OWN_PORTS} == set(re.findall(r"\d{4}(?=\s)", topic_text("places")))


@pytest.mark.parametrize("width", [40, 79, 100])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_a_page(topic: str, width: int) -> None:
    text = topic_text(topic, width)
    # What is to be copied is one line, as long as it is.
    told = [line for line in text.splitlines() if not re.match(" {4}(pynetdb|python3|PYNETDB)", line)]
    assert max(map(len, told)) <= max(width, 62)
    assert text.split() == topic_text(topic).split()


def test_a_word_leads_to_the_topics_that_tell_of_it() -> None:
    assert find_topics("Half-Close") == ["classes"] and find_topics("PYNETDB_URL") == [
        "environment",
        "scripts",
    ]
    assert find_topics("") == find_topics("close.") == find_topics("xyzzy") == []
