"""A case as Primero takes it, for a country's case management; only what she agreed to share.

The shape is that of `POST /api/v2/cases` (github.com/primeroIMS/primero at 4b95bf94,
doc/api/cases/post.md): `data` with a UUID made by the client. Its fields are those of Primero's
own child protection configuration (db/configuration/forms/case: basic_identity.rb,
protection_concerns.rb, data_confidentiality.rb; db/configuration/lookups/lookups.rb), and
app/services/record_json_validator_service.rb refuses any other. The same case always gets the
same UUID, so that a second upload is refused (409) instead of becoming a second child.

Never in it: number, name, code word, case code (it opens "my case"), place and free text.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection

from helpline.core.access import Act, may
from helpline.core.callback import State
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.label import O_
from helpline.core.programme import Programme
from helpline.core.report import Priority
from helpline.crypto import Sealer
from helpline.service.notes import Facts, Notes
from helpline.service.stories import MOVED, Entry, Stories
from helpline.store import audit, callbacks, cases, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow
from helpline.store.officers import Officer
from helpline.store.record import Record

NAMESPACE = uuid.UUID("5d0a1f5c-0f0b-5c1e-9a53-7f8d1f0f4c11")  # of this export, for ever
MODULE = "primeromodule-cp"  # app/models/primero_module.rb
MOST = 100  # cases in one file

# lookup-protection-concerns; a concern that it has no word for is "other".
_CONCERNS: Mapping[tuple[str, str], str] = {
    ("home", ""): "physically_or_mentally_abused",
    ("sexual", ""): "gbv_survivor",
    ("child", ""): "physically_or_mentally_abused",
    ("trafficking", ""): "trafficked_smuggled",
    ("trafficking", "sexual"): "sexually_exploited",
    ("law", ""): "other",  # "arrested/detained" would claim more than was told
}
# The middle of a band no wider than three years is right to within two; "estimated" says so.
_AGES: Mapping[Age, int] = {
    Age.UNDER_10: 8,
    Age.UNDER_13: 11,
    Age.UNDER_16: 14,
    Age.UNDER_18: 16,
}


class Why(Enum):
    """Why a case is handed over; the audit log keeps it."""

    MANAGEMENT = "case_management"
    REFERRAL = "referral"
    ASKED = "she_asked"


WHY: Mapping[Why, str] = {
    Why.MANAGEMENT: O_("Her case is managed in Primero"),
    Why.REFERRAL: O_("She is referred to an agency that uses Primero"),
    Why.ASKED: O_("She asked for it"),
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file: one JSON document, or a zip of several."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Primero:
    record: Record
    sealer: Sealer
    programmes: Mapping[str, Programme]

    def export(
        self, officer: Officer, callback_ids: Sequence[int], why: Why, now: datetime
    ) -> Export:
        """All of them or none; every case writes an audit row before anything leaves."""
        if not may(officer.role, Act.REVIEW):
            raise Refused("Only a supervisor may export a case.")
        wanted = list(dict.fromkeys(callback_ids))
        if not 1 <= len(wanted) <= MOST:
            raise Refused("Choose 1 to {most} cases.", most=MOST)
        with self.record.writing() as connection:
            made = [self._one(connection, officer, one, why, now) for one in wanted]
        if len(made) == 1:
            return Export(f"{made[0][0]}.json", made[0][1], "application/json")
        return Export("cases.zip", _zipped(made), "application/zip")

    def _one(
        self, connection: Connection, officer: Officer, callback_id: int, why: Why, now: datetime
    ) -> tuple[str, bytes]:
        row = callbacks.get(connection, callback_id)
        if row is None or row.desk not in officers.desks_of(connection, officer.id):
            raise Refused("Your desks have no callback {id}.", id=callback_id)
        case = cases.get(connection, row.case_id)
        if case.sealed_story is None or not case.wrapped_key:
            raise Refused("The information of callback {id} was erased.", id=row.id)
        if row.state in (State.WITHDRAWN, State.ERASED):
            raise Refused("Callback {id} was withdrawn; nothing may be shared.", id=row.id)
        told = [entry for entry in Stories(self.sealer).read(case) if MOVED not in entry]
        if not told or not told[-1]["consented"]:
            raise Refused("The person of callback {id} has not agreed to sharing.", id=row.id)
        facts = Notes(self.sealer).facts(case)
        zone = self.programmes[case.programme].zone
        made = document(case, row, told, facts, case.created_at.astimezone(zone))
        audit.append(
            connection,
            at=now,
            actor=officer.name,
            action="export.primero",
            subject=case.code,
            detail={"reason": why.value, "desk": row.desk},
        )
        text = json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True)
        return str(case_uuid(case.id)), text.encode()


def case_uuid(case_id: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, case_id)


def document(
    case: CaseRow, row: CallbackRow, told: Sequence[Entry], facts: Facts, asked: datetime
) -> dict[str, dict[str, object]]:
    """What Primero is told. `asked` is when, on the programme's clock. What is not known is left
    out, so is what its own workers assess: a field that is there is taken for a fact."""
    said: dict[str, object] = {
        "id": str(case_uuid(case.id)),
        "module_id": MODULE,
        "registration_date": f"{asked:%Y-%m-%d}",
        "protection_concerns": _concerns(told),
        "urgent_protection_concern": "true" if row.priority is Priority.DANGER else "false",
        "disclosure_other_orgs": True,  # nothing leaves without it
    }
    if facts.sex in (Sex.FEMALE, Sex.MALE):  # lookup-gender has these two
        said["sex"] = facts.sex.value
    if facts.age in _AGES:
        said |= {"age": _AGES[facts.age], "estimated": True}
    return {"data": said}


def _concerns(told: Sequence[Entry]) -> list[str]:
    """Of the dialogues in which she agreed, each once, in their order."""
    found = []
    for entry in told:
        concern, form = str(entry.get("concern", "")), str(entry.get("form", ""))
        if entry["consented"] and concern and concern != "unsaid":
            known = _CONCERNS.get((concern, form)) or _CONCERNS.get((concern, ""), "other")
            found.append(known)
    return list(dict.fromkeys(found))


def _zipped(made: Sequence[tuple[str, bytes]]) -> bytes:
    """Without the time of day of its making, which nobody needs."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made:
            archive.writestr(zipfile.ZipInfo(f"{name}.json"), content)
    return written.getvalue()
