"""Figures for supervisors: one table at a time with its chart, files, and cases for Primero.

What is asked for stands in the address: a programme, a period and a table, nothing typed.
"""

import re
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core import periods
from helpline.core.access import Act
from helpline.core.errors import Refused, RefusedRequest
from helpline.core.label import O_
from helpline.core.periods import Period
from helpline.core.report import parse_case_code
from helpline.core.report_words import Grid, Names, category_grid, grids, notes
from helpline.core.statistics import By
from helpline.service.patience import in_time
from helpline.service.primero import MOST, WHY, Why
from helpline.service.report_files import csv_of, xlsx_of
from helpline.service.statistics import SCREEN, Asked, Scope
from helpline.web.charts import Chart, bars
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.visit import HEADERS, Visit, page

PATIENCE = 60.0  # seconds: thousands of requests are opened to be counted
CATEGORY, EVERY = "category", "all"
FILES = {
    "csv": ("text/csv; charset=utf-8", csv_of),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
}
TABLES: dict[str, str] = {
    By.CONCERN.value: O_("Concern"),
    By.DISTRICT.value: O_("District"),
    By.AGE.value: O_("Age"),
    By.SEX.value: O_("Sex"),
    By.LANGUAGE.value: O_("Language"),
    By.OUTCOME.value: O_("Outcome"),
    By.MONTH.value: O_("Month"),
    CATEGORY: O_("Category of child helplines"),
}
SAME = O_("The table below says the same in numbers.")
ALL_TIME = O_("All time")
_APART = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for, within what this officer may see."""

    scope: Scope
    period: Period
    by: str


async def reports(visit: Visit) -> Response:
    wanted = await _wanted(visit)
    (grid,), said = await _made(visit, wanted, SCREEN)
    chart = Chart(grid.name, grid.title, visit.say(SAME), grid.cells, rtl=visit.voice.rtl)
    known = await _known(visit, wanted)
    values = {"grid": grid, "chart": bars(chart), "notes": said, "wanted": wanted, **known}
    return page(visit, "reports.html", {**values, **_primero(visit)})


async def file(visit: Visit, *, form: str) -> Response:
    """The same table, or all of them but the categories, as it would be on the screen."""
    media_type, write = FILES[form]
    wanted = await _wanted(visit, EVERY)
    shown, said = await _made(visit, wanted, form)
    name = f"{wanted.scope.programme}-{wanted.period.name}-{wanted.by}.{form}"
    return _download(write(shown, said), media_type, name)


async def _wanted(visit: Visit, *more: str) -> Wanted:
    """`more` are tables that may be asked for beside TABLES."""
    asked, counted = visit.request.query_params, visit.parts.statistics
    own = visit.signed_in.desks
    scopes = await in_time(partial(counted.scopes, visit.officer, own))
    if not scopes:
        raise Refused("You have no desk, so there is nothing to count. Ask your administrator.")
    programme = asked.get("programme") or scopes[0].programme
    scope = await in_time(partial(counted.scope, visit.officer, own, programme))
    by = asked.get("by") or By.CONCERN.value
    if by not in (*TABLES, *more):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "no such table")
    period = await in_time(partial(counted.period, programme, asked.get("period", ""), visit.now))
    return Wanted(scope, period, by)


async def _made(visit: Visit, wanted: Wanted, form: str) -> tuple[tuple[Grid, ...], list[str]]:
    counted, say = visit.parts.statistics, visit.voice.say
    asked = Asked(visit.officer.name, wanted.scope, wanted.period, form)
    public = wanted.scope.public
    if wanted.by == CATEGORY:
        rows = await in_time(partial(counted.categories, asked, visit.now), PATIENCE)
        return (category_grid(rows, say),), notes(None, say, public=public)
    made = await in_time(partial(counted.report, asked, visit.now), PATIENCE)
    programme = visit.content.programmes[wanted.scope.programme]
    names = Names(programme, visit.content.directory, say, visit.caller_voice.say)
    shown = grids(made, names, None if wanted.by == EVERY else By(wanted.by))
    return shown, notes(made, say, public=public)


async def _known(visit: Visit, wanted: Wanted) -> dict[str, object]:
    """What can be chosen."""
    counted, own = visit.parts.statistics, visit.signed_in.desks
    programme = wanted.scope.programme
    scopes = await in_time(partial(counted.scopes, visit.officer, own))
    first = await in_time(partial(counted.first_month, programme))
    offered = periods.offered(first, counted.running(programme, visit.now))
    names = dict.fromkeys([wanted.period.name, *offered])
    return {
        "programmes": [
            (scope.programme, visit.content.programmes[scope.programme].name) for scope in scopes
        ],
        "periods": [(n, visit.say(ALL_TIME) if n == periods.ALL else n) for n in names],
        "tables": [(name, visit.say(words)) for name, words in TABLES.items()],
        "query": {"programme": programme, "period": wanted.period.name},
        "every": EVERY,
        "category": CATEGORY,
    }


def _primero(visit: Visit) -> dict[str, object]:
    return {
        "may_export": visit.may(Act.REVIEW),
        "reasons": [(why.value, visit.say(words)) for why, words in WHY.items()],
    }


async def primero(visit: Visit) -> Response:
    """The file is the answer itself: it is kept nowhere."""
    why = Why(visit.choice("reason", Why))
    codes = [code for code in _APART.split(visit.given("codes", limit=2000)) if code]
    if not 1 <= len(codes) <= MOST:
        raise Refused("Give 1 to {most} request numbers.", most=MOST)
    numbers = [await _number(visit, code) for code in codes]
    export = partial(visit.parts.primero.export, visit.officer, numbers, why, visit.now)
    made = await in_time(export)
    return _download(made.content, made.media_type, made.name)


async def _number(visit: Visit, typed: str) -> int:
    """The callback of a request number, at any of the supervisor's own desks."""
    code = parse_case_code(typed)
    for desk in visit.signed_in.desks if code else ():
        try:
            return await in_time(partial(visit.parts.desk.find, desk, code))
        except Refused:
            continue
    raise Refused("Your desks have no request with one of these numbers. Check them again.")


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


DOORS = [
    Door(GET, "/console/reports", reports, Act.REPORTS),
    *(
        Door(GET, f"/console/reports/file.{form}", partial(file, form=form), Act.REPORTS)
        for form in FILES
    ),
    Door(POST, "/console/reports/primero", primero, Act.REVIEW),
]
