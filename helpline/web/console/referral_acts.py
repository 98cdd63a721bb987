"""What a desk's forms about referrals do. A refusal shows the page again with what was typed."""

import re
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.errors import Refused, RefusedRequest
from helpline.core.referral import LONGEST_NOTE, Consent, Field, Revoked
from helpline.service.patience import in_time
from helpline.service.referring import Asked
from helpline.web.console.case import again
from helpline.web.console.doors import POST, Door
from helpline.web.console.visit import Visit, go

_ID = re.compile("[0-9a-f]{32}")
_DAYS = re.compile("[0-9]{1,3}")
_BASE = "/console/desk/{desk}/callback/{callback}"


def _id(visit: Visit) -> str:
    given = visit.given("referral_id")
    if not _ID.fullmatch(given):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "no name for the referral")
    return given


def _asked(visit: Visit) -> Asked:
    """What the form says. The service decides, whatever a page offered."""
    days = visit.given("days")
    if not _DAYS.fullmatch(days):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "no number of days")
    given = visit.given("consent")
    return Asked(
        referral_id=_id(visit),
        to_desk=visit.given("to"),
        fields=tuple(field for field in Field if visit.given(f"share_{field.value}")),
        note=visit.given("shared_note", limit=4 * LONGEST_NOTE),
        days=int(days),
        consent=Consent(visit.choice("consent", Consent)) if given else None,
    )


def _here(visit: Visit) -> str:
    return f"/console/desk/{visit.desk}/callback/{visit.number}"


async def refer(visit: Visit) -> Response:
    asked = _asked(visit)
    act = visit.parts.referring.refer
    try:
        await in_time(partial(act, visit.desk, visit.officer, visit.number, asked, visit.now))
    except Refused as refused:
        return await again(visit, refused, **_kept(asked))
    return go(_here(visit))


def _kept(asked: Asked) -> dict[str, str]:
    return {
        "referral_id": asked.referral_id,
        "to": asked.to_desk,
        "fields": ",".join(field.value for field in asked.fields),
        "shared_note": asked.note,
        "days": str(asked.days),
        "consent": asked.consent.value if asked.consent else "",
    }


async def revoke(visit: Visit) -> Response:
    reason, named = Revoked(visit.choice("reason", Revoked)), _id(visit)
    act = partial(visit.parts.referring.revoke, visit.desk, visit.officer, named)
    try:
        await in_time(partial(act, reason, visit.now))
    except Refused as refused:
        return await again(visit, refused)
    return go(_here(visit))


DOORS = [
    Door(POST, f"{_BASE}/refer", refer, Act.WORK),
    Door(POST, f"{_BASE}/revoke", revoke, Act.WORK),
]
