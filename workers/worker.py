"""One RQ worker process on one queue: `python -m workers.worker QUEUE`."""

import signal
import sys
import time
from types import FrameType

from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer

from helpline import logs, runtime
from workers import jobs
from workers.queues import QUEUES, connect, queue

WORKER_TTL = 30  # seconds; also how long it blocks on an empty queue before it looks around
MAINTENANCE = 10
SOCKET_TIMEOUT = WORKER_TTL + 10.0
PAUSE = 1.0  # seconds before it looks again for a Redis that is gone


class _Worker(Worker):
    """RQ's worker, back within a second of Redis coming back (its own waits grow to a minute)."""

    max_connection_wait_time = PAUSE
    told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run(name: str) -> None:
    """Serves one queue until told to stop; outlives a Redis that goes away and comes back.

    The parts are built before the first fork, so that a job costs no start-up.
    """
    url = runtime.redis_url(jobs.parts().config)
    while not _serve(name, url):
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        logs.event("worker.waiting", queue=name, reason="Redis does not answer")
        time.sleep(PAUSE)


def _serve(name: str, url: str) -> bool:
    """Works until told to stop (True) or until Redis is lost (False)."""
    connection = connect(url, SOCKET_TIMEOUT)
    worker: _Worker | None = None
    try:
        worker = _Worker(
            [queue(name, connection)],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            maintenance_interval=MAINTENANCE,
            log_job_description=False,
        )
        worker.work(logging_level="WARNING")
        return worker.told_to_stop
    except (RedisError, OSError):
        return worker is not None and worker.told_to_stop
    finally:
        connection.close()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in QUEUES:
        sys.exit(f"usage: python -m workers.worker {'|'.join(QUEUES)}")
    run(sys.argv[1])
