"""A referral to a partner as one table: states, what may happen in each, and what may be shared."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

from helpline.core.errors import Refused
from helpline.core.label import O_, Text

LONGEST_NOTE = 500  # characters


class ReferralState(Enum):
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    REVOKED = "revoked"


class Event(Enum):
    ACCEPT = "accept"
    REJECT = "reject"
    FINISH = "finish"
    REVOKE = "revoke"


LIVE = frozenset({ReferralState.SENT, ReferralState.ACCEPTED})  # something can be read
TRANSITIONS: Mapping[tuple[ReferralState, Event], ReferralState] = {
    (ReferralState.SENT, Event.ACCEPT): ReferralState.ACCEPTED,
    (ReferralState.SENT, Event.REJECT): ReferralState.REJECTED,
    (ReferralState.ACCEPTED, Event.FINISH): ReferralState.DONE,
    **{(state, Event.REVOKE): ReferralState.REVOKED for state in LIVE},
}


def step(state: ReferralState, event: Event) -> ReferralState:
    """The next state; Refused with a sentence when the table has no such transition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        words = O_("This cannot be done now. The referral is: {state}.")
        raise Refused(words, state=Text(STATE_WORDS[state])) from None


class Rejected(Enum):
    """Why a partner does not take it on."""

    NOT_OURS = "not_ours"
    NO_ROOM = "no_room"
    TOO_FAR = "too_far"
    MORE_NEEDED = "more_needed"
    KNOWN = "known"


class Revoked(Enum):
    """Why nothing is shared any more; the last two come from the phone."""

    ASKED = "asked"
    MISTAKE = "mistake"
    OTHER_PARTNER = "other_partner"
    NOT_NEEDED = "not_needed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


BY_DESK = (Revoked.ASKED, Revoked.MISTAKE, Revoked.OTHER_PARTNER, Revoked.NOT_NEEDED)


class Consent(Enum):
    """How the person agreed that something is shared."""

    REPORT = "report"  # in the dialogue on the phone
    CALL = "call"  # said to the officer


class Why(Enum):
    """Why a partner reads a referral or the number; a choice, so that no content is logged."""

    HELP = "help"
    CONTACT = "contact"
    HANDOVER = "handover"
    SUPERVISION = "supervision"


class Field(Enum):
    """What may be shared, in the order in which it is asked and shown."""

    PLACE = "place"  # the district, nothing closer
    CONCERN = "concern"
    ABOUT = "about"
    LANGUAGE = "language"
    SAFE_TIME = "safe_time"
    NUMBER = "number"
    AGE = "age"
    SEX = "sex"
    NOTE = "note"  # what the officer writes to the partner


PRESELECTED = (Field.PLACE, Field.CONCERN, Field.ABOUT, Field.LANGUAGE)

FIELD_WORDS: Mapping[Field, str] = {
    Field.PLACE: O_("District"),
    Field.CONCERN: O_("What it is about"),
    Field.ABOUT: O_("Who needs help"),
    Field.LANGUAGE: O_("Language"),
    Field.SAFE_TIME: O_("Safe times for a call"),
    Field.NUMBER: O_("Phone number"),
    Field.AGE: O_("Age"),
    Field.SEX: O_("Sex"),
    Field.NOTE: O_("Note to the partner"),
}
STATE_WORDS: Mapping[ReferralState, str] = {
    ReferralState.SENT: O_("sent"),
    ReferralState.ACCEPTED: O_("accepted"),
    ReferralState.REJECTED: O_("not accepted"),
    ReferralState.DONE: O_("done"),
    ReferralState.REVOKED: O_("taken back"),
}
REJECTED_WORDS: Mapping[Rejected, str] = {
    Rejected.NOT_OURS: O_("Not our work"),
    Rejected.NO_ROOM: O_("No room now"),
    Rejected.TOO_FAR: O_("Too far away"),
    Rejected.MORE_NEEDED: O_("We need to know more"),
    Rejected.KNOWN: O_("We help this person already"),
}
REVOKED_WORDS: Mapping[Revoked, str] = {
    Revoked.ASKED: O_("The person asked for it"),
    Revoked.MISTAKE: O_("Sent by mistake"),
    Revoked.OTHER_PARTNER: O_("Another partner helps"),
    Revoked.NOT_NEEDED: O_("Not needed any more"),
    Revoked.WITHDRAWN: O_("The person ended the request"),
    Revoked.ERASED: O_("The request was erased"),
}
WHY_WORDS: Mapping[Why, str] = {
    Why.HELP: O_("To help"),
    Why.CONTACT: O_("To call the person"),
    Why.HANDOVER: O_("To hand over to a colleague"),
    Why.SUPERVISION: O_("To check the work"),
}
REASON_WORDS: Mapping[str, str] = {
    "": "",
    **{reason.value: words for reason, words in REJECTED_WORDS.items()},
    **{reason.value: words for reason, words in REVOKED_WORDS.items()},
}


def in_order(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Each once, in the fixed order."""
    chosen = set(fields)
    return tuple(field for field in Field if field in chosen)


def only(fields: Iterable[Field], known: Mapping[Field, object]) -> Mapping[Field, object]:
    """Of what is known, exactly what was agreed."""
    return {field: known[field] for field in in_order(fields) if field in known}


def is_live(state: ReferralState, consent_until: datetime, now: datetime) -> bool:
    """Whether the partner may still read what was shared."""
    return state in LIVE and now < consent_until


def check_note(fields: Iterable[Field], note: str) -> None:
    """Refused when the note and the tick for it do not agree."""
    ticked = Field.NOTE in set(fields)
    if note and not ticked:
        raise Refused("You wrote a note but did not tick it. Tick it, or empty it.")
    if ticked and not note:
        raise Refused("You ticked the note but wrote nothing. Write it, or untick it.")
    if len(note) > LONGEST_NOTE:
        raise Refused("The note has at most {most} letters.", most=LONGEST_NOTE)
