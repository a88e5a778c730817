"""Who is in a room: nobody who could be taken for somebody else."""

from collections.abc import Iterator

from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.protocols.chat.names import check_name, describe_taken, fold_name


class Members:
    """The members of a room, each by a name of its own, in the order in which they came."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self.everybody = self._members.values()
        """Those who are here at any moment, in the order in which they came."""
        # Of the names that are here: nobody may come in who would be taken for somebody else.
        self._skeletons: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self.everybody)

    def check(self, member: Member, name: str) -> str | None:
        """Return why a member may not be called `name`, or None if it may."""
        if member.name is not None:
            return f"you are {member.name} already"
        if (wrong := check_name(name)) is not None:
            return wrong
        if fold_name(name) in self._members:
            return describe_taken(name)
        if (double := self._skeletons.get(make_skeleton(name))) is not None:
            return describe_taken(name, double)
        return None

    def add(self, member: Member, name: str) -> None:
        """Give a member its name, which must be free."""
        member.name = name
        self._members[fold_name(name)] = member
        self._skeletons[make_skeleton(name)] = name

    def remove(self, member: Member) -> None:
        """Somebody who has a name is gone; the name is free."""
        if member.name is not None:
            del self._members[fold_name(member.name)]
            del self._skeletons[make_skeleton(member.name)]

    def find(self, name: str) -> Member | None:
        """Return the member of that name, however it is written."""
        return self._members.get(fold_name(name))
