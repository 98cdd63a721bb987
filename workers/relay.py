"""The relay: carries due rows from the record to RQ, and runs them itself when Redis is gone.

It looks every second; that is also the sweeper: a row stays due until it is done, so a wake-up
that Redis lost is given again after SWEEP seconds. It holds nothing that matters.
"""

import logging
import signal
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError

from helpline import logs, runtime
from helpline.core.errors import RecordUnavailable
from helpline.runtime import Runtime
from helpline.store import outbox
from workers import jobs
from workers.queues import ROUTINE, URGENT, connect, wake

TICK = 1.0  # seconds between two looks
SWEEP = timedelta(seconds=30)  # a wake-up is repeated after this
ALONE = timedelta(seconds=60)  # without Redis for this long, the relay runs due rows itself


@dataclass
class Relay:
    """`_woken` remembers, per row and try, when a worker was last asked."""

    parts: Runtime
    redis: Redis
    _woken: dict[tuple[str, int, int], datetime] = field(default_factory=dict)
    _redis_seen: datetime | None = None

    def tick(self, now: datetime) -> int:
        """One look; how many rows were passed on or run. Raises RecordUnavailable."""
        if self._redis_seen is None or self._redis_alive():
            self._redis_seen = now
        with self.parts.record.reading() as connection:
            due = outbox.due(connection, now)
        self.parts.escalation.settle(now)
        overdue = self.parts.escalation.due(now)
        for row_id, urgent, tries in due:
            self._pass_on("send", row_id, tries, URGENT if urgent else ROUTINE, now)
        for callback_id in overdue:
            self._pass_on("check_deadline", callback_id, 0, URGENT, now)
        self._forget_old(now)
        return len(due) + len(overdue)

    def sweep(self, now: datetime) -> None:
        """Marks what died while sending; it is never sent twice."""
        with self.parts.record.writing() as connection:
            lost = outbox.give_up_stuck(connection, now)
        if lost:
            logs.event("outbox.unknown", level=logging.WARNING, count=lost)

    def _redis_alive(self) -> bool:
        try:
            return bool(self.redis.ping())
        except (RedisError, OSError):
            return False

    def _pass_on(self, job: str, row_id: int, tries: int, queue: str, now: datetime) -> None:
        key = (job, row_id, tries)
        if key in self._woken and now - self._woken[key] < SWEEP:
            return
        assert self._redis_seen is not None
        if now - self._redis_seen >= ALONE:
            jobs.JOBS[job](row_id)
            return
        stamp = f"{tries}-{int(now.timestamp()) // int(SWEEP.total_seconds())}"
        if wake(self.redis, queue, job, row_id, stamp):
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
        except RecordUnavailable:
            logs.event("relay.waiting", level=logging.ERROR, reason="the record does not answer")
    relay.redis.close()
    parts.close()


if __name__ == "__main__":
    run()
