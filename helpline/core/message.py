"""What passes between a phone and us, free of any provider's words."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum


class Kind(Enum):
    """How a channel talks: a live dialogue of screens, or messages in an inbox."""

    USSD = "ussd"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class MO:
    """One input from a phone.

    `session` is the provider's session id (USSD; "" for SMS), `provider_id` its id for this
    message ("" where it has none), `number` is E.164 with its plus sign or "" when the sender is
    not a phone (a short code, an alphabetic sender). `text` is one input, or the whole history
    joined with `*` when `cumulative`.
    """

    number: str
    text: str
    session: str = ""
    provider_id: str = ""
    cumulative: bool = False


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """A provider's word that a USSD session is over; `complete` is False when the user left."""

    session: str
    number: str
    complete: bool


class ReceiptState(IntEnum):
    """Ranks of a delivery report: a later report may only move up, never back."""

    UNKNOWN = 0
    ACCEPTED = 1
    SENT = 2
    FAILED = 3
    DELIVERED = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery report for the MT that the provider called `provider_id`.

    `raw` is the provider's own status word and `reason` its error word or code; both bounded.
    """

    provider_id: str
    state: ReceiptState
    raw: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MT:
    """One message to a phone. `number` is E.164 with its plus sign."""

    number: str
    text: str
    valid_until: datetime | None = None
