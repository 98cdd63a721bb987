"""A case at Haa whose person was reached, and partners that it can be referred to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpline import runtime
from helpline.core.access import Role
from helpline.core.callback import Attempted
from helpline.core.facts import Age, Sex
from helpline.core.referral import PRESELECTED, Consent, Field, Revoked, Why
from helpline.core.report import Report
from helpline.service.filing import Filed
from helpline.service.notes import Facts, Notes
from helpline.service.receiving import Opened, Receiving
from helpline.service.referring import Asked, Referring, Sent
from helpline.store import cases, desks, officers
from helpline.store.officers import Officer
from tests.world import HAA, World, world

RENEW, PEMA, HEALTH = "BT-RENEW-DAMPHU", "BT-PEMA", "BT-HHC"
RENEW_PHONE = "+97510600021"
NOTE = "my-secret-words"


@dataclass
class Referred:
    """Pema's desk, with Deki (a woman) at RENEW and Ugyen (a man) at PEMA."""

    here: World
    filed: Filed

    @property
    def desk(self) -> Referring:
        return self.here.runtime.referring

    @property
    def partner(self) -> Receiving:
        return self.desk.partner

    @property
    def id(self) -> int:
        return self.here.callback(self.filed).id

    def person(self, name: str) -> Officer:
        return self.here.people[name]

    def asked(
        self,
        to_desk: str = RENEW,
        fields: tuple[Field, ...] = PRESELECTED,
        *,
        note: str = "",
        days: int = 30,
        consent: Consent | None = Consent.REPORT,
        referral_id: str = "",
    ) -> Asked:
        note = note or (NOTE if Field.NOTE in fields else "")
        return Asked(referral_id or runtime.new_id(), to_desk, fields, note, days, consent)

    def refer(self, asked: Asked | None = None, *, who: str = "Pema", desk: str = HAA) -> Sent:
        now = self.here.clock()
        return self.desk.refer(desk, self.person(who), self.id, asked or self.asked(), now)

    def share(self, *fields: Field, to_desk: str = RENEW) -> Sent:
        return self.refer(self.asked(to_desk, fields))

    def open(self, sent: Sent, who: str = "Deki") -> Opened:
        return self.partner.open(sent.id, self.person(who), Why.HELP, self.here.clock())

    def number(self, sent: Sent, who: str = "Deki") -> str:
        return self.partner.number(sent.id, self.person(who), Why.CONTACT, self.here.clock())

    def inbox(self, who: str = "Deki", desk: str = RENEW) -> list[Sent]:
        return self.partner.inbox(desk, self.person(who), self.here.clock())

    def revoke(self, sent: Sent, who: str = "Pema", desk: str = HAA) -> Sent:
        now = self.here.clock()
        return self.desk.revoke(desk, self.person(who), sent.id, Revoked.ASKED, now)

    def listed(self, who: str = "Pema", desk: str = HAA) -> list[Sent]:
        return self.desk.of_case(desk, self.person(who), self.id, self.here.clock())

    def facts(self, age: Age, sex: Sex) -> None:
        with self.here.record.writing() as connection:
            case = cases.get(connection, self.filed.case_id)
            Notes(self.here.runtime.sealer).set_facts(connection, case, Facts(age, sex))


@contextmanager
def referred(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The world of the other service tests, with officers at partners."""
    with world(tmp_path, database_url) as here:
        enrol(here, "Deki", RENEW, woman=True)
        enrol(here, "Ugyen", PEMA)
        with here.record.writing() as connection:
            desks.set_duty_phone(connection, RENEW, RENEW_PHONE, "en")
        yield here


def enrol(
    here: World,
    name: str,
    desk: str,
    *,
    woman: bool = False,
    role: Role = Role.PARTNER,
    interviewer: bool = False,
) -> None:
    with here.record.writing() as connection:
        officers.put(
            connection, name, woman=woman, desks=[desk], role=role, interviewer=interviewer
        )
        (found,) = [one for one in officers.of_desk(connection, desk) if one.name == name]
    here.people[name] = found


def reach(here: World, asked: Report) -> Referred:
    """A case that Pema rang: the person was reached and it was safe."""
    filed = here.file(asked)
    desk, pema, now = here.runtime.desk, here.people["Pema"], here.clock()
    line = desk.claim(HAA, pema, here.callback(filed).id, now)
    desk.attempt(HAA, pema, line.id, line.fence, now)
    desk.record_attempt(HAA, pema, line.id, Attempted.REACHED_SAFE, line.fence, now)
    return Referred(here, filed)
