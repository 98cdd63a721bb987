"""A caller is told that a desk is open only when its own hours, clock and holidays say so."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpline.core.hours import (
    AHEAD,
    LONGEST,
    Hours,
    Span,
    hours_label,
    is_open,
    merged,
    opens_at,
    parse_hours,
    render_hours,
)
from helpline.core.label import Voice

THIMPHU, KARACHI, PHNOM_PENH = map(ZoneInfo, ("Asia/Thimphu", "Asia/Karachi", "Asia/Phnom_Penh"))
BERLIN = ZoneInfo("Europe/Berlin")  # puts its clock on and back, on Sundays
BEIRUT = ZoneInfo("Asia/Beirut")  # does so at midnight
ZONES = (THIMPHU, KARACHI, PHNOM_PENH, BERLIN, BEIRUT)
WEEK = timedelta(days=7)
NONE: frozenset[date] = frozenset()

OFFICE = "Mon-Fri 09:00-17:00; Sat 09:00-13:00"
NIGHT = "Fri 20:00-02:00"
ALWAYS, UNKNOWN = Hours(always=True), Hours()

CANONICAL = [
    "",
    "24/7",
    OFFICE,
    "Mon 09:00-17:00",
    "Mon-Tue 09:00-17:00",
    "Mon-Thu 09:00-13:00, 14:00-17:00",
    NIGHT,
    "Sun 20:00-02:00",
    "Mon-Sun 00:00-24:00",
    "Mon 20:00-24:00; Tue 00:00-02:00",  # two days: only one of them may be a holiday
    "Mon 09:00-17:00; Wed 09:00-17:00",
    "Sun-Thu 09:00-17:00; Fri 09:00-12:00",
    "Sat-Mon 00:00-00:01, 23:59-24:00",
    "Mon-Fri 09:00-17:00; holidays open",
]


def in_zone(zone: ZoneInfo, moment: str) -> datetime:
    """`2026-03-10 08:00`, with a `+` at the end for the second time that a clock shows it."""
    fold = moment.endswith("+")
    return datetime.fromisoformat(moment.rstrip("+")).replace(tzinfo=zone, fold=int(fold))


def days(*written: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, written))


TIMES = st.tuples(st.integers(0, 1439), st.integers(1, 1439)).map(
    lambda drawn: (drawn[0], drawn[0] + drawn[1])
)


def week_of(drawn: list[tuple[set[int], tuple[int, int]]], on_holidays: bool) -> Hours | None:
    try:
        spans = merged(Span(day, *times) for on, times in drawn for day in on)
        return Hours(spans=spans, on_holidays=on_holidays)
    except ValueError:  # a day of more than 24 hours, or more than fits into a cell
        return None


WEEKS = (
    st.builds(
        week_of,
        st.lists(st.tuples(st.sets(st.integers(0, 6), min_size=1), TIMES), min_size=1, max_size=3),
        st.booleans(),
    )
    .filter(lambda week: week is not None)
    .map(lambda week: week or UNKNOWN)
)
HOURS = st.one_of(st.just(ALWAYS), st.just(UNKNOWN), WEEKS)
# Around the days on which Berlin and Beirut put their clocks on and back, and any other.
MOMENTS = st.builds(
    lambda first, seconds: first + timedelta(seconds=seconds),
    st.sampled_from(
        [datetime(2026, month, day, tzinfo=UTC) for month, day in ((1, 1), (3, 27), (10, 23))]
    ),
    st.integers(0, 4 * 24 * 3600),
)
HOLIDAYS = st.sets(
    st.dates(date(2025, 12, 31), date(2026, 1, 8))
    | st.dates(date(2026, 3, 26), date(2026, 4, 2))
    | st.dates(date(2026, 10, 22), date(2026, 10, 30)),
    max_size=12,
)
MARKS = ("-", " ", ";", ",", "; holidays open", "; holidays closed", "24/7")
WORDS = ("Mon", "Sat-Mon", "Mon-Fri ", "09:00", "24:00", "09:00-17:00", "14:00-02:00")
NOTATION = st.lists(st.sampled_from(MARKS + WORDS), max_size=8).map("".join)


@pytest.mark.parametrize("text", CANONICAL)
def test_canonical_hours_come_back_byte_for_byte(text: str) -> None:
    assert render_hours(parse_hours(text)) == text


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("  ", ""),
        (" 24/7 ", "24/7"),
        ("Mon-Fri 09:00-17:00; holidays closed", "Mon-Fri 09:00-17:00"),
        (" Mon  09:00-12:00,13:00-14:00 ", "Mon 09:00-12:00, 13:00-14:00"),
        # Overlapping and touching times are one, and a day named twice is added up.
        ("Mon 09:00-13:00, 13:00-17:00", "Mon 09:00-17:00"),
        ("Mon 12:00-17:00, 09:00-13:00", "Mon 09:00-17:00"),
        ("Mon 09:00-17:00, 10:00-11:00", "Mon 09:00-17:00"),
        ("Mon 14:00-17:00; Mon 09:00-13:00", "Mon 09:00-13:00, 14:00-17:00"),
        (
            "Mon-Wed 09:00-12:00; Tue 12:00-17:00",
            "Mon 09:00-12:00; Tue 09:00-17:00; Wed 09:00-12:00",
        ),
        ("Fri 20:00-24:00; Fri 22:00-02:00", NIGHT),
        # Midnight is an end as 24:00, however it was written.
        ("Fri 20:00-00:00", "Fri 20:00-24:00"),
        # Days in a row with the same times are one run, also past Sunday.
        ("Mon 09:00-17:00; Tue 09:00-17:00", "Mon-Tue 09:00-17:00"),
        ("Fri-Tue 09:00-17:00", "Fri-Tue 09:00-17:00"),
        ("Thu-Wed 09:00-17:00", "Mon-Sun 09:00-17:00"),
        ("Sat 09:00-13:00; Mon-Fri 09:00-17:00", OFFICE),
        ("Fri 09:00-12:00; Sun-Thu 09:00-17:00", "Sun-Thu 09:00-17:00; Fri 09:00-12:00"),
    ],
)
def test_other_ways_of_writing_are_made_canonical(written: str, canonical: str) -> None:
    assert render_hours(parse_hours(written)) == canonical


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * (LONGEST + 1), "longer than 200 characters: give fewer times"),
        ("always", "'always' is not a day with its times: write such as 'Mon-Fri 09:00-17:00;"),
        ("Mon", "'Mon' is not a day with its times"),
        ("Mon 09:00-17:00;", "'' is not a day with its times"),
        ("Mon 09:00-17:00\n", "'09:00-17:00\\\\n' is not a time from and to"),
        ("mon 09:00-17:00", "'mon' is not a day or a run of days: write Mon, Tue, Wed,"),
        ("Monday 09:00-17:00", "'Monday' is not a day or a run"),
        ("Mon-Wed-Fri 09:00-17:00", "'Mon-Wed-Fri' is not a day or a run"),
        ("Mon-Mon 09:00-17:00", "'Mon-Mon' is not a day or a run"),
        ("Mon, Wed 09:00-17:00", "'Mon,' is not a day or a run.* and ';' before the next"),
        ("Mon\N{EN DASH}Fri 09:00-17:00", "is not a day or a run of days"),
        ("Mon 9:00-17:00", "'9:00-17:00' is not a time from and to: write '09:00-17:00'"),
        ("Mon 09:00", "'09:00' is not a time from and to"),
        ("Mon 09.00-17.00", "is not a time from and to"),
        ("Mon 09:60-17:00", "is not a time from and to"),
        ("Mon 24:00-25:00", "is not a time from and to"),
        ("Mon 24:00-02:00", "is not a time from and to"),
        ("Mon 09:00-24:01", "is not a time from and to"),
        ("Mon ٠٩:٠٠-١٧:٠٠", "is not a time from and to"),
        ("Mon 09:00-12:00,", "'' is not a time from and to"),
        ("Mon 09:00-12:00 Tue 09:00-12:00", "and ';' before the next day"),
        ("Mon 09:00-09:00", "ends when it begins: write '00:00-24:00' for the whole day"),
        ("Mon 08:00-20:00, 20:00-08:00", "Mon is open for 24 hours or more without a break"),
        ("Tue 00:00-24:00; Tue 22:00-02:00", "Tue is open .* end it at 24:00"),
        ("24/7; holidays closed", "24/7 stands alone .* write 'Mon-Sun 00:00-24:00'"),
        ("24/7; Mon 09:00-17:00", "24/7 stands alone"),
        ("holidays open", "No day is given: write the days before it"),
        ("; holidays open", "'' is not a day with its times"),
        ("holidays open; Mon 09:00-17:00", "'holidays open' is out of place: end with"),
        ("Mon 09:00-17:00; holidays 10:00-12:00", "'holidays 10:00-12:00' is out of place"),
        ("Mon 09:00-17:00; holidays open; holidays closed", "'holidays open' is out of place"),
        (
            "Mon-Sun 01:00-02:00, 03:00-04:00, 05:00-06:00, 07:00-08:00; "
            "Tue 09:00-10:00; Thu 09:00-10:00",
            "Written out the hours pass 200 characters: give fewer times",
        ),
    ],
)
def test_what_is_no_notation_is_refused_with_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        parse_hours(text)
    assert "\n" not in str(refused.value)


@given(st.text() | st.text(max_size=LONGEST + 1) | NOTATION)
def test_any_text_is_hours_or_a_value_error(text: str) -> None:
    try:
        hours = parse_hours(text)
    except ValueError:
        return
    assert parse_hours(render_hours(hours)) == hours


@given(HOURS)
def test_hours_survive_the_cell(hours: Hours) -> None:
    assert parse_hours(render_hours(hours)) == hours
    assert len(render_hours(hours)) <= LONGEST


@pytest.mark.parametrize(
    ("always", "spans", "on_holidays"),
    [
        (True, (Span(0, 0, 60),), False),
        (True, (), True),
        (False, (), True),
        (False, (Span(0, 60, 120), Span(0, 0, 30)), False),
        (False, (Span(0, 0, 60), Span(0, 60, 120)), False),
    ],
)
def test_there_is_one_way_only_to_hold_the_same_hours(
    always: bool, spans: tuple[Span, ...], on_holidays: bool
) -> None:
    with pytest.raises(AssertionError):
        Hours(always, spans, on_holidays)


# 2026-03-09 is a Monday, 13 a Friday, 14 a Saturday, 15 a Sunday.
FRIDAY, SATURDAY = days("2026-03-13"), days("2026-03-14")


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    ("text", "moment", "holidays", "opens"),
    [
        # The whole week and an unknown one.
        ("24/7", "2026-03-10 03:00", days("2026-03-10"), "2026-03-10 03:00"),
        ("", "2026-03-10 10:00", NONE, None),
        # An opening counts from its first minute, an end no longer.
        (OFFICE, "2026-03-10 08:59", NONE, "2026-03-10 09:00"),
        (OFFICE, "2026-03-10 08:59:59", NONE, "2026-03-10 09:00"),
        (OFFICE, "2026-03-10 09:00", NONE, "2026-03-10 09:00"),
        (OFFICE, "2026-03-10 16:59:59", NONE, "2026-03-10 16:59:59"),
        (OFFICE, "2026-03-10 17:00", NONE, "2026-03-11 09:00"),
        (OFFICE, "2026-03-14 13:00", NONE, "2026-03-16 09:00"),
        ("Mon 09:00-12:00, 13:00-17:00", "2026-03-09 12:30", NONE, "2026-03-09 13:00"),
        ("Mon 00:00-24:00", "2026-03-09 23:59", NONE, "2026-03-09 23:59"),
        ("Mon 00:00-24:00", "2026-03-10 00:00", NONE, "2026-03-16 00:00"),
        ("Mon 20:00-24:00; Tue 00:00-02:00", "2026-03-10 00:00", NONE, "2026-03-10 00:00"),
        # Past midnight, also from Sunday into Monday.
        (NIGHT, "2026-03-13 19:59", NONE, "2026-03-13 20:00"),
        (NIGHT, "2026-03-14 00:00", NONE, "2026-03-14 00:00"),
        (NIGHT, "2026-03-14 01:59", NONE, "2026-03-14 01:59"),
        (NIGHT, "2026-03-14 02:00", NONE, "2026-03-20 20:00"),
        (NIGHT, "2026-03-13 01:00", NONE, "2026-03-13 20:00"),
        ("Sun 20:00-02:00", "2026-03-16 01:00", NONE, "2026-03-16 01:00"),
        # Closed on holidays, unless it says otherwise.
        (OFFICE, "2026-03-10 10:00", days("2026-03-10"), "2026-03-11 09:00"),
        (OFFICE, "2026-03-09 18:00", days("2026-03-10", "2026-03-11"), "2026-03-12 09:00"),
        (f"{OFFICE}; holidays open", "2026-03-13 10:00", FRIDAY, "2026-03-13 10:00"),
        # What begins before a holiday goes on into it; what begins on it does not begin.
        (NIGHT, "2026-03-14 01:00", SATURDAY, "2026-03-14 01:00"),
        (NIGHT, "2026-03-14 01:00", FRIDAY, "2026-03-20 20:00"),
        (f"{NIGHT}; holidays open", "2026-03-14 01:00", FRIDAY, "2026-03-14 01:00"),
        ("Fri 20:00-02:00; Sat 01:00-06:00", "2026-03-14 01:59", SATURDAY, "2026-03-14 01:59"),
        ("Fri 20:00-02:00; Sat 01:00-06:00", "2026-03-14 02:00", SATURDAY, "2026-03-20 20:00"),
        ("Fri 20:00-02:00; Sat 01:00-06:00", "2026-03-14 00:30", FRIDAY, "2026-03-14 01:00"),
        # Two weeks are looked through, and no more.
        (
            "Mon 09:00-12:00",
            "2026-03-02 11:00",
            days("2026-03-02", "2026-03-09"),
            "2026-03-16 09:00",
        ),
        (
            "Mon 09:00-10:00",
            "2026-03-02 09:00",
            days("2026-03-02", "2026-03-09"),
            "2026-03-16 09:00",
        ),
        ("Mon 09:00-10:00", "2026-03-02 08:59", days("2026-03-02", "2026-03-09"), None),
    ],
)
def test_when_a_desk_is_open_and_when_it_opens(
    zone: ZoneInfo, text: str, moment: str, holidays: frozenset[date], opens: str | None
) -> None:
    hours, at = parse_hours(text), in_zone(zone, moment)
    expected = in_zone(zone, opens) if opens else None
    assert is_open(hours, at, zone, holidays) is (None if text == "" else moment == opens)
    assert opens_at(hours, at, zone, holidays) == (expected and expected.astimezone(UTC))


@pytest.mark.parametrize(
    ("zone", "utc"), [(THIMPHU, "03:00"), (KARACHI, "04:00"), (PHNOM_PENH, "02:00")], ids=str
)
def test_nine_is_nine_on_the_programmes_own_clock_and_is_told_in_utc(
    zone: ZoneInfo, utc: str
) -> None:
    at = datetime(2026, 3, 9, 18, tzinfo=UTC)
    opens = opens_at(parse_hours(OFFICE), at, zone, NONE)
    assert opens is not None
    assert f"{opens:%F %H:%M %Z}" == f"2026-03-10 {utc} UTC"


@pytest.mark.parametrize(
    ("text", "moment", "opens"),
    [
        # 2026-03-29 02:00 is followed by 03:00.
        ("Mon-Sun 09:00-17:00", "2026-03-28 18:00", "2026-03-29T07:00"),
        ("Mon-Sun 09:00-17:00", "2026-03-27 18:00", "2026-03-28T08:00"),
        ("Sun 02:30-04:00", "2026-03-29 01:59", "2026-03-29T01:00"),  # opens as the clock jumps
        ("Sun 02:00-03:00", "2026-03-29 01:59", "2026-04-05T00:00"),  # that hour is not there
        ("Sat 22:00-03:00", "2026-03-29 01:59", "2026-03-29T00:59"),
        ("Sat 22:00-03:00", "2026-03-29 03:00", "2026-04-04T20:00"),
        # 2026-10-25 03:00 is 02:00 again, once.
        ("Mon-Sun 09:00-17:00", "2026-10-24 18:00", "2026-10-25T08:00"),
        ("Sun 02:30-03:30", "2026-10-25 02:00", "2026-10-25T00:30"),
        ("Sun 02:30-03:30", "2026-10-25 02:00+", "2026-10-25T01:30"),  # it shows 02:30 again
        ("Sun 01:00-02:30", "2026-10-25 02:29", "2026-10-25T00:29"),
        ("Sun 01:00-02:30", "2026-10-25 02:30", "2026-10-25T01:00"),  # put back, it is 02:00
        ("Sun 01:00-02:30", "2026-10-25 02:29+", "2026-10-25T01:29"),
        ("Sun 01:00-02:30", "2026-10-25 02:30+", "2026-11-01T00:00"),
        ("Sun 01:00-02:30", "2026-10-25 02:30:00.250000", "2026-10-25T01:00"),
    ],
)
def test_hours_are_what_the_wall_clock_shows_when_it_is_put_on_or_back(
    text: str, moment: str, opens: str
) -> None:
    hours, at = parse_hours(text), in_zone(BERLIN, moment)
    expected = datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert opens_at(hours, at, BERLIN, NONE) == expected
    assert is_open(hours, at, BERLIN, NONE) is (at.astimezone(UTC) == expected)


def test_a_clock_that_skips_midnight_opens_the_day_at_one() -> None:
    hours, at = parse_hours("Sun 00:00-02:00"), in_zone(BEIRUT, "2026-03-28 23:59")
    opens = opens_at(hours, at, BEIRUT, NONE)
    assert opens == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert opens.astimezone(BEIRUT).hour == 1


@given(HOURS, MOMENTS, st.sampled_from(ZONES), HOLIDAYS)
def test_open_means_that_it_opens_now(
    hours: Hours, at: datetime, zone: ZoneInfo, holidays: Collection[date]
) -> None:
    opened, opens = is_open(hours, at, zone, holidays), opens_at(hours, at, zone, holidays)
    assert (opened is None) is not hours.known
    assert bool(opened) is (opens == at)
    assert opens is None or (is_open(hours, opens, zone, holidays) and opens.tzinfo is UTC)
    assert opens is None or at <= opens <= at + AHEAD


@given(WEEKS, MOMENTS, st.sampled_from(ZONES), HOLIDAYS, st.lists(st.floats(0, 1), min_size=20))
@example(
    parse_hours("Sun 01:00-02:30"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN, set(), [0]
)
def test_it_is_closed_all_the_time_until_it_opens(
    hours: Hours, at: datetime, zone: ZoneInfo, holidays: Collection[date], parts: list[float]
) -> None:
    opens = opens_at(hours, at, zone, holidays)
    last = at + AHEAD if opens is None else opens - timedelta(microseconds=1)
    for moment in (last, *(at + (last - at) * part for part in parts)):
        assert opens == at or not is_open(hours, moment, zone, holidays)


@given(WEEKS, MOMENTS, st.sampled_from((THIMPHU, KARACHI, PHNOM_PENH)))
def test_every_week_is_the_same_without_holidays(
    hours: Hours, at: datetime, zone: ZoneInfo
) -> None:
    assert is_open(hours, at, zone, NONE) is is_open(hours, at + WEEK, zone, NONE)


@given(WEEKS, MOMENTS, st.sampled_from(ZONES), HOLIDAYS)
def test_a_holiday_never_opens_a_desk(
    hours: Hours, at: datetime, zone: ZoneInfo, holidays: Collection[date]
) -> None:
    usual, then = is_open(hours, at, zone, NONE), is_open(hours, at, zone, holidays)
    assert usual or not then
    assert then is usual or not hours.on_holidays


ENGLISH = Voice("en", str)
SAID_IN_URDU = {
    "Mon": "پیر",
    "Fri": "جمعہ",
    "Sat": "ہفتہ",
    "{first}-{last}": "{first} تا {last}",
    "{first}, {next}": "{first}، {next}",
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("24/7", "Open day and night"),
        (OFFICE, "Mon-Fri 9:00-17:00, Sat 9:00-13:00"),
        ("Mon-Thu 09:00-13:00, 14:00-17:00", "Mon-Thu 9:00-13:00, 14:00-17:00"),
        (NIGHT, "Fri 20:00-2:00"),
        ("Sat-Sun 00:00-24:00", "Sat-Sun 0:00-24:00"),
        ("Mon 10:00-00:30; Tue 10:00-00:30", "Mon-Tue 10:00-0:30"),
        ("Fri 09:00-12:00; Sun-Thu 09:00-17:00", "Sun-Thu 9:00-17:00, Fri 9:00-12:00"),
        ("Mon-Fri 09:00-17:00; holidays open", "Mon-Fri 9:00-17:00"),
    ],
)
def test_what_a_caller_reads(text: str, said: str) -> None:
    assert ENGLISH.say(hours_label(parse_hours(text))) == said


def test_days_and_what_joins_them_are_said_in_the_readers_language() -> None:
    urdu = Voice("ur", SAID_IN_URDU.__getitem__, rtl=True)
    said = urdu.say(hours_label(parse_hours(OFFICE)))
    assert said == "پیر تا جمعہ 9:00 تا 17:00، ہفتہ 9:00 تا 13:00"


@given(HOURS)
def test_words_for_callers_are_one_line_that_begins_with_no_digit(hours: Hours) -> None:
    """At the start of a line a digit looks like a key to press."""
    said = ENGLISH.say(hours_label(hours))
    assert bool(said) is hours.known
    assert "\n" not in said
    assert not said[:1].isdigit()
    assert len(said) <= LONGEST
