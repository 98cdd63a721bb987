"""A place leads to the desk that answers for it, and a faulty table is refused."""

from collections.abc import Mapping

import pytest

from flows import PROGRAMMES
from helpline import directory
from helpline.core.directory import Desk
from helpline.core.errors import ContentError
from helpline.core.programme import Programme

DIRECTORY = directory.load()
EVERY_PROGRAMME = pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES)
Row = Mapping[str, str]


@pytest.mark.parametrize(
    ("place", "desk"),
    [
        ("BT-15", "BT-WCPD-15"),
        ("BT-11", "BT-WCPD-11"),  # Paro: the district's desk before the Unit
        ("BT-12", "BT-WCPD-12"),
        ("BT-14", "BT-WCPD-14"),
        ("BT", "BT-WCPU-THIMPHU"),
        ("PK-BA-QUETTA-AIRPORT", "PK-GFD-QTA-AIRPORT"),
        ("PK-BA-QUETTA", "PK-WPS-QUETTA"),
        ("PK-BA", "PK-WPS-QUETTA"),
        ("PK-BA-ZHOB", "PK-WPS-QUETTA"),  # no desk of its own: the province's
        ("PK", "PK-WPS-QUETTA"),
        ("PK-PB-RAJANPUR", "PK-CPU-RAJANPUR"),
        ("PK-PB-ATTOCK", "PK-CPB-LAHORE"),
        ("PK-PB", "PK-CPB-LAHORE"),
        ("KH-12", "KH-AHTJP-12"),
        ("KH-17", "KH-CPU"),  # Siem Reap: its office is not verified
        ("KH", "KH-CPU"),
    ],
)
def test_the_desk_of_a_place(place: str, desk: str) -> None:
    assert DIRECTORY.desk_for(place).code == desk


@pytest.mark.parametrize(
    ("desk", "ladder"),
    [
        ("BT-WCPD-11", ["BT-WCPD-11", "BT-WCPU-PARO", "BT-WCPU-THIMPHU"]),
        ("BT-WCPD-14", ["BT-WCPD-14", "BT-WCPU-PHUENTSHOLING", "BT-WCPU-THIMPHU"]),
        ("PK-GFD-QTA-AIRPORT", ["PK-GFD-QTA-AIRPORT", "PK-WPS-QUETTA", "PK-WJFC-QUETTA"]),
        ("PK-CPU-RAJANPUR", ["PK-CPU-RAJANPUR", "PK-CPB-LAHORE"]),
        ("KH-AHTJP-12", ["KH-AHTJP-12", "KH-CPU"]),
        ("KH-CPU", ["KH-CPU"]),
    ],
)
def test_the_ladder_of_a_desk(desk: str, ladder: list[str]) -> None:
    assert [above.code for above in DIRECTORY.ladder(desk)] == ladder


@pytest.mark.parametrize("place", DIRECTORY.places)
def test_every_place_has_a_verified_desk_of_its_own_country(place: str) -> None:
    desk = DIRECTORY.desk_for(place)
    assert desk.verified
    assert desk.programme == place[:2].lower()


@pytest.mark.parametrize("place", DIRECTORY.places)
def test_every_place_lies_in_a_country(place: str) -> None:
    *_, country = DIRECTORY.lineage(place)
    assert (country.code, country.level) == (place[:2], "country")


@pytest.mark.parametrize("desk", DIRECTORY.desks.values(), ids=DIRECTORY.desks)
def test_every_ladder_ends_and_climbs_only_through_verified_desks(desk: Desk) -> None:
    _, *above = DIRECTORY.ladder(desk.code)
    assert all(higher.verified and higher.programme == desk.programme for higher in above)


@EVERY_PROGRAMME
def test_every_programme_has_one_top_desk_round_the_country(programme: Programme) -> None:
    top = [*DIRECTORY.ladder(DIRECTORY.desk_for(programme.country).code)][-1]
    for desk in DIRECTORY.desks.values():
        if desk.programme == programme.code and desk.verified and programme.code != "pk":
            assert [*DIRECTORY.ladder(desk.code)][-1] == top


@EVERY_PROGRAMME
def test_every_district_that_is_offered_exists_once_and_has_a_desk(programme: Programme) -> None:
    offered = [code for region in programme.regions for code in region.districts]
    assert len(offered) == len(set(offered))
    for code in offered:
        assert DIRECTORY.places[code].level == "district"
        assert DIRECTORY.desk_for(code).programme == programme.code
    for region in programme.regions:
        assert {region.place, region.other} - {""} <= DIRECTORY.places.keys()
        assert region.label or region.place


@pytest.mark.parametrize("code", ["bt", "kh"])
def test_every_district_of_the_country_is_offered(code: str) -> None:
    programme = PROGRAMMES[code]
    offered = {place for region in programme.regions for place in region.districts}
    assert offered == {place.code for place in DIRECTORY.within(programme.country, "district")}


@EVERY_PROGRAMME
def test_every_verified_desk_has_a_kind_in_words_for_callers(programme: Programme) -> None:
    desks = [desk for desk in DIRECTORY.desks.values() if desk.programme == programme.code]
    assert {desk.kind for desk in desks} <= programme.desk_kinds.keys()


@EVERY_PROGRAMME
def test_every_helpline_is_of_a_known_place(programme: Programme) -> None:
    assert programme.helplines.keys() <= DIRECTORY.places.keys()


def test_a_place_can_be_typed_in_one_way_only_within_its_district_list() -> None:
    for programme in PROGRAMMES.values():
        for region in programme.regions:
            spelled = [
                spelling
                for code in region.districts
                for spelling in {
                    DIRECTORY.places[code].name.en.casefold(),
                    *DIRECTORY.places[code].aliases,
                }
            ]
            assert len(spelled) == len(set(spelled))


def test_the_same_place_asked_twice_gives_the_same_desk() -> None:
    assert DIRECTORY.desk_for("KH-17") is DIRECTORY.desk_for("KH-17")


def test_an_unknown_place_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        DIRECTORY.desk_for("XX")


# Small tables of our own, to break.


def place(code: str, **changes: str) -> Row:
    usual = {"level": "district", "parent": "BT", "name_en": "Here", "name_local": ""}
    return {"code": code, **usual, "aliases": "", "source": "a map", **changes}


def desk(code: str, **changes: str) -> Row:
    usual = {"programme": "bt", "kind": "WCPD", "name_en": "Desk", "place": "BT", "parent": ""}
    shown = {"serves": "BT", "phone": "", "always_open": "no", "verified": "yes"}
    return {"code": code, **usual, **shown, "source": "a letter", "source_date": "2026", **changes}


COUNTRY = place("BT", level="country", parent="")
TOP = desk("TOP")


def faults(places: list[Row], desks: list[Row]) -> str:
    with pytest.raises(ContentError) as refused:
        directory.build(places, desks)
    return str(refused.value)


def test_good_rows_make_a_directory() -> None:
    built = directory.build(
        [COUNTRY, place("BT-1", name_local="ཧཱ", aliases="Ha|HAA")],
        [TOP, desk("LOW", parent="TOP", serves="BT-1", verified="no")],
    )
    assert built.places["BT-1"].name.in_language("dz") == "ཧཱ"
    assert built.places["BT-1"].name.in_language("en") == "Here"
    assert built.places["BT-1"].aliases == {"ha", "haa"}
    assert built.desk_for("BT-1").code == "TOP"  # the nearer desk is not verified


@pytest.mark.parametrize(
    ("places", "desks", "fault"),
    [
        ([COUNTRY, COUNTRY], [TOP], "place BT is there twice"),
        ([COUNTRY, place("BT-1", parent="BT-9")], [TOP], "BT-1: parent BT-9 is unknown"),
        ([COUNTRY, place("BT-1", name_en="")], [TOP], "BT-1 has no English name"),
        ([COUNTRY, place("BT-1", source="")], [TOP], "place BT-1 names no source"),
        ([COUNTRY], [TOP, TOP], "desk TOP is there twice"),
        ([COUNTRY], [desk("TOP", place="BT-9")], "desk TOP: place BT-9 is unknown"),
        ([COUNTRY], [desk("TOP", serves="BT|BT-9")], "desk TOP: place BT-9 is unknown"),
        ([COUNTRY], [TOP, desk("LOW", parent="NONE")], "desk LOW: parent NONE is unknown"),
        (
            [COUNTRY],
            [desk("TOP", verified="no"), desk("LOW", parent="TOP")],
            "desk LOW: parent TOP is not verified",
        ),
        ([COUNTRY], [desk("TOP", source="")], "desk TOP names no source"),
        ([COUNTRY], [desk("TOP", parent="TOP")], "desk TOP: its ladder never ends"),
        (
            [COUNTRY],
            [desk("ONE", parent="TWO"), desk("TWO", parent="ONE")],
            "desk ONE: its ladder never ends; desk TWO: its ladder never ends",
        ),
    ],
)
def test_a_faulty_row_is_refused(places: list[Row], desks: list[Row], fault: str) -> None:
    assert fault in faults(places, desks)


def test_all_faults_are_reported_at_once() -> None:
    found = faults(
        [COUNTRY, place("BT-1", parent="BT-9", name_en="", source="")],
        [TOP, desk("LOW", place="BT-8", parent="NONE", source=""), desk("SELF", parent="SELF")],
    )
    for fault in (
        "place BT-1: parent BT-9 is unknown",
        "place BT-1 has no English name",
        "place BT-1 names no source",
        "desk LOW: place BT-8 is unknown",
        "desk LOW: parent NONE is unknown",
        "desk LOW names no source",
        "desk SELF: its ladder never ends",
    ):
        assert fault in found


def test_places_that_lie_in_each_other_are_refused() -> None:
    """A look-up would climb for ever."""
    circle = [place("BT-1", parent="BT-2"), place("BT-2", parent="BT-1")]
    assert "BT-1" in faults([COUNTRY, *circle], [TOP])


def test_a_phone_without_a_check_date_is_refused() -> None:
    """SAFETY 25: a source and a check date."""
    assert "TOP" in faults([COUNTRY], [desk("TOP", phone="113", source_date="")])


def test_a_place_of_a_country_without_a_language_is_a_fault_and_not_a_crash() -> None:
    foreign = place("XX", level="country", parent="", name_local="Ici")
    assert "XX" in faults([COUNTRY, foreign], [TOP])
