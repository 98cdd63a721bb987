"""Makes a report durable: case, callback, outbox row, audit row and dedupe key in one transaction.

Idempotent by channel and input: filing the same input again returns the first case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.callback import TERMINAL, Event, State, opening
from helpline.core.matching import needs_interviewer, suits
from helpline.core.programme import Programme
from helpline.core.report import Priority, Report, case_code
from helpline.core.window import Window, next_opening
from helpline.crypto import Sealer
from helpline.service.deadlines import Deadlines
from helpline.service.lines import needs_of
from helpline.service.moves import move, settled
from helpline.service.nudges import NEW, Nudges
from helpline.service.roster import skills
from helpline.service.stories import JOINED, NUMBER, Stories, told
from helpline.store import audit, callbacks, cases, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow
from helpline.store.record import Record

SAME_INPUT = timedelta(minutes=10)  # networks use short session ids again; a person does not wait
# A caller who has just filed is still saying where: the desk of her place is told, not the top one.
STILL_TELLING = timedelta(minutes=5)
_OVER = tuple(state.value for state in TERMINAL)
_STOPPED_BY_NO = frozenset({State.WAITING, State.READY, State.CLAIMED, State.REVIEW})
_ASKED_AGAIN = frozenset({State.REVIEW, State.REACHED, State.REFERRED})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report came from: `input_id` names the one input that filed it, for ever."""

    channel: str
    input_id: str
    number: str
    inbox: bool = False  # an SMS: the order of a number's messages matters


@dataclass(frozen=True, slots=True)
class Filed:
    """`at` is when it was first filed: the same input always shows the same confirmation."""

    case_id: str
    code: str
    at: datetime


@dataclass(frozen=True)
class Filing:
    """`new_id` gives 32 hex digits, `draw` a large random number for a case code."""

    record: Record
    sealer: Sealer
    programmes: Mapping[str, Programme]
    nudges: Nudges
    deadlines: Deadlines
    new_id: Callable[[], str]
    draw: Callable[[], int]

    def known(self, origin: Origin, now: datetime, report: Report | None = None) -> Filed | None:
        """What this input did before, if it did. Raises RecordUnavailable."""
        with self.record.reading() as connection:
            return self.known_in(connection, origin, now, report)

    def known_in(
        self, connection: Connection, origin: Origin, now: datetime, report: Report | None = None
    ) -> Filed | None:
        """What this input did before; with a `report`, only if it was about the same person."""
        found = cases.seen(connection, origin.channel, origin.input_id)
        if found is None or found.case_id is None:
            return None
        if not origin.inbox and now - found.at >= SAME_INPUT:
            return None
        case = cases.get(connection, found.case_id)
        if report and case.person_index not in self._persons(origin.number, report):
            return None
        return Filed(case.id, case.code, found.at)

    def file_in(
        self, connection: Connection, origin: Origin, report: Report, now: datetime
    ) -> Filed:
        """Files the report, or joins it to the open case about the same person.

        `connection` is a writing transaction: when it ends, all of it is durable.
        """
        if known := self.known_in(connection, origin, now, report):
            return known
        since = now - self.programmes[report.programme].rules.join
        persons = self._persons(origin.number, report)
        case = cases.open_for(connection, persons, since, _OVER)
        if case is None:
            case = self.open_case(connection, origin, report, now)
        else:
            self._join(connection, case, report, now)
        cases.remember(
            connection,
            origin.channel,
            origin.input_id,
            number_index=self.sealer.blind_index(origin.number) if origin.inbox else "",
            case_id=case.id,
            at=now,
        )
        return Filed(case.id, case.code, now)

    def _persons(self, number: str, report: Report) -> tuple[str, ...]:
        """Blind indexes of "this number, about this person": two people are two cases."""
        whom = f"{report.programme}.{report.about or 'me'}"  # a lost caller is not somebody else
        return tuple(f"{index}.{whom}" for index in self.sealer.blind_indexes(number))

    def open_case(
        self, connection: Connection, origin: Origin, report: Report, now: datetime
    ) -> CaseRow:
        """A new case with its callback, whatever other cases this number has."""
        case = self._case_row(connection, origin, report, now)
        cases.insert_case(connection, case)
        detail = {
            "channel": origin.channel,
            "desk": report.desk,
            "priority": report.priority.value,
            "language": report.language,
        }
        audited(connection, "case.filed", case.code, detail, now)
        row = self._callback_row(case, report, now)
        row = replace(row, id=callbacks.insert_callback(connection, row))
        row = move(connection, row, opening(report.windows, now), actor="system", now=now)
        self.nudges.post(connection, row, NEW, now, due_at=_told_at(report, now))
        return case

    def _case_row(
        self, connection: Connection, origin: Origin, report: Report, now: datetime
    ) -> CaseRow:
        case_id = self.new_id()
        wrapped = self.sealer.new_case_key(case_id)
        story = Stories(self.sealer).seal(case_id, wrapped, [told(report, now.isoformat())])
        return CaseRow(
            id=case_id,
            code=self._free_code(connection),
            programme=report.programme,
            channel=origin.channel,
            number_index=self.sealer.blind_index(origin.number),
            person_index=self._persons(origin.number, report)[0],
            wrapped_key=wrapped,
            sealed_number=self.sealer.seal(case_id, NUMBER, wrapped, {"number": origin.number}),
            sealed_story=story,
            sealed_notes=None,
            safe_contact_confirmed_at=now if report.windows else None,
            outcome="",
            created_at=now,
            closed_at=None,
        )

    def _callback_row(self, case: CaseRow, report: Report, now: datetime) -> CallbackRow:
        return CallbackRow(
            id=0,
            case_id=case.id,
            desk=report.desk,
            state=State.REQUESTED,
            priority=report.priority,
            level=0,
            top_told=False,
            windows=report.windows,
            woman=report.woman,
            interviewer=self.interviewed(report),
            language=report.language,
            if_nobody=report.if_nobody,
            due_at=self.due(report, now),
            next_at=None,
            consent_until=self.consent_until(report.programme, now),
            attempts=0,
            lease_officer=None,
            lease_until=None,
            fence=0,
            created_at=now,
        )

    def _free_code(self, connection: Connection) -> str:
        while True:
            code = case_code(self.draw())
            if cases.by_code(connection, code) is None:
                return code

    def due(self, report: Report, now: datetime) -> datetime | None:
        """The first response's deadline; None when the person asked not to be called."""
        if not report.windows:
            return None
        opens = next_opening(report.windows, now)
        first = self.deadlines.first
        return first(report.programme, report.desk, report.priority, now, opens)

    def interviewed(self, report: Report) -> bool:
        """Whether only a trained child interviewer may take it."""
        return needs_interviewer(self.programmes[report.programme].rules, report)

    def consent_until(self, programme: str, now: datetime) -> datetime:
        return now + self.programmes[programme].rules.consent

    def _join(self, connection: Connection, case: CaseRow, report: Report, now: datetime) -> None:
        """A repeat request: never a second callback. The latest word on safety wins."""
        before = callbacks.of_case(connection, case.id)
        confirmed = case.safe_contact_confirmed_at
        undo = {**callbacks.agreed(before), "confirmed_at": confirmed and confirmed.isoformat()}
        entry = {**told(report, now.isoformat()), JOINED: undo}
        Stories(self.sealer).add(connection, case, entry)
        cases.set_confirmed(connection, case.id, now if report.windows else None)
        row = self._joined(before, report, now)
        callbacks.save(connection, row)
        detail = {"priority": row.priority.value}
        audited(connection, "case.joined", case.code, detail, now)
        row = asked_again(connection, before, row, now)
        if row.windows:
            rules = self.programmes[report.programme].rules
            self.nudges.post(connection, settled(connection, row, now, rules), NEW, now)

    def _joined(self, row: CallbackRow, report: Report, now: datetime) -> CallbackRow:
        priority = min(row.priority, report.priority, key=lambda p: p.rank)
        due = self.due(replace(report, priority=priority), now)
        earlier = None if row.state in _ASKED_AGAIN else row.due_at  # that one was answered
        known = [at for at in (earlier, due) if at is not None]
        return replace(
            row,
            priority=priority,
            windows=_both_times(row, report),
            woman=row.woman or report.woman,
            interviewer=row.interviewer or self.interviewed(report),
            if_nobody=report.if_nobody or row.if_nobody,
            due_at=min(known) if report.windows else None,
            top_told=False,
            next_at=None if report.windows else row.next_at,
            consent_until=self.consent_until(report.programme, now),
            attempts=0 if row.state in _ASKED_AGAIN else row.attempts,
        )


def _told_at(report: Report, now: datetime) -> datetime:
    """When the desk's phone is told: at once in danger, else once the caller had time to say
    where; the desk's own queue shows the request at once in any case."""
    return now if report.priority is Priority.DANGER else now + STILL_TELLING


def asked_again(
    connection: Connection,
    before: CallbackRow,
    row: CallbackRow,
    now: datetime,
    *,
    knows: bool = False,
) -> CallbackRow:
    """Moves a callback whose agreed times, already stored in `row`, have changed.

    `knows`: the secret word was given; it alone opens a callback that proved unsafe.
    """
    event = _after_asking(connection, before, row, now, knows)
    if event is None:
        return row
    row = replace(row, lease_officer=None, lease_until=None)
    return move(connection, row, event, actor="caller", now=now)


def _after_asking(
    connection: Connection, before: CallbackRow, row: CallbackRow, now: datetime, knows: bool
) -> Event | None:
    """What a repeat request does to the state.

    A callback that proved unsafe stays held: a request from the phone proves nothing about
    who holds it (SAFETY 6). One that was held because she said no opens when she says yes.
    """
    if not row.windows:
        return Event.HOLD if row.state in _STOPPED_BY_NO else None
    if row.state in _ASKED_AGAIN:
        return opening(row.windows, now)
    if row.state is State.HELD and (knows or not before.windows):
        return opening(row.windows, now)
    if row.state is State.HELD:
        return Event.EXHAUST  # it proved unsafe, and she asks again: a supervisor must look
    asks_more = needs_of(row) != needs_of(before)
    if row.state is State.CLAIMED and asks_more and not _with_who_suits(connection, row):
        return Event.RELEASE
    return None


def _with_who_suits(connection: Connection, row: CallbackRow) -> bool:
    assert row.lease_officer is not None
    officer = officers.get(connection, row.lease_officer)
    return officer is not None and suits(needs_of(row), skills(officer))


def _both_times(row: CallbackRow, report: Report) -> tuple[Window, ...]:
    """Times of day are kept beside the new ones; an earlier "now" is over once she says another
    time, and everything is over once she says no."""
    if not report.windows:
        return ()
    return (*(w for w in row.windows if w.daily and w not in report.windows), *report.windows)


def audited(
    connection: Connection, action: str, subject: str, detail: Mapping[str, str], now: datetime
) -> None:
    audit.append(connection, at=now, actor="caller", action=action, subject=subject, detail=detail)
