"""Why an officer opens what is sealed: a choice, so that nobody can type content into the log."""

from collections.abc import Mapping
from enum import Enum

from helpline.core.label import O_


class Reason(Enum):
    CALLBACK = "callback"
    HANDOVER = "handover"
    SUPERVISION = "supervision"


REASONS: Mapping[Reason, str] = {
    Reason.CALLBACK: O_("I work on this request"),
    Reason.HANDOVER: O_("I take it over from a colleague"),
    Reason.SUPERVISION: O_("I supervise this desk"),
}
