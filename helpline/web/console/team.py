"""The officers of a supervisor's desks: an account whose phone is lost at night is reset here."""

from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act, Role
from helpline.core.errors import Refused, RefusedRequest
from helpline.service.accounts import Account
from helpline.service.patience import in_time
from helpline.web.console.accounts import address_of, row_of
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.visit import Visit, page


async def team(visit: Visit) -> Response:
    return await _show(visit)


async def _theirs(visit: Visit) -> list[Account]:
    """Officers who work at the supervisor's desks alone; the service asks again."""
    desks = set(visit.signed_in.desks)
    found = await in_time(partial(visit.parts.accounts.everybody, visit.now))
    return [
        account
        for account in found
        if account.profile.role is Role.OFFICER
        and account.profile.desks
        and desks.issuperset(account.profile.desks)
    ]


async def _show(visit: Visit, status: int = HTTPStatus.OK, **values: str) -> Response:
    rows = [row_of(visit, account) for account in await _theirs(visit)]
    return page(visit, "team.html", {"rows": rows, "address": "", "name": "", **values}, status)


async def reset(visit: Visit) -> Response:
    """The address, once, in this answer."""
    wanted = visit.id_of("officer")
    names = [a.officer.name for a in await _theirs(visit) if a.officer.id == wanted]
    if not names:
        raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such officer here")
    act = visit.parts.accounts.reset
    try:
        token = await in_time(partial(act, visit.officer, names[0], visit.now))
    except Refused as refused:
        return await _show(visit, HTTPStatus.CONFLICT, problem=visit.voice.say(refused.label))
    return await _show(visit, address=address_of(visit, token), name=names[0])


DOORS = [
    Door(GET, "/console/team", team, Act.REVIEW),
    Door(POST, "/console/team/{officer}/reset", reset, Act.REVIEW),
]
