"""The simulator page in Chromium: its letters, its directions, its keys and its buttons."""

import json
import re
from collections.abc import Mapping

import pytest

from flows import PROGRAMMES
from helpline import runtime
from helpline.core.message import Kind
from helpline.core.text import measure, segments
from tests.browser.handset import Handset
from tests.web.site import Site
from tests.web.test_simulator import filed_from

LANGUAGES = [
    (programme.code, language.code)
    for programme in PROGRAMMES.values()
    for language in programme.languages
]
FONTS = {"dz": "Noto Serif Tibetan", "km": "Noto Sans Khmer", "ur": "Noto Nastaliq Urdu"}
EDGE = 3  # pixels


class TestScreen:
    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_it_shows_the_text_as_it_was_fitted_and_what_that_costs(
        self, phone: Handset, programme: str, language: str
    ) -> None:
        told = phone.open(programme, language).dial()
        size = measure(told["text"], runtime.BUDGETS[Kind.USSD])
        assert phone.screen() == told["text"]
        assert phone.page.get_attribute("#screen .words", "lang") == language.replace("_", "-")
        assert phone.fact("units") == f"{size.units} of {size.limit}"
        assert phone.fact("encoding") == {"gsm7": "GSM-7", "ucs2": "UCS-2"}[size.encoding.value]
        assert phone.fact("page") == f"1 of {told['pages']}"
        assert phone.keys()
        assert phone.fact("keys").endswith("9 hide")
        assert (phone.fact("segments"), phone.fact("cost")) == ("1, so far 1", "-")
        phone.page.fill("#price", "0.25")
        assert phone.fact("cost") == "0.25, so far 0.25"

    @pytest.mark.parametrize(("programme", "language"), [("bt", "dz"), ("pk", "ur"), ("kh", "km")])
    def test_the_letters_are_drawn_with_the_font_that_we_serve(
        self, phone: Handset, programme: str, language: str
    ) -> None:
        phone.open(programme).dial()
        phone.page.evaluate("document.fonts.ready")
        assert phone.fonts("#screen .line")[FONTS[language]], "the first line, language unknown"
        phone.page.select_option("#language", language)
        phone.settle()
        phone.dial()
        phone.page.evaluate("document.fonts.ready")
        drawn = phone.fonts("#screen .line")
        assert drawn[FONTS[language]]
        assert all(ours or "Mono" in family for family, ours in drawn.items()), drawn
        loaded = "[...document.fonts].filter(f => f.status === 'loaded').length"
        assert phone.page.evaluate(loaded) >= 1
        assert any(url.endswith(".woff2") for url in phone.requests)

    @pytest.mark.parametrize("direction", ["language", "letters", "left"])
    def test_an_urdu_menu_line_begins_with_its_key(self, phone: Handset, direction: str) -> None:
        """At the right edge where the screen runs right to left, else at the left edge."""
        phone.open("pk", "ur")
        phone.page.select_option("#direction", direction)
        phone.dial()
        phone.page.evaluate("document.fonts.ready")
        menu, rest = drawn_lines(phone)
        assert menu
        assert rest
        for line in menu:
            digit, label = line["first"], line["last"]
            if direction == "language":
                assert line["box"]["right"] - digit["right"] < EDGE
                assert label["left"] < digit["left"]
            else:
                assert digit["left"] - line["box"]["left"] < EDGE
                assert label["left"] > digit["left"]
        for line in rest:  # words without a key before them
            starts_right = line["box"]["right"] - line["first"]["right"] < EDGE
            assert starts_right == (direction != "left")

    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_at_360_pixels_nothing_is_cut_off(
        self, phone: Handset, programme: str, language: str
    ) -> None:
        phone.page.set_viewport_size({"width": 360, "height": 740})
        phone.open(programme, language).dial()
        assert not phone.overflows()
        assert not wider_than_its_box(phone, "#screen")
        phone.page.select_option("#channel", "sms")
        phone.settle()
        phone.send("hello")
        assert phone.page.locator("#thread .mt").count() >= 1
        assert not phone.overflows()
        assert not wider_than_its_box(phone, "#thread")


def drawn_lines(phone: Handset) -> tuple[list[Mapping[str, Mapping[str, float]]], ...]:
    """Where the first and the last letter of each line are drawn; lines with a key, and others."""
    found = phone.page.evaluate(
        """() => [...document.querySelectorAll("#screen .line")].map((line) => {
          const at = (from) => {
            const range = document.createRange();
            range.setStart(line.firstChild, from);
            range.setEnd(line.firstChild, from + 1);
            return range.getBoundingClientRect().toJSON();
          };
          const text = line.textContent;
          return { text, box: line.getBoundingClientRect().toJSON(), first: at(0),
            last: at(text.length - 1) };
        })"""
    )
    menu = [line for line in found if re.match(r"[0-9]", line["text"])]
    return menu, [line for line in found if line not in menu][:1]


def wider_than_its_box(phone: Handset, selector: str) -> bool:
    return bool(
        phone.page.evaluate(
            "s => (e => e.scrollWidth > e.clientWidth)($(s))".replace(
                "$(s)", "document.querySelector(s)"
            ),
            selector,
        )
    )


class TestKeyboard:
    def test_everything_can_be_reached_and_shows_where_the_keyboard_is(
        self, phone: Handset
    ) -> None:
        phone.open("bt", "en").dial()
        phone.page.focus("#programme")
        reached = {phone.focused()}
        for _ in range(40):
            phone.page.keyboard.press("Tab")
            reached.add(phone.focused())
            outline = phone.page.evaluate(
                "(e => e === document.body ? 'none' : getComputedStyle(e).outlineStyle)"
                "(document.activeElement)"
            )
            assert outline in ("solid", "none")
            if phone.focused():
                assert outline == "solid", phone.focused()
        assert reached >= {
            "programme", "channel", "language", "direction", "fresh", "screen", "text", "send",
            "dial", "hide", "drop", "again", "price",
        }  # fmt: skip

    def test_a_dialogue_needs_no_mouse(self, phone: Handset) -> None:
        phone.open("bt", "en")
        keyboard = phone.page.keyboard
        phone.page.focus("#dial")
        keyboard.press("Enter")
        phone.settle()
        first = phone.screen()
        assert phone.focused() == "text"
        keyboard.type(phone.keys()[0])
        keyboard.press("Enter")
        phone.settle()
        assert phone.screen() != first
        assert phone.focused() == "text"
        keyboard.type("9")
        keyboard.press("Enter")
        phone.settle()
        assert phone.focused() == "dial"
        keyboard.press("Enter")
        phone.settle()
        assert phone.screen() == first

    def test_every_field_and_button_has_a_name(self, phone: Handset) -> None:
        phone.open()
        unnamed = phone.page.evaluate(
            """() => [...document.querySelectorAll("input, select, button, meter")].filter((e) =>
              !e.textContent.trim() && !(e.labels && e.labels.length) &&
              !e.getAttribute("aria-label")).map((e) => e.outerHTML)"""
        )
        assert unnamed == []

    def test_the_keypad_types(self, phone: Handset) -> None:
        phone.open("bt", "en").dial()
        for key in "*10#":
            phone.page.click(f"#keypad button:text-is('{key}')")
        assert phone.page.input_value("#text") == "*10#"
        assert phone.focused() == "text"


class TestButtons:
    def test_safety_13_the_hide_key_leaves_nothing_on_the_screen(self, phone: Handset) -> None:
        phone.open("bt", "en").dial()
        phone.send(phone.keys()[0])
        asked = phone.screen()
        phone.press("hide")
        assert phone.screen() != asked
        assert "113" not in phone.screen()
        assert phone.fact("keys") == "none: the session is over"
        assert phone.page.is_disabled("#text")
        assert phone.page.is_visible("#nothing")

    def test_a_dropped_session_is_over_and_can_be_dialled_again(self, phone: Handset) -> None:
        first = phone.open("bt", "en").dial()
        phone.send(phone.keys()[0])
        phone.press("drop")
        assert phone.page.inner_text("#screen") == "Connection lost."
        assert phone.page.is_disabled("#text")
        assert phone.page.is_disabled("#drop")
        assert phone.dial()["text"]
        assert PROGRAMMES["bt"].emergency in first["text"]
        assert phone.page.is_enabled("#text")

    def test_a_request_that_comes_twice_is_answered_with_the_same_bytes(
        self, phone: Handset
    ) -> None:
        phone.open("kh", "km").dial()
        phone.press("again")
        assert phone.fact("twice") == "the same bytes"
        phone.send(phone.keys()[0])
        assert phone.fact("twice") == "-"
        before = phone.screen()
        phone.press("again")
        assert phone.fact("twice") == "the same bytes"
        assert phone.screen() == before

    def test_the_clock_warns_and_expires(self, phone: Handset) -> None:
        phone.page.clock.install()
        phone.open("bt", "en").dial()
        clock = phone.page.locator("#clock")
        assert clock.get_attribute("class") == ""
        phone.page.clock.fast_forward(121_000)
        assert (clock.get_attribute("class"), clock.inner_text()[:3]) == ("late", "2:0")
        phone.page.clock.fast_forward(60_000)
        assert clock.get_attribute("class") == "over"
        assert clock.inner_text().endswith("expired")
        assert "180 seconds" in phone.page.inner_text("#notice")

    def test_what_is_typed_is_never_markup(self, phone: Handset) -> None:
        phone.open("bt", "en", "sms").send("<img src=x onerror=alert(1)>")
        assert phone.page.locator("#thread img").count() == 0
        assert "<img" in phone.page.locator("#thread .mo").first.inner_text()

    def test_a_helpline_that_is_gone_is_said(self, phone: Handset) -> None:
        phone.open("bt", "en").dial()
        phone.page.route("**/simulator/ussd", lambda route: route.abort())
        phone.send("1")
        assert "does not answer" in phone.page.inner_text("#notice")
        phone.complaints.clear()  # the browser's own line about the failed request


class TestTexts:
    def test_a_thread_of_texts(self, phone: Handset) -> None:
        phone.open("pk", "ur", "sms").send("hello")
        texts = phone.page.locator("#thread .mt .words")
        assert texts.count() == 2, "the language was asked for and answered by the phone"
        assert texts.nth(1).get_attribute("dir") == "rtl"
        text = "\n".join(texts.nth(1).locator(".line").all_text_contents())
        count = len(segments(text))
        assert phone.fact("segments").startswith(f"{count}, so far ")
        assert phone.fact("keys").endswith("99 hide")
        phone.send(phone.keys()[0])
        assert texts.count() == 3
        phone.press("again")
        assert texts.count() == 3
        assert phone.fact("twice") == "taken once, no second answer"
        phone.press("hide")
        assert texts.count() == 4
        assert phone.page.is_hidden("#clock")


class TestDesk:
    def test_what_the_desk_sees_appears_beside_the_phone(self, phone: Handset, here: Site) -> None:
        phone.open("bt", "en").dial()
        assert phone.page.is_visible("#nothing")
        number = phone.page.inner_text("#number")
        code = filed_from(here, number)
        phone.page.wait_for_selector("#nothing", state="visible")
        phone.send(phone.keys()[0])
        line = phone.page.inner_text("#lines")
        assert code in line
        assert "ready, normal" in line
        assert "Nobody has it yet" in line
        assert number.lstrip("+") not in line
        here.parts.desk.claim(
            "BT-WCPD-13",
            here.parts.desk.officer("BT-WCPD-13", "bt-officer-one"),
            None,
            runtime.now(),
        )
        phone.page.wait_for_selector("#lines >> text=With bt-officer-one")  # it looks by itself
        phone.press("fresh")
        assert phone.page.is_visible("#nothing")
        assert number != phone.page.inner_text("#number")

    def test_nothing_of_the_phone_is_in_an_address(self, phone: Handset) -> None:
        phone.open("bt", "en", "sms").send("hello")
        digits = phone.page.inner_text("#number").lstrip("+")
        assert digits
        assert digits not in json.dumps(phone.requests)
        assert phone.page.url.endswith("/simulator")
