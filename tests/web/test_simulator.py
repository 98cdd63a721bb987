"""The simulator's page and its turns over real HTTP: what it serves, answers and refuses."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from flows import PROGRAMMES
from helpline import runtime
from helpline.core.errors import RecordUnavailable
from helpline.core.message import Kind
from helpline.core.text import Budget, measure, segments
from helpline.core.window import Window
from helpline.gateways.base import MAX_BODY, Channel
from helpline.runtime import Runtime
from helpline.service.filing import Origin
from helpline.service.glance import Glance
from helpline.store import officers
from helpline.store.outbox import SENT
from helpline.store.schema import outbox
from helpline.web.assets import FOLDER, TYPES
from tests.private import PRIVATE_WORDS, traces
from tests.web.site import Fields, Site, site
from tests.web.test_webhooks import locked
from tests.world import report

HAA = "BT-WCPD-13"
PREFIXES = {"bt": "+97510", "pk": "+923800", "kh": "+85520"}
LANGUAGES = [
    (programme.code, language.code)
    for programme in PROGRAMMES.values()
    for language in programme.languages
]
CALL = {"programme": "bt", "phone": "417263", "session": "S1", "text": "", "language": "en"}
TEXT = {"programme": "bt", "phone": "417263", "session": "M1", "text": "hello"}
END = {"programme": "bt", "phone": "417263", "session": "S1"}
LOOK = {"programme": "bt", "phone": "417263"}


def post(here: Site, path: str, body: object, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return here.client.post(
        f"{here.base}/simulator/{path}",
        content=content,
        headers={"content-type": "application/json", **named},
    )


def told(here: Site, path: str, body: Mapping[str, str]) -> dict[str, object]:
    response = post(here, path, body)
    assert response.status_code == 200, response.text
    found = response.json()
    assert isinstance(found, dict)
    return found


def answers(here: Site, path: str, body: Mapping[str, str]) -> list[dict[str, object]]:
    found = told(here, path, body)["answers"]
    assert isinstance(found, list)
    return found


def screen(here: Site, body: Mapping[str, str]) -> dict[str, object]:
    (only,) = answers(here, "ussd", body)
    return only


def lines(here: Site, body: Mapping[str, str] = LOOK) -> list[dict[str, object]]:
    found = told(here, "desk", body)["desk"]
    assert isinstance(found, list)
    return found


def first_key(shown: Mapping[str, object]) -> str:
    """A key that chooses something, else the one that shows more."""
    keys = shown["keys"]
    assert isinstance(keys, dict)
    return next((key for key, does in keys.items() if does == "choice"), more_key(shown))


def more_key(shown: Mapping[str, object]) -> str:
    keys = shown["keys"]
    assert isinstance(keys, dict)
    return next((key for key, does in keys.items() if does == "more"), "")


def filed_from(here: Site, number: str) -> str:
    """Files a report from this number, safe to be rung for the next hour; its case code."""
    now = runtime.now()
    origin = Origin(runtime.simulated_name("bt", Kind.USSD), runtime.new_id(), number)
    safe = (Window(now, now + timedelta(hours=1), daily=False),)
    with here.parts.record.writing() as connection:
        return here.parts.filing.file_in(connection, origin, report(windows=safe), now).code


class TestPage:
    def get(self, here: Site, path: str = "/simulator", **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return here.client.get(f"{here.base}{path}", headers=named)

    def test_it_is_off_unless_it_is_turned_on(self, tmp_path: Path, redis_url: str) -> None:
        with site(tmp_path, redis_url, simulator=False) as real:
            assert real.parts.simulated == {}
            for path in ("/simulator", "/static/simulator.js", "/static/simulator.css"):
                assert self.get(real, path).status_code == 404
            for path in ("ussd", "sms", "drop", "desk"):
                assert post(real, path, LOOK).status_code == 404
            assert "/simulator" not in self.get(real, "/").text

    def test_the_front_page_leads_to_it(self, here: Site) -> None:
        assert '<a href="/simulator">' in self.get(here, "/").text

    def test_it_may_load_nothing_from_elsewhere(self, here: Site) -> None:
        headers = self.get(here).headers
        rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        nothing = ("default-src", "base-uri", "form-action", "frame-ancestors")
        assert rules == {
            **dict.fromkeys(nothing, "'none'"),
            **dict.fromkeys(
                ("script-src", "style-src", "font-src", "connect-src", "img-src"), "'self'"
            ),
        }
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"

    def test_it_holds_no_script_and_no_style_of_its_own(self, here: Site) -> None:
        page = self.get(here).text
        assert re.findall(r"<script[^>]*>([^<]+)</script>", page) == []
        assert "<style" not in page
        assert re.findall(r"""\s(style|on\w+)=""", page) == []
        assert re.findall(r"""(?:src|href)="(?!/static/)""", page) == []

    def test_it_offers_every_programme_and_language(self, here: Site) -> None:
        (stored,) = re.findall(r'data-setup="([^"]*)"', self.get(here).text)
        setup = json.loads(html.unescape(stored))
        offered = [
            (programme["code"], language["code"])
            for programme in setup["programmes"]
            for language in programme["languages"]
        ]
        assert offered == LANGUAGES
        assert {p["code"]: p["prefix"] for p in setup["programmes"]} == PREFIXES
        assert setup["hide"] == {"ussd": "9", "sms": "99"}

    def test_its_files_are_served_as_what_they_are(self, here: Site) -> None:
        page = self.get(here).text
        sheet = self.get(here, "/static/fonts.css").text
        script = self.get(here, "/static/simulator.js").text
        named = [
            *re.findall(r'(?:src|href)="/static/([^"]+)"', page),
            *re.findall(r'url\("([^"]+)"\)', sheet),
            *re.findall(r'from "\./([^"]+)"', script),
        ]
        assert len(set(named)) == 9
        for name in named:
            answer = self.get(here, f"/static/{name}")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == TYPES[Path(name).suffix]
            assert answer.headers["x-content-type-options"] == "nosniff"
            tag = answer.headers["etag"]
            again = self.get(here, f"/static/{name}", if_none_match=tag)
            assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(
        "path",
        ["simulator.html", "fonts/README.md", "fonts", "", "nothing.css", "..%2fapp.py",
         "%2e%2e/app.py", "fonts/..%2f..%2fapp.py", "/etc/passwd", "simulator.css%00"],
    )  # fmt: skip
    def test_nothing_else_is_served(self, here: Site, path: str) -> None:
        assert self.get(here, f"/static/{path}").status_code == 404

    def test_the_fonts_are_small_and_their_licence_is_with_them(self) -> None:
        fonts = [*(FOLDER / "fonts").glob("*.woff2")]
        assert len(fonts) == 3
        assert sum(font.stat().st_size for font in fonts) < 700_000
        assert "SIL OPEN FONT LICENSE" in (FOLDER / "fonts" / "OFL.txt").read_text()


class TestUssd:
    @pytest.mark.parametrize("programme", PROGRAMMES)
    def test_safety_17_the_first_screen_holds_the_emergency_number(
        self, here: Site, programme: str
    ) -> None:
        shown = screen(here, {**CALL, "programme": programme, "language": ""})
        assert PROGRAMMES[programme].emergency in str(shown["text"]).splitlines()[0]
        assert (shown["language"], shown["ends"]) == ("", False)

    @pytest.mark.parametrize(("programme", "language"), LANGUAGES)
    def test_a_screen_comes_with_what_the_network_makes_of_it(
        self, here: Site, programme: str, language: str
    ) -> None:
        shown = screen(here, {**CALL, "programme": programme, "language": language})
        size = measure(str(shown["text"]), Budget())
        assert (shown["units"], shown["limit"]) == (size.units, size.limit)
        assert shown["encoding"] == {160: "GSM-7", 70: "UCS-2"}[size.limit]
        assert shown["segments"] == 1
        assert shown["language"] == language.replace("_", "-")
        assert shown["rtl"] == (language == "ur")
        assert shown["page"] == 1
        assert first_key(shown)

    def test_the_same_request_gives_the_same_bytes(self, here: Site) -> None:
        first = screen(here, CALL)
        history = first_key(first)
        for text in ("", history):
            once, again = (screen(here, {**CALL, "text": text})["text"] for _ in range(2))
            assert once == again

    def test_more_leads_to_the_next_page_and_back(self, here: Site) -> None:
        shown = screen(here, {**CALL, "language": "dz"})
        assert (shown["page"], int(str(shown["pages"])) > 1) == (1, True)
        after = screen(here, {**CALL, "language": "dz", "text": more_key(shown)})
        assert after["page"] == 2
        assert after["keys"]["0"] == "back"  # type: ignore[index]

    def test_safety_13_the_hide_key_ends_and_names_no_key(self, here: Site) -> None:
        key = first_key(screen(here, CALL))
        screen(here, {**CALL, "text": key})
        shown = screen(here, {**CALL, "text": f"{key}*9"})
        assert (shown["ends"], shown["keys"]) == (True, {})

    def test_a_dropped_session_can_be_gone_on_with(self, here: Site) -> None:
        call = {**CALL, "phone": "417262"}
        screen(here, call)
        asked = screen(here, {**call, "text": "1"})
        told(here, "drop", {**END, "phone": "417262"})
        assert here.sessions() == 1
        offered = screen(here, {**call, "session": "S2"})
        assert (offered["screen"], offered["ends"]) == ("resume", False)
        assert PROGRAMMES["bt"].emergency in str(offered["text"]).splitlines()[0]
        again = screen(here, {**call, "session": "S2", "text": "1"})
        assert again["text"] == asked["text"]

    def test_a_report_told_to_the_end_stands_at_a_desk(self, here: Site) -> None:
        """By whatever way the flow goes: the first choice of every screen."""
        call = {**CALL, "phone": "417264", "session": "told"}
        shown, typed = screen(here, call), list[str]()
        while not shown["ends"] and len(typed) < 30:
            typed.append(first_key(shown))
            shown = screen(here, {**call, "text": "*".join(typed)})
        (row,) = lines(here, {**LOOK, "phone": "417264"})
        assert row["state"] in ("ready", "waiting")

    def test_a_screen_is_shown_while_no_desk_can_be_asked(
        self, here: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unavailable(*_: object) -> list[object]:
            raise RecordUnavailable("gone")

        monkeypatch.setattr(Glance, "lines", unavailable)
        found = told(here, "ussd", CALL)
        assert found["desk"] is None
        assert found["answers"]

    def test_a_fault_is_one_sentence_and_says_nothing_of_the_input(
        self,
        here: Site,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(*_: object) -> list[object]:
            raise ValueError(PRIVATE_WORDS[1])

        monkeypatch.setattr(Glance, "lines", broken)
        answer = post(here, "ussd", CALL)
        assert answer.status_code == 500
        assert list(answer.json()) == ["error"]
        assert traces(answer.text) == []
        (line,) = [row for row in caplog.records if row.getMessage() == "simulator.failed"]
        assert vars(line)["fields"] == {"error": "ValueError"}


class TestSms:
    def test_the_answer_is_handed_over_so_that_a_key_to_it_counts(self, here: Site) -> None:
        text = {**TEXT, "phone": "417265"}
        (first,) = answers(here, "sms", {**text, "session": "A1"})
        assert PROGRAMMES["bt"].emergency in str(first["text"])
        key = first_key(first)
        (second,) = answers(here, "sms", {**text, "session": "A2", "text": key})
        assert second["text"] != first["text"]
        assert second["language"]
        name = outbox.c.channel == runtime.simulated_name("bt", Kind.SMS)
        with here.parts.record.reading() as connection:
            states = connection.scalars(select(outbox.c.state).where(name)).all()
        assert set(states) == {SENT}

    def test_a_text_may_take_more_than_one_segment(self, here: Site) -> None:
        text = {**TEXT, "programme": "kh", "phone": "417265"}
        (first,) = answers(here, "sms", {**text, "session": "K1"})
        (shown,) = answers(here, "sms", {**text, "session": "K2", "text": first_key(first)})
        assert shown["limit"] == 3 * 67
        assert shown["segments"] == len(segments(str(shown["text"])))

    def test_a_text_that_comes_twice_is_answered_once(self, here: Site) -> None:
        text = {**TEXT, "phone": "417266", "session": "B1"}
        assert len(answers(here, "sms", text)) == 1
        assert answers(here, "sms", text) == []

    def test_it_is_shown_also_when_a_worker_was_quicker(
        self, here: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hand_over = Glance.hand_over

        def after_the_worker(self: Glance, channel: Channel, number: str) -> list[str]:
            hand_over(self, channel, number)
            return hand_over(self, channel, number)

        monkeypatch.setattr(Glance, "hand_over", after_the_worker)
        text = {**TEXT, "phone": "417267"}
        (first,) = answers(here, "sms", {**text, "session": "C1"})
        key = first_key(first)
        (second,) = answers(here, "sms", {**text, "session": "C2", "text": key})
        assert second["text"] != first["text"]

    def test_stop_is_answered_once_and_then_silence(self, here: Site) -> None:
        text = {**TEXT, "phone": "417268"}
        assert len(answers(here, "sms", {**text, "session": "D1", "text": "STOP"})) == 1
        assert answers(here, "sms", {**text, "session": "D2", "text": "hello"}) == []

    def test_what_is_not_stored_is_not_answered(self, here: Site) -> None:
        before = here.counts()
        with locked(here.parts.config):
            answer = post(here, "sms", {**TEXT, "phone": "417269", "session": "E1"})
        assert answer.status_code == 503
        assert "Nothing was taken" in answer.json()["error"]
        assert here.counts() == before

    @pytest.mark.parametrize("words", PRIVATE_WORDS)
    def test_no_word_of_a_text_reaches_a_log(self, here: Site, words: str) -> None:
        """The watch in conftest reads everything that this test printed and logged."""
        digits = f"4173{PRIVATE_WORDS.index(words)}1"
        assert answers(here, "sms", {**TEXT, "phone": digits, "session": digits, "text": words})


class TestDesk:
    def test_it_sees_a_queue_line_and_never_the_number(self, here: Site) -> None:
        assert lines(here) == []
        code = filed_from(here, "+97510417263")
        (row,) = lines(here)
        assert row == {
            "code": code,
            "desk": HAA,
            "name": here.parts.content.directory.desks[HAA].name,
            "state": "ready",
            "priority": "normal",
            "due": row["due"],
            "window": row["window"],
            "lease": "",
            "overdue": False,
            "attempts": 0,
            "woman": False,
        }
        assert re.fullmatch(r"\d\d\.\d\d\. \d\d:\d\d", str(row["due"]))
        assert re.fullmatch(r"\d\d\.\d\d\. \d\d:\d\d-\d\d:\d\d", str(row["window"]))
        assert "417263" not in json.dumps(row)

    def test_another_phone_sees_nothing_of_it(self, here: Site) -> None:
        filed_from(here, "+97510517263")
        assert lines(here, {**LOOK, "phone": "517264"}) == []
        assert len(lines(here, {**LOOK, "phone": "517263"})) == 1

    def test_it_follows_what_an_officer_does_and_changes_nothing(self, here: Site) -> None:
        parts, look = here.parts, {**LOOK, "phone": "617263"}
        code = filed_from(here, "+97510617263")
        with parts.record.writing() as connection:
            officers.put(connection, "Pema", woman=True, desks=[HAA])
        pema = parts.desk.officer(HAA, "Pema")
        parts.desk.claim(HAA, pema, parts.desk.find(HAA, code), runtime.now())
        before = here.counts()
        (row,) = lines(here, look)
        assert (row["state"], row["lease"]) == ("claimed", "Pema")
        assert here.counts() == before


@dataclass(frozen=True)
class Wrong:
    """A request that is refused with `status`; the rest of it is as it should be."""

    body: object
    status: int = 400
    path: str = "ussd"
    headers: Mapping[str, str] = field(default_factory=dict)


SECRET = PRIVATE_WORDS[0]
REFUSED = {
    "not JSON": Wrong(b"{"),
    "not UTF-8": Wrong(b'{"a": "\xff"}'),
    "nested too deep": Wrong(b"[" * 9000),
    "a list": Wrong([]),
    "nothing": Wrong(b""),
    "a field is missing": Wrong({k: v for k, v in CALL.items() if k != "text"}),
    "a field too many": Wrong({**CALL, "number": "1"}),
    "a number for a text": Wrong({**CALL, "text": 1}),
    "null": Wrong({**CALL, "language": None}),
    "an unknown programme": Wrong({**CALL, "programme": SECRET}),
    "a language of another programme": Wrong({**CALL, "language": "ur"}),
    "a whole number as a phone": Wrong({**CALL, "phone": "+97510000000"}),
    "a short phone": Wrong({**CALL, "phone": "12345"}),
    "a phone of the tests and desks": Wrong({**CALL, "phone": "000099"}),
    "digits of another script": Wrong({**CALL, "phone": "४१७२६३"}),
    "an empty session": Wrong({**CALL, "session": ""}),
    "a long session": Wrong({**CALL, "session": "x" * 65}),
    "a session that is none": Wrong({**CALL, "session": SECRET + "\n"}),
    "a long history": Wrong({**CALL, "text": "x" * 4001}),
    "a long text": Wrong({**TEXT, "text": "x" * 1601}, path="sms"),
    "half a letter": Wrong({**CALL, "text": "\ud800"}),
    "a text without an id": Wrong({**TEXT, "session": ""}, path="sms"),
    "a language by SMS": Wrong({**TEXT, "language": "en"}, path="sms"),
    "a drop without a session": Wrong(LOOK, path="drop"),
    "too large": Wrong(b" " * (MAX_BODY + 1), 413),
    "a form": Wrong(b"a=1", 415, headers={"content-type": "application/x-www-form-urlencoded"}),
    "plain text": Wrong(CALL, 415, headers={"content-type": "text/plain"}),
    "from another site": Wrong(CALL, 403, headers={"sec_fetch_site": "cross-site"}),
    "from a neighbour": Wrong(CALL, 403, headers={"sec_fetch_site": "same-site"}),
    "of another origin": Wrong(CALL, 403, headers={"origin": "https://example.org"}),
    "of a broken origin": Wrong(CALL, 403, headers={"origin": "http://["}),
    "of no origin": Wrong(CALL, 403, headers={"origin": "null"}),
}


class TestRefusals:
    @pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED.keys())
    def test_it_is_one_sentence_and_leaves_nothing(self, here: Site, wrong: Wrong) -> None:
        before = here.counts()
        answer = post(here, wrong.path, wrong.body, **wrong.headers)
        assert answer.status_code == wrong.status
        (said,) = answer.json().values()
        assert re.fullmatch(r"[A-Za-z].*", said)
        assert traces(answer.text) == []
        assert here.counts() == before
        assert here.sessions() == 0

    def test_the_page_itself_is_believed(self, here: Site) -> None:
        own = {"origin": here.base, "sec_fetch_site": "same-origin"}
        assert post(here, "ussd", CALL, **own).status_code == 200

    @pytest.mark.parametrize("path", ["ussd", "sms", "drop", "desk"])
    def test_nothing_is_answered_to_a_link(self, here: Site, path: str) -> None:
        assert here.client.get(f"{here.base}/simulator/{path}").status_code == 405

    @pytest.mark.parametrize("kind", Kind)
    def test_its_channels_have_no_webhook(self, here: Site, kind: Kind) -> None:
        name = runtime.simulated_name("bt", kind)
        form: Fields = [("session", "S"), ("number", "+97510417263"), ("text", "")]
        for path in (f"{name}/inbound", f"{name}//inbound", f"{name}/x/inbound"):
            answer = here.client.post(f"{here.base}/hooks/{path}", data=dict(form))
            assert answer.status_code == 404


def test_every_process_knows_the_channels_while_it_is_on(here: Site) -> None:
    def known(parts: Runtime) -> set[str]:
        return {name for name in parts.delivery.channels if name.startswith("simulator.")}

    assert known(here.parts) == {*here.parts.simulated}
    assert len(here.parts.simulated) == 2 * len(PROGRAMMES)
    assert known(here.parts) & {*here.parts.channels} == set()
    assert not set(here.parts.nudges.channels.values()) & known(here.parts)
