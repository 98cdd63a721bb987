"""What a referral gives away: read from the case at that moment, never a copy of it.

Nothing here checks who asks: the referring service does, before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from helpline.core.callback import State
from helpline.core.directory import Directory
from helpline.core.errors import Refused
from helpline.core.label import O_
from helpline.core.referral import Consent, Field, ReferralState, only
from helpline.core.window import Window, next_opening, open_now
from helpline.crypto import Sealer
from helpline.service.notes import Notes
from helpline.service.stories import MOVED, Entry, Stories
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow
from helpline.store.officers import Officer
from helpline.store.referrals import ReferralRow

_ENDED = frozenset({State.WITHDRAWN, State.ERASED})
_NOBODY_RINGS = frozenset({State.HELD, State.REVIEW, State.CLAIMED, State.ATTEMPTING})
_OVER: Mapping[ReferralState, str] = {
    ReferralState.REVOKED: O_("This referral was taken back: nothing of it is shown any more."),
    ReferralState.REJECTED: O_(
        "You did not accept this referral: nothing of it is shown any more."
    ),
    ReferralState.DONE: O_("This referral is done: nothing of it is shown any more."),
}
_GONE = O_("The person ended the request: nothing of it is shown any more.")
_PAST = O_("The person's consent has ended: nothing is shown any more. Ask the desk that sent it.")


@dataclass(frozen=True, slots=True)
class Source:
    """A referral with the case and the callback that it is about, as they are now."""

    row: ReferralRow
    case: CaseRow
    callback: CallbackRow


@dataclass(frozen=True)
class Sharing:
    sealer: Sealer

    def seal(self, referral_id: str, case: CaseRow, note: str, consent: Consent) -> bytes:
        content = {"note": note, "consent": consent.value}
        return self.sealer.seal(case.id, _sealed_as(referral_id), case.wrapped_key, content)

    def consented(self, case: CaseRow) -> bool:
        """Whether the person agreed on the phone: the last word counts, and unasked is a no."""
        return bool(self._told(case)[-1]["consented"])

    def shared(self, source: Source, directory: Directory, now: datetime) -> Mapping[Field, object]:
        """By field what was agreed, but the number. Values are codes; windows are `Window`s."""
        told = self._sealed(source)
        entry = self._entry(source, Consent(str(told["consent"])))
        facts = Notes(self.sealer).facts(source.case)
        known: dict[Field, object] = {
            Field.PLACE: directory.places.district_of(str(entry["place"])),
            Field.CONCERN: entry["concern"],
            Field.ABOUT: entry["about"],
            Field.LANGUAGE: entry["language"],
            Field.SAFE_TIME: _times(source.callback, now),
            Field.AGE: facts.age.value,
            Field.SEX: facts.sex.value,
            Field.NOTE: told["note"],
        }
        return only(source.row.fields, known)

    def number(self, source: Source) -> str:
        self._entry(source, Consent(str(self._sealed(source)["consent"])))
        return Stories(self.sealer).number(source.case)

    def _sealed(self, source: Source) -> Mapping[str, object]:
        assert source.row.sealed is not None
        named = _sealed_as(source.row.id)
        return self.sealer.open(source.case.id, named, source.case.wrapped_key, source.row.sealed)

    def _entry(self, source: Source, consent: Consent) -> Entry:
        """The newest answers that the consent spoke of: what a later dialogue tells was not agreed
        to be shared. Refused once the consent of the phone does not stand any more."""
        told = self._told(source.case)
        if consent is Consent.REPORT and not told[-1]["consented"]:
            raise Refused(_PAST)
        return [entry for entry in told if _before(entry, source.row.created_at)][-1]

    def _told(self, case: CaseRow) -> list[Entry]:
        """Without what proved to be another person's."""
        return [entry for entry in Stories(self.sealer).read(case) if MOVED not in entry]


def _sealed_as(referral_id: str) -> str:
    return f"referral.{referral_id}"


def _before(entry: Entry, at: datetime) -> bool:
    return datetime.fromisoformat(str(entry["at"])) <= at


def _times(callback: CallbackRow, now: datetime) -> tuple[Window, ...]:
    """The safe times that are still believed (SAFETY 3)."""
    if callback.consent_until is not None and callback.consent_until <= now:
        return ()
    return tuple(window for window in callback.windows if window.opens(now) is not None)


def ended(case: CaseRow, callback: CallbackRow) -> bool:
    """The person took the request back, or had it erased."""
    return callback.state in _ENDED or not case.wrapped_key


def check_readable(source: Source, now: datetime) -> None:
    """Refused with the reason once nothing may be shown any more."""
    if source.row.state in _OVER:
        raise Refused(_OVER[source.row.state])
    if ended(source.case, source.callback):
        raise Refused(_GONE)
    if source.row.consent_until <= now:
        raise Refused(_PAST)


def check_dial(source: Source, officer: Officer, now: datetime) -> None:
    """Refused unless the number was agreed, and now is a time that the person called safe."""
    callback = source.callback
    if Field.NUMBER not in source.row.fields:
        raise Refused("The phone number was not shared. Ask the desk that sent this.")
    if callback.woman and not officer.woman:
        raise Refused("The person asks for a woman officer.")
    if callback.interviewer and not officer.interviewer:
        raise Refused("Only an officer who is trained to interview children may call.")
    if callback.state in _NOBODY_RINGS:
        raise Refused("Nobody may call this person now. Ask the desk that sent this.")
    stale = callback.consent_until is not None and callback.consent_until <= now
    if stale:
        raise Refused("The safe time is too old. Ask the desk that sent this.")
    if not open_now(callback.windows, now):
        raise _not_now(callback, now)


def _not_now(callback: CallbackRow, now: datetime) -> Refused:
    at = next_opening(callback.windows, now)
    if at is None:
        return Refused("It is not safe to call now, and no other time was agreed.")
    words = O_("It is not safe to call now. The safe time begins at {at} UTC.")
    return Refused(words, at=f"{at:%Y-%m-%d %H:%M}")
