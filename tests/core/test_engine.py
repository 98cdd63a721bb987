"""The state machine: every answer leads on, nothing is filed unasked, and no input can break it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.core.effects import FileReport, FindCase, TellReport
from helpline.core.engine import (
    advance,
    current,
    jump_to,
    resumable,
    resume,
    start,
)
from helpline.core.flow import End
from helpline.core.label import Text
from helpline.core.message import Kind
from helpline.core.neutral import telling
from helpline.core.predicates import CASE_STATES, WAITING
from helpline.core.report import Priority
from helpline.core.session import Session
from helpline.core.text import Budget
from helpline.core.typed import dialled
from tests.core.callers import (
    ASKED,
    CLOCK,
    CODE,
    CODES,
    CONTENT,
    FILED,
    IN_EACH_PROGRAMME,
    IN_EVERY_LANGUAGE,
    PLACED,
    SPOKEN,
    all_screens,
    begin,
    filed,
    follow,
    go,
    offered,
    one_of_each_screen,
    player_of,
    pressed,
    reachable,
    screens_of,
    settle,
    text_in,
    told,
)

KEYS = st.sampled_from([*"0123456789", "00", "8", "8", "1", "2", "*", "x", "99"])
ELSEWHERE = {Kind.USSD: {"story"}, Kind.SMS: {"text_sure", "texted"}}  # of the other kind


@pytest.mark.parametrize("kind", Kind)
@IN_EACH_PROGRAMME
def test_every_screen_of_the_flow_can_be_reached(code: str, language: str, kind: Kind) -> None:
    reached = {session.screen for session in reachable(code, language, kind)}
    missing = {"pk": set(), "bt": {"part"}, "kh": {"part", "area"}}[code]
    assert reached == CONTENT.flow.screens.keys() - missing - ELSEWHERE[kind]


# Pure


@settings(deadline=None)
@given(st.sampled_from([*all_screens()]), KEYS | st.text())
def test_the_same_input_always_makes_the_same_turn(where: tuple[str, Session], typed: str) -> None:
    code, session = where
    script, stored = player_of(code).script, session.to_json()
    once = advance(script, session, typed, CLOCK)
    again = advance(script, Session.from_json(stored), typed, CLOCK)
    assert once == again
    assert session.to_json() == stored


@settings(deadline=None)
@given(st.sampled_from([*all_screens()]), st.text())
def test_no_text_on_any_screen_raises_or_goes_unanswered(
    where: tuple[str, Session], typed: str
) -> None:
    code, session = where
    seen = follow(player_of(code), session, typed)
    assert seen.page.text
    assert seen.page.keys or seen.page.ends


@settings(deadline=None)
@given(st.sampled_from(SPOKEN), st.sampled_from(Kind), st.lists(KEYS, max_size=30))
def test_no_walk_raises_and_each_filing_counts_once(
    spoken: tuple[str, str], kind: Kind, typed: list[str]
) -> None:
    code, language = spoken
    player = player_of(code, kind)
    session, _ = begin(player, language)
    for key in typed:
        before = session.filings
        seen = follow(player, session, key)
        reports = [effect for effect in seen.turn.effects if isinstance(effect, FileReport)]
        assert len(reports) <= 1
        assert seen.session.filings == before + len(reports)
        if reports:
            assert seen.session.trail == ()
        session = Session.from_json(seen.session.to_json())


# The order of the questions

CHILD = ("Get help", "A child", "No", "Continue")
DANGER = ("Get help", "Me", "Yes", "Yes")
TRAFFICKED = ("Forced work or trafficking", "Work for a debt")
AGREED = ("Anyone", "Yes", "No word")
WAITS = ("A woman", "Wait for a woman")


@pytest.mark.parametrize(
    ("code", "ways", "screens"),
    [
        pytest.param(
            "bt",
            (*PLACED, *WAITS, "Yes", "No word"),
            "about danger window concern region district caller woman consent word done",
            id="woman",
        ),
        pytest.param(
            "bt",
            (*PLACED, *AGREED),
            "about danger window concern region district caller consent word done",
            id="a call for herself: the safe time comes before the story",
        ),
        pytest.param(
            "bt",
            (*CHILD, "evening", *PLACED[4:], *AGREED),
            "about danger child_notice window concern region district caller consent word done",
            id="a child: the limit of secrecy before anything is told (SAFETY 12)",
        ),
        pytest.param(
            "bt",
            (*FILED, *TRAFFICKED, "West", "Paro", *AGREED),
            "about danger window concern form region district caller consent word done",
            id="a concern that has forms",
        ),
        pytest.param(
            "pk",
            (*FILED, "home", "Quetta", "Airport", *AGREED),
            "about danger window concern region area caller consent word done",
            id="a city of the service: one key for region and district",
        ),
        pytest.param(
            "pk",
            (*FILED, "home", "Balochistan", "Zhob", "Sherani", *AGREED),
            "about danger window concern region part district caller consent word done",
            id="a province by its parts",
        ),
        pytest.param(
            "bt",
            (*FILED, "home", "type Gakiling", "BT.HA.GA", *AGREED),
            "about danger window concern region which caller consent word done",
            id="a name of two places is asked about",
        ),
        pytest.param(
            "bt",
            (*FILED, "home", "type Phnom Penh", "Continue", *AGREED),
            "about danger window concern region abroad caller consent word done",
            id="help is needed in another country",
        ),
        pytest.param(
            "bt",
            (*ASKED, "Do not call me", *PLACED[4:], "Yes", "No word"),
            "about danger window concern region district consent word done_no_call",
            id="no call: nobody asks who should call (SAFETY 1)",
        ),
        pytest.param(
            "bt",
            (*DANGER, "West", "Paro"),
            "about danger danger_call region district danger_done",
            id="danger: after the call is queued only the place is asked (SAFETY 17)",
        ),
        pytest.param(
            "bt",
            ("Get help", "Me", "Yes", "No", "Continue", "evening"),
            "about danger danger_call danger_no_call window concern",
            id="danger without leave to call",
        ),
        pytest.param(
            "bt",
            ("Get help", "A child", "Yes", "No", "Continue", "Continue"),
            "about danger danger_call danger_no_call child_notice window",
            id="danger to a child without leave to call",
        ),
        pytest.param(
            "kh",
            (*FILED, "home", "type Takeo", *AGREED),
            "about danger window concern region caller consent word done",
            id="a typed place needs no district",
        ),
    ],
)
def test_the_questions_come_in_this_order(code: str, ways: tuple[str, ...], screens: str) -> None:
    assert screens_of(player_of(code), *ways) == ["home", *screens.split()]


@pytest.mark.parametrize(
    ("agreed", "screen"),
    [(("Yes", "No word"), "story"), (("No", "No word"), "done"), (("Yes", "type abc"), "story")],
)
def test_a_story_is_asked_only_by_sms_and_only_once_sharing_is_agreed(
    agreed: tuple[str, ...], screen: str
) -> None:
    """SAFETY 11."""
    assert go(player_of("bt", Kind.SMS), *PLACED, "Anyone", *agreed).screen == screen
    assert go(player_of("bt", Kind.USSD), *PLACED, "Anyone", *agreed).screen == "done"


# Wrong keys


@IN_EVERY_LANGUAGE
def test_a_wrong_key_gets_a_hint_twice_and_then_a_gentle_way_out(code: str, language: str) -> None:
    player = player_of(code)
    home, _ = begin(player, language)
    hint = player.frame(home).voice.say(Text(CONTENT.flow.hint))
    about = follow(player, home, "1")
    first = follow(player, about.session, "7")
    assert (first.screen, first.session.wrong, first.turn.wrong) == ("about", 1, True)
    assert first.page.text.startswith(hint)
    assert first.page.keys["1"] == about.page.keys["1"]
    second = follow(player, first.session, "7")
    assert (second.screen, second.session.wrong, second.turn.wrong) == ("about", 2, True)
    third = follow(player, second.session, "7")
    assert third.screen == CONTENT.flow.lost
    assert (third.session.wrong, third.session.hint) == (0, False)
    assert hint not in third.page.text


@IN_EVERY_LANGUAGE
def test_a_wrong_key_never_hides_the_emergency_number(code: str, language: str) -> None:
    """SAFETY 17: at home, and on a shortcut's screen that shows it before the question."""
    player = player_of(code)
    home, page = begin(player, language)
    assert follow(player, home, "7").page.text == page.text
    known = dialled(player.script, "1")
    assert known is not None
    about = settle(player, jump_to(player.script, home, known, language, "", CLOCK))
    assert follow(player, about.session, "7").page.text == about.page.text


@pytest.mark.parametrize("screen", ["my_case", "my_word"])
def test_where_words_are_asked_for_no_hint_says_to_choose_a_number(screen: str) -> None:
    player = player_of("bt")
    ways = ("My request",) if screen == "my_case" else ("My request", f"type {CODE}")
    asked = go(player, *ways)
    seen = follow(player, asked.session, "77")
    assert (seen.screen, seen.turn.wrong, seen.page.text) == (screen, True, asked.page.text)


def test_a_right_key_forgets_the_wrong_ones() -> None:
    player = player_of("bt")
    session = pressed(player, begin(player, "en")[0], "x", 2).session
    about = follow(player, session, "1").session
    assert (about.screen, about.wrong, about.hint) == ("about", 0, False)


def test_key_0_leads_back_from_the_way_out_to_where_the_caller_was_lost() -> None:
    player = player_of("bt")
    lost = pressed(player, go(player, "Get help").session, "x", 3)
    assert lost.screen == "lost"
    assert follow(player, lost.session, "0").screen == "about"


def test_three_wrong_keys_at_the_way_out_end_kindly() -> None:
    player = player_of("bt")
    seen = pressed(player, begin(player, "en")[0], "x", 6)
    assert (seen.screen, seen.page.ends) == (CONTENT.flow.lost_again, True)


@pytest.mark.parametrize(
    ("ways", "screen"),
    [
        (FILED, "done"),
        ((*PLACED, "Anyone"), "done"),
        (DANGER, "danger_done"),
        ((*ASKED, "Do not call me", *PLACED[4:], "Yes"), "done_no_call"),
    ],
)
def test_who_is_lost_after_filing_is_told_what_is_queued_and_not_asked_again(
    ways: tuple[str, ...], screen: str
) -> None:
    """A second offer of a call would say that the first one is not believed."""
    player = player_of("bt")
    seen = pressed(player, go(player, *ways).session, "x", 3)
    assert (seen.screen, seen.turn.effects, seen.page.ends) == (screen, (), True)
    assert CODE in seen.page.text


def test_lost_callers_can_be_rung_without_having_told_anything() -> None:
    player = player_of("kh")
    lost = pressed(player, begin(player, "en")[0], "x", 3).session
    report = filed(go(player, "Yes", "now", session=lost))
    assert (report.place, report.desk, report.about) == ("KH", "KH-CPU", "")
    assert report.priority is Priority.HIGH


@pytest.mark.parametrize(
    ("ways", "kept"),
    [
        (("Get help", "A child"), {"about": "child"}),
        (("Get help", "Me", "Yes", "No", "Continue"), {"about": "me"}),  # not danger=no_call
        (("Find nearest desk", "West", "Paro"), {}),  # not the place of a desk looked up
        (("My request", f"type {CODE}"), {}),
    ],
)
def test_the_lost_are_asked_anew_and_keep_only_whom_it_is_about(
    ways: tuple[str, ...], kept: dict[str, str]
) -> None:
    """SAFETY 1: an answer from before agrees to nothing."""
    player = player_of("bt")
    lost = pressed(player, go(player, *ways).session, "x", 3).session
    asked = go(player, "Yes", session=lost).session
    assert (asked.screen, asked.answers) == ("window", kept)


def test_the_lost_keep_what_they_wrote_in_their_own_words() -> None:
    player = player_of("bt", Kind.SMS)
    lost = pressed(player, go(player, "Get help").session, "please listen to me", 3).session
    asked = go(player, "Yes", session=lost).session
    assert asked.answers == {"said": "\n".join(["please listen to me"] * 3)}


@pytest.mark.parametrize("code", CODES)
def test_before_a_language_is_chosen_the_languages_are_asked_again_for_ever(code: str) -> None:
    player = player_of(code)
    session, page = begin(player)
    for _ in range(7):
        seen = follow(player, session, "x")
        assert seen.screen == CONTENT.flow.first
        assert {"choice:0", "choice:1"} <= set(seen.page.keys.values())
        assert set(page.text.splitlines()[1:4]) <= set(seen.page.text.splitlines())
        session = seen.session


# Keys that work everywhere


@pytest.mark.parametrize(("kind", "hide"), [(Kind.USSD, "9"), (Kind.SMS, "99")])
@IN_EVERY_LANGUAGE
def test_the_hide_key_works_on_every_screen(
    code: str, language: str, kind: Kind, hide: str
) -> None:
    """SAFETY 13."""
    player = player_of(code, kind)
    for session in one_of_each_screen(code, language, kind):
        turn = advance(player.script, session, hide, CLOCK)
        assert turn.hidden
        assert turn.effects == ()


@IN_EVERY_LANGUAGE
def test_the_hide_keys_text_is_harmless_and_one_page(code: str, language: str) -> None:
    player = player_of(code)
    session, _ = begin(player, language)
    decoy = player.decoy(session)
    assert Budget().fits(decoy)
    assert telling(decoy, language) == []


@IN_EACH_PROGRAMME
def test_00_starts_again_at_home_from_every_screen(code: str, language: str) -> None:
    player = player_of(code)
    for session in reachable(code, language):
        after = follow(player, session, "00")
        if session.language:
            fresh = replace(start(player.script, session.language), filings=session.filings)
            assert after.turn.session == fresh
        assert after.turn.effects == ()


@IN_EACH_PROGRAMME
def test_0_leads_back_where_it_is_offered_and_adds_no_answer(code: str, language: str) -> None:
    player = player_of(code)
    for session in reachable(code, language):
        if session.keys.get("0") == "back":
            after = follow(player, session, "0").turn.session
            assert (*after.trail, after.screen) == session.trail
            assert after.answers.items() <= session.answers.items()
            assert (after.page, after.wrong, after.hint) == (0, 0, False)


def test_0_takes_the_answer_of_the_screen_that_it_leads_to() -> None:
    """An answer that is being changed agrees to nothing (SAFETY 1)."""
    player = player_of("bt")
    there = go(player, *PLACED, "A woman").session
    assert there.answers["caller"] == "woman"
    caller = follow(player, there, "0").session
    assert (caller.screen, "caller" in caller.answers) == ("caller", False)
    district = follow(player, caller, "0").session
    assert (district.screen, "place" in district.answers) == ("district", False)


def test_a_screen_reached_again_stands_once_in_the_way_back() -> None:
    player = player_of("bt")
    topics = go(player, "Know your rights", "Forced work", "Another topic")
    assert (topics.screen, topics.session.trail) == ("rights", ("home",))
    assert follow(player, topics.session, "0").screen == "home"


def test_another_desk_is_the_same_screen_and_key_0_leads_down_the_ladder_again() -> None:
    player = player_of("bt")
    first = go(player, "Find nearest desk", "West", "Paro")
    above = go(player, "Another desk", session=first.session)
    assert above.page.text != first.page.text
    assert follow(player, above.session, "0").page.text == first.page.text


def test_home_is_never_behind_itself() -> None:
    player = player_of("bt")
    home = go(player, "Language", "en")
    assert (home.screen, home.session.trail) == ("home", ())
    assert "0" not in home.page.keys


@pytest.mark.parametrize(
    ("ways", "asking"),
    [
        (("Find nearest desk", "West", "Paro", "Send me this by SMS"), "text_sure"),
        (("My request", f"type {CODE}", "No word", "Erase my information"), "case_sure"),
    ],
)
def test_a_no_to_are_you_sure_leads_back_without_unanswering(
    ways: tuple[str, ...], asking: str
) -> None:
    player = player_of("bt")
    before = go(player, *ways[:-1])
    asked = go(player, ways[-1], session=before.session)
    assert asked.screen == asking
    after = go(player, "No", session=asked.session)
    assert after.page == before.page
    assert after.session == before.session
    assert after.turn.effects == ()


@pytest.mark.parametrize("typed", ["1", " 1 ", "1.", "1)", "1#", "༡", "۱", "١", "១", "１"])
@pytest.mark.parametrize(("code", "language"), SPOKEN)
def test_digits_of_every_script_are_taken(code: str, language: str, typed: str) -> None:
    player = player_of(code)
    session, _ = begin(player, language)
    assert follow(player, session, typed).screen == "about"


# Names instead of keys


@pytest.mark.parametrize(
    ("code", "region", "typed", "district"),
    [
        ("bt", "West", "Paro", "BT-11"),
        ("bt", "West", "  pARO ", "BT-11"),
        ("bt", "West", "སྤ་རོ", "BT-11"),
        ("bt", "West", "Rinpung", "BT-11"),
        ("bt", "West", "Thimbu", "BT-15"),
        ("bt", "West", "Punakha", "BT-23"),  # of another region than the one chosen
        ("bt", "West", "Punaka", "BT-23"),
        ("pk", "Balochistan", "کوئٹہ", "PK-BA-QUETTA"),
        ("pk", "Balochistan", "turbat", "PK-BA-KECH"),
        ("pk", "Punjab", "rajan pur", "PK-PB-RAJANPUR"),
        ("kh", "Tonle Sap lake", "បាត់ដំបង", "KH-2"),
        ("kh", "Tonle Sap lake", "battambong", "KH-2"),
        ("kh", "Phnom Penh and plains", "Takeo", "KH-21"),
    ],
)
def test_a_typed_place_name_picks_the_place(
    code: str, region: str, typed: str, district: str
) -> None:
    player = player_of(code)
    at = go(player, "Find nearest desk").session
    for session in (at, go(player, region, session=at).session):
        answers = follow(player, session, typed).session.answers
        assert {"place": district} == {k: v for k, v in answers.items() if k != "task"}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("code", "language", "word", "screen"),
    [
        ("bt", "en", "case", "my_case"),  # near Gasa and Kazhi
        ("bt", "dz_Latn", "thobwang", "rights"),  # near Toewang
        ("pk", "en", "report", "about"),  # near Airport
        ("pk", "ur_Latn", "madad", "about"),  # near Dadhar
        ("kh", "km", "ជំនួយ", "about"),  # near Chumnik
    ],
)
def test_a_keyword_is_no_misspelt_place(
    code: str, language: str, word: str, screen: str, kind: Kind
) -> None:
    player = player_of(code, kind)
    at = go(player, "Find nearest desk", language=language).session
    assert follow(player, at, word).screen == screen


def test_a_story_that_names_a_place_is_heard_and_the_place_asked_about() -> None:
    """Nothing that a person tells us is lost."""
    player = player_of("bt", Kind.SMS)
    story = "my husband beats me in the house near punakha bridge"
    seen = go(player, *FILED, "home", f"type {story}")
    assert (seen.screen, seen.session.answers["said"]) == ("which", story)
    assert seen.session.answers["candidates"] == "BT-23"
    place = go(player, *FILED, "home", "type Samdrup Jongkhar")
    assert "said" not in place.session.answers


def test_a_typed_language_picks_the_language() -> None:
    player = player_of("bt")
    session, _ = begin(player)
    assert follow(player, session, "english").session.language == "en"


@pytest.mark.parametrize("typed", ["", " ", "qqqqqq", "1 2", "12", "*", "\x00"])
def test_an_unknown_name_is_a_wrong_key(typed: str) -> None:
    player = player_of("bt")
    at = go(player, "Find nearest desk", "West").session
    seen = follow(player, at, typed)
    assert seen.turn.wrong
    assert seen.screen == "district"


# What is filed


@pytest.mark.parametrize("kind", Kind)
@IN_EACH_PROGRAMME
def test_a_call_is_queued_only_by_a_safe_time_or_by_leave_to_call_at_once(
    code: str, language: str, kind: Kind
) -> None:
    """SAFETY 1 and 2: who asked for no call is only written down, and only with consent."""
    player = player_of(code, kind)
    for session in reachable(code, language, kind):
        for key in session.keys:
            effects = follow(player, session, key).turn.effects
            for report in (e.report for e in effects if isinstance(e, FileReport)):
                assert session.code == "", "nothing is filed twice"
                if report.windows:
                    assert session.screen in {"window", "danger_call"}
                else:
                    assert (session.screen, report.consented) == ("consent", True)


@pytest.mark.parametrize(
    ("window", "starts"),
    [
        ("now", CLOCK),
        ("morning", datetime(2026, 3, 10, 2, tzinfo=UTC)),
        ("afternoon", datetime(2026, 3, 10, 6, tzinfo=UTC)),
        ("evening", datetime(2026, 3, 10, 11, tzinfo=UTC)),
    ],
)
def test_a_safe_time_queues_the_call_before_the_story_is_asked(
    window: str, starts: datetime
) -> None:
    """A line that drops from here on loses nothing: nobody has to ask again."""
    seen = go(player_of("bt"), *ASKED, window)
    report = filed(seen)
    (agreed,) = report.windows
    assert agreed.start == starts
    assert (report.about, report.concern, report.place) == ("me", "", "BT")
    assert (report.consented, report.priority) == (False, Priority.HIGH)
    assert (seen.screen, seen.session.code, seen.session.filings) == ("concern", CODE, 1)
    assert seen.page.text.startswith("We will call you.")


def test_do_not_call_me_files_nothing_until_sharing_is_agreed() -> None:
    """SAFETY 1."""
    player = player_of("bt")
    seen = go(player, *ASKED, "Do not call me")
    for way in ("", *PLACED[4:]):
        seen = go(player, *filter(None, [way]), session=seen.session)
        assert (seen.turn.effects, seen.session.code, seen.session.filings) == ((), "", 0)
    agreed = go(player, "Yes", session=seen.session)
    report = filed(agreed)
    assert (report.windows, report.consented, report.concern) == ((), True, "home")
    done = go(player, "No word", session=agreed.session)
    assert done.screen == "done_no_call"
    assert CODE in done.page.text


def test_do_not_call_me_and_no_consent_leave_nothing_behind() -> None:
    seen = go(player_of("bt"), *ASKED, "Do not call me", *PLACED[4:], "No")
    assert seen.turn.effects == ()
    assert (seen.screen, seen.session.filings, seen.session.code) == ("not_sent", 0, "")


@pytest.mark.parametrize(
    ("ways", "known"),
    [
        ((), {"concern": "home", "place": "BT", "desk": "BT-WCPU-THIMPHU"}),
        (("West", "Paro"), {"place": "BT-11", "desk": "BT-WCPD-11"}),
        (("type Punakha",), {"place": "BT-23", "desk": "BT-WCPD-23"}),
        (("West", "Paro", "Not my local desk"), {"place": "BT-11", "desk": "BT-WCPU-PARO"}),
        (("West", "Paro", "A woman"), {"woman": True, "if_nobody": ""}),
        (("West", "Paro", *WAITS), {"woman": True, "if_nobody": "wait"}),
        (("West", "Paro", "A woman", "A woman elsewhere"), {"if_nobody": "next"}),
        (("West", "Paro", *WAITS, "Yes"), {"woman": True, "consented": True}),
        (("West", "Paro", *WAITS, "type 0", "type 0", "Anyone"), {"woman": False, "if_nobody": ""}),
        (("West", "Paro", "Anyone", "No"), {"woman": False, "consented": False}),
        (("West", "Paro", "Anyone", "Yes", "type Blue  Bird"), {"code_word": "blue bird"}),
    ],
)
def test_each_later_answer_is_told_of_the_report_that_was_filed(
    ways: tuple[str, ...], known: dict[str, object]
) -> None:
    seen = go(player_of("bt"), *FILED, "home", *ways)
    effect = told(seen)
    assert (effect.code, effect.filed_at) == (CODE, CLOCK.isoformat())
    assert {name: getattr(effect.report, name) for name in known} == known
    assert effect.report.windows, "the safe time is told with every answer"
    assert seen.session.filings == 1


@pytest.mark.parametrize(
    ("concern", "priority"),
    [
        (concern.value, Priority.HIGH if concern.urgent else Priority.NORMAL)
        for concern in CONTENT.programmes["bt"].concerns
    ],
)
def test_the_concern_decides_between_high_and_normal(concern: str, priority: Priority) -> None:
    assert told(go(player_of("bt"), *FILED, concern)).report.priority is priority


def test_a_danger_that_nobody_may_be_rung_about_stays_high() -> None:
    ways = ("Get help", "Me", "Yes", "No", "Continue", "evening", "unsaid")
    assert told(go(player_of("bt"), *ways)).report.priority is Priority.HIGH


def test_the_confirmation_names_the_code_and_the_agreed_time() -> None:
    seen = go(player_of("bt"), *PLACED, *WAITS, "Yes", "No word")
    assert (seen.screen, told(seen).report.finished, seen.page.ends) == ("done", True, True)
    assert CODE in seen.page.text
    assert "today, evening" in seen.page.text


def test_a_no_to_sharing_keeps_the_call_and_says_who_may_know() -> None:
    """SAFETY 11: the call was agreed; who else is told is another question."""
    player = player_of("bt")
    asked = go(player, *PLACED, "Anyone")
    assert "May the desk tell others" in asked.page.text
    refused = go(player, "No", session=asked.session)
    assert (refused.screen, told(refused).report.consented) == ("word", False)
    assert go(player, "No word", session=refused.session).screen == "done"


def test_not_my_local_desk_moves_the_call_up_and_is_asked_once() -> None:
    """SAFETY 14: she is never told which other desk it is, nor who can read it."""
    player = player_of("bt")
    asked = go(player, *PLACED)
    assert "Not my local desk" in offered(player, asked.session)
    moved = go(player, "Not my local desk", session=asked.session)
    assert told(moved).report.desk == "BT-WCPU-THIMPHU"
    assert (moved.screen, offered(player, moved.session)) == ("caller", ["A woman", "Anyone"])
    assert moved.page.text.startswith("Another desk will call.")
    assert "Unit" not in moved.page.text
    done = go(player, "Anyone", session=moved.session)
    assert go(player, "Yes", session=done.session).turn.effects[0] == replace(
        told(moved), report=replace(told(moved).report, consented=True)
    )


def test_where_no_desk_stands_above_none_is_offered() -> None:
    player = player_of("kh")
    asked = go(player, *FILED, "home", "type Phnom Penh")
    ladder = [*player.script.directory.ladder(told(asked).report.desk)]
    assert ("Not my local desk" in offered(player, asked.session)) is (len(ladder) > 1)
    top = go(player_of("pk"), *FILED, "home", "Punjab", "Lahore")
    assert "Not my local desk" not in offered(player_of("pk"), top.session)


def test_finding_a_desk_files_nothing() -> None:
    """SAFETY 10."""
    seen = go(player_of("bt"), "Find nearest desk", "West", "Paro", "Another desk")
    assert (seen.screen, seen.turn.effects, seen.session.filings) == ("desk", (), 0)


def test_a_call_asked_for_at_a_desk_is_for_that_desk_until_another_place_is_told() -> None:
    player = player_of("bt")
    asked = go(player, "Find nearest desk", "West", "Paro", "Ask for a call")
    assert asked.screen == "about"
    assert filed(go(player, "Me", "No", "now", session=asked.session)).desk == "BT-WCPD-11"
    ways = ("Me", "No", "now", "home", "type Punakha")
    moved = go(player, *ways, session=asked.session)
    assert (moved.screen, told(moved).report.desk) == ("caller", "BT-WCPD-23")


def test_danger_is_filed_at_once_and_placed_afterwards() -> None:
    """SAFETY 17."""
    player = player_of("pk")
    called = go(player, "Get help", "A child", "Yes", "Yes")
    report = filed(called)
    assert (report.priority, report.place, report.desk) == (Priority.DANGER, "PK", "PK-WPS-QUETTA")
    assert report.windows[0].contains(CLOCK)
    assert (called.screen, called.session.filings) == ("region", 1)
    assert called.page.text.startswith("We will call you soon.")

    city = go(player, "Quetta", session=called.session)
    assert told(city).report.place == "PK-BA-QUETTA"

    area = go(player, "Airport", session=city.session)
    placed = told(area).report
    assert (placed.desk, placed.priority) == ("PK-GFD-QTA-AIRPORT", Priority.DANGER)
    assert (area.screen, area.session.filings) == ("danger_done", 1)


def test_danger_without_leave_to_call_files_nothing_and_goes_on() -> None:
    """SAFETY 1: no answer means no call."""
    seen = go(player_of("bt"), "Get help", "Me", "Yes", "No")
    assert (seen.screen, seen.turn.effects) == ("danger_no_call", ())
    assert "113" in seen.page.text


@pytest.mark.parametrize(("code", "language"), SPOKEN)
def test_the_emergency_number_is_on_the_first_screens_before_any_question(
    code: str, language: str
) -> None:
    """SAFETY 17."""
    player = player_of(code)
    number = player.script.programme.emergency
    assert number in begin(player)[1].text
    assert number in begin(player, language)[1].text


@pytest.mark.parametrize("ways", [FILED, DANGER])
def test_key_0_does_not_lead_behind_what_was_filed(ways: tuple[str, ...]) -> None:
    seen = go(player_of("bt"), *ways)
    assert seen.session.trail == ()
    assert "0" not in seen.page.keys


def test_00_after_a_filing_begins_a_new_report_that_counts_on() -> None:
    """SAFETY 15: what is asked next may be about somebody else."""
    player = player_of("bt")
    danger = go(player, *DANGER).session
    home = follow(player, danger, "00").session
    assert (home.screen, home.filings, home.code, home.answers) == ("home", 1, "", {})
    again = go(player, *FILED, session=home)
    assert (filed(again).priority, again.session.filings) == (Priority.HIGH, 2)


def test_an_area_is_forgotten_when_another_district_is_chosen() -> None:
    """The report must not go to a city desk when the caller went back and chose another town."""
    player = player_of("pk")
    session = go(player, *FILED, "home", "Quetta", "Airport").session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert session.screen == "region"
    report = told(go(player, "Balochistan", "Kech", "Gwadar", session=session)).report
    assert (report.place, report.desk) == ("PK-BA-GWADAR", "PK-WPS-GWADAR")


def test_a_typed_place_replaces_all_of_the_old_one() -> None:
    player = player_of("pk")
    session = go(player, *FILED, "home", "Quetta").session
    assert session.screen == "area"
    answers = go(player, "type Rajanpur", session=session).session.answers
    assert answers["place"] == "PK-PB-RAJANPUR"
    assert not {"region", "part", "areas"} & answers.keys()


def test_a_form_is_forgotten_when_another_concern_is_chosen() -> None:
    player = player_of("bt")
    session = go(player, *FILED, *TRAFFICKED).session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert session.screen == "concern"
    report = told(go(player, "home", session=session)).report
    assert (report.concern, report.form) == ("home", "")


def test_the_desk_of_the_first_look_up_is_not_shown_for_the_second() -> None:
    player = player_of("pk")
    session = go(player, "Find nearest desk", "Quetta", "Airport").session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert "Gwadar" in go(player, "Balochistan", "Kech", "Gwadar", session=session).page.text


# My request

MINE = ("My request", f"type {CODE}")
FOUND = [  # what the record answers, what she reads, and what she may do
    ("waiting", "We have your request. We will call you.", "open"),
    ("working", "We are working on your request.", "open"),
    ("held", "We have your request. We will not call you.", "open"),
    ("ended", "Work on your request has ended.", "ended"),
    ("", "We did not find this number and word.", "unknown"),
]
CHOICES = {
    "open": ["Change the time", "Do not call me", "Erase my information", "Get help"],
    "ended": ["Erase my information", "Get help"],
    "unknown": ["Type it again", "Get help"],
}


def test_every_answer_of_the_record_is_specified() -> None:
    assert {found for found, _, _ in FOUND} == {"", *CASE_STATES}


@pytest.mark.parametrize(("found", "said", "choices"), FOUND)
def test_a_request_is_shown_in_neutral_words(found: str, said: str, choices: str) -> None:
    """SAFETY 5."""
    player = player_of("bt")
    seen = go(player, *MINE, "No word", found=found)
    assert seen.page.text.startswith(f"{said}\n")
    assert offered(player, seen.session) == CHOICES[choices]
    assert telling(seen.page.text, "en") == []


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("No word", ""),
        ("type Blue Bird", "blue bird"),
        ("type 4711", "4711"),
        ("type ༤༧༡༡", "4711"),
    ],
)
def test_a_request_is_looked_up_by_its_number_and_word(given: str, word: str) -> None:
    """SAFETY 6: what was typed is carried to the record, which alone decides."""
    seen = go(player_of("bt"), *MINE, given)
    assert seen.turn.effects == (FindCase("bt", CODE, word),)
    assert (seen.screen, seen.session.filings) == ("case", 0)


def test_a_mistyped_request_number_is_asked_for_again() -> None:
    seen = go(player_of("bt"), "My request", "type 4821-7738")
    assert (seen.screen, seen.turn.wrong, seen.turn.effects) == ("my_case", True, ())


@pytest.mark.parametrize(
    ("ways", "screen", "says"),
    [
        (("Change the time", "evening"), "case_changed", "today, evening"),
        (("Change the time", "now"), "case_changed", "soon"),
        (("Change the time", "Do not call me"), "case_stopped", "will not call"),
        (("Do not call me",), "case_stopped", "will not call"),
        (("Erase my information", "Yes"), "case_erased", "erased"),
    ],
)
def test_a_change_to_a_request_ends_the_dialogue(
    ways: tuple[str, ...], screen: str, says: str
) -> None:
    """SAFETY 11: withdrawing takes one key. Key 0 never leads back behind a change."""
    seen = go(player_of("bt"), *MINE, "No word", *ways, found=WAITING)
    assert (seen.screen, seen.page.ends, seen.session.trail) == (screen, True, ())
    assert len(seen.turn.effects) == seen.session.filings == 1
    assert says in seen.page.text
    assert telling(seen.page.text, "en") == []


# Shortcuts


DIALS = [("1", "about"), ("2", "region"), ("3", "rights"), ("4", "my_case")]


@pytest.mark.parametrize(("dial", "screen"), DIALS)
@IN_EVERY_LANGUAGE
def test_a_dialled_shortcut_shows_the_emergency_number_before_its_question(
    code: str, language: str, dial: str, screen: str
) -> None:
    """SAFETY 17: home, which shows it, was passed over."""
    player = player_of(code)
    known = dialled(player.script, dial)
    assert known is not None
    seen = settle(player, jump_to(player.script, player.begin(language), known, "", "", CLOCK))
    assert (seen.screen, seen.session.urgent) == (screen, True)
    urgent = Text(CONTENT.flow.urgent, {"number": player.script.programme.emergency})
    assert seen.page.text.startswith(player.frame(seen.session).voice.say(urgent))
    assert follow(player, seen.session, "0").screen == "home"


@pytest.mark.parametrize(("dial", "screen"), DIALS)
def test_a_shortcut_without_a_known_language_asks_for_it_and_leads_straight_on(
    dial: str, screen: str
) -> None:
    player = player_of("bt")
    known = dialled(player.script, dial)
    assert known is not None
    asked = settle(player, jump_to(player.script, player.begin(), known, "", "", CLOCK))
    assert asked.screen == "language"
    assert "113" in asked.page.text
    there = go(player, "en", session=asked.session)
    # The greeting showed the number just now.
    assert (there.screen, there.session.urgent) == (screen, False)
    assert there.session.answers == known.sets


@pytest.mark.parametrize(
    ("text", "language", "screen"),
    [
        ("report", "en", "about"),
        ("RIGHTS", "en", "rights"),
        ("Desk Punakha", "en", "desk"),
        ("desk punakha", "en", "desk"),
        ("DESK no such place", "en", "region"),
        (f"CASE {CODE}", "en", "my_word"),
        (f"case {CODE.replace('-', '')}", "en", "my_word"),
        ("case 1234-5678", "en", "my_case"),
        ("རོགས་རམ", "dz", "about"),
        ("letshen Punakha", "dz_Latn", "desk"),
    ],
)
def test_a_keyword_leads_straight_on_with_what_follows_it(
    text: str, language: str, screen: str
) -> None:
    player = player_of("bt", Kind.SMS)
    seen = text_in(player, text)
    assert (seen.screen, seen.session.language) == (screen, language)
    assert seen.turn.effects == ()


def test_a_keyword_of_two_languages_asks_which_and_remembers_what_followed() -> None:
    player = player_of("pk", Kind.SMS)
    asked = text_in(player, "desk Gwadar")
    assert (asked.screen, asked.session.language) == ("language", "")
    there = go(player, "ur_Latn", session=asked.session)
    assert (there.screen, there.session.answers["place"]) == ("desk", "PK-BA-GWADAR")


def test_a_keyword_in_the_midst_of_a_dialogue_leaves_nothing_of_it_behind() -> None:
    player = player_of("bt", Kind.SMS)
    session = go(player, *PLACED).session
    seen = follow(player, session, "rights")
    assert (seen.screen, seen.session.answers, seen.session.code) == ("rights", {}, "")
    assert seen.session.filings == session.filings == 1


@pytest.mark.parametrize("text", ["desk Punakha was closed", "report of last year"])
def test_a_sentence_that_begins_with_a_keyword_is_part_of_the_report_once_one_is_filed(
    text: str,
) -> None:
    player = player_of("bt", Kind.SMS)
    session = go(player, *FILED).session
    seen = follow(player, session, text)
    assert (seen.screen, seen.session.code) == ("concern", CODE)
    assert seen.session.answers["said"] == text


# Words of one's own

STORY = "my husband took the phone"


def test_the_first_text_is_kept_for_the_report_behind_the_language_question() -> None:
    player = player_of("bt", Kind.SMS)
    asked = text_in(player, STORY)
    assert (asked.screen, asked.turn.wrong) == ("language", False)
    home = go(player, "en", session=asked.session)
    assert home.session.answers == {"said": STORY}


@pytest.mark.parametrize(("agreed", "said"), [("Yes", STORY), ("No", "")])
def test_free_text_joins_the_report_only_once_sharing_is_agreed(agreed: str, said: str) -> None:
    """SAFETY 11."""
    player = player_of("bt", Kind.SMS)
    session = text_in(player, STORY, "en").session
    before = go(player, *PLACED, "Anyone", session=session)
    assert before.session.answers["said"] == STORY
    asked = go(player, agreed, session=before.session)
    assert told(asked).report.said == said


def test_a_story_that_was_asked_for_is_told_after_what_was_said_before() -> None:
    player = player_of("bt", Kind.SMS)
    session = text_in(player, STORY, "en").session
    ways = (*PLACED, "Anyone", "Yes", "No word", "type It began in May.")
    seen = go(player, *ways, session=session)
    assert (seen.screen, told(seen).report.said) == ("done", f"{STORY}\nIt began in May.")


def test_prose_in_the_midst_of_the_questions_is_kept_though_it_answers_none() -> None:
    player = player_of("bt", Kind.SMS)
    seen = follow(player, go(player, "Get help").session, STORY)
    assert (seen.screen, seen.turn.wrong) == ("about", True)
    assert seen.session.answers == {"said": STORY}
    ussd = follow(player_of("bt"), go(player_of("bt"), "Get help").session, STORY)
    assert ussd.session.answers == {}


# Languages


def test_a_language_is_forgotten_only_where_one_is_known() -> None:
    player = player_of("bt")
    first, _ = begin(player)
    assert "Forget my language" not in offered(player, first)
    asked = go(player, "Language")
    assert "Forget my language" in offered(player, asked.session)
    seen = go(player, "Forget my language", session=asked.session)
    assert seen.turn.session == start(player.script)


def test_another_language_is_chosen_without_losing_count_of_what_was_filed() -> None:
    player = player_of("bt")
    home = follow(player, go(player, *FILED).session, "00").session
    again = go(player, "Language", "dz_Latn", session=home).session
    assert (again.screen, again.language, again.filings) == ("home", "dz_Latn", 1)


# A dialogue that was cut off


@pytest.mark.parametrize(
    ("ways", "goes_on"),
    [
        ((), False),  # home: nothing was told yet
        (("Get help",), True),
        (FILED, True),
        (PLACED, True),
        (("Find nearest desk", "West", "Paro"), True),
        (("Language",), False),
        (("My request", f"type {CODE}"), False),  # what a secret word opens, no redial opens
        (("My request", f"type {CODE}", "No word"), False),
        ((*PLACED, *AGREED), False),  # it ended
        ((*DANGER, "West", "Paro"), False),
    ],
)
def test_which_dialogues_are_gone_on_with(ways: tuple[str, ...], goes_on: bool) -> None:
    player = player_of("bt")
    assert resumable(player.script, go(player, *ways).session) is goes_on


def test_no_dialogue_is_gone_on_with_before_a_language_or_on_another_version() -> None:
    player = player_of("bt")
    session = go(player, *FILED).session
    assert not resumable(player.script, begin(player)[0])
    assert not resumable(player.script, replace(session, language=""))
    assert not resumable(player.script, replace(session, version=session.version - 1))
    asked = resume(player.script, session)
    assert not resumable(player.script, asked), "the question itself leads to no other question"


@IN_EVERY_LANGUAGE
def test_going_on_leads_to_the_very_screen_and_starting_again_home(
    code: str, language: str
) -> None:
    """The emergency number stands on the question (SAFETY 17)."""
    player = player_of(code)
    for session in one_of_each_screen(code, language):
        if not resumable(player.script, session):
            continue
        asked, page = player.page(resume(player.script, session), CLOCK)
        assert player.script.programme.emergency in page.text
        assert (asked.filings, asked.history) == (0, ""), "a new call names its inputs anew"
        on = go(player, "Continue", session=asked).session
        assert (on.screen, on.answers, on.code) == (session.screen, session.answers, session.code)
        assert on.trail == session.trail
        again = go(player, "Start again", session=asked).session
        assert (again.screen, again.answers, again.code) == ("home", {}, "")


def test_what_is_told_after_going_on_still_joins_what_was_filed_before() -> None:
    player = player_of("bt")
    asked = resume(player.script, go(player, *FILED).session)
    effect = told(go(player, "Continue", "home", session=asked))
    assert (effect.code, effect.filed_at) == (CODE, CLOCK.isoformat())
    assert isinstance(effect, TellReport)


# Time and versions


def test_the_confirmation_says_the_day_that_is_meant_when_the_hour_passed_meanwhile() -> None:
    player = player_of("bt")
    asked = go(player, *ASKED).session
    late = CLOCK + timedelta(hours=1, minutes=30)  # 11:30 in Thimphu
    seen = go(player, "morning", session=asked, now=late)
    (window,) = filed(seen).windows
    assert window.start == datetime(2026, 3, 11, 2, tzinfo=UTC)
    assert seen.session.when == "tomorrow, morning"


def test_the_time_that_was_confirmed_stays_the_same_however_long_the_story_takes() -> None:
    player = player_of("bt")
    session = go(player, *ASKED, "morning").session
    late = CLOCK + timedelta(hours=3)
    seen = go(player, *PLACED[4:], *AGREED, session=session, now=late)
    assert "today, morning" in seen.page.text


@pytest.mark.parametrize(
    ("name", "version", "same"), [("help", 4, True), ("help", 3, False), ("other", 4, False)]
)
def test_a_session_of_another_version_is_told_apart(name: str, version: int, same: bool) -> None:
    assert CONTENT.flow.version == 4
    assert current(Session(name, version, "home"), CONTENT.flow) is same


@pytest.mark.parametrize(("language", "screen"), [("", "language"), ("en", "home")])
def test_a_session_begins_at_the_language_or_at_home(language: str, screen: str) -> None:
    assert start(player_of("bt").script, language).screen == screen


def test_a_clock_that_moves_between_two_turns_breaks_nothing() -> None:
    player = player_of("bt")
    session = go(player, *ASKED).session
    for hours in range(48):
        later = CLOCK + timedelta(hours=hours)
        seen = follow(player, session, "2", later)
        assert seen.session.answers["window"] == "morning"
        assert filed(seen).windows[0].end > later


@pytest.mark.parametrize(
    "screen", [name for name, screen in CONTENT.flow.screens.items() if isinstance(screen, End)]
)
def test_nothing_typed_at_an_end_records_anything(screen: str) -> None:
    player = player_of("bt")
    ended = replace(player.begin("en"), screen=screen, code=CODE, filed_at=CLOCK.isoformat())
    for typed in ("1", "x", "0", "report it all again please"):
        assert advance(player.script, ended, typed, CLOCK).effects == ()
