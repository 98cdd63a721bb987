"""The newest answers of a dialogue join what it filed: story, desk, urgency, who should call.

Repeating it changes nothing. What an officer has begun is never taken away from her desk.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import TERMINAL, State, opening, step
from helpline.core.effects import TellReport
from helpline.core.report import Report
from helpline.service.filing import Filed, Filing, Origin, asked_again, audited
from helpline.service.nudges import NEW
from helpline.service.stories import JOINED, MOVED, Entry, Stories, told, words_of
from helpline.store import callbacks, cases, outbox
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow

_NOT_BEGUN = frozenset({State.WAITING, State.READY})
_WITH_SOMEBODY = frozenset({State.CLAIMED.value, State.ATTEMPTING.value})


@dataclass(frozen=True)
class Telling:
    filing: Filing

    def tell(self, connection: Connection, effect: TellReport, now: datetime) -> Filed | None:
        """The case that these answers belong to now; None when it is over or erased."""
        case = cases.by_code(connection, effect.code)
        if case is None or not case.wrapped_key:
            return None
        stories, entry = Stories(self.filing.sealer), told(effect.report, effect.filed_at)
        moved = next((e[MOVED] for e in stories.read(case) if _went(e, effect.filed_at)), None)
        if moved:
            return self.tell(connection, replace(effect, code=str(moved)), now)
        entries = stories.renew(connection, case, entry)
        filed = Filed(case.id, case.code, datetime.fromisoformat(effect.filed_at))
        if _somebody_else(entries, effect):
            return self._split(connection, case, entries, effect, now)
        row = callbacks.of_case(connection, case.id)
        if row.state in TERMINAL:
            return None
        self._update(connection, row, effect.report, now, alone=len(entries) == 1)
        return filed

    def _update(
        self,
        connection: Connection,
        row: CallbackRow,
        report: Report,
        now: datetime,
        *,
        alone: bool,
    ) -> None:
        """`alone`: nothing but this dialogue asked for the callback, so its word is the last."""
        begun = bool(row.level) or row.state not in _NOT_BEGUN
        told_row = replace(
            row,
            woman=row.woman or report.woman,
            interviewer=row.interviewer or self.filing.interviewed(report),
            if_nobody=report.if_nobody or row.if_nobody,
            language=report.language,
        )
        if alone and not begun:
            told_row = replace(told_row, woman=report.woman, priority=report.priority)
            told_row = replace(told_row, interviewer=self.filing.interviewed(report))
            told_row = replace(told_row, due_at=self._due(row, report))
        elif report.priority.rank < row.priority.rank:
            told_row = replace(told_row, priority=report.priority)
        placed = report.place != self.filing.programmes[report.programme].country
        if not begun and (alone or placed):  # who repeats a request has not said where, yet
            told_row = replace(told_row, desk=report.desk)
        if told_row == row:
            return
        callbacks.save(connection, told_row)
        if row.state is State.CLAIMED:  # a claim may have to be given up; nothing else moves
            told_row = asked_again(connection, row, told_row, now)
        if told_row.desk != row.desk:
            self._hand_on(connection, row, told_row, now)

    def _due(self, row: CallbackRow, report: Report) -> datetime | None:
        """Counted from the request, with the times that were agreed then."""
        agreed = replace(report, windows=row.windows)
        return self.filing.due(agreed, row.created_at)

    def _hand_on(
        self, connection: Connection, row: CallbackRow, placed: CallbackRow, now: datetime
    ) -> None:
        code = cases.get(connection, row.case_id).code
        detail = {"from_desk": row.desk, "to_desk": placed.desk}
        audited(connection, "callback.placed", code, detail, now)
        outbox.call_off(connection, row.id, NEW)
        self.filing.nudges.post(connection, placed, NEW, now)

    def _split(
        self,
        connection: Connection,
        case: CaseRow,
        entries: list[Entry],
        effect: TellReport,
        now: datetime,
    ) -> Filed:
        """Two people share a phone: the request that joined becomes a case of its own, and the
        first gets back the times that only its own person agreed to (SAFETY 15)."""
        ours = next(e for e in entries if e["at"] == effect.filed_at)
        origin = Origin(case.channel, "", Stories(self.filing.sealer).number(case))
        fresh = self.filing.open_case(connection, origin, effect.report, now)
        at = datetime.fromisoformat(effect.filed_at)
        stories = Stories(self.filing.sealer)
        stories.write(connection, fresh, [told(effect.report, effect.filed_at)])
        left = {"at": effect.filed_at, MOVED: fresh.code}
        stories.write(connection, case, [left if e is ours else e for e in entries])
        cases.move_marks(connection, case.id, at, fresh.id)
        self._give_back(connection, case, ours, now)
        audited(connection, "case.split", case.code, {"case": fresh.code}, now)
        return Filed(fresh.id, fresh.code, at)

    def _give_back(
        self, connection: Connection, case: CaseRow, joined: Entry, now: datetime
    ) -> None:
        row = callbacks.of_case(connection, case.id)
        before = joined[JOINED]
        assert isinstance(before, dict)
        given_back = callbacks.as_agreed(row, before)
        free = row.state in (*_NOT_BEGUN, State.HELD) and row.fence == before["fence"]
        if free and before["state"] not in _WITH_SOMEBODY:
            given_back = callbacks.untouched(given_back, before)
        elif free:
            again = opening(given_back.windows, now)
            given_back = replace(given_back, state=step(State.REQUESTED, again))
        callbacks.save(connection, given_back)
        confirmed = before["confirmed_at"]
        at = datetime.fromisoformat(confirmed) if confirmed else None
        cases.set_confirmed(connection, case.id, at)
        if given_back.desk != row.desk and given_back.state in _NOT_BEGUN:
            self.filing.nudges.post(connection, given_back, NEW, now)


def _went(entry: Entry, filed_at: str) -> bool:
    return entry["at"] == filed_at and MOVED in entry


def _somebody_else(entries: list[Entry], effect: TellReport) -> bool:
    """A repeat request with another secret word than the first came from another person."""
    ours = next(e for e in entries if e["at"] == effect.filed_at)
    others = [e for e in entries if e is not ours]
    word = effect.report.code_word
    if JOINED not in ours or not word or word in words_of(others):
        return False
    # Who chose to have no word has answered the question; a line that dropped before it has not.
    return bool(words_of(others)) or any(e.get("finished") for e in others)
