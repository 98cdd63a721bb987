"""A place is found by any spelling; where it is not certain, it is asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline import directory
from helpline.core.search import FEW, Found

DIRECTORY = directory.load()
PLACES, INDEX = DIRECTORY.places, DIRECTORY.index
EVERYWHERE = ("", "BT", "PK", "KH")


def sure(query: str, country: str) -> str:
    found = INDEX.find(query, country)
    assert not (found.place and found.candidates)
    return found.place


@pytest.mark.parametrize(
    ("country", "query", "place"),
    [
        ("BT", "Punakha", "BT-23"),
        ("BT", "  punakha. ", "BT-23"),
        ("BT", "PUNAKA", "BT-23"),
        ("BT", "Punakah", "BT-23"),  # two letters changed places
        ("BT", "Chukha", "BT-12"),
        ("BT", "Chukkha", "BT-12"),
        ("BT", "wangdi", "BT-24"),
        ("BT", "samdrupjonkhar", "BT-45"),
        ("BT", "Trashi Yangtse dzongkhag", "BT-TY"),
        ("BT", "སྤུ་ན་ཁ་", "BT-23"),
        ("BT", "སྤུནཁ", "BT-23"),  # without tsheg
        ("BT", "Phuentsholing", "BT-12-D01"),  # dungkhag, gewog and town: the widest
        ("BT", "Gakiling, Haa", "BT.HA.GA"),
        ("BT", "Sarpang Gakiling", "BT.GE.GL"),
        ("PK", "Quetta", "PK-BA-QUETTA"),
        ("PK", "Koita", "PK-BA-QUETTA"),
        ("PK", "کوئٹہ", "PK-BA-QUETTA"),
        ("PK", "كوئٹه", "PK-BA-QUETTA"),  # an Arabic keyboard
        ("PK", "Airport Road", "PK-BA-QUETTA-AIRPORT"),
        ("PK", "Rajan Pur", "PK-PB-RAJANPUR"),
        ("PK", "راجنپور", "PK-PB-RAJANPUR"),
        ("PK", "Jampur", "PK-PB-RAJANPUR-JAMPUR"),  # tehsil and town
        ("PK", "sindh", "PK-SD"),
        ("KH", "Battambong", "KH-2"),
        ("KH", "បាត់ដំបង", "KH-2"),
        ("KH", "ខេត្តបាត់ដំបង", "KH-2"),
        ("KH", "ខេត្តកំពង់ចាម", "KH-3"),
        ("KH", "phnompenh", "KH-12"),
        ("KH", "PP", "KH-12"),
    ],
)
def test_one_sure_match(country: str, query: str, place: str) -> None:
    assert sure(query, country) == place


@pytest.mark.parametrize(
    ("country", "query", "candidates"),
    [
        ("BT", "Gakiling", {"BT.HA.GA", "BT.GE.GL"}),  # in Haa and in Sarpang
        ("BT", "Norbugang", {"BT.SM.NB", "BT.PM.NB"}),
        ("PK", "Sahiwal", {"PK-PB-SAHIWAL", "GN1166547"}),  # a district and another's town
        ("KH", "កំពង់ចាម", {"KH-3", "KH-100402"}),
        ("KH", "Siem Reap", {"KH-17", "KH-080122"}),  # the province, and a commune of Kandal
        ("BT", "i live in punakha near river", {"BT-23"}),  # a name in a sentence is asked about
    ],
)
def test_what_could_be_several_is_asked(country: str, query: str, candidates: set[str]) -> None:
    found = INDEX.find(query, country)
    assert found.place == ""
    assert candidates <= set(found.candidates)


def test_a_name_of_many_provinces_gives_one_candidate_for_each_of_the_first() -> None:
    found = INDEX.find("Samraong", "KH")
    assert len(found.candidates) == FEW
    districts = [PLACES.district_of(place) for place in found.candidates]
    assert len(set(districts)) == FEW
    ranks = [PLACES[place].rank for place in found.candidates]
    assert ranks == sorted(ranks)  # the widest places first


@pytest.mark.parametrize(
    ("home", "query", "abroad"),
    [("BT", "Phnom Penh", "KH-12"), ("PK", "Bumthang", "BT-33"), ("KH", "لاہور", "PK-PB-LAHORE")],
)
def test_a_place_abroad_is_known_by_its_very_name(home: str, query: str, abroad: str) -> None:
    found = INDEX.find(query, home)
    assert abroad in (found.place, *found.candidates[:1])


def test_at_home_comes_first() -> None:
    assert sure("Samtse", "BT") == "BT-14"
    assert INDEX.find("Kandal", "KH").place == "KH-8"
    assert INDEX.find("Kandal", "BT").candidates[0] == "KH-8"  # asked: it is not at home


@pytest.mark.parametrize("country", EVERYWHERE)
@pytest.mark.parametrize(
    "query",
    ["", " ", "?", "12", "༡༢", "៣", "\u0f0b", "\u17d2", "Тхимпху", "थिम्फू", "x", "qqqqqqqq", "\x00"],
)
def test_what_names_no_place_is_not_found(query: str, country: str) -> None:
    assert INDEX.find(query, country) == Found()


@pytest.mark.parametrize(
    "query",
    [
        "x" * 500,
        "Paro " * 100,
        "ཀ་" * 250,
        "\u0f71" * 500,
        "ក្" * 250,
        "ب" * 500,
        "a" + "\u0301" * 499,
    ],
)
def test_a_long_text_has_an_answer(query: str) -> None:
    found = INDEX.find(query, "BT")
    assert len(found.candidates) <= FEW


@pytest.mark.parametrize("country", EVERYWHERE[1:])
def test_every_name_of_every_place_finds_it_or_asks_about_it(country: str) -> None:
    """Sure, or among candidates; a name of more than FEW districts is left to the lists."""
    for place in PLACES.values():
        if PLACES.country_of(place.code) != country:
            continue
        for name in place.names:
            found = INDEX.find(name, country)
            told = (found.place,) if found.place else found.candidates
            crowded = len(found.candidates) == FEW
            near = [
                t for t in told if PLACES.lies_in(place.code, t) or PLACES.lies_in(t, place.code)
            ]
            same = [t for t in told if PLACES.district_of(t) == PLACES.district_of(place.code)]
            assert near or same or crowded or not any(letter.isalpha() for letter in name), name


@given(st.text(max_size=120), st.sampled_from(EVERYWHERE))
def test_any_text_has_an_answer_of_known_places(query: str, country: str) -> None:
    found = INDEX.find(query, country)
    assert {found.place, *found.candidates} - {""} <= set(PLACES)
    assert len(found.candidates) == len(set(found.candidates)) <= FEW
    assert INDEX.find(query, country) == found
