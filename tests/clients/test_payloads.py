"""What a client sends, from wherever it comes."""

from pathlib import Path

import pytest

from pynetdb.clients.payloads import (
    PayloadError,
    PayloadSource,
    decode_hex,
    echo_payloads,
    encode_text,
    generate_payload,
)
from pynetdb.errors import CommandLineError


@pytest.mark.parametrize("size", [0, 1, 25, 26, 27, 1000])
def test_generated_payloads(size: int) -> None:
    assert len(generate_payload(size)) == size


def test_texts_are_the_bytes_that_were_typed() -> None:
    assert encode_text("gr\u00fc\udcff") == b"gr\xc3\xbc\xff"


def test_hexadecimal() -> None:
    assert decode_hex("00 ff") == b"\0\xff"
    with pytest.raises(PayloadError, match="'0g' is not hexadecimal") as caught:
        decode_hex("0g")
    assert (caught.value.hint, caught.value.exit_status) == ("hexadecimal", 2)


def test_what_can_be_echoed() -> None:
    assert echo_payloads(["a", "b"], None, datagrams=False) == [b"a", b"b"]
    assert echo_payloads([], 3, datagrams=False) == [b"abc"]
    assert echo_payloads([], None, datagrams=False) == []
    assert echo_payloads([""], None, datagrams=True) == [b""]
    with pytest.raises(PayloadError, match="an empty MESSAGE"):
        echo_payloads(["a", ""], None, datagrams=False)
    with pytest.raises(PayloadError, match="of 65508 bytes: a datagram takes at most 65507"):
        echo_payloads([], 65508, datagrams=True)


def test_messages_are_read_once_and_counted() -> None:
    payloads = PayloadSource(["a", "b"]).open()
    assert (list(payloads), payloads.count, payloads.single) == ([b"a", b"b"], 2, None)
    payloads = PayloadSource(["6162"], hexadecimal=True).open()
    assert (list(payloads), payloads.count, payloads.single) == ([b"ab"], 1, b"ab")


def test_a_file_is_one_payload(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"\0\n" * 5)
    assert list(PayloadSource(file=str(file), max_size=10).open()) == [b"\0\n" * 5]
    with pytest.raises(PayloadError, match="a message of more than 4 bytes: a datagram takes at most 4"):
        PayloadSource(file=str(file), max_size=4).open()
    with pytest.raises(CommandLineError, match="No such file") as caught:
        PayloadSource(file=str(tmp_path / "none")).open()
    assert caught.value.hint == "payload file"


def test_lines_are_read_as_they_are_wanted() -> None:
    payloads = PayloadSource(lines=[b"a\r\n", b"\n", b"b"]).open()
    assert (payloads.count, payloads.single) == (1, None)
    assert list(payloads) == [b"a", b"", b"b"]
    coming = iter(PayloadSource(lines=[b"61\n", b"x\n"], hexadecimal=True).open())
    assert next(coming) == b"a"
    with pytest.raises(PayloadError):
        next(coming)


def test_generated_sizes_have_the_limit_too() -> None:
    assert PayloadSource(size=2).open().single == b"ab"
    with pytest.raises(PayloadError, match="more than 1 bytes"):
        PayloadSource(size=2, max_size=1).open()
