"""My request, from any phone: its state in neutral words, another time, stop, erase.

The request number alone opens it only where no secret word was agreed. Nothing says which of the
two was wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import TERMINAL, Event, Outcome, State
from helpline.core.effects import ChangeTime, Erase, FindCase, Withdraw
from helpline.core.predicates import ENDED, HELD, WAITING, WORKING
from helpline.core.referral import Revoked
from helpline.core.window import next_opening
from helpline.service.filing import Filing, asked_again, audited
from helpline.service.moves import move
from helpline.service.nudges import NEW, OVERDUE
from helpline.service.revoking import revoke_of_case
from helpline.service.stories import Stories, words_of
from helpline.store import callbacks, cases, outbox
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow

_SHOWN: Mapping[State, str] = {
    State.REQUESTED: WAITING,
    State.WAITING: WAITING,
    State.READY: WAITING,
    State.CLAIMED: WORKING,
    State.ATTEMPTING: WORKING,
    State.REACHED: WORKING,
    State.REFERRED: WORKING,
    State.REVIEW: WORKING,
    State.HELD: HELD,
    State.CLOSED: ENDED,
    State.WITHDRAWN: ENDED,
}


@dataclass(frozen=True)
class MyCase:
    filing: Filing

    def find(self, connection: Connection, asked: FindCase) -> str:
        """The request's state for its person; "" when number and word do not open anything."""
        case = self._opened(connection, asked)
        return _SHOWN[callbacks.of_case(connection, case.id).state] if case else ""

    def _opened(self, connection: Connection, asked: FindCase) -> CaseRow | None:
        case = cases.by_code(connection, asked.code)
        if case is None or case.programme != asked.programme or not case.wrapped_key:
            return None
        words = self._words(case)
        return case if not words or asked.word in words else None

    def _words(self, case: CaseRow) -> frozenset[str]:
        return words_of(Stories(self.filing.sealer).read(case))

    def change_time(self, connection: Connection, asked: ChangeTime, now: datetime) -> str:
        """The case that was changed, "" for none. The new time takes the place of the old one."""
        case = self._opened(connection, asked.case)
        before = callbacks.of_case(connection, case.id) if case else None
        if case is None or before is None or before.state in TERMINAL:
            return ""
        knows = bool(self._words(case))
        if before.state is State.HELD and before.windows and asked.windows and not knows:
            return ""  # it proved unsafe: only the secret word opens it (SAFETY 6)
        row = replace(
            before,
            windows=asked.windows,
            consent_until=self.filing.consent_until(case.programme, now),
            due_at=self._due(before, case, asked, now),
            next_at=None,
            top_told=False,
            attempts=0 if before.state is State.REVIEW else before.attempts,
        )
        callbacks.save(connection, row)
        cases.set_confirmed(connection, case.id, now if asked.windows else None)
        audited(connection, "case.time_changed", case.code, {}, now)
        row = asked_again(connection, before, row, now, knows=knows)
        if row.state is State.WAITING or row.state is State.READY:
            self.filing.nudges.post(connection, row, NEW, now)
        return case.id

    def _due(
        self, row: CallbackRow, case: CaseRow, asked: ChangeTime, now: datetime
    ) -> datetime | None:
        opens = next_opening(asked.windows, now)
        if not asked.windows:
            return None
        first = self.filing.deadlines.first
        return first(case.programme, row.desk, row.priority, now, opens)

    def withdraw(self, connection: Connection, asked: Withdraw, now: datetime) -> str:
        """Ends the request at once (SAFETY 11). Repeating it changes nothing."""
        case = self._opened(connection, asked.case)
        if case is None:
            return ""
        row = callbacks.of_case(connection, case.id)
        # What was closed may still be shared: that ends, too.
        revoke_of_case(connection, case.id, Revoked.WITHDRAWN, actor="caller", now=now)
        if row.state not in TERMINAL:
            self._end(connection, row, Event.WITHDRAW, now)
            cases.close(connection, case.id, Outcome.WITHDRAWN.value, now)
        return case.id

    def erase(self, connection: Connection, asked: Erase, now: datetime) -> str:
        """Nobody can read the request any more; that there was one stays. Repeatable."""
        case = self._opened(connection, asked.case)
        if case is None:
            return ""
        row = callbacks.of_case(connection, case.id)
        self._end(connection, row, Event.ERASE, now)
        if case.closed_at is None:
            cases.close(connection, case.id, Outcome.WITHDRAWN.value, now)
        cases.erase(connection, case.id)
        audited(connection, "case.erased", case.code, {}, now)
        return case.id

    def _end(self, connection: Connection, row: CallbackRow, event: Event, now: datetime) -> None:
        ended = replace(row, windows=(), due_at=None, next_at=None)
        ended = replace(ended, lease_officer=None, lease_until=None)
        move(connection, ended, event, actor="caller", now=now)
        for kind in (NEW, OVERDUE):
            outbox.call_off(connection, row.id, kind)
