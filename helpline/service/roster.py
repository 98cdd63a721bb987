"""Who is on shift: by one click, by a plan, and what that means for a desk's requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.access import Act, may
from helpline.core.errors import Refused
from helpline.core.matching import Skills, Team
from helpline.store import audit, desks, officers, shifts
from helpline.store.officers import Officer
from helpline.store.record import Record
from helpline.store.shifts import Shift

ONE_CLICK = timedelta(hours=12)  # "on shift" by a click ends by itself after this
LONGEST = timedelta(hours=24)
AHEAD = timedelta(days=366)
WEEKS = 26  # a plan repeats at most so often


def skills(officer: Officer) -> Skills:
    return Skills(officer.woman, officer.interviewer, officer.speaks)


def team_of(connection: Connection, desk: str, now: datetime) -> Team:
    """Everybody who may work at the desk, and who of them is there now."""
    members = [o for o in officers.of_desk(connection, desk) if may(o.role, Act.WORK)]
    on = shifts.on_now(connection, desk, now)
    return Team(
        members=tuple(skills(o) for o in members),
        on_shift=tuple(skills(o) for o in members if o.id in on),
        rostered=shifts.rostered(connection, desk, now),
    )


@dataclass(frozen=True)
class Roster:
    record: Record

    def begin(self, desk: str, officer: Officer, now: datetime) -> None:
        """On shift from now on, for ONE_CLICK at most. Repeating it changes nothing."""
        with self.record.writing() as connection:
            _member(connection, desk, officer)
            if officer.id in shifts.on_now(connection, desk, now):
                return
            shifts.put(connection, officer.id, desk, now, now + ONE_CLICK)
            _audited(connection, officer, desk, "shift.begun", officer.name, now)

    def end(self, desk: str, officer: Officer, now: datetime) -> None:
        """Off shift: what is planned for now ends now; the duty phone is handed back."""
        with self.record.writing() as connection:
            _member(connection, desk, officer)
            on = [s for s in _touching(connection, desk, now) if s.officer_id == officer.id]
            for shift in on:
                shifts.finish(connection, shift.id, now)
            if shifts.holder(connection, desk) == officer.id:
                shifts.hold(connection, desk, None)
            if on:
                _audited(connection, officer, desk, "shift.ended", officer.name, now)

    def take_phone(self, desk: str, officer: Officer, now: datetime) -> None:
        """What is answered from the desk's duty phone counts as this officer's, from now on."""
        with self.record.writing() as connection:
            _member(connection, desk, officer)
            shifts.hold(connection, desk, officer.id)
            _audited(connection, officer, desk, "phone.taken", officer.name, now)

    def plan(
        self,
        desk: str,
        planner: Officer,
        officer_id: int,
        starts: Sequence[datetime],
        lasts: timedelta,
        now: datetime,
    ) -> int:
        """Shifts of one officer at these moments; how many were new."""
        _bounds(starts, lasts, now)
        with self.record.writing() as connection:
            who = officers.get(connection, officer_id)
            if who is None or officer_id not in {o.id for o in officers.of_desk(connection, desk)}:
                raise Refused("This officer does not work at desk {desk}.", desk=desk)
            new = sum(shifts.put(connection, officer_id, desk, at, at + lasts) for at in starts)
            if new:
                _audited(connection, planner, desk, "shift.planned", who.name, now)
            return new

    def remove(self, desk: str, planner: Officer, shift_id: int, now: datetime) -> None:
        """Takes a planned shift back; one that is going on ends now. Repeatable."""
        with self.record.writing() as connection:
            shift = shifts.get(connection, shift_id)
            if shift is None or shift.desk != desk or shift.ends_at <= now:
                return
            if shift.starts_at < now:
                shifts.finish(connection, shift_id, now)
            else:
                shifts.remove(connection, shift_id)
            name = officers.names(connection)[shift.officer_id]
            _audited(connection, planner, desk, "shift.removed", name, now)

    def planned(self, desk: str, since: datetime, until: datetime) -> list[Shift]:
        with self.record.reading() as connection:
            return shifts.between(connection, desk, since, until)

    def team(self, desk: str, now: datetime) -> Team:
        with self.record.reading() as connection:
            return team_of(connection, desk, now)

    def members(self, desk: str) -> list[Officer]:
        """Who may work at the desk, by name."""
        with self.record.reading() as connection:
            return [o for o in officers.of_desk(connection, desk) if may(o.role, Act.WORK)]

    def on_shift_at(self, desks_asked: Sequence[str], now: datetime) -> dict[str, list[str]]:
        """Names of who is on shift, at each of these desks where somebody is."""
        found: dict[str, list[str]] = {}
        with self.record.reading() as connection:
            for desk, name in shifts.names_on(connection, now):
                if desk in desks_asked:
                    found.setdefault(desk, []).append(name)
        return found

    def on_now(self, desk: str, now: datetime) -> list[Officer]:
        with self.record.reading() as connection:
            on = shifts.on_now(connection, desk, now)
            return [o for o in officers.of_desk(connection, desk) if o.id in on]

    def phone_holder(self, desk: str) -> int | None:
        with self.record.reading() as connection:
            return shifts.holder(connection, desk)


def _bounds(starts: Sequence[datetime], lasts: timedelta, now: datetime) -> None:
    if not timedelta(minutes=15) <= lasts <= LONGEST:
        raise Refused("A shift lasts between 15 minutes and 24 hours.")
    if len(starts) > WEEKS:
        raise Refused("A plan repeats at most {weeks} times.", weeks=WEEKS)
    if any(not now - LONGEST <= at <= now + AHEAD for at in starts):
        raise Refused("A shift begins today or within a year.")


def _touching(connection: Connection, desk: str, now: datetime) -> list[Shift]:
    return shifts.between(connection, desk, now, now + timedelta(microseconds=1))


def _member(connection: Connection, desk: str, officer: Officer) -> None:
    if desks.get(connection, desk) is None:
        raise Refused("There is no desk {desk}.", desk=desk)
    if officer.id not in {member.id for member in officers.of_desk(connection, desk)}:
        raise Refused("{name} is not an officer of desk {desk}.", name=officer.name, desk=desk)


def _audited(
    connection: Connection, actor: Officer, desk: str, action: str, whose: str, now: datetime
) -> None:
    audit.append(
        connection,
        at=now,
        actor=actor.name,
        action=action,
        subject=whose,
        detail={"desk": desk},
    )
