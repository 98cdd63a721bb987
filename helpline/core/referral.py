"""A referral to a partner as one table: states, what may happen in each, and what may be shared."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

from helpline.core.errors import Refused
from helpline.core.label import N_

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
        words = f"This referral is {state.value}: it cannot {event.value} now."
        raise Refused(words) from None


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
    Field.PLACE: N_("District"),
    Field.CONCERN: N_("What it is about"),
    Field.ABOUT: N_("Who needs help"),
    Field.LANGUAGE: N_("Language"),
    Field.SAFE_TIME: N_("Safe times for a call"),
    Field.NUMBER: N_("Phone number"),
    Field.AGE: N_("Age"),
    Field.SEX: N_("Sex"),
    Field.NOTE: N_("Note to the partner"),
}
STATE_WORDS: Mapping[ReferralState, str] = {
    ReferralState.SENT: N_("Sent"),
    ReferralState.ACCEPTED: N_("Accepted"),
    ReferralState.REJECTED: N_("Not accepted"),
    ReferralState.DONE: N_("Done"),
    ReferralState.REVOKED: N_("Taken back"),
}
REJECTED_WORDS: Mapping[Rejected, str] = {
    Rejected.NOT_OURS: N_("Not our work"),
    Rejected.NO_ROOM: N_("No room now"),
    Rejected.TOO_FAR: N_("Too far away"),
    Rejected.MORE_NEEDED: N_("We need to know more"),
    Rejected.KNOWN: N_("We help this person already"),
}
REVOKED_WORDS: Mapping[Revoked, str] = {
    Revoked.ASKED: N_("The person asked for it"),
    Revoked.MISTAKE: N_("Sent by mistake"),
    Revoked.OTHER_PARTNER: N_("Another partner helps"),
    Revoked.NOT_NEEDED: N_("Not needed any more"),
    Revoked.WITHDRAWN: N_("The person ended the request"),
    Revoked.ERASED: N_("The request was erased"),
}
WHY_WORDS: Mapping[Why, str] = {
    Why.HELP: N_("To help"),
    Why.CONTACT: N_("To call the person"),
    Why.HANDOVER: N_("To hand over to a colleague"),
    Why.SUPERVISION: N_("To check the work"),
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
        raise Refused(f"The note is too long: {LONGEST_NOTE} characters at most.")
