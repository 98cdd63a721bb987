"""By when a desk must have answered: the programme's rules, counted in the desk's own hours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from helpline.core.callback import due_at
from helpline.core.directory import Directory
from helpline.core.opening import opening_of
from helpline.core.programme import Programme
from helpline.core.report import Priority


@dataclass(frozen=True)
class Deadlines:
    """`directory` is asked anew each time: an operator may have changed a desk's hours."""

    programmes: Mapping[str, Programme]
    directory: Callable[[], Directory]

    def closed(self, programme: str, desk: str, now: datetime) -> bool:
        """Whether the desk is known to be closed at this moment."""
        hours = opening_of(self.directory(), desk, self.programmes[programme].zone)
        return hours.closed_until(now) is not None

    def first(
        self, programme: str, desk: str, priority: Priority, now: datetime, opens: datetime | None
    ) -> datetime:
        """The deadline of the first response; `opens` is the first safe moment."""
        known = self.programmes[programme]
        hours = opening_of(self.directory(), desk, known.zone)
        return due_at(priority, known.rules, now, opens, hours)
