"""RESP: commands written, replies read, however they are cut."""

import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import CommandLineError, ProtocolError
from pynetdb.protocols.valkey import resp
from pynetdb.protocols.valkey.resp import BrokerError, ReplyReader, encode_command

pytest.importorskip("hiredis", reason="stranger: hiredis is not installed")


@given(st.lists(st.one_of(st.binary(), st.text(st.characters(codec="utf-8")), st.integers()), min_size=1))
def test_a_command_is_an_array_of_texts(words: list[bytes | str | int]) -> None:
    wanted = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    assert ReplyReader().receive_data(encode_command(words)) == [wanted]


@given(st.lists(st.integers(1, 40)))
def test_cut_anywhere_the_replies_are_the_same(cuts: list[int]) -> None:
    data = b"+OK\r\n:7\r\n$-1\r\n*2\r\n$3\r\na\r\n\r\n*-1\r\n-ERR no such thing\r\n"
    reader = ReplyReader()
    replies = []
    at = 0
    for cut in [*cuts, len(data)]:
        replies += reader.receive_data(data[at : at + cut])
        at += cut
    error = replies.pop()
    assert replies == [b"OK", 7, None, [b"a\r\n", None]]
    assert isinstance(error, BrokerError)
    assert (error.code, error.text) == ("ERR", "ERR no such thing")


@given(st.binary())
def test_any_bytes_are_replies_or_a_protocol_error(data: bytes) -> None:
    with suppress(ProtocolError):
        assert isinstance(ReplyReader().receive_data(data), list)


def test_what_is_no_reply_is_said() -> None:
    with pytest.raises(ProtocolError, match='no Valkey or Redis: .*"H".*, expected a reply in RESP'):
        ReplyReader().receive_data(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_reply_without_an_end_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resp, "_MAX_UNREAD", 1000)
    reader = ReplyReader()
    assert reader.receive_data(b"$99999999\r\n") == []
    with pytest.raises(ProtocolError, match="more than 0 MiB"):
        reader.receive_data(bytes(2000))


def test_without_hiredis_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hiredis", None)
    with pytest.raises(CommandLineError, match=r"needs hiredis: pip install 'pynetdb\[valkey\]'"):
        ReplyReader()
