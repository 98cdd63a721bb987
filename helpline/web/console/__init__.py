"""The officers' console at `/console`: server-rendered pages that work without JavaScript."""

from collections.abc import Callable
from datetime import datetime

from starlette.routing import Route

from helpline.runtime import Runtime
from helpline.web.console import (
    accounts,
    acts,
    board,
    case,
    live,
    log,
    own,
    queue,
    referral_acts,
    referrals,
    reports,
    roster,
    sign_in,
    team,
)
from helpline.web.console.doors import Door
from helpline.web.console.guard import Guard, voices

DOORS: tuple[Door, ...] = (
    *sign_in.DOORS,
    *own.DOORS,
    *accounts.DOORS,
    *team.DOORS,
    *queue.DOORS,
    *case.DOORS,
    *acts.DOORS,
    *referral_acts.DOORS,
    *referrals.DOORS,
    *live.DOORS,
    *board.DOORS,
    *roster.DOORS,
    *log.DOORS,
    *reports.DOORS,
)


def console(parts: Runtime, clock: Callable[[], datetime]) -> list[Route]:
    return Guard(parts, clock, voices()).routes(DOORS)
