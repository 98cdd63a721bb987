"""Whom a desk may refer to, and that partners change nothing for anybody else."""

from dataclasses import replace

import pytest

from flows import PROGRAMMES
from helpline import directory
from helpline.core.directory import Desk, Directory
from helpline.core.nearest import nearest
from helpline.core.partners import PARTNER_KINDS, is_partner, only_receives, partners_of
from helpline.core.programme import Programme

DIRECTORY = directory.load()
EVERY_PROGRAMME = pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES)
BHUTAN = {"BT-PEMA", "BT-RENEW-DAMPHU", "BT-RENEW-SHELTER", "BT-HHC"}
RAJANPUR = {f"PK-CPU-RAJANPUR-{name}" for name in ("EDU", "HEALTH", "POLICE", "JUD", "R1122")}
CAMBODIA = {"KH-CPU-CARE", "KH-APLE-12", "KH-APLE-17", "KH-APLE-18"}


def codes(desk: str, known: Directory = DIRECTORY) -> set[str]:
    return {partner.code for partner in partners_of(known, desk)}


def having(**changed: Desk) -> Directory:
    desks = {**DIRECTORY.desks, **{desk.code: desk for desk in changed.values()}}
    return replace(DIRECTORY, desks=desks)


@pytest.mark.parametrize(
    ("desk", "partners"),
    [
        ("BT-WCPD-13", BHUTAN),
        ("BT-WCPU-THIMPHU", BHUTAN),
        ("PK-CPU-RAJANPUR", RAJANPUR),
        ("PK-CPB-LAHORE", set()),
        ("PK-WPS-QUETTA", set()),
        ("KH-CPU", CAMBODIA),
        ("KH-AHTJP-3", CAMBODIA),
        ("BT-RENEW-DAMPHU", set()),  # a partner passes nothing on
        ("PK-CPU-RAJANPUR-EDU", set()),
        ("NOPE", set()),
    ],
)
def test_a_desk_refers_to_its_sub_desks_and_to_partners_of_its_programme(
    desk: str, partners: set[str]
) -> None:
    assert codes(desk) == partners


def test_sub_desks_come_first() -> None:
    assert partners_of(DIRECTORY, "KH-AHTJP-3")[0].code == "KH-CPU-CARE"


@pytest.mark.parametrize(("code", "asks"), [("BT-NAZHOEN", "BT-WCPD-13"), ("KH-SOCIAL", "KH-CPU")])
def test_safety_25_a_partner_is_sent_nothing_until_it_is_verified(code: str, asks: str) -> None:
    """An operator confirms it by importing its row with verified=yes."""
    partner = DIRECTORY.desks[code]
    assert not partner.verified
    assert code not in codes(asks)
    assert code in codes(asks, having(it=replace(partner, verified=True)))


def test_a_partner_that_is_not_verified_any_more_is_sent_nothing() -> None:
    pema = replace(DIRECTORY.desks["BT-PEMA"], verified=False)
    assert codes("BT-WCPD-13", having(it=pema)) == BHUTAN - {"BT-PEMA"}


OWN = {code: desk for code, desk in DIRECTORY.desks.items() if not is_partner(desk)}
BEFORE = replace(DIRECTORY, desks=OWN)


class TestNothingElseChanges:
    """As if the partners were not there."""

    def test_partners_are_what_their_kind_says(self) -> None:
        assert len(DIRECTORY.desks) - len(OWN) == 10
        for desk in DIRECTORY.desks.values():
            assert desk.kind not in PARTNER_KINDS or only_receives(desk)

    @EVERY_PROGRAMME
    def test_no_caller_can_be_told_what_a_partner_is(self, programme: Programme) -> None:
        assert not PARTNER_KINDS & programme.desk_kinds.keys()

    def test_the_same_desk_answers_for_every_place(self) -> None:
        places = [p.code for p in DIRECTORY.places.values() if p.level != "commune"]
        for place in places:
            assert DIRECTORY.desk_for(place) is BEFORE.desk_for(place)

    @EVERY_PROGRAMME
    def test_the_same_desks_are_near(self, programme: Programme) -> None:
        districts = [p.code for p in DIRECTORY.places.values() if p.level == "district"]
        for place in districts:
            if DIRECTORY.places.country_of(place) == programme.country:
                told = nearest(DIRECTORY, programme.code, place)
                assert told == nearest(BEFORE, programme.code, place)

    def test_no_desk_escalates_to_a_partner(self) -> None:
        for code in OWN:
            assert not any(is_partner(desk) for desk in DIRECTORY.ladder(code))

    def test_the_place_of_a_shelter_is_withheld(self) -> None:
        shelter = DIRECTORY.desks["BT-RENEW-SHELTER"]
        assert (shelter.place, shelter.phone) == ("BT", "")
