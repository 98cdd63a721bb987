"""The state machine: every answer leads on, nothing is filed unasked, and no input can break it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.core.engine import FileReport, PlaceReport, Turn, advance, current, dropped, start
from helpline.core.fit import Page
from helpline.core.flow import End
from helpline.core.label import Name, Text
from helpline.core.message import Kind
from helpline.core.neutral import telling
from helpline.core.options import options_of
from helpline.core.play import Player
from helpline.core.report import Priority
from helpline.core.session import Session
from helpline.core.text import Budget
from helpline.runtime import Content, content

CLOCK = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)  # 10:00 Thimphu, 09:00 Karachi, 11:00 Phnom Penh
CODE = "4821-7736"
CONTENT: Content = content()
CODES = ("bt", "pk", "kh")
SPOKEN = [
    (code, language.code) for code in CODES for language in CONTENT.programmes[code].languages
]
IN_EVERY_LANGUAGE = pytest.mark.parametrize(("code", "language"), SPOKEN)
KEYS = st.sampled_from([*"0123456789", "00", "8", "8", "1", "2", "*", "x", "99"])


@cache
def player_of(code: str, kind: Kind = Kind.USSD) -> Player:
    budget = Budget(182, 80) if kind is Kind.USSD else Budget(segments=3)
    return CONTENT.player(code, kind, budget)


@dataclass(frozen=True)
class Seen:
    """Where a caller stands, and the turn that led there."""

    session: Session
    page: Page
    turn: Turn


def begin(player: Player, language: str = "") -> tuple[Session, Page]:
    return player.page(player.begin(language), CLOCK)


def follow(player: Player, session: Session, typed: str, now: datetime = CLOCK) -> Seen:
    """One input carried through as the service does it, without a record."""
    turn = advance(player.script, session, typed, now)
    after = turn.session
    if any(isinstance(effect, FileReport) for effect in turn.effects):
        after = replace(after, code=CODE)
    return Seen(*player.page(after, now), turn)


def go(player: Player, *ways: str, language: str = "en", session: Session | None = None) -> Seen:
    """Chooses by the English words or the value of a choice, pressing "more" as needed."""
    at, page = player.page(session, CLOCK) if session else begin(player, language)
    seen = Seen(at, page, Turn(at))
    for way in ways:
        wanted = f"choice:{choice_of(player, seen.session, way)}"
        while wanted not in seen.session.keys.values():
            more = next(key for key, act in seen.session.keys.items() if is_more(seen, act))
            seen = follow(player, seen.session, more)
        key = next(key for key, action in seen.session.keys.items() if action == wanted)
        seen = follow(player, seen.session, key)
    return seen


def is_more(seen: Seen, action: str) -> bool:
    return action == f"page:{seen.page.number + 1}"


def choice_of(player: Player, session: Session, way: str) -> int:
    for index, option in enumerate(options_of(player.script, session, CLOCK)):
        match option.label:
            case Text(msgid) if msgid == way:
                return index
            case Name(en) if en == way:
                return index
        if option.value == way:
            return index
    raise AssertionError(f"{session.screen} does not offer {way}")


def state_of(session: Session) -> tuple[object, ...]:
    """Sessions that are alike here behave alike; the rest of their answers does not matter."""
    answers = session.answers
    region = answers.get("region") if session.screen in {"district", "area"} else None
    return (
        session.screen,
        session.page,
        session.hint,
        bool(session.trail),
        bool(session.code),
        answers.get("about") == "child",
        answers.get("task"),
        answers.get("window") == "never",
        region,
    )


@cache
def reachable(code: str, language: str, kind: Kind = Kind.USSD) -> tuple[Session, ...]:
    """A session on every page of every screen, in every state that matters, as last shown."""
    player = player_of(code, kind)
    first, _ = begin(player, language)
    lost = follow(player, replace(first, wrong=2), "x").session
    lost_again = follow(player, replace(lost, wrong=2), "x").session
    waiting = deque([first, lost, lost_again])
    known = {state_of(session): session for session in waiting}
    while waiting:
        session = waiting.popleft()
        for typed in ("x", *session.keys):
            turn = advance(player.script, session, typed, CLOCK)
            coded = CODE if turn.session.filings else ""
            if state_of(replace(turn.session, code=coded)) in known:
                continue
            after = follow(player, session, typed).session
            if state_of(after) not in known:
                known[state_of(after)] = after
                waiting.append(after)
    return tuple(known.values())


@cache
def one_of_each_screen(code: str, language: str, kind: Kind = Kind.USSD) -> tuple[Session, ...]:
    player = player_of(code, kind)
    first, _ = begin(player)
    found = {session.screen: session for session in reversed(reachable(code, language, kind))}
    return (first, *(session for name, session in found.items() if name != first.screen))


def screens() -> Iterator[tuple[str, Session]]:
    for code, language in SPOKEN:
        for session in one_of_each_screen(code, language):
            yield code, session


@IN_EVERY_LANGUAGE
def test_every_screen_of_the_flow_can_be_reached(code: str, language: str) -> None:
    reached = {session.screen for session in reachable(code, language)}
    elsewhere = set() if code == "pk" else {"area"}
    assert reached == CONTENT.flow.screens.keys() - elsewhere


# Pure


@settings(deadline=None)
@given(st.sampled_from([*screens()]), KEYS | st.text())
def test_the_same_input_always_makes_the_same_turn(where: tuple[str, Session], typed: str) -> None:
    code, session = where
    script, stored = player_of(code).script, session.to_json()
    once = advance(script, session, typed, CLOCK)
    again = advance(script, Session.from_json(stored), typed, CLOCK)
    assert once == again
    assert session.to_json() == stored


@settings(deadline=None)
@given(st.sampled_from([*screens()]), st.text())
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
        filed = session.filings
        seen = follow(player, session, key)
        reports = [effect for effect in seen.turn.effects if isinstance(effect, FileReport)]
        assert len(reports) <= 1
        assert seen.session.filings == filed + len(reports)
        if reports:
            assert seen.session.trail == ()
        session = Session.from_json(seen.session.to_json())


# Wrong keys


@IN_EVERY_LANGUAGE
def test_a_wrong_key_gets_a_hint_twice_and_then_a_gentle_way_out(code: str, language: str) -> None:
    player = player_of(code)
    home, _ = begin(player, language)
    hint = player.frame(home).voice.say(Text(CONTENT.flow.hint))
    about = follow(player, home, "1")
    first = follow(player, about.session, "7")
    assert (first.session.screen, first.session.wrong, first.turn.wrong) == ("about", 1, True)
    assert first.page.text.startswith(hint)
    assert first.page.keys["1"] == about.page.keys["1"]
    second = follow(player, first.session, "7")
    assert (second.session.screen, second.session.wrong, second.turn.wrong) == ("about", 2, True)
    third = follow(player, second.session, "7")
    assert third.session.screen == CONTENT.flow.lost
    assert (third.session.wrong, third.session.hint) == (0, False)
    assert hint not in third.page.text


@IN_EVERY_LANGUAGE
def test_a_wrong_key_never_hides_the_emergency_number(code: str, language: str) -> None:
    player = player_of(code)
    home, page = begin(player, language)
    assert follow(player, home, "7").page.text == page.text


def test_a_right_key_forgets_the_wrong_ones() -> None:
    player = player_of("bt")
    session, _ = begin(player, "en")
    for _ in range(2):
        session = follow(player, session, "x").session
    about = follow(player, session, "1").session
    assert (about.screen, about.wrong, about.hint) == ("about", 0, False)


def test_key_0_leads_back_from_the_way_out_to_where_the_caller_was_lost() -> None:
    player = player_of("bt")
    session = go(player, "Get help").session
    for _ in range(3):
        session = follow(player, session, "x").session
    assert session.screen == "lost"
    assert follow(player, session, "0").session.screen == "about"


def test_three_wrong_keys_at_the_way_out_end_kindly() -> None:
    player = player_of("bt")
    session, _ = begin(player, "en")
    for _ in range(6):
        seen = follow(player, session, "x")
        session = seen.session
    assert (session.screen, seen.page.ends) == (CONTENT.flow.lost_again, True)


@pytest.mark.parametrize("code", CODES)
def test_before_a_language_is_chosen_the_languages_are_asked_again_for_ever(code: str) -> None:
    player = player_of(code)
    session, page = begin(player)
    for _ in range(7):
        seen = follow(player, session, "x")
        assert seen.session.screen == CONTENT.flow.first
        assert {"choice:0", "choice:1"} <= set(seen.page.keys.values())
        assert set(page.text.splitlines()[1:4]) <= set(seen.page.text.splitlines())
        session = seen.session


# Keys that work everywhere


@pytest.mark.parametrize(("kind", "hide"), [(Kind.USSD, "9"), (Kind.SMS, "99")])
@IN_EVERY_LANGUAGE
def test_the_hide_key_works_on_every_screen(
    code: str, language: str, kind: Kind, hide: str
) -> None:
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


@IN_EVERY_LANGUAGE
def test_00_starts_again_at_home_from_every_screen(code: str, language: str) -> None:
    player = player_of(code)
    for session in reachable(code, language):
        after = follow(player, session, "00")
        if session.language:
            fresh = replace(start(player.script, session.language), filings=session.filings)
            assert after.turn.session == fresh
        assert after.turn.effects == ()


@IN_EVERY_LANGUAGE
def test_0_leads_back_where_it_is_offered_and_adds_no_answer(code: str, language: str) -> None:
    player = player_of(code)
    for session in reachable(code, language):
        if session.keys.get("0") == "back":
            after = follow(player, session, "0").turn.session
            assert (*after.trail, after.screen) == session.trail
            assert after.answers.items() <= session.answers.items()
            assert (after.page, after.wrong, after.hint) == (0, 0, False)


def test_home_is_never_behind_itself() -> None:
    player = player_of("bt")
    home = go(player, "Language", "en")
    assert (home.session.screen, home.session.trail) == ("home", ())
    assert "0" not in home.page.keys


@pytest.mark.parametrize("typed", ["1", " 1 ", "1.", "1)", "1#", "༡", "۱", "١", "១", "１"])
@pytest.mark.parametrize(("code", "language"), SPOKEN)
def test_digits_of_every_script_are_taken(code: str, language: str, typed: str) -> None:
    player = player_of(code)
    session, _ = begin(player, language)
    assert follow(player, session, typed).session.screen == "about"


# Names instead of keys


@pytest.mark.parametrize(
    ("code", "region", "typed", "district"),
    [
        ("bt", "West", "Paro", "BT-11"),
        ("bt", "West", "  pARO ", "BT-11"),
        ("bt", "West", "སྤ་རོ", "BT-11"),
        ("bt", "West", "Rinpung", "BT-11"),
        ("bt", "West", "Thimbu", "BT-15"),
        ("pk", "Balochistan", "کوئٹہ", "PK-BA-QUETTA"),
        ("pk", "Balochistan", "turbat", "PK-BA-KECH"),
        ("pk", "Punjab", "rajan pur", "PK-PB-RAJANPUR"),
        ("kh", "Tonle Sap lake", "សៀមរាប", "KH-17"),
        ("kh", "Tonle Sap lake", "siemreap", "KH-17"),
        ("kh", "Phnom Penh and plains", "Takeo", "KH-21"),
    ],
)
def test_a_typed_place_name_picks_the_choice(
    code: str, region: str, typed: str, district: str
) -> None:
    player = player_of(code)
    at = go(player, "Find nearest desk", region).session
    assert follow(player, at, typed).session.answers["district"] == district


def test_a_typed_language_picks_the_language() -> None:
    player = player_of("bt")
    session, _ = begin(player)
    assert follow(player, session, "english").session.language == "en"


@pytest.mark.parametrize("typed", ["", " ", "Lhasa", "1 2", "12", "Paro Paro", "*", "\x00"])
def test_an_unknown_name_is_a_wrong_key(typed: str) -> None:
    player = player_of("bt")
    at = go(player, "Find nearest desk", "West").session
    seen = follow(player, at, typed)
    assert seen.turn.wrong
    assert seen.session.screen == "district"


# What is filed

TOLD = ("Get help", "Me", "No", "Violence at home", "West", "Thimphu")


def filed(seen: Seen) -> FileReport:
    (effect,) = seen.turn.effects
    assert isinstance(effect, FileReport)
    return effect


@IN_EVERY_LANGUAGE
def test_nothing_is_filed_before_consent(code: str, language: str) -> None:
    player = player_of(code)
    for session in reachable(code, language):
        for key in session.keys:
            effects = follow(player, session, key).turn.effects
            if any(isinstance(effect, FileReport) for effect in effects):
                assert session.screen in {"consent", "danger_call"}


def test_a_report_holds_the_answers() -> None:
    player = player_of("bt")
    seen = go(player, *TOLD, "evening", "A woman", "Yes")
    report = filed(seen).report
    assert (report.programme, report.desk, report.place) == ("bt", "BT-WCPD-15", "BT-15")
    assert (report.about, report.concern, report.language) == ("me", "home", "en")
    assert (report.priority, report.woman, report.consented) == (Priority.HIGH, True, True)
    (window,) = report.windows
    assert window.start == datetime(2026, 3, 10, 11, tzinfo=UTC)
    assert seen.session.screen == "done"
    assert CODE in seen.page.text
    assert "today, evening" in seen.page.text


@pytest.mark.parametrize(
    ("concern", "priority"),
    [
        (concern.value, Priority.HIGH if concern.urgent else Priority.NORMAL)
        for concern in CONTENT.programmes["bt"].concerns
    ],
)
def test_the_concern_decides_between_high_and_normal(concern: str, priority: Priority) -> None:
    way = [*TOLD[:3], concern, *TOLD[4:], "morning", "Anyone", "Yes"]
    assert filed(go(player_of("bt"), *way)).report.priority is priority


def test_do_not_call_me_files_a_report_without_windows() -> None:
    seen = go(player_of("bt"), *TOLD, "Do not call me", "Yes")
    assert filed(seen).report.windows == ()
    assert seen.session.screen == "done_no_call"
    assert CODE in seen.page.text


def test_no_consent_files_nothing() -> None:
    seen = go(player_of("bt"), *TOLD, "now", "Anyone", "No")
    assert seen.turn.effects == ()
    assert (seen.session.screen, seen.session.filings) == ("not_sent", 0)


def test_finding_a_desk_files_nothing() -> None:
    seen = go(player_of("bt"), "Find nearest desk", "West", "Paro", "Another desk")
    assert (seen.session.screen, seen.turn.effects, seen.session.filings) == ("desk", (), 0)


def test_danger_is_filed_at_once_and_placed_afterwards() -> None:
    player = player_of("pk")
    called = go(player, "Get help", "A child", "Yes", "Yes")
    report = filed(called).report
    assert (report.priority, report.place, report.desk) == (
        Priority.DANGER,
        "PK",
        "PK-WPS-QUETTA",
    )
    assert report.windows[0].contains(CLOCK)
    assert (called.session.screen, called.session.filings) == ("region", 1)

    district = go(player, "Balochistan", "Quetta", session=called.session)
    assert isinstance(district.turn.effects[0], PlaceReport)
    assert district.turn.effects[0].report.place == "PK-BA-QUETTA"

    area = go(player, "Airport", session=district.session)
    (placed,) = area.turn.effects
    assert isinstance(placed, PlaceReport)
    assert placed.report.desk == "PK-GFD-QTA-AIRPORT"
    assert placed.report.priority is Priority.DANGER
    assert (area.session.screen, area.session.filings) == ("danger_done", 1)


def test_danger_without_leave_to_call_files_nothing_and_goes_on() -> None:
    seen = go(player_of("bt"), "Get help", "Me", "Yes", "No")
    assert (seen.session.screen, seen.turn.effects) == ("danger_no_call", ())
    assert "113" in seen.page.text


@pytest.mark.parametrize(("code", "language"), SPOKEN)
def test_the_emergency_number_is_on_the_first_screens_before_any_question(
    code: str, language: str
) -> None:
    player = player_of(code)
    number = player.script.programme.emergency
    assert number in begin(player)[1].text
    assert number in begin(player, language)[1].text


def test_key_0_does_not_lead_behind_what_was_filed() -> None:
    danger = go(player_of("bt"), "Get help", "Me", "Yes", "Yes")
    assert danger.session.trail == ()
    assert "0" not in danger.page.keys


def test_00_after_a_filing_begins_a_new_report_that_counts_on() -> None:
    player = player_of("bt")
    danger = go(player, "Get help", "Me", "Yes", "Yes").session
    home = follow(player, danger, "00").session
    assert (home.screen, home.filings, home.code, home.answers) == ("home", 1, "", {})
    assert go(player, *TOLD, "now", "Anyone", "Yes", session=home).session.filings == 2


def test_lost_callers_can_be_rung_without_having_told_anything() -> None:
    player = player_of("kh")
    session, _ = begin(player, "en")
    for _ in range(3):
        session = follow(player, session, "x").session
    seen = go(player, "Yes", "now", "Anyone", "Yes", session=session)
    report = filed(seen).report
    assert (report.place, report.desk, report.about) == ("KH", "KH-CPU", "")


def test_an_area_is_forgotten_when_another_district_is_chosen() -> None:
    """The report must not go to a city desk when the caller went back and chose another town."""
    player = player_of("pk")
    way = ("Get help", "Me", "No", "Violence at home", "Balochistan", "Quetta", "Airport")
    session = go(player, *way).session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert session.screen == "district"
    seen = go(player, "Gwadar", "now", "Anyone", "Yes", session=session)
    assert (filed(seen).report.place, filed(seen).report.desk) == ("PK-BA-GWADAR", "PK-WPS-GWADAR")


def test_the_desk_of_the_first_look_up_is_not_shown_for_the_second() -> None:
    player = player_of("pk")
    session = go(player, "Find nearest desk", "Balochistan", "Quetta", "Airport").session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert "Gwadar" in go(player, "Gwadar", session=session).page.text


# A dropped line


def test_a_line_dropped_before_a_safe_time_leaves_nothing() -> None:
    player = player_of("bt")
    session, _ = begin(player, "en")
    assert dropped(player.script, session, CLOCK) is None
    for way in TOLD:
        session = go(player, way, session=session).session
        assert dropped(player.script, session, CLOCK) is None


@pytest.mark.parametrize(
    ("ways", "files"),
    [
        (("evening",), False),  # who may call is not yet answered
        (("evening", "Anyone"), True),
        (("evening", "A woman"), True),
        (("now", "Anyone"), True),
        (("Do not call me",), False),
        (("evening", "Anyone", "No"), False),  # said no to sending
        (("evening", "Anyone", "Yes"), False),  # filed already
    ],
)
def test_what_a_dropped_line_files(ways: tuple[str, ...], files: bool) -> None:
    player = player_of("bt")
    session = go(player, *TOLD, *ways).session
    effect = dropped(player.script, session, CLOCK)
    assert (effect is not None) is files
    if effect is not None:
        assert effect.report.consented is False
        assert effect.report.windows
        assert effect.report.woman is ("A woman" in ways)
        assert effect.report.priority is Priority.HIGH


def test_a_safe_time_taken_back_is_no_longer_an_agreement() -> None:
    player = player_of("bt")
    session = go(player, *TOLD, "evening", "Anyone").session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert session.screen == "window"
    never = go(player, "Do not call me", session=session).session
    assert dropped(player.script, never, CLOCK) is None


def test_going_back_to_the_safe_time_and_dropping_is_no_agreement() -> None:
    """SAFETY 1: a person who went back to change the time has not agreed to the old one."""
    player = player_of("bt")
    session = go(player, *TOLD, "evening", "Anyone").session
    for _ in range(2):
        session = follow(player, session, "0").session
    assert session.screen == "window"
    assert dropped(player.script, session, CLOCK) is None


def test_a_line_dropped_on_the_danger_path_files_no_second_report() -> None:
    player = player_of("bt")
    session = go(player, "Get help", "Me", "Yes", "Yes").session
    assert dropped(player.script, session, CLOCK) is None


@IN_EVERY_LANGUAGE
def test_a_dropped_line_never_raises_and_never_files_after_the_end(
    code: str, language: str
) -> None:
    player = player_of(code)
    for session in reachable(code, language):
        effect = dropped(player.script, session, CLOCK)
        if isinstance(CONTENT.flow.screens[session.screen], End):
            assert effect is None


# Time and versions


def test_the_confirmation_says_the_day_that_is_meant_when_the_hour_passed_meanwhile() -> None:
    player = player_of("bt")
    asked = go(player, *TOLD, "morning", "Anyone").session
    late = CLOCK + timedelta(hours=1, minutes=30)  # 11:30 in Thimphu
    seen = follow(player, asked, "1", late)
    (window,) = filed(seen).report.windows
    assert window.start == datetime(2026, 3, 11, 2, tzinfo=UTC)
    assert "tomorrow, morning" in seen.page.text


@pytest.mark.parametrize(
    ("name", "version", "same"), [("help", 1, True), ("help", 0, False), ("other", 1, False)]
)
def test_a_session_of_another_version_is_told_apart(name: str, version: int, same: bool) -> None:
    assert CONTENT.flow.version == 1
    assert current(Session(name, version, "home"), CONTENT.flow) is same


@pytest.mark.parametrize(("language", "screen"), [("", "language"), ("en", "home")])
def test_a_session_begins_at_the_language_or_at_home(language: str, screen: str) -> None:
    assert start(player_of("bt").script, language).screen == screen


def test_a_clock_that_moves_between_two_turns_breaks_nothing() -> None:
    player = player_of("bt")
    session = go(player, *TOLD).session
    for hours in range(48):
        assert follow(player, session, "2", CLOCK + timedelta(hours=hours)).session.answers[
            "window"
        ] == ("morning")
