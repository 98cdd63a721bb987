"""What in the directory grows old: facts that nobody checked again, holidays that run out."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from helpline.core.directory import Desk, Directory
from helpline.core.partners import is_partner
from helpline.core.programme import Programme
from helpline.directory.faults import Rows, checked_on
from helpline.service.findings import Finding, some, warning

YEAR = timedelta(days=365)
RUNS_OUT = timedelta(days=60)  # time to learn the next year's holidays
SOON = timedelta(days=30)
NAMED = 3  # codes


def directory_findings(
    directory: Directory, holidays: Rows, served: Iterable[Programme], now: datetime
) -> Iterator[Finding]:
    for programme in served:
        desks = directory.desks.values()
        known = [d for d in desks if d.programme == programme.code and d.verified]
        ours = [d for d in known if not is_partner(d)]  # what a caller is told of, or rung by
        today = now.astimezone(programme.zone).date()
        yield from _old(programme.code, ours, today)
        if any(desk.hours.spans for desk in ours):
            yield from _run_out(directory, programme.code, today)
        yield from _estimated(holidays, programme.code, today)


def _old(programme: str, desks: list[Desk], today: date) -> Iterator[Finding]:
    old = [d.code for d in desks if not d.source_date or today - checked_on(d.source_date) > YEAR]
    if old:
        what = f"{programme}: {some(old, [d.code for d in desks], NAMED)} not checked for a year."
        yield warning(what, "Ask them, then import their rows with the new source_date.")


def _run_out(directory: Directory, programme: str, today: date) -> Iterator[Finding]:
    last = max(directory.holidays.get(programme, ()), default=today)
    if last <= today + RUNS_OUT:
        what = f"{programme}: no holiday is known after {last}; desks would be told to be open."
        yield warning(what, "Import the next year's holidays.")


def _estimated(holidays: Rows, programme: str, today: date) -> Iterator[Finding]:
    for row in holidays.values():
        guessed = row["programme"] == programme and row["estimated"] == "yes"
        if guessed and today <= date.fromisoformat(row["date"]) <= today + SOON:
            what = f"{programme}: {row['name_en']} on {row['date']} is an estimate."
            yield warning(what, "Import the row with the announced date, or with estimated=no.")
