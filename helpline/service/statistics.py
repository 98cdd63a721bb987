"""Reports for supervisors: which cases count, whose they are, and one audit row per report.

Content is opened only to be counted, and stays in here: what comes out are tables with small
numbers hidden (SAFETY 22).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from helpline.core import categories, periods, statistics
from helpline.core.access import Act, Role, may
from helpline.core.callback import Outcome, due_at
from helpline.core.categories import CategoryRow
from helpline.core.directory import Directory
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.periods import Period
from helpline.core.programme import Programme
from helpline.core.statistics import UNKNOWN, By, CaseFacts, Groups, Report
from helpline.core.window import next_opening
from helpline.crypto import Sealer
from helpline.service.notes import Notes
from helpline.service.stories import Stories
from helpline.store import audit, counts, desks
from helpline.store.counts import Counted
from helpline.store.officers import Officer
from helpline.store.record import Record

SCREEN = "screen"  # how a report was made, for the audit log; or the kind of file


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cases are counted; `desks` None: all of the programme.

    Tables of a programme and of some of its desks can be subtracted from each other, so only
    those of whole programmes are fit to be published.
    """

    programme: str
    desks: frozenset[str] | None = None

    @property
    def public(self) -> bool:
        return self.desks is None


@dataclass(frozen=True, slots=True)
class Asked:
    """A report asked for: by whom (as the audit log names it), of what, in which form."""

    by: str
    scope: Scope
    period: Period
    form: str = SCREEN


@dataclass(frozen=True)
class Statistics:
    """`directory` gives what is known of places now."""

    record: Record
    sealer: Sealer
    programmes: Mapping[str, Programme]
    directory: Callable[[], Directory]

    def scopes(self, officer: Officer, own: Sequence[str]) -> list[Scope]:
        """What somebody may see: an administrator every programme, a supervisor her desks (`own`)
        and those that escalate to them, everybody else nothing."""
        if not may(officer.role, Act.REPORTS):
            raise Refused("Reports are for supervisors and administrators.")
        if officer.role is Role.ADMINISTRATOR:
            return [Scope(code) for code in self.programmes]
        with self.record.reading() as connection:
            known = {desk.code: desk for desk in desks.all_desks(connection)}
        parents = {code: desk.parent for code, desk in known.items()}
        hers = [code for code in known if not set(own).isdisjoint(ladder(code, parents))]
        found: dict[str, set[str]] = {}
        for code in hers:
            found.setdefault(known[code].programme, set()).add(code)
        return [Scope(programme, frozenset(codes)) for programme, codes in found.items()]

    def scope(self, officer: Officer, own: Sequence[str], programme: str) -> Scope:
        for scope in self.scopes(officer, own):
            if scope.programme == programme:
                return scope
        raise Refused("You have no desk in this programme.")

    def period(self, programme: str, text: str, now: datetime) -> Period:
        """ "" is the last month that has ended."""
        running = self.running(programme, now)
        first = self.first_month(programme) if text == periods.ALL else ""
        return periods.parse(text or periods.before(running), first, running)

    def running(self, programme: str, now: datetime) -> str:
        return periods.month_of(now, self.programmes[programme].zone)

    def first_month(self, programme: str) -> str:
        """The month of the first request, "" before there was one."""
        with self.record.reading() as connection:
            at = counts.first(connection, programme)
        return periods.month_of(at, self.programmes[programme].zone) if at else ""

    def report(self, asked: Asked, now: datetime) -> Report:
        """The tables, audited."""
        facts = self.facts(asked.scope, asked.period)
        running = self.running(asked.scope.programme, now)
        groups = self.groups(asked.scope.programme)
        made = statistics.report(facts, asked.period, groups, running, now)
        self._audited(asked, "requests", now)
        return made

    def categories(self, asked: Asked, now: datetime) -> tuple[CategoryRow, ...]:
        """The requests by the categories that child helplines share, audited."""
        facts = self.facts(asked.scope, asked.period)
        running = self.running(asked.scope.programme, now)
        concerns = self.groups(asked.scope.programme)[By.CONCERN]
        made = categories.by_category(facts, asked.period, concerns, running)
        self._audited(asked, "categories", now)
        return made

    def groups(self, programme: str) -> Groups:
        """Per table what may stand in it, whatever was counted."""
        said = self.programmes[programme]
        places = self.directory().places
        districts = [
            place.code
            for place in places.values()
            if place.level == "district" and places.country_of(place.code) == said.country
        ]
        return {
            By.DISTRICT: (*sorted(districts), UNKNOWN),
            By.CONCERN: (*(concern.value for concern in said.concerns), UNKNOWN),
            By.AGE: _values(age.value for age in Age),
            By.SEX: _values(sex.value for sex in Sex),
            By.LANGUAGE: (*(language.code for language in said.languages), UNKNOWN),
            By.OUTCOME: (*(outcome.value for outcome in Outcome), UNKNOWN),
        }

    def facts(self, scope: Scope, period: Period) -> list[CaseFacts]:
        """Of an erased case nothing is known but that it was, when, and what came of it."""
        programme = self.programmes[scope.programme]
        filed = periods.bounds(period, programme.zone)
        if filed is None:
            return []
        with self.record.reading() as connection:
            found = counts.of_scope(connection, scope.programme, scope.desks, filed)
        places = self.directory().places
        stories, notes = Stories(self.sealer), Notes(self.sealer)
        districts: dict[str, str] = {}

        def district(place: str) -> str:
            if place not in districts:
                code = places.district_of(place) if place in places else ""
                is_one = code in places and places[code].level == "district"
                districts[place] = code if is_one else UNKNOWN
            return districts[place]

        return [_facts(row, programme, district, stories, notes) for row in found]

    def _audited(self, asked: Asked, table: str, now: datetime) -> None:
        shared = "programme" if asked.scope.public else "desks"
        detail = {"table": table, "from": asked.period.name, "act": asked.form, "fields": shared}
        with self.record.writing() as connection:
            audit.append(
                connection,
                at=now,
                actor=asked.by,
                action="report.made",
                subject=asked.scope.programme,
                detail=detail,
            )


def ladder(desk: str, parents: Mapping[str, str]) -> list[str]:
    """The desk and those that it escalates to."""
    found: list[str] = []
    while desk and desk not in found:
        found.append(desk)
        desk = parents.get(desk, "")
    return found


def _values(known: Iterable[str]) -> tuple[str, ...]:
    """The officers' "unknown" and what nobody wrote down are one group."""
    return (*(value for value in known if value != "unknown"), UNKNOWN)


def _facts(
    row: Counted,
    programme: Programme,
    district: Callable[[str], str],
    stories: Stories,
    notes: Notes,
) -> CaseFacts:
    case = row.case
    erased = not case.wrapped_key or case.sealed_story is None
    told = [] if erased else list(reversed(stories.read(case)))
    noted = notes.facts(case)

    def latest(name: str) -> str:
        return next((str(entry[name]) for entry in told if entry.get(name)), UNKNOWN)

    concern = latest("concern")
    placed = (district(str(entry.get("place", ""))) for entry in told)
    opens = next_opening(row.windows, case.created_at) if row.windows else None
    due = due_at(row.priority, programme.rules, case.created_at, opens) if row.windows else None
    return CaseFacts(
        month=periods.month_of(case.created_at, programme.zone),
        district=next(filter(None, placed), UNKNOWN),
        concern=concern,
        age=noted.age.value,
        sex=noted.sex.value,
        language=latest("language"),
        priority=row.priority.value,
        requested_at=case.created_at,
        due_at=due,
        first_attempt_at=row.first_attempt_at,
        reached=row.reached,
        outcome=case.outcome,
        referred=row.referred,
        attempts=row.attempts,
        form=_form_of(concern, told),
        about=latest("about"),
    )


def _form_of(concern: str, told: Sequence[Mapping[str, object]]) -> str:
    """Of the dialogue that named this concern last."""
    return next((str(e.get("form", "")) for e in told if e.get("concern") == concern), UNKNOWN)
