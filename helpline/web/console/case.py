"""The page of one request: what may be seen of it by whom, when; and what was opened just now."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.callback import TERMINAL, Attempted, Outcome, State
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.label import O_, Text
from helpline.core.officer_words import AGES, ATTEMPTED, OUTCOMES, SEXES
from helpline.core.reasons import REASONS, Reason
from helpline.service.lines import QueueRow
from helpline.service.notes import Facts, Note
from helpline.service.patience import in_time
from helpline.web.console.case_referrals import referrals_of
from helpline.web.console.doors import GET, Door
from helpline.web.console.referral_words import ABOUT
from helpline.web.console.rows import language_name, row_of, told_at
from helpline.web.console.visit import Clock, Visit, clock_of, page

_HERS = frozenset({State.CLAIMED, State.ATTEMPTING, State.REACHED, State.REFERRED})
Entry = Mapping[str, object]


@dataclass(frozen=True)
class Opened:
    """What this one answer shows beside the line: after a reveal, or a form that must not be lost.

    `number` and `told` are shown once, in the answer to the form that asked for them.
    """

    number: str = ""
    told: Sequence[Entry] = ()
    words: Sequence[str] = ()  # the secret words, shown with the number
    drops: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    notice: str = ""


async def case(visit: Visit) -> Response:
    return await show(visit, Opened())


async def show(visit: Visit, opened: Opened, status: int = HTTPStatus.OK) -> Response:
    look = partial(visit.parts.desk.show, visit.desk, visit.officer, visit.number, visit.now)
    line = await in_time(look)
    return page(visit, "case.html", await _values(visit, line, opened), status)


async def again(visit: Visit, refused: Refused, **kept: str) -> Response:
    """What was refused, said on the page, with what was typed still in its form."""
    opened = Opened(kept=kept, problem=visit.voice.say(refused.label))
    return await show(visit, opened, HTTPStatus.CONFLICT)


async def _values(visit: Visit, line: QueueRow, opened: Opened) -> dict[str, object]:
    clock, parts, desk = clock_of(visit), visit.parts, visit.desk
    team = await in_time(partial(parts.roster.team, desk, visit.now))
    mine = line.lease_holder == visit.officer.name
    notes: tuple[Note, ...] = ()
    facts = Facts()
    if opened.told:
        read = partial(parts.casework.notes, desk, visit.officer, line.id, visit.now)
        notes, facts = await in_time(read)
    row = row_of(visit, line, clock, team.present)
    colleagues = [o.name for o in await in_time(partial(parts.roster.members, desk))]
    return {
        "desk": desk,
        "row": row,
        "mine": mine,
        "no_texts": await in_time(
            partial(parts.casework.wants_no_texts, desk, visit.officer, line.id)
        ),
        "can": _can(visit, line, mine, claimable=row.claimable),
        "number": opened.number,
        "words": opened.words,
        "drops": opened.drops,
        "told": [_entry(visit, clock, entry) for entry in opened.told],
        "notes": [{**note, "at": told_at(clock, note["at"])} for note in notes],
        "facts": facts,
        "kept": {"outcome": "", "note": "", **opened.kept},
        "note_id": opened.kept.get("note_id") or secrets.token_hex(16),
        "problem": opened.problem,
        "notice": opened.notice,
        "colleagues": [(name, name) for name in colleagues if name != line.lease_holder],
        "others": _others(visit),
        "referrals": await referrals_of(visit, line, opened.kept),
        **_choices(visit),
    }


def _can(visit: Visit, line: QueueRow, mine: bool, *, claimable: bool) -> dict[str, bool]:
    """What the page offers; the service decides, whatever a page offered."""
    state, supervises = State(line.state), visit.may(Act.REVIEW)
    decided = state in (State.REVIEW, State.HELD)
    over = state in TERMINAL
    return {
        "claim": claimable,
        "call": mine and state in (State.CLAIMED, State.ATTEMPTING),
        "outcome": mine and state is State.ATTEMPTING,
        "close": state in (State.REACHED, State.REFERRED) or (decided and supervises),
        "decide": decided and supervises,
        "note": not over,
        "refer": state in (State.REACHED, State.REFERRED),
        "release": mine and state is State.CLAIMED,
        "hand_over": state in _HERS and (mine or supervises),
        "pass_on": supervises and not over and not line.lease_holder,
    }


def _choices(visit: Visit) -> dict[str, object]:
    def said(words: Mapping[object, str]) -> list[tuple[str, str]]:
        return [(choice.value, visit.say(label)) for choice, label in words.items()]  # type: ignore[attr-defined]

    reasons = {r: w for r, w in REASONS.items() if r is not Reason.SUPERVISION}
    return {
        "attempted": said(ATTEMPTED),  # type: ignore[arg-type]
        "outcomes": said(OUTCOMES),  # type: ignore[arg-type]
        "ages": said(AGES),  # type: ignore[arg-type]
        "sexes": said(SEXES),  # type: ignore[arg-type]
        "reasons": said(REASONS if visit.may(Act.REVIEW) else reasons),  # type: ignore[arg-type]
    }


def _others(visit: Visit) -> list[tuple[str, str]]:
    """The desks of the programme that take callbacks, without this one."""
    directory = visit.content.directory
    programme = visit.programme_of(visit.desk).code
    found = [d for d in directory.desks.values() if d.programme == programme and d.verified]
    return sorted((d.code, d.name) for d in found if d.serves and d.code != visit.desk)


_ANSWERS = {
    "about": O_("Who needs help"),
    "concern": O_("What is happening"),
    "place": O_("Where"),
    "language": O_("Language"),
    "consented": O_("May be shared with others who must help"),
    "if_call_drops": O_("If the line drops"),
}
_YES, _NO = O_("yes"), O_("no")
_DROPS = {"wait": O_("wait for the next safe time"), "call_again": O_("call again once")}


def _entry(visit: Visit, clock: Clock, entry: Entry) -> dict[str, object]:
    if "about" not in entry:  # it went to a case of its own
        return {"at": told_at(clock, str(entry["at"])), "answers": [], "said": ""}
    said = {
        "about": _caller(visit, ABOUT.get(str(entry["about"]), "")),
        "concern": _concern(visit, entry),
        "place": _place(visit, str(entry["place"])),
        "language": language_name(visit, str(entry["language"])),
        "consented": visit.say(_YES if entry["consented"] else _NO),
        "if_call_drops": visit.say(_DROPS[str(entry["if_call_drops"])]),
    }
    answers = [(visit.say(_ANSWERS[name]), value) for name, value in said.items() if value]
    at = told_at(clock, str(entry["at"]))
    return {"at": at, "answers": answers, "said": str(entry.get("said", ""))}


def _caller(visit: Visit, msgid: str) -> str:
    return visit.caller_voice.say(Text(msgid)) if msgid else ""


def _concern(visit: Visit, entry: Entry) -> str:
    programme = visit.programme_of(visit.desk)
    for concern in programme.concerns:
        if concern.value == entry["concern"]:
            forms = [form.label for form in concern.forms if form.value == entry.get("form")]
            return ", ".join(_caller(visit, label) for label in (concern.label, *forms))
    return ""


def _place(visit: Visit, code: str) -> str:
    places = visit.content.directory.places
    if code not in places:
        return code
    lineage = list(places.lineage(code))[:-1] or [places[code]]
    return ", ".join(p.name.in_language(visit.voice.language) for p in lineage)


def facts_of(visit: Visit) -> Facts:
    age = visit.choice("age", Age, default=Age.UNKNOWN.value)
    return Facts(Age(age), Sex(visit.choice("sex", Sex, default=Sex.UNKNOWN.value)))


def outcome_of(visit: Visit) -> Outcome:
    return Outcome(visit.choice("outcome", Outcome))


def attempted_of(visit: Visit) -> Attempted:
    return Attempted(visit.choice("outcome", Attempted))


DOORS = [Door(GET, "/console/desk/{desk}/callback/{callback}", case, Act.WORK)]
