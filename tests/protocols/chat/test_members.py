"""Members by name: nobody who could be taken for somebody else."""

from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.members import Members


def test_a_name_is_had_by_one_member_until_it_is_gone() -> None:
    members = Members()
    ann, bob = Member(), Member()
    assert members.check(ann, "ann") is None
    members.add(ann, "ann")
    assert members.check(ann, "anna") == "you are ann already"
    assert members.check(bob, "ANN") == "the name ANN is taken"
    assert members.check(bob, "аnn") == "the name аnn looks like ann, who is here"
    assert members.check(bob, "a b") is not None
    assert members.find("Ann") is ann
    assert (len(members), list(members)) == (1, [ann])
    members.remove(ann)
    members.remove(bob)
    assert members.check(bob, "ann") is None
    assert members.find("ann") is None
