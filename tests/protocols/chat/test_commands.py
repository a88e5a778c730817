"""What clients say: any bytes, cut anywhere, there and back (protocols.md, section 5)."""

import unicodedata
from dataclasses import astuple
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.chat.commands import (
    MAX_LINE,
    Add,
    Command,
    CommandReader,
    Foreign,
    Message,
    Private,
    Quit,
    Unclear,
    check_text,
    encode,
)
from pynetdb.protocols.chat.names import Refusal

words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=50)
commands = st.one_of(
    st.builds(Add, words), st.builds(Message, words), st.builds(Private, words, words), st.just(Quit())
)
lines = st.sampled_from(
    [
        b"ADD joe\n",
        b"add joe\r\n",
        b"MESSAGE hi\n",
        b"MESSAGE \xff\n",
        b"MESSAGE \x1b[2J\n",
        b"MESSAGE Gr\xc3\xbc\xc3\x9fe\r\n",
        b"PRIVATE bob\npsst\n",
        b"PRIVATE \xff\nQUIT\n",
        b"PRIVATE bob\n\xff\n",
        b"MESSAGE " + b"x" * MAX_LINE + b"\n",
        b"\n",
        b"\r\n",
        b" x\n",
        b"nonsense\n",
        b"QUIT\n",
        b"MESSAGE unfinished",
    ]
)
streams = st.one_of(st.binary(max_size=200), st.lists(lines, max_size=12).map(b"".join))


def read(data: bytes) -> list[Command]:
    return CommandReader().receive_data(data)


@given(streams)
def test_any_bytes_give_commands_that_are_harmless(data: bytes) -> None:
    reader = CommandReader()
    for command in [*reader.receive_data(data), *reader.receive_eof()]:
        text = getattr(command, "text", getattr(command, "reason", ""))
        assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)


@given(streams, st.lists(st.integers(0, 400), max_size=8), st.integers(1, 3))
def test_cut_anywhere_and_read_little_by_little(data: bytes, cuts: list[int], most: int) -> None:
    reader = CommandReader()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    got: list[Command] = []
    for start, end in pairwise(places):
        got += reader.receive_data(data[start:end], most)
        while reader.has_lines:
            got += reader.receive_data(b"", most)
    whole = CommandReader()
    expected = whole.receive_data(data)
    assert got == expected
    assert reader.may_be_whole == whole.may_be_whole
    assert reader.receive_eof() == whole.receive_eof()


@given(
    st.lists(st.sampled_from([b"MESSAGE a", b"MESSAGE ", b"MESSAGE a\r", b"message b", b"", b"PRIVATE c"]))
    | st.lists(st.sampled_from([b"MESSAGE a", b"MESSAGE ", b"MESSAGE MESSAGE b", b"MESSAGE  "])),
    st.sampled_from([b"", b"MESS", b"MESSAGE a", bytes(MAX_LINE), b"x" * (MAX_LINE + 1)]),
    st.sampled_from([b"", b"x" * (MAX_LINE - 8), b"x" * (MAX_LINE - 7)]),
    st.integers(0, 5),
    st.integers(0, 30),
)
def test_a_burst_of_messages_is_what_its_lines_are(
    lines: list[bytes], rest: bytes, long: bytes, most: int, cut: int
) -> None:
    data = b"\n".join([*lines, b"MESSAGE " + long, rest]) if long else b"\n".join([*lines, rest])
    quick, slow = CommandReader(), CommandReader()
    for reader in (quick, slow):
        reader.receive_data(b"ADD Ann\n" + data[:cut], 1)
    texts = quick.receive_messages(data[cut:], most)
    got = quick.receive_data(data[cut:], most) if texts is None else [Message(text) for text in texts]
    assert got == slow.receive_data(data[cut:], most)
    assert (quick.has_lines, quick.may_be_whole) == (slow.has_lines, slow.may_be_whole)
    assert quick.receive_data(b"\nMESSAGE x\n") == slow.receive_data(b"\nMESSAGE x\n")


@given(st.lists(commands))
def test_encode_then_decode_gives_the_commands_back(said: list[Command]) -> None:
    assert read(b"".join(encode(command) for command in said)) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "command", [Add("a\nQUIT"), Message("hi\nQUIT"), Private("a\nb", "hi"), Private("a", "hi\nQUIT")]
)
def test_a_word_is_one_line(command: Add | Message | Private) -> None:
    with pytest.raises(ValueError, match="one line"):
        encode(command)


def test_two_kinds_are_never_equal() -> None:
    kinds: list[Command] = [
        Add("a"),
        Message("a"),
        Private("a", "b"),
        Quit(),
        Unclear("a"),
        Unclear("a", True),
    ]
    for one, other in combinations(kinds, 2):
        assert one != other
    for command in kinds:
        assert command != astuple(command)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"ADD joe", Add("joe")),
        (b"add joe", Add("joe")),
        (b"ADD", Add("")),
        (b"ADD joe ", Add("joe ")),
        (b"message hi", Message("hi")),
        (b"MESSAGE  hi ", Message(" hi ")),
        (b"MESSAGE", Message("")),
        (b"quit", Quit()),
        (b"QUIT ", Quit()),
        (b"QUIT now", Unclear("unknown command 'QUIT': expected ADD, MESSAGE, PRIVATE or QUIT")),
        (b" x", Unclear("unknown command '': expected ADD, MESSAGE, PRIVATE or QUIT")),
        (b"\x1b[2J", Unclear("unknown command '\\e[2J': expected ADD, MESSAGE, PRIVATE or QUIT")),
        (b"ADD \xff", Unclear("not UTF-8")),
        (b"MESSAGE \xc3\x28", Unclear("not UTF-8")),
        (b"PRIVATE bob\nhi", Private("bob", "hi")),
        (b"PRIVATE bob\nMESSAGE hi", Private("bob", "MESSAGE hi")),
        (b"PRIVATE \xff\nQUIT", Unclear("not UTF-8")),
        (b"PRIVATE bob\n\xff", Unclear("not UTF-8")),
        (b"MESSAGE a\tb\x07\x1b]0;x\xe2\x80\xae", Message("a\\tb\\x07\\e]0;x\\u202e")),
        (b"MESSAGE a\rb", Message("a\\rb")),
        (b"MESSAGE \xc2\x85\xe2\x80\xa8", Message("\\x85\\u2028")),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line(line: bytes, command: Command, end: bytes) -> None:
    assert read(line.replace(b"\n", end) + end) == [command]


def test_blank_lines_say_nothing() -> None:
    assert read(b"\n\r\n\n") == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"", b"\r"])
def test_a_line_that_is_too_long_is_the_last(end: bytes) -> None:
    long = b"MESSAGE " + b"x" * (MAX_LINE - 7)
    expected = [Unclear("a line of more than 4096 bytes", fatal=True)]
    reader = CommandReader()
    assert reader.receive_data(long + end) == expected
    assert reader.receive_data(b"\nQUIT\nQUIT\n") == []
    assert not reader.has_lines
    assert reader.receive_eof() == []
    for more in (b"\nQUIT\n", b"\nMESSAGE after\nMESSAGE after\n"):
        assert read(long + more) == expected
        assert read(b"\x07" + long + more) == expected


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_longest_line(end: bytes) -> None:
    text = "x" * (MAX_LINE - 8)
    assert check_text(text) is None
    assert "4089 bytes" in (check_text(text + "x") or "")
    reader = CommandReader()
    assert reader.receive_data(encode(Message(text))[:-1] + end[:-1]) == []
    assert reader.receive_data(b"\n") == [Message(text)]


class TestTheTextbooksClient:
    """It ends MESSAGE without a newline."""

    def test_silence_makes_it_whole(self) -> None:
        reader = CommandReader()
        assert reader.receive_data(b"ADD joe\nMESSAGE hel") == [Add("joe")]
        assert reader.may_be_whole
        assert reader.receive_data(b"lo") == []
        assert reader.receive_silence() == [Message("hello")]
        assert not reader.may_be_whole
        assert reader.receive_silence() == []
        assert reader.receive_data(b"MESSAGE again") == []
        assert reader.receive_silence() == [Message("again")]
        assert reader.receive_data(b"QUIT\n") == [Quit()]

    def test_in_any_case(self) -> None:
        reader = CommandReader()
        reader.receive_data(b"message \xff")
        assert reader.receive_silence() == [Unclear("not UTF-8")]

    def test_who_has_once_sent_a_newline_is_framed_by_lines(self) -> None:
        reader = CommandReader()
        assert reader.receive_data(b"MESSAGE one\nMESSAGE two") == [Message("one")]
        assert not reader.may_be_whole
        assert reader.receive_silence() == []
        assert reader.receive_eof() == []
        assert reader.receive_data(b"!\n") == [Message("two!")]

    @pytest.mark.parametrize("data", [b"", b"MESS", b"MESSAGE", b"PRIVATE bob\nMESSAGE x", b"ADD joe"])
    def test_nothing_else_is_made_whole(self, data: bytes) -> None:
        reader = CommandReader()
        reader.receive_data(data)
        assert not reader.may_be_whole

    def test_the_end_is_the_longest_silence(self) -> None:
        reader = CommandReader()
        assert reader.receive_data(b"MESSAGE bye") == []
        assert reader.receive_eof() == [Message("bye")]


REQUEST_LINES = [
    b"GET / HTTP/1.1\r\n",
    b"POST /x?y HTTP/1.0\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n",
    b"ADD / HTTP/1.1\r\n",
    b"GET /old\r\n",
    b"\r\n\nHEAD / HTTP/1.1\r\n",
]


@pytest.mark.parametrize("line", REQUEST_LINES)
def test_a_first_line_of_http_ends_it_cut_anywhere(line: bytes) -> None:
    data = line + b"Host: a\r\n\r\nADD joe\nMESSAGE hi\n"
    assert read(data) == [Foreign("HTTP")]
    for cut in range(1, len(data)):
        reader = CommandReader()
        heard = [*reader.receive_data(data[:cut]), *reader.receive_data(data[cut:]), *reader.receive_eof()]
        assert heard == [Foreign("HTTP")], cut


@pytest.mark.parametrize("hello", [b"\x16", b"\x16\x03\x01\x02\x00\x01\nADD joe\n"])
def test_a_tls_hello_ends_it(hello: bytes) -> None:
    assert read(hello) == [Foreign("TLS")]


@pytest.mark.parametrize(
    "data",
    [
        b"ADD joe\nGET / HTTP/1.1\n",
        b"ADD joe\nMESSAGE POST / HTTP/1.1\n",
        b"MESSAGE see RFC 9112, HTTP/1.1\n",
        b"ADD get\n",
        b"GETTING here\n",
        b"QUIT\n",
    ],
)
def test_what_is_said_later_is_no_matter(data: bytes) -> None:
    assert not any(isinstance(command, Foreign) for command in read(data))


def test_what_is_no_command_is_quoted_to_who_said_it_alone() -> None:
    (unclear,) = CommandReader().receive_data(b"SECRET words\n")
    assert isinstance(unclear, Unclear) and isinstance(unclear.reason, Refusal)
    assert "SECRET" in unclear.reason
    assert "SECRET" not in unclear.reason.discreet
