"""Many members of a chat room at once, who talk at a pace and keep every byte that they hear."""

import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from programs import PATIENCE

from pynetdb.protocols.chat.events import Event, EventReader, Joined, Left, Said, Whispered


class Heard:
    """One member: what it has heard, and whether its server still talks to it."""

    def __init__(self, name: str, address: tuple[str, int] | str) -> None:
        self.name = name
        self.address = address
        if isinstance(address, str):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(address)
        else:
            self.sock = socket.create_connection(address)
        self.sock.setblocking(False)
        self.bytes = bytearray()
        self.over = False
        self.said = 0

    def send(self, data: bytes) -> None:
        try:
            self.sock.setblocking(True)
            self.sock.sendall(data)
        except OSError:
            self.over = True
        finally:
            self.sock.setblocking(False)

    @property
    def events(self) -> list[Event]:
        return EventReader().receive_data(bytes(self.bytes))

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What was said to everybody, in the order in which this member heard it."""
        return [(event.sender, event.text) for event in self.events if isinstance(event, Said)]

    @property
    def notices(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Whispered)]

    @property
    def left(self) -> Counter[str]:
        return Counter(event.name for event in self.events if isinstance(event, Left))

    @property
    def joined(self) -> Counter[str]:
        return Counter(event.name for event in self.events if isinstance(event, Joined))


class Crowd:
    """Members who read in a thread of their own; a context manager."""

    def __init__(self) -> None:
        self.members: list[Heard] = []
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended = True
        self._thread.join(PATIENCE)
        for member in self.members:
            member.sock.close()
        self._selector.close()

    def join(self, address: tuple[str, int] | str, *names: str) -> list[Heard]:
        """Let members in, all of them before this returns."""
        come = [Heard(name, address) for name in names]
        for member in come:
            self.members.append(member)
            self._selector.register(member.sock, selectors.EVENT_READ, member)
            member.send(f"ADD {member.name}\n".encode())
        for member in come:
            self.wait(lambda member=member: f"NEW {member.name}\n".encode() in member.bytes)
        return come

    def talk(self, members: Sequence[Heard], lines: int, pace: float) -> None:
        """Say so many lines, `pace` a second, the members in turn: each says 1, 2, 3..."""
        begin = time.monotonic()
        for number in range(lines):
            late = begin + number / pace - time.monotonic()
            if late > 0:
                time.sleep(late)
            member = members[number % len(members)]
            if not member.over:
                member.said += 1
                member.send(f"MESSAGE {member.said}\n".encode())

    def wait(self, condition: "object", patience: float = PATIENCE / 2) -> None:
        """Wait until something holds that depends on what was heard."""
        end = time.monotonic() + patience
        with self._lock:
            while not condition():  # type: ignore[operator]
                left = end - time.monotonic()
                assert left > 0, "what was waited for has not come"
                self._lock.wait(min(left, 0.5))

    def wait_for_all(self, members: Sequence[Heard], text: str) -> None:
        """Have one of each server say a last line, and wait until everybody has heard all of them."""
        speakers = {member.address: member for member in members}.values()
        for speaker in speakers:
            speaker.send(f"MESSAGE {text}\n".encode())
        for speaker in speakers:
            words = f"MESSAGE {speaker.name}\n{text}\n".encode()
            for member in members:
                self.wait(lambda member=member, words=words: words in member.bytes or member.over)

    def _read(self) -> None:
        while not self._ended:
            if not self._selector.get_map():
                time.sleep(0.01)
                continue
            for key, _ in self._selector.select(0.05):
                member: Heard = key.data
                try:
                    data = member.sock.recv(1 << 18)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                if not data:
                    member.over = True
                    self._selector.unregister(member.sock)
                member.bytes += data
            with self._lock:
                self._lock.notify_all()


def check_one_order(members: Sequence[Heard]) -> list[tuple[str, str]]:
    """All of them have heard the same lines in the same order, none twice; return them."""
    first = members[0].lines
    for member in members[1:]:
        assert member.lines == first, f"{member.name} heard something else than {members[0].name}"
    twice = [line for line, count in Counter(first).items() if count > 1]
    assert twice == []
    return first


def check_same_bytes(members: Sequence[Heard], since: str, notices: Sequence[str]) -> list[tuple[str, str]]:
    """All have heard the very same since a line, but for the server's notices; return what was said."""
    words = []
    for member in members:
        heard = bytes(member.bytes).partition(f"\n{since}\n".encode())[2]
        for notice in notices:
            heard = heard.replace(f"PRIVATE *server*\n{notice}\n".encode(), b"")
        words.append(heard)
    for member, heard in zip(members, words, strict=True):
        if heard != words[0]:
            at = next(
                (i for i, (a, b) in enumerate(zip(heard, words[0], strict=False)) if a != b), len(heard)
            )
            around = slice(max(at - 60, 0), at + 60)
            pytest.fail(f"{member.name} heard {heard[around]!r}, {members[0].name} {words[0][around]!r}")
    said = [event for event in EventReader().receive_data(words[0]) if isinstance(event, Said)]
    lines = [(event.sender, event.text) for event in said]
    assert len(lines) == len(set(lines)), "something was said twice"
    return lines


def check_nothing_lost(lines: Sequence[tuple[str, str]], members: Sequence[Heard]) -> None:
    """Of those who stayed, everything that they said was heard, in its order."""
    for member in members:
        own = [text for sender, text in lines if sender == member.name and text.isdigit()]
        assert own == [str(number) for number in range(1, member.said + 1)], member.name


def numbered(prefix: str, count: int) -> Iterator[str]:
    return (f"{prefix}{number}" for number in range(count))
