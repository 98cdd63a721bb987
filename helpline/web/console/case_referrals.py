"""The part of a request's page that is about referrals: the form, and what was sent before."""

import secrets
from collections.abc import Mapping
from functools import partial

from helpline.core.callback import State
from helpline.core.label import O_
from helpline.core.referral import (
    BY_DESK,
    FIELD_WORDS,
    LONGEST_NOTE,
    PRESELECTED,
    REVOKED_WORDS,
    Consent,
)
from helpline.service.lines import QueueRow
from helpline.service.patience import in_time
from helpline.web.console.referral_words import line_of
from helpline.web.console.visit import Visit, clock_of

CONSENTS: Mapping[Consent, str] = {
    Consent.CALL: O_("The person said yes to me in this call"),
    Consent.REPORT: O_("The person agreed on the phone, when asking for help"),
}
_MAY_REFER = frozenset({State.REACHED, State.REFERRED})


async def referrals_of(visit: Visit, line: QueueRow, kept: Mapping[str, str]) -> dict[str, object]:
    """`kept` is what was typed into a form that was refused."""
    referring, clock = visit.parts.referring, clock_of(visit)
    ask = partial(referring.of_case, visit.desk, visit.officer, line.id, visit.now)
    sent = [line_of(visit, one, clock) for one in await in_time(ask)]
    may = State(line.state) in _MAY_REFER
    partners = await in_time(partial(referring.partners, visit.desk)) if may else ()
    programme = visit.programme_of(visit.desk)
    days = programme.rules.referral_days
    ticked = kept["fields"].split(",") if "fields" in kept else [f.value for f in PRESELECTED]
    return {
        "sent": sent,
        "partners": [(desk.code, desk.name) for desk in partners],
        "fields": [(f.value, visit.say(w), f.value in ticked) for f, w in FIELD_WORDS.items()],
        "days": [(str(n), visit.say(O_("{count} days"), count=str(n))) for n in days],
        "consents": [(consent.value, visit.say(w)) for consent, w in CONSENTS.items()],
        "revocations": [(one.value, visit.say(REVOKED_WORDS[one])) for one in BY_DESK],
        "most": LONGEST_NOTE,
        "id": kept.get("referral_id") or secrets.token_hex(16),
        "open": "referral_id" in kept,
        "kept": {"to": "", "note": "", "days": "", "consent": "", **_kept(kept)},
    }


def _kept(kept: Mapping[str, str]) -> dict[str, str]:
    names = {"to": "to", "note": "shared_note", "days": "days", "consent": "consent"}
    return {name: kept[key] for name, key in names.items() if key in kept}
