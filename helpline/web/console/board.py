"""The supervisor's overview: what is late or handed up, who is there, how much each has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.callback import State
from helpline.service.lines import QueueRow
from helpline.service.patience import in_time
from helpline.web.console.doors import GET, Door
from helpline.web.console.reach import reach
from helpline.web.console.rows import row_of
from helpline.web.console.visit import Visit, clock_of, page

_DECIDED = (State.REVIEW.value, State.HELD.value)


@dataclass(frozen=True, slots=True)
class DeskCount:
    code: str
    name: str
    mine: bool
    open: int
    ready: int
    late: int
    decide: int
    on_shift: tuple[str, ...]


async def board(visit: Visit) -> Response:
    """Counts for every desk within reach; the lines only of one's own (SAFETY 23)."""
    parts = visit.parts
    lines = await in_time(partial(parts.desk.queue, None, visit.now))
    reached = reach(visit)
    lines = [line for line in lines if line.desk in reached]
    on = await in_time(partial(parts.roster.on_shift_at, sorted(reached), visit.now))
    counts = [_count(visit, desk, lines, on.get(desk, ())) for desk in reached]
    shown = [c for c in counts if c.open or c.on_shift or c.mine]
    values = {
        "desks_shown": sorted(shown, key=lambda c: (-c.late, -c.ready, -c.open, c.name)),
        "quiet": len(counts) - len(shown),
        "urgent": _urgent(visit, lines),
        "load": Counter(line.lease_holder for line in lines if line.lease_holder).most_common(),
    }
    return page(visit, "board.html", values)


def _count(visit: Visit, desk: str, lines: Sequence[QueueRow], on: Sequence[str]) -> DeskCount:
    here = [line for line in lines if line.desk == desk]
    return DeskCount(
        code=desk,
        name=visit.desk_name(desk),
        mine=desk in visit.signed_in.desks,
        open=len(here),
        ready=sum(line.state == State.READY.value for line in here),
        late=sum(line.overdue for line in here),
        decide=sum(line.state in _DECIDED for line in here),
        on_shift=tuple(on),
    )


def _urgent(visit: Visit, lines: Sequence[QueueRow]) -> list[dict[str, object]]:
    """Late, handed up or waiting for a decision, at the supervisor's own desks."""
    clock, own = clock_of(visit), visit.signed_in.desks
    return [
        {"row": row_of(visit, line, clock, ()), "desk": line.desk, "at": visit.desk_name(line.desk)}
        for line in lines
        if line.desk in own and (line.overdue or line.level or line.state in _DECIDED)
    ]


DOORS = [Door(GET, "/console/board", board, Act.BOARD)]
