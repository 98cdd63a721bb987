"""The first response is due in the desk's opening hours, from the first safe moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from helpline.core.directory import Directory
from helpline.core.hours import parse_hours
from helpline.core.report import Priority
from helpline.runtime import Content, content
from helpline.service.deadlines import Deadlines

DESK = "BT-WCPD-13"
OFFICE = "Mon-Fri 09:00-17:00"
DANGER, HIGH, NORMAL = Priority.DANGER, Priority.HIGH, Priority.NORMAL
HOLIDAY = frozenset({date(2031, 3, 5)})  # a Wednesday


@cache
def said() -> Content:
    return content()


def thimphu(moment: str) -> datetime:
    """`4 16:00`: a day of March 2031 (the 4th is a Tuesday) on the desk's clock, as UTC."""
    day, clock = moment.split()
    zone = said().programmes["bt"].zone
    local = datetime.fromisoformat(f"2031-03-{int(day):02} {clock}").replace(tzinfo=zone)
    return local.astimezone(UTC)


def with_hours(hours: str, holidays: Mapping[str, frozenset[date]]) -> Directory:
    known = said().directory
    desk = replace(known.desks[DESK], hours=parse_hours(hours))
    return Directory(known.places, {**known.desks, DESK: desk}, holidays)


@pytest.mark.parametrize(
    ("hours", "priority", "now", "safe", "due"),
    [
        # High: one hour of opening.
        (OFFICE, HIGH, "4 10:00", "4 10:00", "4 11:00"),
        (OFFICE, HIGH, "4 16:30", "4 16:30", "6 09:30"),  # over the night and the holiday
        (OFFICE, HIGH, "4 20:00", "4 20:00", "6 10:00"),
        (OFFICE, HIGH, "7 16:30", "7 16:30", "10 09:30"),  # over the weekend
        (OFFICE, HIGH, "4 10:00", "4 15:00", "4 16:00"),  # from the first safe moment
        (OFFICE, HIGH, "4 10:00", "4 18:00", "6 10:00"),  # which is after closing time
        (OFFICE, HIGH, "4 10:00", "4 08:00", "4 11:00"),  # one that is past counts from now
        (OFFICE, HIGH, "4 10:00", None, "4 11:00"),
        # Normal: 24 hours of opening.
        (OFFICE, NORMAL, "3 09:00", "3 09:00", "6 17:00"),
        (OFFICE, NORMAL, "3 09:00", "4 09:00", "7 17:00"),
        # A desk that is always open, or of which nothing is known, does not wait.
        ("24/7", HIGH, "4 23:30", "4 23:30", "5 00:30"),
        ("24/7", NORMAL, "4 23:30", "4 23:30", "5 23:30"),
        ("", HIGH, "4 23:30", "4 23:30", "5 00:30"),
        # Danger: five minutes, day and night.
        (OFFICE, DANGER, "4 10:00", "4 10:00", "4 10:05"),
        (OFFICE, DANGER, "4 23:30", "4 23:30", "4 23:35"),
        (OFFICE, DANGER, "5 03:00", "5 03:00", "5 03:05"),
        (OFFICE, DANGER, "8 12:00", "8 15:00", "8 12:05"),
        ("24/7", DANGER, "4 23:30", "4 23:30", "4 23:35"),
    ],
)
def test_the_first_response_is_due(
    hours: str, priority: Priority, now: str, safe: str | None, due: str
) -> None:
    directory = with_hours(hours, {"bt": HOLIDAY})
    deadlines = Deadlines(said().programmes, lambda: directory)
    opens = thimphu(safe) if safe else None
    assert deadlines.first("bt", DESK, priority, thimphu(now), opens) == thimphu(due)


def test_a_desk_that_left_the_directory_does_not_wait() -> None:
    deadlines = Deadlines(said().programmes, lambda: with_hours(OFFICE, {}))
    now = thimphu("4 23:30")
    assert deadlines.first("bt", "BT-GONE", HIGH, now, now) == thimphu("5 00:30")


def test_hours_that_an_operator_changed_count_from_the_next_deadline_on() -> None:
    directory = [with_hours(OFFICE, {})]
    deadlines = Deadlines(said().programmes, lambda: directory[-1])
    now = thimphu("4 16:30")
    assert deadlines.first("bt", DESK, HIGH, now, now) == thimphu("5 09:30")
    directory.append(with_hours("24/7", {}))
    assert deadlines.first("bt", DESK, HIGH, now, now) - now == timedelta(hours=1)
