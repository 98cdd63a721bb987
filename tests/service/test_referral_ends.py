"""From the phone: who ends or erases a request takes back everything that was shared of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.core.access import Role
from helpline.core.callback import Outcome, State
from helpline.core.effects import ChangeTime, Erase, FindCase, Withdraw
from helpline.core.errors import Refused
from helpline.core.referral import Consent, Field, ReferralState, Rejected
from helpline.service.carrying import Carried
from helpline.store.schema import audit, cases
from helpline.store.schema import referrals as referral_table
from tests.service.referral import PEMA, RENEW, Referred, enrol, reach, referred
from tests.world import HAA, START, World, daily, report

TOLD = report(windows=daily(START, 3), concern="home")
EVERYTHING = tuple(Field)
ENDS = pytest.mark.parametrize(
    ("effect", "reason"), [(Withdraw, "withdrawn"), (Erase, "erased")], ids=["withdraw", "erase"]
)
Ends = type[Withdraw] | type[Erase]
RAJANPUR = "PK-CPU-RAJANPUR"


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with referred(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def haa(here: World) -> Referred:
    return reach(here, TOLD)


def mine(haa: Referred) -> FindCase:
    return FindCase("bt", haa.filed.code, "")


class TestFromThePhone:
    @ENDS
    def test_safety_11_every_partner_sees_nothing_from_then_on(
        self, haa: Referred, effect: Ends, reason: str
    ) -> None:
        sent = [haa.share(*EVERYTHING), haa.share(Field.PLACE, to_desk=PEMA)]
        assert haa.here.carry(effect(mine(haa))) == Carried()
        assert (haa.inbox(), haa.inbox("Ugyen", PEMA)) == ([], [])
        for one, who in zip(sent, ("Deki", "Ugyen"), strict=True):
            with pytest.raises(Refused, match="nothing of it is shown any more"):
                haa.open(one, who)
        rows = haa.here.rows(referral_table)
        assert [(row["state"], row["reason"], row["sealed"]) for row in rows] == [
            ("revoked", reason, None)
        ] * 2

    @ENDS
    def test_safety_11_it_is_the_person_who_did_it(
        self, haa: Referred, effect: Ends, reason: str
    ) -> None:
        haa.refer()
        haa.here.carry(effect(mine(haa)))
        (row,) = [row for row in haa.here.rows(audit) if row["action"] == "referral.revoke"]
        assert row["actor"] == "caller"
        detail = {"from": "sent", "to": "revoked", "from_desk": HAA, "to_desk": RENEW}
        assert row["detail"] == {**detail, "reason": reason}

    @ENDS
    def test_safety_11_also_when_the_desk_had_closed_the_case(
        self, haa: Referred, effect: Ends, reason: str
    ) -> None:
        sent = haa.refer()
        pema, now = haa.person("Pema"), haa.here.clock()
        haa.here.runtime.desk.close(HAA, pema, haa.id, Outcome.REFERRED, None, now)
        haa.here.carry(effect(mine(haa)))
        (line,) = haa.listed()
        assert (line.id, line.state, line.reason) == (sent.id, ReferralState.REVOKED, reason)

    @ENDS
    def test_doing_it_again_changes_nothing(self, haa: Referred, effect: Ends, reason: str) -> None:
        haa.refer()
        haa.here.carry(effect(mine(haa)))
        states = haa.here.rows(referral_table)
        haa.here.carry(effect(mine(haa)))
        assert haa.here.rows(referral_table) == states

    @ENDS
    def test_what_was_rejected_stays_rejected(
        self, haa: Referred, effect: Ends, reason: str
    ) -> None:
        sent = haa.refer()
        haa.partner.reject(sent.id, haa.person("Deki"), Rejected.KNOWN, START)
        haa.here.carry(effect(mine(haa)))
        (row,) = haa.here.rows(referral_table)
        assert (row["state"], row["reason"], row["sealed"]) == ("rejected", "known", None)

    @ENDS
    def test_all_or_nothing(self, haa: Referred, effect: Ends, reason: str) -> None:
        """What cannot be revoked is not ended either, and the caller is told that it was not."""
        haa.refer()
        with haa.here.record.engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_head"))
        before = haa.here.everything()
        with pytest.raises(Exception, match="No row was found"):
            haa.here.carry(effect(mine(haa)))
        assert haa.here.everything() == before

    def test_safety_20_a_case_erased_in_another_way_shows_nothing_either(
        self, haa: Referred
    ) -> None:
        sent = haa.share(*EVERYTHING)
        with haa.here.record.engine.begin() as connection:
            gone = {"wrapped_key": "", "sealed_number": None, "sealed_story": None}
            connection.execute(cases.update().values(gone))
        assert haa.inbox() == []
        with pytest.raises(Refused, match="nothing of it is shown any more"):
            haa.open(sent)

    def test_another_time_for_the_call_leaves_it_as_it_is(self, haa: Referred) -> None:
        sent = haa.share(*EVERYTHING)
        later = daily(START.replace(hour=10), 2)
        haa.here.carry(ChangeTime(mine(haa), later))
        assert haa.open(sent).shared[Field.SAFE_TIME] == later


class TestSubDesks:
    """Rajanpur: one unit, five desks of other departments beside it."""

    @pytest.fixture
    def unit(self, here: World) -> Referred:
        enrol(here, "Ayesha", RAJANPUR, woman=True, role=Role.OFFICER)
        for name, desk in (("Bilal", "EDU"), ("Sana", "HEALTH"), ("Omar", "JUD")):
            enrol(here, name, f"{RAJANPUR}-{desk}")
        asked = replace(TOLD, programme="pk", desk=RAJANPUR, place="PK-PB-RAJANPUR")
        filed = here.file(asked, number="+923800000001")
        with here.record.engine.begin() as connection:
            state = {"state": State.REACHED.value}
            connection.execute(text("UPDATE callbacks SET state = :state"), state)
        return Referred(here, filed)

    def test_each_department_sees_what_it_was_sent(self, unit: Referred) -> None:
        for desk, fields in (("EDU", (Field.CONCERN,)), ("HEALTH", (Field.ABOUT,))):
            asked = unit.asked(f"{RAJANPUR}-{desk}", fields, consent=Consent.CALL)
            unit.refer(asked, who="Ayesha", desk=RAJANPUR)
        for who, desk, seen in (
            ("Bilal", "EDU", [{Field.CONCERN: "home"}]),
            ("Sana", "HEALTH", [{Field.ABOUT: "me"}]),
            ("Omar", "JUD", []),
        ):
            lines = unit.inbox(who, f"{RAJANPUR}-{desk}")
            assert [unit.open(line, who).shared for line in lines] == seen

    def test_the_departments_with_somebody_there_are_offered(self, unit: Referred) -> None:
        offered = [desk.code for desk in unit.desk.partners(RAJANPUR)]
        assert offered == [f"{RAJANPUR}-{desk}" for desk in ("EDU", "HEALTH", "JUD")]

    def test_a_partner_of_another_programme_is_not(self, unit: Referred) -> None:
        with pytest.raises(Refused, match="no partner of your desk"):
            unit.refer(unit.asked(RENEW), who="Ayesha", desk=RAJANPUR)
