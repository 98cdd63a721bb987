"""A deadline is counted while the desk is open, and a closed desk says when it opens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.directory import Desk, Directory
from helpline.core.engine import start
from helpline.core.gazetteer import Gazetteer
from helpline.core.hours import Hours, is_open, parse_hours
from helpline.core.label import english
from helpline.core.opening import Opening, moment_label, opening_of
from helpline.core.options import variables
from helpline.core.text import encoding_of, units
from helpline.core.window import DAY_PARTS, SOON
from tests.core.callers import CONTENT, player_of

THIMPHU, KARACHI, PHNOM_PENH = map(ZoneInfo, ("Asia/Thimphu", "Asia/Karachi", "Asia/Phnom_Penh"))
ZONES = (THIMPHU, KARACHI, PHNOM_PENH)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

OFFICE = "Mon-Fri 09:00-17:00"
BREAK = "Mon-Fri 09:00-12:00, 13:00-17:00"
NIGHT = "Mon-Sun 20:00-02:00"
WHOLE_DAYS = "Mon-Sun 00:00-24:00"
TOUCHING = "Mon 20:00-24:00; Tue 00:00-02:00"
HOLIDAY = frozenset({date(2026, 3, 10)})  # a Tuesday
MONTH_OFF = frozenset(date(2026, 3, 9) + n * DAY for n in range(30))


def local(moment: str, zone: ZoneInfo = THIMPHU) -> datetime:
    """`9 16:00`: a day of March 2026 (the 9th is a Monday) on the zone's clock."""
    day, clock = moment.split()
    return datetime.fromisoformat(f"2026-03-{int(day):02} {clock}").replace(tzinfo=zone)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    ("text", "at", "allowed", "holidays", "due"),
    [
        pytest.param(OFFICE, "9 10:00", HOUR, (), "9 11:00", id="in the middle of the day"),
        pytest.param(OFFICE, "9 16:00", HOUR, (), "9 17:00", id="to the last minute"),
        pytest.param(OFFICE, "9 16:30", HOUR, (), "10 09:30", id="over a closed night"),
        pytest.param(OFFICE, "9 17:00", HOUR, (), "10 10:00", id="from closing time"),
        pytest.param(OFFICE, "9 05:00", HOUR, (), "9 10:00", id="before it opens"),
        pytest.param(OFFICE, "13 16:30", HOUR, (), "16 09:30", id="over a weekend"),
        pytest.param(OFFICE, "14 12:00", HOUR, (), "16 10:00", id="from a weekend"),
        pytest.param(OFFICE, "9 16:30", HOUR, HOLIDAY, "11 09:30", id="over a holiday"),
        pytest.param(OFFICE + "; holidays open", "9 16:30", HOUR, HOLIDAY, "10 09:30", id="open"),
        pytest.param(OFFICE, "9 09:00", DAY, (), "11 17:00", id="24 hours are three days"),
        pytest.param(BREAK, "9 11:30", HOUR, (), "9 13:30", id="over a break"),
        pytest.param(NIGHT, "9 23:30", HOUR, (), "10 00:30", id="past midnight"),
        pytest.param(NIGHT, "10 01:30", HOUR, (), "10 20:30", id="from past midnight to evening"),
        pytest.param(NIGHT, "9 23:30", HOUR, HOLIDAY, "10 00:30", id="a night into a holiday"),
        pytest.param(NIGHT, "10 01:30", HOUR, HOLIDAY, "11 20:30", id="no night on the holiday"),
        pytest.param(TOUCHING, "9 23:00", 2 * HOUR, (), "10 01:00", id="two that touch are one"),
        pytest.param(TOUCHING, "9 23:00", 2 * HOUR, HOLIDAY, "16 21:00", id="one on a holiday"),
        pytest.param(WHOLE_DAYS, "9 10:00", 3 * DAY, (), "12 10:00", id="open without a break"),
        pytest.param(WHOLE_DAYS, "9 10:00", DAY, HOLIDAY, "11 10:00", id="but on a holiday"),
        pytest.param("24/7", "9 10:00", DAY, HOLIDAY, "10 10:00", id="day and night"),
        pytest.param("", "14 03:00", DAY, HOLIDAY, "15 03:00", id="unknown hours do not wait"),
        pytest.param(OFFICE, "8 10:00", HOUR, MONTH_OFF, "8 11:00", id="never within reach"),
        pytest.param(OFFICE, "9 10:00", timedelta(0), (), "9 10:00", id="nothing allowed, open"),
    ],
)
def test_a_deadline_is_counted_while_the_desk_is_open(
    zone: ZoneInfo,
    text: str,
    at: str,
    allowed: timedelta,
    holidays: frozenset[date],
    due: str,
) -> None:
    opening = Opening(parse_hours(text), zone, frozenset(holidays))
    assert opening.after(local(at, zone), allowed) == local(due, zone)


def test_a_desk_that_closes_for_good_has_its_rest_counted_as_open() -> None:
    """A deadline always comes: an hour on Monday, the rest while nothing opens in reach."""
    opening = Opening(parse_hours(OFFICE), THIMPHU, MONTH_OFF - {date(2026, 3, 9)})
    assert opening.after(local("9 16:00"), 3 * HOUR) == local("9 19:00")


@given(
    st.sampled_from([OFFICE, BREAK, NIGHT, WHOLE_DAYS, OFFICE + "; holidays open"]),
    st.integers(0, 7 * 24 * 60),
    st.integers(1, 240),
    st.sampled_from(ZONES),
    st.sampled_from([frozenset[date](), HOLIDAY]),
)
def test_the_open_minutes_until_the_deadline_are_those_allowed(
    text: str, begun: int, allowed: int, zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    hours, at = parse_hours(text), datetime(2026, 3, 7, tzinfo=UTC) + begun * MINUTE
    due = Opening(hours, zone, holidays).after(at, allowed * MINUTE)
    minutes = [at + n * MINUTE for n in range((due - at) // MINUTE)]
    open_ = [is_open(hours, minute, zone, holidays) for minute in minutes]
    assert sum(map(bool, open_)) == allowed
    assert open_[-1], "not a minute later than needed"


@pytest.mark.parametrize(
    ("text", "at", "holidays", "opens"),
    [
        (OFFICE, "9 08:59", (), "9 09:00"),
        (OFFICE, "9 09:00", (), None),
        (OFFICE, "9 17:00", (), "10 09:00"),
        (OFFICE, "9 17:00", HOLIDAY, "11 09:00"),
        (OFFICE, "14 10:00", (), "16 09:00"),
        (NIGHT, "10 01:59", (), None),
        (NIGHT, "10 02:00", (), "10 20:00"),
        ("24/7", "10 02:00", HOLIDAY, None),
        ("", "10 02:00", HOLIDAY, None),
        (OFFICE, "9 08:59", MONTH_OFF, None),  # too far ahead to be said
    ],
)
def test_only_a_desk_that_is_known_to_be_closed_says_when_it_opens(
    text: str, at: str, holidays: frozenset[date], opens: str | None
) -> None:
    opening = Opening(parse_hours(text), THIMPHU, frozenset(holidays))
    assert opening.closed_until(local(at)) == (local(opens) if opens else None)


def test_a_desk_is_looked_up_with_its_programmes_holidays() -> None:
    desk = Desk("X", "bt", "WCPD", "X", "BT", hours=parse_hours(OFFICE))
    directory = Directory(Gazetteer({}), {"X": desk}, holidays={"bt": HOLIDAY})
    assert opening_of(directory, "X", THIMPHU) == Opening(desk.hours, THIMPHU, HOLIDAY)
    assert opening_of(directory, "gone", THIMPHU) == Opening(Hours(), THIMPHU)


@pytest.mark.parametrize(
    ("at", "said"), [("9 09:00", "Mon 9:00"), ("15 20:05", "Sun 20:05"), ("14 00:00", "Sat 0:00")]
)
def test_an_opening_is_said_on_the_desks_own_clock(at: str, said: str) -> None:
    assert english(moment_label(local(at).astimezone(UTC), THIMPHU)) == said


@pytest.mark.parametrize(
    ("filed", "danger", "agreed", "above", "said"),
    [
        ("10 10:00", "no", SOON, OFFICE, "soon"),
        ("10 20:00", "no", SOON, OFFICE, "Wed 9:00"),
        ("13 20:00", "no", SOON, OFFICE, "Mon 9:00"),
        ("10 20:00", "no", SOON, "24/7", "soon"),  # the desk above has it then
        ("10 20:00", "no", SOON, "", "soon"),
        ("10 20:00", "yes", SOON, OFFICE, "soon"),  # danger is rung day and night
        ("10 20:00", "no", "tomorrow, morning", OFFICE, "tomorrow, morning"),
    ],
)
def test_a_caller_is_told_the_true_next_opening(
    filed: str, danger: str, agreed: str, above: str, said: str
) -> None:
    """SAFETY 24."""
    script, now = player_of("bt").script, local(filed).astimezone(UTC)
    answers = {"place": "BT-15", "danger": danger, "window": "now"}
    session = replace(
        start(script, "en"), answers=answers, filed_at=now.isoformat(), code="x", when=agreed
    )
    desks = script.directory.desks
    own, *others = script.directory.ladder("BT-WCPD-15")
    changed = {one.code: replace(one, hours=parse_hours(above)) for one in others}
    changed[own.code] = replace(own, hours=parse_hours(OFFICE))
    directory = Directory(script.directory.places, {**desks, **changed})
    shown = variables(replace(script, directory=directory), session, now)
    assert english(shown["when"]) == said


@pytest.mark.parametrize("language", sorted(CONTENT.voices))
def test_no_opening_is_longer_than_the_longest_agreed_time(language: str) -> None:
    """The checker proves that the screens fit with the agreed times; so these fit as well."""
    say = CONTENT.voices[language].say
    agreed = [SOON, *(part.today for part in DAY_PARTS), *(part.tomorrow for part in DAY_PARTS)]
    translate = CONTENT.voices[language].translate
    longest = max(units(translate(words)) for words in agreed)
    encodings = {encoding_of(translate(words)) for words in agreed}
    for day in range(9, 16):
        for clock in ("0:00", "9:05", "20:00", "23:59"):
            said = say(moment_label(local(f"{day} {clock:0>5}"), THIMPHU))
            assert encoding_of(said) in encodings
            assert units(said) <= longest, said
