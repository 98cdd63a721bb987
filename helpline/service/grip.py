"""How officers get hold of a callback: membership and role, the lease and its fence, the seals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.access import Act, may
from helpline.core.callback import TERMINAL, State
from helpline.core.errors import Refused
from helpline.core.label import O_, Text
from helpline.core.matching import Lack, lacking
from helpline.core.officer_words import STATES
from helpline.core.programme import Programme, Rules
from helpline.crypto import Sealer
from helpline.service.escalate import Escalation
from helpline.service.lines import needs_of
from helpline.service.roster import skills, team_of
from helpline.service.stories import NUMBER
from helpline.store import audit, callbacks, cases, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.officers import Officer
from helpline.store.record import Record

_ANYONES = frozenset({State.REVIEW, State.HELD, State.REACHED, State.REFERRED})
DECIDED = frozenset({State.REVIEW, State.HELD})  # by a supervisor
_CLAIMABLE = frozenset({State.READY, State.CLAIMED, State.ATTEMPTING, State.REACHED})


@dataclass(frozen=True)
class Grip:
    record: Record
    sealer: Sealer
    programmes: Mapping[str, Programme]
    escalation: Escalation
    joined: Connection | None = None

    def within(self, connection: Connection) -> "Grip":
        """Acts inside a transaction that somebody else settled before and will end."""
        return replace(self, joined=connection)

    @contextmanager
    def settled(self, now: datetime) -> Iterator[Connection]:
        """A transaction after the clock had its say; a refusal must not undo that."""
        if self.joined is not None:
            yield self.joined
            return
        self.escalation.settle(now)
        with self.record.writing() as connection:
            yield connection

    def row(
        self, connection: Connection, desk: str, officer: Officer, callback_id: int
    ) -> CallbackRow:
        """The desk's callback, for an officer of the desk only."""
        member(connection, desk, officer)
        row = callbacks.get(connection, callback_id)
        if row is None or row.desk != desk:
            raise Refused("Desk {desk} has no callback {id}.", desk=desk, id=callback_id)
        return row

    def held(
        self,
        connection: Connection,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        fence: int | None,
        *,
        ending: bool = False,
    ) -> CallbackRow:
        """The callback that this officer holds; an expired or older claim cannot act."""
        if callback_id is None:
            callback_id = _holding(connection, desk, officer)
        row = self.row(connection, desk, officer, callback_id)
        free = ending and row.state in _ANYONES
        if row.lease_officer != officer.id and not free:
            raise _not_yours(connection, row)
        if fence is not None and fence != row.fence:
            raise Refused("Your claim of callback {id} is over; claim it again.", id=row.id)
        if ending and row.state in DECIDED:
            supervisor(officer)
        return row

    def rules(self, connection: Connection, row: CallbackRow) -> Rules:
        return self.programmes[cases.get(connection, row.case_id).programme].rules

    def open(self, connection: Connection, row: CallbackRow, field: str) -> Mapping[str, object]:
        case = cases.get(connection, row.case_id)
        sealed = case.sealed_number if field == NUMBER else case.sealed_story
        if sealed is None or not case.wrapped_key:
            raise Refused("The information of callback {id} was erased.", id=row.id)
        return self.sealer.open(case.id, field, case.wrapped_key, sealed)


def member(connection: Connection, desk: str, officer: Officer) -> None:
    """An active officer of the desk, as the record knows her now, whatever a page remembers."""
    known = officers.get(connection, officer.id)
    working = known is not None and known.active and may(known.role, Act.WORK)
    if not working or desk not in officers.desks_of(connection, officer.id):
        raise Refused("{name} is not an officer of desk {desk}.", name=officer.name, desk=desk)


def supervisor(officer: Officer) -> None:
    if not may(officer.role, Act.REVIEW):
        raise Refused("A supervisor must decide this.")


_LACKS = {
    Lack.WOMAN: lambda row: Refused("Callback {id} asks for a woman officer.", id=row.id),
    Lack.INTERVIEWER: lambda row: Refused(
        "Callback {id} needs an officer who is trained to interview children.", id=row.id
    ),
    Lack.LANGUAGE: lambda row: Refused(
        "Callback {id} needs an officer who speaks the caller's language; a colleague does.",
        id=row.id,
    ),
}


def check_suits(connection: Connection, row: CallbackRow, officer: Officer, now: datetime) -> None:
    """Hard rules: never substituted in silence. A colleague who is not there helps nobody."""
    there = team_of(connection, row.desk, now).present
    lack = lacking(needs_of(row), skills(officer), there)
    if lack is not None:
        raise _LACKS[lack](row)


def _holding(connection: Connection, desk: str, officer: Officer) -> int:
    for row in callbacks.of_desk(connection, desk, over=TERMINAL):
        if row.lease_officer == officer.id:
            return row.id
    raise Refused("{name} holds no callback at desk {desk}.", name=officer.name, desk=desk)


def state_of(row: CallbackRow) -> Text:
    return Text(STATES[row.state])


def _not_yours(connection: Connection, row: CallbackRow) -> Refused:
    if row.lease_officer is not None:
        who = officers.names(connection)[row.lease_officer]
        return Refused("Callback {id} is with {who} now.", id=row.id, who=who)
    if row.state in _CLAIMABLE:
        return Refused("Callback {id} is not yours now; claim it first.", id=row.id)
    words = O_("Callback {id} cannot be worked on now. It is: {state}.")
    return Refused(words, id=row.id, state=state_of(row))


def audit_reveal(
    connection: Connection,
    row: CallbackRow,
    officer: Officer,
    field: str,
    reason: str,
    now: datetime,
) -> None:
    audit.append(
        connection,
        at=now,
        actor=officer.name,
        action=f"reveal.{field}",
        subject=str(row.id),
        detail={"reason": reason, "desk": row.desk, "fence": row.fence},
    )
