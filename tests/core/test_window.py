"""A safe time means the same to the caller, the clock and the officer, in all three zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.window import DAY, NEVER, NOW, Offer, Window, next_opening, offers, open_now

THIMPHU, KARACHI, PHNOM_PENH = map(ZoneInfo, ("Asia/Thimphu", "Asia/Karachi", "Asia/Phnom_Penh"))
ZONES = (THIMPHU, KARACHI, PHNOM_PENH)
VALUES = [NOW, "morning", "afternoon", "evening", NEVER]
MOMENTS = st.integers(min_value=0, max_value=365 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
WINDOWS = st.builds(
    lambda start, minutes, daily: Window(start, start + timedelta(minutes=minutes), daily),
    MOMENTS,
    st.integers(min_value=1, max_value=24 * 60),
    st.booleans(),
)
ONCE = Window(
    datetime(2026, 3, 10, 4, tzinfo=UTC), datetime(2026, 3, 10, 5, tzinfo=UTC), daily=False
)
DAILY = Window(
    datetime(2026, 3, 10, 2, tzinfo=UTC), datetime(2026, 3, 10, 6, tzinfo=UTC), daily=True
)


def at(clock: str, zone: ZoneInfo, day: int = 10) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3, day, hour, minute, tzinfo=zone).astimezone(UTC)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def by_value(now: datetime, zone: ZoneInfo) -> dict[str, Offer]:
    return {offer.value: offer for offer in offers(now, zone)}


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    ("clock", "morning", "afternoon", "evening"),
    [
        ("00:00", "today", "today", "today"),
        ("00:01", "today", "today", "today"),
        ("07:59", "today", "today", "today"),
        ("10:59", "today", "today", "today"),
        ("11:00", "today", "today", "today"),  # exactly one hour of the morning is left
        ("11:01", "tomorrow", "today", "today"),
        ("11:59", "tomorrow", "today", "today"),
        ("12:00", "tomorrow", "today", "today"),
        ("16:00", "tomorrow", "today", "today"),
        ("16:01", "tomorrow", "tomorrow", "today"),
        ("20:00", "tomorrow", "tomorrow", "today"),
        ("20:01", "tomorrow", "tomorrow", "tomorrow"),
        ("23:59", "tomorrow", "tomorrow", "tomorrow"),
    ],
)
def test_today_becomes_tomorrow_when_less_than_an_hour_is_left(
    zone: ZoneInfo, clock: str, morning: str, afternoon: str, evening: str
) -> None:
    offered = by_value(at(clock, zone), zone)
    said = {"morning": morning, "afternoon": afternoon, "evening": evening}
    hours = {"morning": ("08:00", "12:00"), "afternoon": ("12:00", "17:00")}
    hours["evening"] = ("17:00", "21:00")
    for value, day_word in said.items():
        day = 10 if day_word == "today" else 11
        start, end = (at(hour, zone, day) for hour in hours[value])
        assert offered[value].when == f"{day_word}, {value}"
        assert offered[value].choice == f"{day_word.capitalize()}, {value}"
        assert offered[value].windows == (Window(start, end, daily=True),)


@pytest.mark.parametrize(
    ("zone", "start"),
    [(THIMPHU, "02:00"), (KARACHI, "03:00"), (PHNOM_PENH, "01:00")],
    ids=str,
)
def test_morning_means_eight_on_the_programmes_own_clock(zone: ZoneInfo, start: str) -> None:
    (window,) = by_value(at("00:00", zone), zone)["morning"].windows
    assert f"{window.start:%H:%M %Z}" == f"{start} UTC"


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_order_of_offers_never_changes_so_a_key_keeps_its_meaning(
    now: datetime, zone: ZoneInfo
) -> None:
    assert [offer.value for offer in offers(now, zone)] == VALUES


@given(MOMENTS, st.sampled_from(ZONES))
def test_every_offer_but_never_has_an_hour_left_to_ring_in(now: datetime, zone: ZoneInfo) -> None:
    for offer in offers(now, zone):
        for window in offer.windows:
            assert window.end - max(now, window.start) >= timedelta(hours=1)
            assert window.start < now + 2 * DAY
        assert bool(offer.windows) is (offer.value != NEVER)


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_when_says_the_day_that_its_window_falls_on(now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    for offer in offers(now, zone)[1:4]:
        day = today if offer.when.startswith("today") else today + DAY
        assert offer.windows[0].start.astimezone(zone).date() == day


@given(MOMENTS, st.sampled_from(ZONES))
def test_now_is_open_at_once_and_stale_after_an_hour(now: datetime, zone: ZoneInfo) -> None:
    windows = by_value(now, zone)[NOW].windows
    assert open_now(windows, now)
    assert open_now(windows, now + timedelta(minutes=59, seconds=59))
    for later in (timedelta(hours=1), DAY, 2 * DAY):
        assert not open_now(windows, now + later)
        assert next_opening(windows, now + later) is None


@given(MOMENTS, st.sampled_from(ZONES))
def test_never_gives_no_window_at_all(now: datetime, zone: ZoneInfo) -> None:
    assert by_value(now, zone)[NEVER].windows == ()
    assert not open_now((), now)
    assert next_opening((), now) is None


@pytest.mark.parametrize(
    ("window", "now", "open_", "opens"),
    [
        (ONCE, utc(10, 3, 59), False, utc(10, 4)),
        (ONCE, utc(10, 4), True, utc(10, 4)),
        (ONCE, utc(10, 4, 59), True, utc(10, 4, 59)),
        (ONCE, utc(10, 5), False, None),
        (ONCE, utc(11, 4), False, None),
        (DAILY, utc(9, 3), False, utc(10, 2)),  # not before its first day
        (DAILY, utc(10, 1, 59), False, utc(10, 2)),
        (DAILY, utc(10, 2), True, utc(10, 2)),
        (DAILY, utc(10, 5, 59), True, utc(10, 5, 59)),
        (DAILY, utc(10, 6), False, utc(11, 2)),
        (DAILY, utc(11, 1, 59), False, utc(11, 2)),
        (DAILY, utc(11, 2), True, utc(11, 2)),
        (DAILY, utc(24, 5), True, utc(24, 5)),
        (DAILY, utc(24, 6), False, utc(25, 2)),
    ],
)
def test_when_a_window_is_open_and_when_it_opens(
    window: Window, now: datetime, open_: bool, opens: datetime | None
) -> None:
    assert window.contains(now) is open_
    assert window.opens(now) == opens


@given(WINDOWS, MOMENTS)
def test_open_means_that_it_opens_now(window: Window, now: datetime) -> None:
    assert window.contains(now) is (window.opens(now) == now)


@given(WINDOWS, MOMENTS)
def test_the_next_opening_is_open_and_never_in_the_past(window: Window, now: datetime) -> None:
    opens = window.opens(now)
    if opens is None:
        assert not window.daily
        assert now >= window.end
    else:
        assert opens >= now
        assert opens >= window.start
        assert window.contains(opens)


@given(WINDOWS, MOMENTS)
def test_an_occurrence_keeps_the_hours_and_the_length(window: Window, now: datetime) -> None:
    current = window.current(now)
    assert current.end - current.start == window.end - window.start
    assert (current.start - window.start) % DAY == timedelta(0)
    assert current.start >= window.start
    assert current == window or window.daily
    assert current.current(now) == current
    if window.daily:
        assert now < current.end


@given(WINDOWS, MOMENTS, st.integers(min_value=0, max_value=400))
def test_a_daily_window_recurs_at_the_same_hours(window: Window, now: datetime, days: int) -> None:
    if window.daily and window.contains(now):
        assert window.contains(now + days * DAY)


@given(st.lists(WINDOWS, max_size=4), MOMENTS)
def test_several_windows_open_with_the_first_of_them(windows: list[Window], now: datetime) -> None:
    opens = next_opening(windows, now)
    assert open_now(windows, now) is (opens == now)
    assert opens is None or open_now(windows, opens)
