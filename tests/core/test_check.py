"""The checker finds what a caller would meet: each fault is put into a small flow and named."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from helpline.cli.check import notices, players
from helpline.core import check as checker
from helpline.core import check_walk
from helpline.core.check import Checked, Finding, check
from helpline.core.check_walk import Graph, walk
from helpline.core.directory import Desk, Directory
from helpline.core.errors import ContentError
from helpline.core.fit import Frame
from helpline.core.flow import (
    Branch,
    Choice,
    Effect,
    End,
    Flow,
    From,
    Input,
    Menu,
    Said,
    Shortcut,
    Source,
    Typed,
    Variant,
    When,
)
from helpline.core.gazetteer import Gazetteer, Place
from helpline.core.label import Label, Name, Text, Voice
from helpline.core.play import Player
from helpline.core.programme import Concern, Language, Programme, Region
from helpline.core.script import Script
from helpline.core.session import Session
from helpline.core.text import Budget

USSD = Budget()
SCREENS: Mapping[str, Menu | End] = MappingProxyType(
    {
        "language": Menu(Said.GREETING, source=From(Source.LANGUAGES, "language", goto="home")),
        "home": Menu(
            "In danger? Call {number}.",
            (Choice("Help", goto="concern"), Choice("Nearest", goto="district")),
        ),
        "concern": Menu("What happens?", source=From(Source.CONCERNS, "concern", goto="ask")),
        "ask": Menu("Shall we call?", (Choice("Yes", goto="done", effects=(Effect.FILE_DANGER,)),)),
        "district": Menu(
            Said.DISTRICT_QUESTION,
            (Choice("Elsewhere", goto="desk"),),
            From(Source.REGIONS, "region", goto="desk"),
        ),
        "resume": Menu(
            "In danger? Call {number}.",
            (Choice("Continue", returns=True), Choice("Start again", goto="home")),
        ),
        "desk": Menu("{desk}, {place}. {line}.", (Choice("Another", goto="desk"),)),
        "done": End("Soon: {when}. Remember {code}."),
        "lost": Menu("Shall we call instead?", (Choice("Yes", goto="ask"),)),
        "bye": End("Thank you."),
    }
)
FLOW = Flow(
    name="small",
    version=1,
    first="language",
    home="home",
    resume="resume",
    lost="lost",
    lost_again="bye",
    enough="done",
    case="bye",
    shortcuts=(Shortcut("near", "2", "district", {"en": ("near",)}),),
    urgent="In danger? Call {number}.",
    screens=SCREENS,
    decoy="Weather: no news.",
    hint="Please choose a number.",
    more="More",
    back="Back",
    hide="Close",
    not_saved="Not saved. Call {number}.",
)
DIRECTORY = Directory(
    places=Gazetteer(
        {
            "XX": Place("XX", Name("Nowhere"), "country"),
            "XX-1": Place("XX-1", Name("Northtown", {"km": "ខាងជើង"}), "district", "XX"),
        }
    ),
    desks={
        "XX-D": Desk("XX-D", "xx", "desk", "Desk", "XX", serves=("XX",), verified=True),
        "XX-D1": Desk("XX-D1", "xx", "desk", "Desk", "XX-1", "XX-D", ("XX-1",), verified=True),
    },
)
PROGRAMME = Programme(
    code="xx",
    name="Nowhere",
    country="XX",
    zone=ZoneInfo("Asia/Thimphu"),
    languages=(Language("en", "English"),),
    emergency="113",
    greeting="Danger: 113",
    concerns=(Concern("home", "At home"), Concern("other", "Else")),
    booklets=(),
    regions=(Region("north", "North", ("XX-1",)),),
    district_question="Where?",
    helplines={"XX": "1098"},
    desk_kinds={"desk": "Help point"},
)


def voice(language: str = "en", said: Mapping[str, str] | None = None) -> Voice:
    words = said or {}
    return Voice(language, lambda msgid: words.get(msgid, msgid), rtl=language == "ur")


def player(
    flow: Flow = FLOW,
    *,
    programme: Programme = PROGRAMME,
    directory: Directory = DIRECTORY,
    speaks: Voice | None = None,
    budget: Budget = USSD,
    hide_key: str = "9",
) -> Player:
    speaks = speaks or voice()
    programme = replace(programme, languages=(Language(speaks.language, "English"),))
    script = Script(flow, programme, directory, hide_key)
    return Player(script, {speaks.language: Frame(speaks, budget, flow, hide_key)})


def flow_with(**screens: Menu | End) -> Flow:
    return replace(FLOW, screens={**SCREENS, **screens})


def found(what: Player, texts: Mapping[str, Label] | None = None) -> list[tuple[str, str]]:
    """(screen, sentence) of every finding."""
    return [(f.screen, f.problem) for f in check([("ussd", what)], texts or {}).findings]


def only(what: Player, screen: str) -> list[str]:
    """The sentences on one screen, when there are findings on no other."""
    findings = found(what)
    assert {name for name, _ in findings} == {screen}
    return [problem for _, problem in findings]


def test_a_sound_flow_has_no_findings() -> None:
    assert found(player()) == []


@cache
def real() -> Checked:
    from helpline import runtime

    return check(players(runtime.content(), {}), notices())


def test_the_real_content_has_no_findings() -> None:
    assert [str(finding) for finding in real().findings] == []


def test_the_real_content_was_looked_at_whole() -> None:
    counts = real().counts()
    assert (counts["programmes"], counts["languages"], counts["kinds"]) == (3, 6, 2)
    assert len(real().rows) == 16
    assert all(row.states > 300 and row.units <= row.limit for row in real().rows)
    assert all(row.pages > row.screens for row in real().rows), "hints are pages too"


@pytest.mark.parametrize("code", ["bt", "pk", "kh"])
def test_a_call_is_queued_within_five_questions(code: str) -> None:
    asked = {path.name: path.questions for path in real().paths[code]}
    assert asked == {
        "call": 5,
        "call for a child": 5,
        "danger": 5,
        "find a desk": 3,
        "no call": 8,
    }


class TestTables:
    def test_a_dangling_goto(self) -> None:
        flow = flow_with(lost=Menu("Call?", (Choice("Yes", goto="ask"), Choice("No", goto="gone"))))
        assert only(player(flow), "lost") == ["leads to a screen that is not there: 'gone'"]

    def test_a_dangling_branch_and_branches_without_an_end(self) -> None:
        flow = flow_with(
            lost=Menu(
                "Call?",
                (
                    Choice("Yes", goto=(Branch(When.QUEUED, "gone"), "ask")),
                    Choice("No", goto=(Branch(When.NO_CALL, "bye"),)),
                ),
            )
        )
        problems = only(player(flow), "lost")
        assert "leads to a screen that is not there: 'gone'" in problems
        assert "its branches do not end in a screen" in problems

    def test_a_role_without_a_screen(self) -> None:
        assert ("", "lost names no screen: 'help'") in found(player(replace(FLOW, lost="help")))
        assert ("", "first names no screen: 'x'") in found(player(replace(FLOW, first="x")))

    def test_an_unreachable_screen(self) -> None:
        flow = flow_with(secret=End("Nobody reads this."))
        assert found(player(flow)) == [("secret", "no caller can reach it")]

    def test_a_shortcut_and_a_role_that_lead_nowhere(self) -> None:
        flow = replace(FLOW, shortcuts=(Shortcut("near", "2", "gone", {}),))
        assert ("", "shortcut near leads to no screen: 'gone'") in found(player(flow))
        flow = replace(FLOW, enough="gone")
        assert ("", "leads to a screen that is not there: 'gone'") in found(player(flow))
        broken = replace(FLOW, resume="x", case="y")
        assert ("", "resume names no screen: 'x'") in found(player(broken))
        assert ("", "case names no screen: 'y'") in found(player(broken))

    def test_what_is_typed_leads_on_like_a_choice(self) -> None:
        typed = Typed(Input.WORD, "word", goto="gone")
        flow = flow_with(lost=Menu("Word?", (Choice("None", goto="ask"),), typed=typed))
        assert only(player(flow), "lost") == ["leads to a screen that is not there: 'gone'"]

    def test_a_screen_of_one_programme_only_is_reachable(self) -> None:
        other = replace(PROGRAMME, code="yy", regions=())
        flow = flow_with(
            home=Menu("Call {number}.", source=From(Source.REGIONS, "region", goto="district")),
            lost=Menu("Call?", (Choice("Yes", goto="concern"),)),
        )
        flow = replace(flow, shortcuts=())
        both = [("ussd", player(flow)), ("ussd", player(flow, programme=other))]
        unreachable = [f for f in check(both, {}).findings if "reach it" in f.problem]
        assert unreachable == []
        assert ("desk", "no caller can reach it") in found(player(flow, programme=other))

    def test_a_menu_without_a_choice(self) -> None:
        assert ("ask", "a menu without a choice") in found(player(flow_with(ask=Menu("Well?"))))

    def test_a_trap(self) -> None:
        """After a filing key 0 leads nowhere; wrong keys are a way out that nobody looks for."""
        flow = flow_with(
            ask=Menu("Call?", (Choice("Yes", goto="trap", effects=(Effect.FILE_DANGER,)),)),
            trap=Menu("Again?", (Choice("Yes", goto="trap"),)),
            lost=Menu("Call?", (Choice("Yes", goto="ask"), Choice("No", goto="done"))),
        )
        problem = "no way out: neither an end nor home can be reached from it"
        assert found(player(flow)) == [("trap", problem)]

    def test_a_variable_that_nobody_knows(self) -> None:
        flow = flow_with(bye=End("Thank you, {name}."))
        (problem,) = only(player(flow), "bye")
        assert problem == "does not fit or cannot be said: KeyError: 'name'"

    def test_a_choice_that_breaks_the_dialogue(self) -> None:
        """Forms cannot be asked before a concern: the answer would raise."""
        flow = flow_with(
            district=Menu("", source=From(Source.FORMS, "form", goto="desk")),
            lost=Menu("Call?", (Choice("Yes", goto="ask"), Choice("No", goto="desk"))),
        )
        problem = "breaks the dialogue: RuntimeError: generator raised StopIteration"
        assert ("district", problem) in found(player(flow))


class TestPlaces:
    def test_a_place_left_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Going back forgets what was answered; an engine without that finds a wrong desk."""
        script, now = real_pakistan()[0][1].script, (datetime(2026, 1, 5, 10, tzinfo=UTC),)
        assert [f for f in walk(script, now).faults if "left from" in f.problem] == []
        monkeypatch.setattr("helpline.core.engine.WITHIN", {})
        monkeypatch.setattr("helpline.core.engine._answers_of", lambda screen: set())
        problems = {(f.screen, f.problem) for f in walk(script, now).faults}
        sentence = "a place left from another region is used after going back"
        assert ("part", sentence) in problems

    def test_a_district_left_behind(self) -> None:
        """The flow asks for a district after every region; one that did not would be found."""
        script = real_pakistan()[0][1].script
        answers = {"region": "punjab", "part": "lahore", "place": "PK-BA-QUETTA"}
        left = Session("help", 3, "consent", "en", answers=answers)
        graph = Graph()
        check_walk._check_place(script, graph, left)
        sentence = "a place left from another region is used after going back"
        assert [(f.screen, f.problem) for f in graph.faults] == [("consent", sentence)]

    def test_a_place_without_a_desk(self) -> None:
        desks = {"XX-D1": replace(DIRECTORY.desks["XX-D1"], parent="")}
        problems = found(player(directory=Directory(DIRECTORY.places, desks)))
        sentence = "no verified desk answers for XX or for what it lies in"
        assert ("places", sentence) in problems
        assert ("language", "breaks the dialogue: KeyError: 'XX'") in problems

    def test_a_kind_of_desk_without_words(self) -> None:
        desks = {
            **DIRECTORY.desks,
            "XX-P": Desk("XX-P", "xx", "post", "Post", "XX-1", "XX-D", verified=True),
        }
        problems = found(player(directory=Directory(DIRECTORY.places, desks)))
        assert ("desks", "the kind of XX-P has no words for callers: 'post'") in problems
        assert ("desk", "breaks the dialogue: KeyError: 'post'") in problems

    def test_a_place_name_outside_gsm7(self) -> None:
        places = {**DIRECTORY.places, "XX-1": Place("XX-1", Name("Ńorthtown"), "district", "XX")}
        problems = found(player(directory=Directory(Gazetteer(places), DIRECTORY.desks)))
        sentence = "the name of XX-1 has a letter outside GSM-7: 'Ńorthtown'"
        assert ("places", sentence) in problems
        assert ("desk", "page 1 holds letters outside GSM-7: U+0143") in problems

    def test_a_desk_that_no_state_shows_is_measured_too(self) -> None:
        far = Place("XX-9", Name("N" * 200), "district", "XX")
        desks = {
            **DIRECTORY.desks,
            "XX-9": Desk("XX-9", "xx", "desk", "Far", "XX-9", "XX-D", verified=True),
        }
        few = found_pages(player())
        places = Gazetteer({**DIRECTORY.places, "XX-9": far})
        many = found_pages(player(directory=Directory(places, desks)))
        assert many > few


def found_pages(what: Player) -> int:
    return check([("ussd", what)], {}).counts()["pages"]


def real_pakistan() -> list[tuple[str, Player]]:
    from helpline import runtime
    from helpline.core.message import Kind

    return [("ussd", runtime.content().player("pk", Kind.USSD, USSD))]


class TestPages:
    def test_a_choice_that_does_not_fit(self) -> None:
        flow = flow_with(lost=Menu("Call?", (Choice("Yes " * 50, goto="ask"),)))
        (problem,) = only(player(flow), "lost")
        assert problem.startswith("does not fit or cannot be said: screen lost: choice 1")

    def test_a_string_that_the_catalogue_lacks(self) -> None:
        def translate(msgid: str) -> str:
            if msgid in ("Thank you.", FLOW.decoy):
                raise ContentError(f"catalogue en lacks: {msgid}")
            return msgid

        problems = found(player(speaks=Voice("en", translate)))
        assert problems == [
            ("bye", "does not fit or cannot be said: catalogue en lacks: Thank you."),
            ("decoy", f"cannot be said: catalogue en lacks: {FLOW.decoy}"),
        ]

    @pytest.mark.parametrize("digit", ["1", "5", "៣", "༣", "۳", "３"])
    def test_a_line_that_begins_with_a_digit(self, digit: str) -> None:
        said = {"Thank you.": f"Thank you.\n{digit} is the police emergency number"}
        problems = only(player(speaks=voice("km", said)), "bye")
        assert any("begins with a digit which is no key" in problem for problem in problems)

    def test_a_digit_behind_an_invisible_mark_begins_a_line_too(self) -> None:
        flow = flow_with(bye=End("\u200f15: thank you."))
        problems = only(player(flow), "bye")
        assert any("begins with a digit which is no key" in problem for problem in problems)

    def test_a_digit_that_looks_like_a_key_but_is_none(self) -> None:
        """Key 1 exists on the page, but this line is the question, not a choice."""
        flow = flow_with(lost=Menu("Call?\n2 ways there are", (Choice("Yes", goto="ask"),)))
        (problem,) = only(player(flow), "lost")
        assert "begins with a digit which is no key: '2 ways there are'" in problem

    def test_the_mark_after_the_key_belongs_to_right_to_left_lines(self) -> None:
        assert found(player(speaks=voice("ur"))) == []

    def test_the_emergency_number_is_missing(self) -> None:
        silent = replace(PROGRAMME, greeting="Hello")
        problem = "the emergency number 113 is not on its first page"
        assert found(player(programme=silent)) == [("language", problem)]
        flow = flow_with(home=replace(SCREENS["home"], prompt="Hello."))
        assert found(player(flow)) == [("home", problem)]

    def test_the_emergency_number_is_missing_where_a_shortcut_leads(self) -> None:
        """SAFETY 17: the greeting and home are passed over."""
        flow = replace(FLOW, urgent="In danger?")
        problem = "the emergency number 113 is not on its first page"
        assert found(player(flow)) == [("district", problem)]

    def test_the_emergency_number_in_other_digits_or_inside_a_longer_one(self) -> None:
        local = replace(PROGRAMME, greeting="គ្រោះថ្នាក់ ១១៣")
        assert found(player(programme=local, speaks=voice("km"))) == []
        longer = replace(PROGRAMME, greeting="Danger: 1130")
        assert only(player(programme=longer), "language")

    def test_letters_outside_gsm7(self) -> None:
        flow = flow_with(bye=End("Thank you\u2019."))
        assert only(player(flow), "bye") == ["page 1 holds letters outside GSM-7: U+2019"]
        assert found(player(flow, speaks=voice("km"))) == []

    @pytest.mark.parametrize("mark", ["\ufffd", "\ufeff"])
    def test_a_broken_character(self, mark: str) -> None:
        flow = flow_with(bye=End(f"Thank{mark} you."))
        sentence = "page 1 holds a broken character (U+FFFD or U+FEFF)"
        assert only(player(flow, speaks=voice("km")), "bye") == [sentence]

    def test_a_telling_word_on_the_last_screen(self) -> None:
        flow = flow_with(bye=End("Thank you. The police will come."))
        sentence = "tells an onlooker what this is about: 'police'"
        assert only(player(flow), "bye") == [sentence]

    def test_a_telling_word_in_the_middle_is_allowed(self) -> None:
        flow = flow_with(lost=Menu("Shall the police call?", (Choice("Yes", goto="ask"),)))
        assert found(player(flow)) == []

    def test_pages_that_lose_a_choice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spoil(monkeypatch, drop="choice:1")
        assert ("home", "choice 2 has 0 keys instead of one") in found(player())

    def test_pages_that_lose_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spoil(monkeypatch, cut=True)
        assert ("bye", "its pages put together are not its text") in found(player())

    def test_a_long_text_is_several_pages(self) -> None:
        from helpline.core.check_pages import fitted
        from helpline.core.fit import Screen

        screen = Screen("bye", Text("x" * 300), ends=True)
        frame = next(iter(player().frames.values()))
        assert len(fitted(screen, frame, plain=True).pages) == 2
        assert fitted(screen, frame, plain=True).problems == ()

    def test_an_empty_screen(self) -> None:
        assert "page 1 is empty" in only(player(flow_with(bye=End(" "))), "bye")


def spoil(monkeypatch: pytest.MonkeyPatch, *, drop: str = "", cut: bool = False) -> None:
    """Makes the pager lose a choice's key, or the last letter of a text."""
    from helpline.core import check_pages
    from helpline.core.fit import Page, Screen, fit

    def losing(screen: Screen, frame: Frame) -> tuple[Page, ...]:
        return tuple(
            replace(
                page,
                keys={key: action for key, action in page.keys.items() if action != drop},
                text=page.text[:-1] if cut and page.ends else page.text,
            )
            for page in fit(screen, frame)
        )

    monkeypatch.setattr(check_pages, "fit", losing)


class TestOtherTexts:
    def test_a_decoy_that_tells(self) -> None:
        flow = replace(FLOW, decoy="Police desk closed.")
        told = [problem.rpartition(": ")[2] for problem in only(player(flow), "decoy")]
        assert told == ["'police'", "'desk'"]

    def test_a_decoy_that_does_not_fit(self) -> None:
        flow = replace(FLOW, decoy="a" * 161)
        assert only(player(flow), "decoy") == ["does not fit: 161 units, 160 allowed"]

    def test_not_saved_names_the_live_number(self) -> None:
        flow = replace(FLOW, not_saved="Sorry.")
        sentence = "does not name the emergency number 113"
        assert only(player(flow), "not_saved") == [sentence]

    def test_a_notice_must_fit_one_segment_whatever_the_channel(self) -> None:
        texts = {"nudge": Text("New request {ref}. " + "Please check. " * 12, {"ref": "99"})}
        problems = check([("sms", player(budget=Budget(segments=3)))], texts).findings
        assert [str(problem) for problem in problems] == [
            "xx en notice: nudge: does not fit: 184 units, 160 allowed"
        ]

    def test_a_notice_that_tells_or_begins_with_a_digit(self) -> None:
        texts = {"nudge": Text("7 reports wait.")}
        assert found(player(), texts) == [
            ("nudge", "has a line that begins with a digit"),
            ("nudge", "tells an onlooker what this is about: 'report'"),
        ]

    def test_a_notice_that_the_catalogue_lacks(self) -> None:
        def translate(msgid: str) -> str:
            if msgid == "Wait":
                raise ContentError("catalogue en lacks: Wait")
            return msgid

        texts = {"nudge": Text("Wait")}
        problem = ("nudge", "cannot be said: catalogue en lacks: Wait")
        assert found(player(speaks=Voice("en", translate)), texts) == [problem]


class TestKeys:
    def test_a_hide_key_that_the_engine_does_not_take(self) -> None:
        """No phone can send nine nines as one key."""
        problems = found(player(hide_key="999"))
        assert ("home", "the hide key 999 does not hide") in problems

    def test_wrong_keys_reach_the_screen_for_the_lost(self) -> None:
        flow = flow_with(lost=Menu("Call?", (Choice("Yes", goto="safe"),)), safe=End("Good."))
        assert found(player(flow)) == []


class TestChoicesAndVariants:
    def test_every_variant_of_a_desk_screen_is_measured(self) -> None:
        """Of no desk here are the hours known, but of one they may be tomorrow."""
        desk = SCREENS["desk"]
        assert isinstance(desk, Menu)
        broken = replace(desk, variants=(Variant(When.DESK_HOURS_KNOWN, "{place} \u2019"),))
        sentence = "page 1 holds letters outside GSM-7: U+2019"
        assert only(player(flow_with(desk=broken)), "desk") == [sentence]

    def test_a_choice_that_is_not_always_offered(self) -> None:
        """Data choices come first: their number must not depend on those left out."""
        sometimes = Choice("Another", goto="gone", when=When.OTHER_DESK)
        flow = flow_with(
            district=Menu(
                "", (sometimes, Choice("On", "desk")), From(Source.REGIONS, "region", "desk")
            )
        )
        problem = "leads to a screen that is not there: 'gone'"
        assert found(player(flow)) == [("district", problem)]
        top = replace(DIRECTORY.desks["XX-D"], serves=("XX", "XX-1"))
        alone = Directory(DIRECTORY.places, {"XX-D": top})
        assert found(player(flow, directory=alone)) == [("district", problem)]


def test_the_offered_times_are_looked_at_all_day() -> None:
    """Today in the morning, tomorrow in the evening: both must fit and be the same state."""
    flow = flow_with(
        ask=Menu("When?", source=From(Source.WINDOWS, "window", "agree")),
        agree=Menu("Agreed?", (Choice("Yes", goto="done", effects=(Effect.FILE_REPORT,)),)),
    )
    said: list[str] = []

    def translate(msgid: str) -> str:
        said.append(msgid)
        return msgid

    assert found(player(flow, speaks=Voice("en", translate))) == []
    assert {"today, morning", "tomorrow, morning", "today, evening", "tomorrow, evening"} <= {*said}
    days = [moment.utcoffset() for moment in checker._moments(PROGRAMME)]
    assert days == [timedelta(hours=6)] * 4


def test_too_many_questions_until_a_call_is_queued() -> None:
    steps = {
        f"step{n}": Menu("Well?", (Choice("Yes", f"step{n + 1}"), Choice("No", "bye")))
        for n in range(4)
    }
    flow = flow_with(
        home=Menu("Call {number}.", (Choice("Help", "step0"), Choice("Nearest", "district"))),
        **steps,
        ask=Menu(
            "Shall we call?",
            (Choice("Yes", "done", {"danger": "yes"}, (Effect.FILE_DANGER,)),),
        ),
        step4=Menu("Sort?", source=From(Source.CONCERNS, "concern", goto="ask")),
        concern=SCREENS["bye"],
        lost=Menu("Call?", (Choice("Yes", goto="concern"),)),
    )
    assert ("", "6 questions until something is queued: danger") in found(player(flow))


def test_the_same_finding_is_told_once() -> None:
    findings = check([("ussd", player(flow_with(bye=End("\ufffd"))))] * 2, {}).findings
    assert len(findings) == len(set(findings))
    assert isinstance(findings[0], Finding)


def test_a_finding_says_where_it_is() -> None:
    assert str(Finding("bt", "dz", "ussd", "home", "is empty")) == "bt dz ussd: home: is empty"
    assert str(Finding("bt", "", "", "", "no first screen")) == "bt: flow: no first screen"
