"""What waits for the broker: in order, in batches, one at a time, bounded."""

from pynetdb.protocols.chat import shared_outbox
from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.shared_outbox import Join, Leave, Line, Outbox, Say, Ticket


def ticket(number: int = 1) -> Ticket:
    return Ticket(Member(), "Ann", "server", number)


def test_a_ticket_knows_its_value() -> None:
    assert ticket(7).value == "server\n7\nann\nAnn"


def test_one_thing_is_on_its_way_at_a_time() -> None:
    outbox = Outbox()
    assert not outbox
    assert outbox.begin() is None
    ann = ticket()
    outbox.put(Join(ann))
    outbox.put(Leave(ann))
    join = outbox.begin()
    assert isinstance(join, Join)
    assert outbox.begin() is None
    assert len(list(outbox)) == 2
    outbox.restart()
    outbox.restart()
    assert outbox.begin() is join
    outbox.end()
    assert isinstance(outbox.begin(), Leave)
    outbox.end()
    assert not outbox


def test_lines_that_wait_are_one_batch_but_for_what_is_on_its_way() -> None:
    outbox = Outbox()
    ann = ticket()
    outbox.say(Line(ann, "Ann\n1"))
    first = outbox.begin()
    for word in ("2", "3"):
        outbox.say(Line(ann, f"Ann\n{word}"))
    assert isinstance(first, Say)
    assert len(first.lines) == 1
    first.number = 1
    outbox.restart()
    outbox.say(Line(ann, "Ann\n4"))
    assert [len(op.lines) for op in outbox if isinstance(op, Say)] == [1, 3]


def test_what_was_sent_grows_no_more() -> None:
    outbox = Outbox()
    ann = ticket()
    outbox.say(Line(ann, "Ann\n1"))
    sent = outbox.begin()
    assert isinstance(sent, Say)
    sent.number = 1
    outbox.restart()
    outbox.say(Line(ann, "Ann\n2"))
    assert [len(op.lines) for op in outbox if isinstance(op, Say)] == [1, 1]


def test_a_batch_and_the_whole_are_bounded() -> None:
    outbox = Outbox()
    ann = ticket()
    for _ in range(shared_outbox._MAX_LINES + 1):
        outbox.say(Line(ann, "x"))
    assert [len(op.lines) for op in outbox if isinstance(op, Say)] == [shared_outbox._MAX_LINES, 1]
    assert not outbox.is_full
    while not outbox.is_full:
        outbox.say(Line(ann, "x" * 4000))
    assert not outbox.has_room
    while not outbox.has_room:
        assert outbox.begin()
        outbox.end()
    outbox.clear()
    assert not outbox
    assert outbox.has_room


def test_a_join_that_nobody_was_told_of_can_be_withdrawn() -> None:
    outbox = Outbox()
    ann, bob = ticket(1), ticket(2)
    outbox.put(Join(ann))
    outbox.put(Join(bob))
    outbox.withdraw(ann)
    assert [op.ticket for op in outbox if isinstance(op, Join)] == [bob]
