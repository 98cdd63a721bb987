"""The public pages over real HTTP: what they show, find and refuse, and what they never show."""

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from flows import FLOW, PROGRAMMES
from helpline import catalogue, runtime
from helpline.core.directory import Desk, Directory
from helpline.core.gazetteer import Gazetteer
from helpline.core.hours import parse_hours
from helpline.core.label import Name, Text
from helpline.core.order import order_key
from helpline.core.text import Budget
from helpline.gateways.base import Channel
from helpline.runtime import Content
from helpline.web.desk_words import WORDS, WRONG
from helpline.web.desks import MAX_BODY, desks
from helpline.web.simulator_views import tag
from tests.web.site import FORM, Site

LANGUAGES = [(p.code, known.code) for p in PROGRAMMES.values() for known in p.languages]
VOICES = catalogue.voices()
SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
EVIL = '<script>alert("1")</script>'
UNVERIFIED, INNER = "0300-1111111", "0300-2222222"


def channel(gateway: str, address: str, programme: str = "bt") -> Channel:
    return Channel(f"c-{gateway}", gateway, programme, address, "BT", Budget(), ())


REAL = (channel("africastalking-ussd", "*555#"), channel("twilio-sms", "+97517000000"))


class Pages:
    """The pages over a directory that a test may change while they run."""

    def __init__(self, content: Content, channels: tuple[Channel, ...] = REAL) -> None:
        self.content = content
        routes = desks(lambda: self.content, channels, lambda: SUNDAY).routes()
        self.client = TestClient(Starlette(routes=routes))

    def put(self, *changed: Desk, names: dict[str, str] | None = None) -> None:
        known = self.content.directory
        places = dict(known.places)
        for code, name in (names or {}).items():
            places[code] = replace(places[code], name=Name(name))
        rows = {**known.desks, **{desk.code: desk for desk in changed}}
        directory = Directory(Gazetteer(places), rows, known.holidays, known.revision + 1)
        self.content = replace(self.content, directory=directory)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(f"/desks{path}")
        assert answer.status_code == status
        return answer.text

    def find(self, programme: str, text: str, language: str = "en") -> str:
        path = f"/desks/{programme}?lang={language}"
        answer = self.client.post(path, data={"place": text})
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="module")
def packaged() -> Content:
    return runtime.content()


@pytest.fixture
def pages(packaged: Content) -> Iterator[Pages]:
    yield Pages(packaged)


def say(language: str, msgid: str, **values: str) -> str:
    return VOICES[language].say(Text(msgid, values))


def words_of(page: str) -> str:
    """What a reader reads, isolates of direction taken out."""
    bare = html.unescape(re.sub(r"<[^>]+>", " ", page))
    return re.sub(r"[\u2066\u2069]", "", " ".join(bare.split()))


def listed(page: str) -> list[str]:
    """The words of each numbered desk."""
    found = re.findall(r'<li class="desk">\s*<b class="number">.*?</li>', page, re.DOTALL)
    return [words_of(one) for one in found]


def numbers_on_map(page: str) -> list[int]:
    found: list[int] = []
    for label in re.findall(r'<text class="digits"[^>]*>([^<]+)</text>', page):
        first, _, last = label.partition("-")
        found += map(int, label.split(",")) if not last else range(int(first), int(last) + 1)
    return sorted(found)


def public(content: Content, programme: str) -> list[Desk]:
    known = content.directory.desks.values()
    return [d for d in known if d.programme == programme and d.verified and d.public]


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/desks", "/desks/bt", "/desks/pk/poster/PK-BA-QUETTA", "/desks/no", "/weather"]
    )
    def test_they_allow_nothing_from_elsewhere(self, here: Site, path: str) -> None:
        headers = here.client.get(f"{here.base}{path}").headers
        rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        assert rules == {
            **dict.fromkeys(("default-src", "base-uri", "frame-ancestors"), "'none'"),
            **dict.fromkeys(
                ("script-src", "style-src", "font-src", "img-src", "form-action"), "'self'"
            ),
        }
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_no_script_no_style_and_no_address_of_others(
        self, here: Site, programme: str, language: str
    ) -> None:
        for path in ("", "/poster/BT-15", "/poster/PK-BA-QUETTA", "/poster/KH-12"):
            page = here.client.get(f"{here.base}/desks/{programme}{path}?lang={language}").text
            assert re.findall(r"<script[^>]*>[^<]+</script>", page) == []
            assert "<style" not in page
            assert re.findall(r"""\s(style|on\w+)=""", page) == []
            leads = re.findall(r"""(?:src|href|action)="([^"]*)""", page)
            assert leads
            assert [to for to in leads if not re.match(r"/(static|desks|weather)|tel:", to)] == []

    def test_its_files_are_served_without_the_simulator(self, here: Site) -> None:
        for name in ("desks.css", "leave.js", "icon.svg"):
            assert here.client.get(f"{here.base}/static/{name}").status_code == 200
        assert '<a href="/desks">' in here.client.get(here.base).text


class TestProgrammes:
    def test_each_has_its_emergency_number_and_its_languages(self, here: Site) -> None:
        page = here.client.get(f"{here.base}/desks").text
        for programme in PROGRAMMES.values():
            assert programme.greeting in page
            for known in programme.languages:
                assert f'href="/desks/{programme.code}?lang={known.code}"' in page
                assert known.label in page


@pytest.mark.parametrize(("programme", "language"), LANGUAGES)
class TestList:
    def test_safety_17_the_emergency_number_comes_first(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        page = pages.get(f"/{programme}?lang={language}")
        urgent = say(language, FLOW.urgent, number=PROGRAMMES[programme].emergency)
        assert words_of(page.partition("<main")[2].partition(">")[2]).startswith(urgent)
        direction = "rtl" if language == "ur" else "ltr"
        assert f'<html lang="{tag(language)}" dir="{direction}">' in page

    def test_every_verified_public_desk_is_there_once(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        page = pages.get(f"/{programme}?lang={language}")
        lines = listed(page)
        desks = public(pages.content, programme)
        assert [int(line.split()[0]) for line in lines] == [*range(1, len(desks) + 1)]
        kinds = PROGRAMMES[programme].desk_kinds
        said = sorted(say(language, kinds[desk.kind]) for desk in desks)
        assert sorted(next(k for k in said if f" {k} " in f"{li} ") for li in lines) == said
        assert numbers_on_map(page) == [*range(1, len(desks) + 1)]

    def test_districts_are_in_the_readers_order(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        page = pages.get(f"/{programme}?lang={language}")
        regions = page.partition('<h2 id="all">')[2].split("<h3>")[1:]
        assert regions
        for region in regions:
            for names in (re.findall("<h4>(.+?)</h4>", region), others(region)):
                assert names == sorted(names, key=lambda name: order_key(name, language))

    def test_every_district_leads_to_its_poster(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        page = pages.get(f"/{programme}?lang={language}")
        known, country = pages.content.directory.places, PROGRAMMES[programme].country
        districts = {p.code for p in known.values() if p.level == "district"}
        here = {code for code in districts if known.country_of(code) == country}
        linked = re.findall(rf'/desks/{programme}/poster/([^?"]+)\?lang={language}"', page)
        assert len(linked) == len(here)
        assert set(linked) == here

    def test_safety_25_it_gives_verified_numbers_only(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        known = PROGRAMMES[programme]
        phones = {desk.phone for desk in public(pages.content, programme) if desk.phone}
        allowed = {f"tel:{n}" for n in (known.emergency, *known.helplines.values(), *phones)}
        page = pages.get(f"/{programme}?lang={language}")
        assert set(re.findall(r'href="(tel:[^"]+)"', page)) <= allowed
        assert f"tel:{known.emergency}" in page
        for number in known.helplines.values():
            assert f"tel:{number}" in page

    def test_other_languages_are_plain_links(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        page = pages.get(f"/{programme}?lang={language}&place={PROGRAMMES[programme].country}")
        for known in PROGRAMMES[programme].languages:
            assert f"/desks/{programme}?lang={known.code}&amp;place=" in page
        assert page.count('aria-current="true"') == 1

    def test_the_name_of_its_tab_tells_an_onlooker_nothing(
        self, pages: Pages, programme: str, language: str
    ) -> None:
        (title,) = re.findall("<title>(.+)</title>", pages.get(f"/{programme}?lang={language}"))
        known = PROGRAMMES[programme]
        phone = known.helplines.get(known.country, known.emergency)
        name = pages.content.directory.places[known.country].name.in_language(language)
        assert words_of(title) == say(language, "{place}: phone {phone}.", place=name, phone=phone)


def others(region: str) -> list[str]:
    return re.findall(r"""<li><a href="/desks/\w+\?lang=\w+&amp;place=[^"]+">([^<]+)</a>""", region)


class TestLanguage:
    @pytest.mark.parametrize("given", ["", "?lang=", "?lang=xx", "?lang=km", "?lang=%ff%00", "?l"])
    def test_an_unknown_one_is_the_programmes_first(self, pages: Pages, given: str) -> None:
        assert '<html lang="ur" dir="rtl">' in pages.get(f"/pk{given}")


class TestHours:
    def test_a_closed_desk_says_so(self, pages: Pages) -> None:
        desk = pages.content.directory.desks["BT-WCPD-13"]
        pages.put(replace(desk, hours=parse_hours("Mon-Fri 09:00-17:00")))
        (line,) = [li for li in listed(pages.get("/bt?lang=en")) if "Closed" in li]
        assert "Closed now. Mon-Fri 9:00-17:00." in line
        pages.put(replace(desk, hours=parse_hours("Sun 09:00-17:00")))
        page = pages.get("/bt?lang=en")
        assert "Sun 9:00-17:00." in page
        assert "Closed" not in page


class TestHidden:
    @pytest.fixture
    def pages(self, packaged: Content) -> Pages:
        changed = Pages(packaged)
        desk = packaged.directory.desks["BT-WCPD-13"]
        changed.put(
            replace(desk, code="X-1", verified=False, phone=UNVERIFIED, serves=()),
            replace(desk, code="X-2", public=False, phone=INNER, serves=()),
        )
        return changed

    @pytest.mark.parametrize(
        "path", ["", "?place=BT-13", "/poster/BT-13", "?place=BT-11", "?place=none"]
    )
    def test_safety_25_the_unverified_and_the_inner_never_appear(
        self, pages: Pages, path: str
    ) -> None:
        page = pages.client.get(f"/desks/bt{path}").text
        for number in (UNVERIFIED, INNER):
            assert number not in page
            assert number.replace("-", "") not in page
        assert len(listed(pages.get("/bt"))) == len(public(pages.content, "bt"))

    def test_what_an_operator_imports_is_seen_at_once(self, pages: Pages) -> None:
        before = listed(pages.get("/bt?lang=en"))
        desk = pages.content.directory.desks["X-1"]
        pages.put(replace(desk, verified=True))
        after = listed(pages.get("/bt?lang=en"))
        assert len(after) == len(before) + 1
        assert any(f"Phone {UNVERIFIED}" in line for line in after)
        assert 'href="tel:03001111111"' in pages.get("/bt")

    @pytest.mark.parametrize(
        "path", ["?lang=en", "?lang=dz", "?lang=en&place=BT-13", "/poster/BT-13?lang=en"]
    )
    def test_a_name_is_never_markup(self, packaged: Content, path: str) -> None:
        pages = Pages(packaged)
        pages.put(names={"BT-13": EVIL})
        page = pages.get(f"/bt{path}")
        assert EVIL not in page
        assert html.escape(EVIL, quote=False).replace('"', "&#34;") in page

    def test_what_is_typed_is_not_shown_again(self, pages: Pages) -> None:
        assert "alert(" not in pages.find("bt", EVIL)


FOUND = [
    ("bt", "dz", "སྤ་རོ", "BT-11"),
    ("bt", "en", "paro", "BT-11"),
    ("bt", "dz_Latn", "Chukha", "BT-12"),
    ("pk", "ur", "کوئٹہ", "PK-BA-QUETTA"),
    ("pk", "ur_Latn", "rajan pur", "PK-PB-RAJANPUR"),
    ("kh", "km", "កំពត", "KH-7"),
    ("kh", "en", "Batambang", "KH-2"),
]


class TestSearch:
    @pytest.mark.parametrize(("programme", "language", "typed", "place"), FOUND)
    def test_a_place_in_any_script_leads_to_its_desks(
        self, pages: Pages, programme: str, language: str, typed: str, place: str
    ) -> None:
        page = pages.find(programme, typed, language)
        near = page.partition('<h2 id="near">')[2].partition("</section>")[0]
        assert pages.content.directory.places[place].name.in_language(language) in near
        assert 1 <= near.count("<li") <= 3
        assert near.count(say(language, WORDS["own"])) == 1
        assert f"/desks/{programme}/poster/{place}?lang={language}" in near
        assert f"lang=en&amp;place={place}" in page, "the other language keeps the place"
        assert listed(page)

    def test_a_desk_elsewhere_says_how_far_it_is(self, pages: Pages) -> None:
        page = words_of(pages.find("kh", "Koh Kong"))
        assert re.search(r"\(about \d+ km, straight line\)", page)
        assert "km" not in words_of(pages.get("/kh?lang=en"))

    def test_several_are_asked_about(self, pages: Pages) -> None:
        page = pages.find("bt", "gakiling")
        assert WORDS["which"] in page
        links = re.findall(r'<li><a href="([^"]+place=[^"]+)">Gakiling, (\w+)</a>', page)
        assert sorted(district for _, district in links) == ["Haa", "Sarpang"]
        chosen = pages.client.get(html.unescape(links[0][0])).text
        assert '<h2 id="near">' in chosen

    @pytest.mark.parametrize("ask", ["typed", "chosen"])
    def test_a_place_abroad_gives_that_countrys_number(self, pages: Pages, ask: str) -> None:
        page = pages.find("kh", "ཐིམ་ཕུ") if ask == "typed" else pages.get("/kh?lang=en&place=BT-15")
        assert 'href="tel:113"' in page
        assert "is in Bhutan. In danger there? Call 113." in words_of(page)
        assert '<h2 id="near">' not in page

    @pytest.mark.parametrize("typed", ["x" * 99, "", " ", "?", "12", "\0", "😀" * 90, "\u2066"])
    def test_what_is_not_found_is_said_kindly_over_the_list(self, pages: Pages, typed: str) -> None:
        page = pages.find("bt", typed)
        assert "We did not find this place." in page
        assert len(listed(page)) == len(public(pages.content, "bt"))

    def test_nothing_typed_is_in_an_address_or_kept(self, here: Site) -> None:
        counts, sessions = here.counts(), here.sessions()
        answer = here.client.post(f"{here.base}/desks/bt?lang=en", data={"place": "Gakiling"})
        assert answer.headers["cache-control"] == "no-store"
        assert answer.url.path == "/desks/bt"
        assert re.findall(r'(?:href|action)="[^"]*gakiling', answer.text, re.IGNORECASE) == []
        assert (here.counts(), here.sessions()) == (counts, sessions)

    def test_a_fault_gives_the_emergency_numbers_and_logs_no_word(
        self, pages: Pages, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(text: str, country: str) -> None:
            raise ValueError(text)

        monkeypatch.setattr(pages.content.directory.index, "find", broken)
        answer = pages.client.post("/desks/bt", data={"place": "near the river"})
        assert answer.status_code == 500
        assert [line.split()[-1] for line in answer.text.splitlines()] == ["113", "15", "117"]
        (line,) = [row for row in caplog.records if row.getMessage() == "desks.failed"]
        assert line.levelno == logging.ERROR
        assert "river" not in caplog.text + str(vars(line))


LONG = b"place=" + b"a" * MAX_BODY
REFUSED = [
    ("GET", "/no", b"", FORM, 404),
    ("GET", "/BT", b"", FORM, 404),
    ("GET", "/", b"", FORM, 404),
    ("GET", "/bt/x", b"", FORM, 404),
    ("GET", "/bt/", b"", FORM, 404),
    ("GET", "/bt?place=XX", b"", FORM, 404),
    ("GET", "/bt?place=%00%ff", b"", FORM, 404),
    ("GET", f"/bt?place={'x' * 3000}", b"", FORM, 404),
    ("GET", "/bt/poster/XX", b"", FORM, 404),
    ("GET", "/bt/poster/BT", b"", FORM, 404),
    ("GET", "/bt/poster/BT-12-D01", b"", FORM, 404),
    ("GET", "/bt/poster/KH-12", b"", FORM, 404),
    ("GET", "/no/poster/BT-11", b"", FORM, 404),
    ("GET", "/bt/poster/BT-11/more", b"", FORM, 404),
    ("POST", "/no", b"place=Paro", FORM, 404),
    ("POST", "/bt", LONG, FORM, 413),
    ("POST", "/bt", b"", FORM, 400),
    ("POST", "/bt", b"place", FORM, 400),
    ("POST", "/bt", b"other=Paro", FORM, 400),
    ("POST", "/bt", b"place=Paro&place=Haa", FORM, 400),
    ("POST", "/bt", b"place=%ff", FORM, 400),
    ("POST", "/bt", b"place=%zz", FORM, 400),
    ("POST", "/bt", b"place=\xe0\xbd\xa0", FORM, 400),
    ("POST", "/bt", b"&" * 500, FORM, 400),
    ("POST", "/bt", b'{"place": "Paro"}', "application/json", 400),
    ("POST", "/bt", b"place=Paro", "multipart/form-data; boundary=x", 400),
    ("POST", "/bt", b"place=Paro", "", 400),
]


class TestRefused:
    @pytest.mark.parametrize(("method", "path", "body", "kind", "status"), REFUSED)
    def test_it_is_a_kind_page_with_the_emergency_number(
        self, here: Site, method: str, path: str, body: bytes, kind: str, status: int
    ) -> None:
        answer = here.client.request(
            method, f"{here.base}/desks{path}", content=body, headers={"content-type": kind}
        )
        assert answer.status_code == status
        assert any(VOICES[v].say(Text(WRONG[status])) in answer.text for v in ("en", "dz"))
        assert "tel:113" in answer.text
        assert "Paro<" not in answer.text.partition('role="alert"')[2].partition("</p>")[0]

    def test_a_body_in_pieces_is_bounded_as_well(self, here: Site) -> None:
        pieces = (LONG[at : at + 1000] for at in range(0, len(LONG), 1000))
        headers = {"content-type": FORM}
        answer = here.client.post(f"{here.base}/desks/bt", content=pieces, headers=headers)
        assert answer.status_code == 413

    @pytest.mark.parametrize("path", ["/desks", "/weather", "/desks/bt/poster/BT-11"])
    def test_only_the_search_takes_a_body(self, here: Site, path: str) -> None:
        assert here.client.post(f"{here.base}{path}", data={"place": "x"}).status_code == 405


class TestPoster:
    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_it_holds_the_numbers_and_the_nearest_desks(
        self, here: Site, programme: str, language: str
    ) -> None:
        district = {"bt": "BT-13", "pk": "PK-PB-RAJANPUR", "kh": "KH-7"}[programme]
        path = f"{here.base}/desks/{programme}/poster/{district}?lang={language}"
        page = here.client.get(path).text
        known, words = PROGRAMMES[programme], words_of(page)
        assert f'<p class="huge">{known.emergency}</p>' in page.replace("\u2066", "").replace(
            "\u2069", ""
        )
        code = {"bt": "*1098#", "pk": "*1121#", "kh": "*1280#"}[programme]
        for said in {language, "en"}:
            assert say(said, "Dial {number}", number=code) in words
            assert say(said, "Send an SMS to {number}", number="+15005550006") in words
            assert say(said, FLOW.urgent, number=known.emergency) in words
            own = here.parts.content.directory.desk_for(district)
            assert say(said, known.desk_kinds[own.kind]) in words
        assert ('<section class="english"' in page) == (language != "en")

    @pytest.mark.parametrize(
        ("channels", "dial", "text"),
        [
            ((), False, False),
            (REAL[:1], True, False),
            (REAL[1:], False, True),
            ((channel("simulator", "*9#"), channel("simulator-sms", "*9#")), False, False),
            ((channel("africastalking-ussd", "*9#", "kh"),), False, False),
            ((channel("simulator", "*9#"), *REAL), True, True),
        ],
    )
    def test_it_names_real_channels_of_the_programme_only(
        self, packaged: Content, channels: tuple[Channel, ...], dial: bool, text: bool
    ) -> None:
        page = words_of(Pages(packaged, channels).get("/bt/poster/BT-11?lang=en"))
        assert ("Dial *555#" in page) == dial
        assert ("Dial" in page) == dial
        assert ("Send an SMS to +97517000000" in page) == text
        assert ("SMS" in page) == text
        assert "*9#" not in page

    def test_a_desks_own_phone_is_there_and_the_shared_line_once(self, pages: Pages) -> None:
        desk = pages.content.directory.desks["BT-WCPD-13"]
        pages.put(replace(desk, phone="08-375111"))
        page = words_of(pages.get("/bt/poster/BT-13?lang=en"))
        assert "Phone 08-375111" in page
        assert page.count("1098") == 2  # the name of the tab, and the helpline


class TestLeaving:
    @pytest.mark.parametrize(
        "path", ["/desks", "/desks/pk?lang=ur", "/desks/bt/poster/BT-11", "/desks/no"]
    )
    def test_every_page_has_a_way_out_before_anything_else(self, here: Site, path: str) -> None:
        page = here.client.get(f"{here.base}{path}").text
        first = re.search(r"<a [^>]+>", page.partition("<body>")[2])
        assert first is not None
        assert re.fullmatch(
            r'<a class="leave" href="/weather\?lang=\w+" rel="noreferrer">', first[0]
        )

    @pytest.mark.parametrize("language", catalogue.LANGUAGES)
    def test_safety_13_it_leads_to_a_dull_page_without_a_way_back(
        self, here: Site, language: str
    ) -> None:
        page = here.client.get(f"{here.base}/weather?lang={language}").text
        decoy = say(language, FLOW.decoy)
        assert words_of(page) == f"{decoy} {decoy}"  # the tab's name and the page
        assert "<a" not in page
        assert "<script" not in page

    def test_an_unknown_language_is_english(self, here: Site) -> None:
        assert FLOW.decoy in here.client.get(f"{here.base}/weather?lang=xx").text
