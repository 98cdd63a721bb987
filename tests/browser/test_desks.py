"""The public pages in Chromium: letters, directions, search, keyboard, the way out, the print."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from flows import FLOW, PROGRAMMES
from helpline import catalogue
from helpline.core.label import Text
from helpline.web.desk_words import WORDS
from tests.browser.handset import Handset
from tests.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

LANGUAGES = [(p.code, known.code) for p in PROGRAMMES.values() for known in p.languages]
FONTS = {"dz": "Noto Serif Tibetan", "km": "Noto Sans Khmer", "ur": "Noto Nastaliq Urdu"}
VOICES = catalogue.voices()
# Typed where its language is read: a place, and where it is.
TYPED = [
    ("bt", "dz", "སྤ་རོ", "BT-11"),
    ("bt", "en", "Paro", "BT-11"),
    ("pk", "ur", "راجن پور", "PK-PB-RAJANPUR"),
    ("kh", "km", "កំពត", "KH-7"),
]
A4 = {"width": 703, "height": 1032}  # pixels inside the margins of 12 mm
ROOM = 90  # of these kept free, for longer names than those of today


class Reader(Handset):
    """Opens a page of ours and waits for its letters."""

    def go(self, path: str) -> "Reader":
        self.page.goto(f"{self.base}{path}")
        self.ready()
        return self

    def ready(self) -> None:
        self.page.wait_for_load_state("load")
        self.page.evaluate(  # a letter's font is asked for when the letter is laid out
            "document.body.offsetHeight && document.fonts.ready.then(() => document.fonts.status)"
        )

    def search(self, typed: str) -> None:
        self.page.fill("#place", typed)
        with self.page.expect_navigation():
            self.page.press("#place", "Enter")
        self.ready()


@pytest.fixture
def reader(page: "Page", here: Site) -> Iterator[Reader]:
    """Whatever the page did, it asked nobody but us and had nothing to complain of."""
    found = Reader(page, here.base)
    yield found
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith(f"{here.base}/")] == []


def say(language: str, msgid: str, **values: str) -> str:
    return VOICES[language].say(Text(msgid, values))


def shown(text: str) -> str:
    return re.sub("[\u2066\u2069]", "", text)


class TestLetters:
    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_the_page_is_in_its_language_and_direction(
        self, reader: Reader, programme: str, language: str
    ) -> None:
        page = reader.go(f"/desks/{programme}?lang={language}").page
        number = PROGRAMMES[programme].emergency
        first = page.locator("main p").first
        assert shown(first.inner_text()) == say(language, FLOW.urgent, number=number)
        assert page.evaluate("getComputedStyle(document.body).direction") == (
            "rtl" if language == "ur" else "ltr"
        )
        if language in FONTS:
            drawn = reader.fonts("h1")
            assert drawn.get(FONTS[language]), drawn

    @pytest.mark.parametrize("width", [360, 1200])
    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_nothing_is_wider_than_the_screen(
        self, reader: Reader, programme: str, language: str, width: int
    ) -> None:
        reader.page.set_viewport_size({"width": width, "height": 740})
        for path in ("", "/poster/BT-15", "/poster/PK-PB-RAJANPUR", "/poster/KH-12"):
            if not path or path.startswith(f"/poster/{PROGRAMMES[programme].country}-"):
                reader.go(f"/desks/{programme}{path}?lang={language}")
                assert not reader.overflows()
        reader.go("/desks")
        assert not reader.overflows()

    def test_the_way_out_is_at_the_top_right_in_every_direction(self, reader: Reader) -> None:
        for path in ("/desks/bt?lang=en", "/desks/pk?lang=ur"):
            page = reader.go(path).page
            page.mouse.wheel(0, 2000)
            page.wait_for_function("scrollY > 500")
            box = page.locator(".leave").bounding_box()
            assert box is not None
            assert box["x"] + box["width"] > 1200 - 40
            assert 0 <= box["y"] < 20, "it stays while the page is read"


class TestMap:
    @pytest.mark.parametrize("programme", PROGRAMMES)
    def test_it_is_named_and_its_numbers_can_be_read_on_a_phone(
        self, reader: Reader, programme: str
    ) -> None:
        reader.page.set_viewport_size({"width": 360, "height": 740})
        page = reader.go(f"/desks/{programme}?lang=en").page
        drawing = page.get_by_role("img", name=WORDS["map"])
        assert drawing.count() == 1
        frame = drawing.bounding_box()
        assert frame is not None
        for digits in page.locator(".digits").all():
            box = digits.bounding_box()
            assert box is not None
            assert box["height"] >= 9
            assert frame["x"] <= box["x"]
            assert box["x"] + box["width"] <= frame["x"] + frame["width"]

    @pytest.mark.parametrize("programme", PROGRAMMES)
    def test_no_marker_hides_another(self, reader: Reader, programme: str) -> None:
        page = reader.go(f"/desks/{programme}?lang=en").page
        boxes = page.evaluate(
            "[...document.querySelectorAll('.pill')].map(e => e.getBoundingClientRect().toJSON())"
        )
        assert boxes
        covered = [
            (one, other)
            for at, one in enumerate(boxes)
            for other in boxes[at + 1 :]
            if one["left"] < other["right"] - 1
            and other["left"] < one["right"] - 1
            and one["top"] < other["bottom"] - 1
            and other["top"] < one["bottom"] - 1
        ]
        assert covered == []


class TestSearch:
    @pytest.mark.parametrize(("programme", "language", "typed", "place"), TYPED)
    def test_typing_a_place_shows_its_desks(
        self, reader: Reader, here: Site, programme: str, language: str, typed: str, place: str
    ) -> None:
        reader.go(f"/desks/{programme}?lang={language}").search(typed)
        page = reader.page
        name = here.parts.content.directory.places[place].name.in_language(language)
        assert name in page.inner_text("#near")
        assert 1 <= page.locator("section[aria-labelledby=near] li").count() <= 3
        assert page.inner_text(".own .mark") == say(language, WORDS["own"])
        assert not any(typed in unquote(url) for url in reader.requests)
        assert page.input_value("#place") == ""

    def test_without_javascript_everything_but_the_esc_key_works(
        self, reader: Reader, here: Site
    ) -> None:
        browser = reader.page.context.browser
        assert browser is not None
        context = browser.new_context(java_script_enabled=False)
        plain = context.new_page()
        plain.goto(f"{here.base}/desks/bt?lang=en")
        plain.fill("#place", "gakiling")
        plain.press("#place", "Enter")
        plain.get_by_role("link", name="Gakiling, Haa").click()
        assert plain.inner_text("#near") == "Desks near Gakiling, Haa"
        plain.get_by_role("link", name=WORDS["leave"]).click()
        assert plain.inner_text("main") == FLOW.decoy
        context.close()

    def test_a_keyboard_is_enough(self, reader: Reader) -> None:
        page = reader.go("/desks/bt?lang=en").page
        reached = []
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.innerText.trim()"))
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style == "solid", reached
            if reader.focused() == "place":
                break
        assert reached[0] == WORDS["leave"]
        assert reached[1] == "In danger now? Call 113."
        assert reader.focused() == "place"
        page.keyboard.type("gakiling")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.focus(".choices a")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.inner_text("#near").startswith("Desks near Gakiling")

    def test_every_field_button_and_picture_has_a_name(self, reader: Reader) -> None:
        reader.go("/desks/kh?lang=km")
        unnamed = reader.page.evaluate(
            """() => [...document.querySelectorAll("input, button, a, summary, svg")].filter((e) =>
              !e.textContent.trim() && !(e.labels && e.labels.length) &&
              !e.getAttribute("aria-label")).map((e) => e.outerHTML)"""
        )
        assert unnamed == []


class TestLeaving:
    @pytest.mark.parametrize(
        "path", ["/desks", "/desks/pk?lang=ur", "/desks/kh/poster/KH-12?lang=km"]
    )
    @pytest.mark.parametrize("way", ["key", "link"])
    def test_safety_13_it_leaves_nothing_to_go_back_to(
        self, reader: Reader, path: str, way: str
    ) -> None:
        page = reader.go("/weather").go(path).page
        with page.expect_navigation():
            if way == "link":
                page.click(".leave")
            else:
                page.keyboard.press("Escape")
                page.keyboard.press("Escape")
        language = path.partition("lang=")[2] or "en"
        assert page.inner_text("main") == say(language, FLOW.decoy)
        page.go_back()
        assert "/desks" not in page.url

    def test_once_or_slowly_is_a_slip(self, reader: Reader) -> None:
        reader.page.clock.install()
        page = reader.go("/desks/bt?lang=en").page
        page.focus("#place")
        page.keyboard.press("Escape")
        page.wait_for_timeout(2200)
        page.keyboard.press("Escape")
        assert page.inner_text("h1") == "Bhutan"
        page.keyboard.press("Escape")
        page.wait_for_url("**/weather?lang=en")


class TestPoster:
    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_it_is_one_page_of_a4(
        self, reader: Reader, here: Site, programme: str, language: str
    ) -> None:
        """The district whose poster is the longest in words, and one with a desk of its own."""
        for district in {longest(here, programme, language), own(here, programme)}:
            page = reader.go(f"/desks/{programme}/poster/{district}?lang={language}").page
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
            assert b"/MediaBox [0 0 594" in printed or b"/MediaBox [0 0 595" in printed
            page.emulate_media(media="print")
            page.set_viewport_size({"width": A4["width"], "height": A4["height"]})
            height = page.evaluate("document.querySelector('main').getBoundingClientRect().height")
            assert height < A4["height"] - ROOM
            assert not reader.overflows()
            assert page.locator(".leave").is_hidden()
            page.emulate_media(media="null")


def longest(here: Site, programme: str, language: str) -> str:
    base, country = f"{here.base}/desks/{programme}/poster", PROGRAMMES[programme].country
    places = here.parts.content.directory.places
    districts = [
        place.code
        for place in places.values()
        if place.level == "district" and places.country_of(place.code) == country
    ]
    return max(districts, key=lambda d: len(here.client.get(f"{base}/{d}?lang={language}").text))


def own(here: Site, programme: str) -> str:
    directory = here.parts.content.directory
    shown = (d for d in directory.desks.values() if d.programme == programme and d.verified)
    return next(d.place for d in shown if directory.places[d.place].level == "district")
