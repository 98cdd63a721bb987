"""The relay: fires deadlines, carries due rows from the record to RQ, runs them when nobody does.

It looks every second; that is also the sweeper: a row stays due until it is done, so a wake-up
that Redis lost is given again after SWEEP, and one that nobody heeded for ALONE (Redis gone or
full, workers dead) is run here. It holds nothing that matters.
"""

import logging
import signal
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis import Redis

from helpline import logs, runtime
from helpline.core.errors import HelplineError, RecordUnavailable
from helpline.runtime import Runtime
from helpline.store import outbox
from helpline.store.outbox import Due
from workers import jobs
from workers.queues import ROUTINE, URGENT, connect, wake

TICK = 1.0  # seconds between two looks
SWEEP = timedelta(seconds=30)  # a wake-up is repeated after this
ALONE = timedelta(seconds=60)  # a row due for this long is run by the relay itself
AT_ONCE = 5  # of them in one look: a slow provider must not hold up the deadlines


@dataclass
class Relay:
    """`_woken` remembers, per row and try, when a worker was last asked."""

    parts: Runtime
    redis: Redis
    _woken: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def tick(self, now: datetime) -> int:
        """One look; how many rows were due. Raises RecordUnavailable."""
        self.parts.escalation.settle(now)
        handed_up = self.parts.escalation.run(now)
        if handed_up:
            logs.event("callbacks.escalated", count=handed_up)
        with self.parts.record.reading() as connection:
            due = outbox.due(connection, now)
        late = [row for row in due if now - row.due_at >= ALONE][:AT_ONCE]
        for row in late:
            self._run(row)
        for row in due:
            if row not in late:
                self._wake(row, now)
        self._forget_old(now)
        return len(due)

    def sweep(self, now: datetime) -> None:
        """Marks what died while sending; it is never sent twice."""
        with self.parts.record.writing() as connection:
            lost = outbox.give_up_stuck(connection, now)
        if lost:
            logs.event("outbox.unknown", level=logging.WARNING, count=lost)

    def _run(self, row: Due) -> None:
        try:
            jobs.send(row.id)
        except RecordUnavailable:
            raise
        except Exception as broken:  # one bad row must not stop the others
            logs.event("row.failed", level=logging.ERROR, row=row.id, error=type(broken).__name__)

    def _wake(self, row: Due, now: datetime) -> None:
        key = (row.id, row.tries)
        if key in self._woken and now - self._woken[key] < SWEEP:
            return
        stamp = f"{row.tries}-{int(now.timestamp()) // int(SWEEP.total_seconds())}"
        if wake(self.redis, URGENT if row.urgent else ROUTINE, "send", row.id, stamp):
            self._woken[key] = now

    def _forget_old(self, now: datetime) -> None:
        old = [key for key, at in self._woken.items() if now - at > 2 * SWEEP]
        for key in old:
            del self._woken[key]


def run() -> None:
    """Serves until SIGTERM or SIGINT."""
    parts = jobs.parts()
    relay = Relay(parts, connect(runtime.redis_url(parts.config)))
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    swept = runtime.now()
    while not stop.wait(TICK):
        now = runtime.now()
        try:
            relay.tick(now)
            if now - swept >= SWEEP:
                relay.sweep(now)
                swept = now
        except HelplineError as waiting:
            reason = type(waiting).__name__
            logs.event("relay.waiting", level=logging.ERROR, reason=reason)
    relay.redis.close()
    parts.close()


if __name__ == "__main__":
    run()
